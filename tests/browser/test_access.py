"""axe on every screen, light and dark."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect

from tests.browser.brains import GREETING, STUCK
from tests.browser.desk import Desk, Widget, at_desk
from tests.browser.tap import Page as HostPage
from tests.desk.shop import Shop

Scheme = Literal["light", "dark"]


async def faults(page: Page) -> list[tuple[str, str]]:
    """Return axe's serious and critical findings, each with its elements."""
    found: dict[str, Any] = (await Axe().run(page)).response
    return [
        (
            rule["id"],
            f"{node['html'][:160]} {node['any'][0]['message'][:160] if node['any'] else ''}",
        )
        for rule in found["violations"]
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]


async def opened(desk: Desk, scheme: Scheme) -> tuple[Widget, str]:
    """Return a customer whose chat has an alert, a refund to approve, a note and a whisper."""
    ben = await desk.served.on_duty("ben", "lead")
    identity = desk.served.identity("dora", name="Dora")
    html = (
        '<html lang="en"><title>Shop</title><main><h1>Shop</h1></main>'
        f'<script src="/widget/stepin.js" data-auto data-identity="{identity}"></script>'
    )
    desk.tap.pages["/host"] = HostPage(html)
    dora = await desk.customer("/host", color_scheme=scheme)
    await dora.say("hello")
    await expect(dora.bubble(GREETING)).to_be_visible()
    chat_id = await dora.chat_id()
    await desk.served.command(ben, chat_id, type="AddNote", text="a note")
    await dora.say("please refund my order")
    await expect(dora.bubble("approve this")).to_be_visible()
    await dora.say("my blender hums")
    await expect(dora.bubble(STUCK)).to_be_visible()
    return dora, chat_id


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_14_axe_finds_nothing_serious(
    tmp_path: Path, chromium: Browser, scheme: Scheme
) -> None:
    async with at_desk(tmp_path, chromium, tools=Shop()) as desk:
        found: dict[str, list[tuple[str, str]]] = {}
        outside = await (await desk.context(color_scheme=scheme)).new_page()
        await outside.goto(f"{desk.served.url}/console/")
        await expect(outside.get_by_role("button", name="Sign in")).to_be_visible()
        found["sign-in"] = await faults(outside)

        dora, chat_id = await opened(desk, scheme)
        found["widget"] = await faults(dora.page)
        ann = await desk.worker("ann", "lead", color_scheme=scheme)
        await expect(ann.row(chat_id)).to_be_visible()
        found["floor"] = await faults(ann.page)
        await ann.open(chat_id)
        await expect(ann.page.locator("[data-action]")).to_be_visible()
        await expect(ann.line("note")).to_be_visible()
        found["chat, the AI's"] = await faults(ann.page)
        await ann.key("t")
        await expect(ann.composer("reply")).to_be_visible()
        found["chat, one's own"] = await faults(ann.page)
        await ann.key("?")
        await expect(ann.page.get_by_role("dialog")).to_be_visible()
        found["keys"] = await faults(ann.page)
        for path, heading in (
            ("lead", "The floor now"),
            ("settings", "Settings"),
            (f"replay/{chat_id}", "Replay"),
        ):
            await ann.page.goto(f"{desk.served.url}/console/{path}")
            await expect(ann.page.get_by_role("heading", level=1)).to_contain_text(heading)
            await expect(ann.page.get_by_label("Loading")).to_have_count(0)
            found[path.split("/")[0]] = await faults(ann.page)
        faulty = [f"{screen}: {rule} {where}" for screen in found for rule, where in found[screen]]
        assert not faulty, "\n".join(faulty)


async def test_14_axe_would_find_a_fault(tmp_path: Path, chromium: Browser) -> None:
    page = await (await chromium.new_context()).new_page()
    await page.set_content(
        '<html lang="en"><title>t</title><p style="color:#999;background:#fff">faint</p></html>'
    )
    assert [rule for rule, _ in await faults(page)] == ["color-contrast"]
    await page.context.close()
