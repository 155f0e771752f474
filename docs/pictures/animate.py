"""Take the moving picture of the README: a customer asks for a person, and somebody steps in.

`python docs/pictures/animate.py` makes stepping-in.webp at a still desk, the console on the left
and the customer's widget on the right. Needs Chromium, Pillow and the built console.
"""

from __future__ import annotations

import asyncio
import io
import re
import secrets
import tempfile
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser, Page, async_playwright, expect
from take import HERE, PEOPLE, chromium_path, console, desk, people

WIDGET = (390, 850)
SMALLER = 0.75
LOOK_MS, READ_MS = 900, 2_200
REPLY = "Hello, this is Demo. I have your parcel in front of me: it is out for delivery."


class Film:
    """The pictures of two pages side by side, each with how long it stands."""

    def __init__(self, left: Page, right: Page) -> None:
        self._pages = (left, right)
        self.frames: list[Image.Image] = []
        self.stand_ms: list[int] = []

    async def take(self, stand_ms: int) -> None:
        """Add a picture of both pages as they are now."""
        shots = [Image.open(io.BytesIO(await page.screenshot())) for page in self._pages]
        width, height = sum(shot.width for shot in shots) + 8, max(shot.height for shot in shots)
        frame = Image.new("RGB", (width, height), "#868e96")
        at = 0
        for shot in shots:
            frame.paste(shot, (at, 0))
            at += shot.width + 8
        size = (int(width * SMALLER), int(height * SMALLER))
        self.frames.append(frame.resize(size, Image.Resampling.LANCZOS))
        self.stand_ms.append(stand_ms)

    def keep(self, path: Path) -> None:
        """Write the film; it runs for ever."""
        self.frames[0].save(
            path, save_all=True, append_images=self.frames[1:], duration=self.stand_ms, loop=0,
            quality=70, method=6,
        )  # fmt: skip


async def widget(browser: Browser, url: str) -> Page:
    """Return the shop's page with the customer's chat open."""
    width, height = WIDGET
    context = await browser.new_context(
        viewport={"width": width, "height": height}, reduced_motion="reduce", locale="en-GB"
    )
    page = await context.new_page()
    await page.goto(f"{url}/shop")
    launcher, field = (page.locator(f"stepin-chat {part}") for part in (".l", "textarea"))
    await expect(launcher.or_(field)).to_be_visible()
    if await launcher.count():
        await launcher.click()
    return page


async def say(page: Page, text: str) -> None:
    """Send what the customer says."""
    await page.locator("stepin-chat textarea").fill(text)
    await page.keyboard.press("Enter")


async def play(film: Film, ours: Page, theirs: Page) -> None:
    """Play a question, an answer of the AI, a request for a person, a takeover and a reply."""
    await film.take(LOOK_MS)
    await say(theirs, "Where is my parcel?")
    await expect(theirs.locator("stepin-chat li.ai").last).to_be_visible()
    await film.take(READ_MS)
    await say(theirs, "I'd rather speak to a person, please")
    rows = ours.locator('[data-section="needs"] [data-chat]')
    alert = rows.filter(has_not_text=re.compile("Grace|Bernard"))
    await expect(alert.first).to_be_visible(timeout=15_000)
    await film.take(READ_MS)
    await alert.first.click()
    await expect(ours.get_by_test_id("holder")).to_be_visible()
    await film.take(READ_MS)
    await ours.get_by_role("button", name="Take over").first.click()
    field = ours.locator('form[data-mode="reply"] textarea').first
    await expect(field).to_be_visible()
    await film.take(LOOK_MS)
    for words in range(4, len(REPLY.split()), 6):
        await field.fill(" ".join(REPLY.split()[:words]))
        await film.take(LOOK_MS // 2)
    await field.fill(REPLY)
    await field.press("Enter")
    await expect(theirs.locator("stepin-chat li", has_text="in front of me")).to_be_visible()
    await ours.evaluate("document.activeElement?.blur()")
    await film.take(2 * READ_MS)


async def main() -> None:
    """Serve a still desk, play the scene and keep its film."""
    secret = secrets.token_hex(16)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium_path(), args=["--no-sandbox", "--disable-gpu"]
        )
        with tempfile.TemporaryDirectory() as folder:
            async with desk(Path(folder), secret, said="the password is", lively=False) as (
                url,
                password,
            ):
                others = tuple(one for one in PEOPLE if one[1] != "Alice Warren")
                await people(url, secret, others)
                ours = await console(browser, url, password, scheme="light", size="desk")
                theirs = await widget(browser, url)
                film = Film(ours, theirs)
                await play(film, ours, theirs)
                film.keep(HERE / "stepping-in.webp")
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
