"""Take the pictures of the documentation from running desks.

`python docs/pictures/take.py` makes console.png and phone.png at a still desk, trial.png and
report.png at a living one. `--all FOLDER` takes every screen of the still desk in
both themes and both languages, at desk and at phone width. Needs Chromium and the built console.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import secrets
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from playwright.async_api import Browser, Page, async_playwright, expect
from tests.prepare import browser as chromium_path

from stepin.web.auth.token import IdentityClaims, sign

HERE = Path(__file__).parent
PEOPLE = (
    ("c1004", "Dana Levin", "Hi, my coupon SPRING10 isn't accepted", "It fails again, what now?"),
    ("c1007", "Grace Holm", "Hi, can you help me?", "I want to speak to a person, please"),
    ("c1005", "Ewan Pryce", "Good morning", ""),
    ("c1009", "Imran Shah", "Do you ship to Norway?", ""),
    (
        "c1002",
        "Bernard Okoro",
        "Where is my parcel?",
        "This is useless, nobody ever helps me! I am furious.",
    ),
    ("c1001", "Alice Warren", "I'd like my money back", ""),
    ("", "", "hello?", ""),
)
SIZES = {"desk": (1360, 850), "phone": (390, 844)}


@asynccontextmanager
async def desk(
    folder: Path, secret: str, *, said: str, lively: bool
) -> AsyncIterator[tuple[str, str]]:
    """Serve a demo desk; yield its address and the demo worker's password once it has `said`."""
    env = {
        **os.environ,
        "STEPIN_IDENTITY_SECRET": secret,
        "STEPIN_NAME": "Hearth & Wire",
        "STEPIN_DATA": str(folder / "data"),
        "STEPIN_SHOP_DATA": str(folder / "shop"),
    }
    log = f"sqlite:///{folder}/log.sqlite"
    options = ("--demo", *(() if lively else ("--still",)), "--port", "0", "--log", log)
    command = [sys.executable, "-m", "stepin", "serve", *options]
    process = await asyncio.create_subprocess_exec(
        *command, env=env, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    heard = ""
    while said not in heard:
        line = await process.stdout.readline()
        if not line:
            raise RuntimeError(f"The desk did not start: {heard}")
        heard += line.decode()
    url = re.search(r"http://\S+:\d+", heard)
    password = re.search(r"the password is (\S+)", heard)
    assert url is not None
    assert password is not None
    try:
        yield url.group(), password.group(1)
    finally:
        process.terminate()
        await process.wait()


async def people(
    url: str, secret: str, who: tuple[tuple[str, str, str, str], ...] = PEOPLE
) -> list[str]:
    """Let customers write; return their chats."""
    chats = []
    async with httpx.AsyncClient(base_url=url, timeout=30) as client:
        for customer, name, first, then in who:
            body: dict[str, str] = {"text": first, "language": "en"}
            if name:
                claims = IdentityClaims(
                    sub=customer, aud="stepin", exp=time.time() + 600, name=name
                )
                body["identity"] = sign(claims, secret.encode())
            opened = (await client.post("/api/customer/chats", json=body)).raise_for_status().json()
            chats.append(opened["chat_id"])
            client.headers["authorization"] = f"Bearer {opened['token']}"
            path = f"/api/customer/chats/{opened['chat_id']}"
            await answered(client, path)
            if then:
                (await client.post(f"{path}/messages", json={"text": then})).raise_for_status()
            del client.headers["authorization"]
    return chats


async def answered(client: httpx.AsyncClient, path: str) -> None:
    """Wait until the AI has said something."""
    async with client.stream("GET", f"{path}/feed") as feed:
        async for line in feed.aiter_lines():
            if '"author":"ai"' in line:
                return


async def console(
    browser: Browser, url: str, password: str, *, scheme: str, size: str, locale: str = "en-GB"
) -> Page:
    """Return the demo worker's console, signed in through its form."""
    width, height = SIZES[size]
    context = await browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=scheme,  # type: ignore[arg-type]
        reduced_motion="reduce",
        device_scale_factor=1,
        locale=locale,
    )
    page = await context.new_page()
    await page.goto(f"{url}/console/")
    await page.locator("input[autocomplete=username]").fill("demo")
    await page.locator("input[autocomplete=current-password]").fill(password)
    await page.locator("button[type=submit]").click()
    await expect(page.locator("[data-chat]").first).to_be_visible(timeout=20_000)
    return page


async def supervise(page: Page, chats: list[str]) -> None:
    """Hold one chat and whisper in another, so that a picture shows what is what."""
    await page.locator(f'[data-chat="{chats[2]}"]').click()
    await expect(page.get_by_test_id("holder")).to_be_visible()
    await page.get_by_role("button", name="Take over").click()
    field = page.locator('form[data-mode="reply"] textarea').first
    await field.fill("Good morning Ewan, I am looking at your order right now.")
    await field.press("Enter")
    await expect(page.locator('[role="log"] [data-kind="worker"]')).to_be_visible()
    await page.locator(f'[data-chat="{chats[0]}"]').click()
    await expect(page.get_by_test_id("holder")).to_contain_text("AI")
    field = page.locator('form[data-mode="whisper"] textarea').first
    await field.fill("Her coupon ended yesterday; it may be renewed once.")
    await field.press("Enter")
    await expect(page.locator('[role="log"] [data-kind="whisper"]')).to_be_visible()
    await expect(page.locator(f'[data-section="needs"] [data-chat="{chats[1]}"]')).to_be_visible()
    await page.evaluate("document.activeElement?.blur()")


async def every_screen(
    browser: Browser, url: str, password: str, chats: list[str], folder: Path
) -> None:
    """Take every screen, in both themes, at both widths."""
    folder.mkdir(parents=True, exist_ok=True)
    for scheme, locale in (("light", "en-GB"), ("dark", "en-GB"), ("light", "zh-CN")):
        for size, (width, height) in SIZES.items():
            end = f"{scheme}-{locale[:2]}-{size}.png"
            page = await console(browser, url, password, scheme=scheme, size=size, locale=locale)
            await page.screenshot(path=folder / f"floor-{end}")
            screens = {
                "chat": f"floor/{chats[0]}",
                "own": f"floor/{chats[2]}",
                "lead": "lead",
                "settings": "settings",
                "replay": f"replay/{chats[0]}",
            }
            for name, path in screens.items():
                await page.goto(f"{url}/console/{path}")
                await expect(
                    page.locator("main h1, main [data-testid=holder]").first
                ).to_be_visible()
                await expect(page.locator(".mantine-Loader-root")).to_have_count(0)
                await page.screenshot(path=folder / f"{name}-{end}")
            await page.context.close()
            context = await browser.new_context(
                reduced_motion="reduce",
                viewport={"width": width, "height": height},
                color_scheme=scheme,  # type: ignore[arg-type]
                locale=locale,
            )
            page = await context.new_page()
            await page.goto(f"{url}/console/")
            await expect(page.locator("button[type=submit]")).to_be_visible()
            await page.screenshot(path=folder / f"sign-in-{end}")
            await page.goto(f"{url}/shop")
            launcher, field = (page.locator(f"stepin-chat {part}") for part in (".l", "textarea"))
            await expect(launcher.or_(field)).to_be_visible()
            if await launcher.count():
                await launcher.click()
            await field.fill("Hello, where is my parcel?")
            await page.keyboard.press("Enter")
            await expect(page.locator("stepin-chat li.ai").first).to_be_visible()
            await page.screenshot(path=folder / f"widget-{end}")
            await context.close()


async def still(browser: Browser, folder: Path, everything: Path | None) -> None:
    """Take what a desk shows with a few customers who say the same each time."""
    secret = secrets.token_hex(16)
    async with desk(folder, secret, said="the password is", lively=False) as (url, password):
        chats = await people(url, secret)
        page = await console(browser, url, password, scheme="light", size="desk")
        await supervise(page, chats)
        await page.screenshot(path=HERE / "console.png")
        await page.context.close()
        page = await console(browser, url, password, scheme="dark", size="phone")
        await page.goto(f"{url}/console/floor/{chats[0]}")
        await expect(page.get_by_test_id("holder")).to_be_visible()
        await page.screenshot(path=HERE / "phone.png")
        await page.context.close()
        if everything is not None:
            await every_screen(browser, url, password, chats, everything)


async def living(browser: Browser, folder: Path) -> None:
    """Take what a lead sees of a desk at work, and of the finished trial beside it."""
    secret = secrets.token_hex(16)
    async with desk(folder, secret, said="report is ready", lively=True) as (url, password):
        page = await console(browser, url, password, scheme="light", size="desk")
        for name, path in (("trial", "trial"), ("report", "evidence/past-trial")):
            await page.goto(f"{url}/console/{path}")
            await expect(page.locator("main h1").first).to_be_visible(timeout=30_000)
            await expect(page.locator(".mantine-Loader-root")).to_have_count(0, timeout=60_000)
            await page.screenshot(path=HERE / f"{name}.png")
        await page.context.close()


async def take(everything: Path | None) -> None:
    """Take the pictures."""
    path = chromium_path()
    if path is None:
        raise SystemExit("No Chromium was found.")
    with tempfile.TemporaryDirectory() as place:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=path, args=["--no-sandbox", "--disable-gpu", "--disable-quic"]
            )
            for name in ("still", "living"):
                (Path(place) / name).mkdir()
            await still(browser, Path(place) / "still", everything)
            await living(browser, Path(place) / "living")
            await browser.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", type=Path, metavar="FOLDER", help="every screen, into a folder")
    asyncio.run(take(parser.parse_args().all))
