"""axe on dialogs, open menus and a phone's screens, light and dark."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.browser.desk import Console, Desk, at_desk
from tests.browser.test_access import Scheme, faults, opened
from tests.desk.shop import Shop

PHONE = {"width": 390, "height": 844}


class Found:
    """Collects what axe finds on each screen, and whether it scrolls sideways."""

    def __init__(self, console: Console) -> None:
        self.page = console.page
        self.faults: list[str] = []

    async def look(self, screen: str) -> None:
        self.faults += [f"{screen}: {rule} {where}" for rule, where in await faults(self.page)]
        width = await self.page.evaluate("innerWidth")
        wide = await self.page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            self.faults.append(f"{screen} scrolls sideways: {wide} > {width}")

    async def dialog(self, screen: str) -> None:
        dialog = self.page.get_by_role("dialog")
        await expect(dialog).to_be_visible()
        await self.look(screen)
        await dialog.locator("header").get_by_role("button", name="Close").click()
        await expect(self.page.get_by_role("dialog")).to_have_count(0)


async def seat(desk: Desk, scheme: Scheme, **options: object) -> tuple[Console, str]:
    """Return a lead's console with a chat that has all there can be."""
    _, chat_id = await opened(desk, scheme)
    ann = await desk.worker("ann", "lead", color_scheme=scheme, **options)
    await expect(ann.row(chat_id)).to_be_visible()
    return ann, chat_id


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_14_axe_finds_nothing_serious_in_a_dialog(
    tmp_path: Path, chromium: Browser, scheme: Scheme
) -> None:
    async with at_desk(tmp_path, chromium, tools=Shop()) as desk:
        ann, chat_id = await seat(desk, scheme)
        found = Found(ann)
        await ann.open(chat_id)
        await expect(ann.page.locator("[data-action]")).to_be_visible()
        await ann.key("y")
        await expect(ann.page.get_by_text("Press again to approve")).to_be_visible()
        await found.look("approve")
        await ann.key("x")
        await expect(ann.page.get_by_label("Why not?")).to_be_focused()
        await found.look("deny")
        await ann.page.keyboard.press("Escape")
        await ann.key("/")
        await expect(ann.page.get_by_role("textbox", name="Search past chats")).to_be_focused()
        await ann.page.keyboard.type("blender")
        await expect(ann.page.get_by_role("dialog").locator("[data-chat]").first).to_be_visible()
        await found.dialog("search")
        await ann.key("?")
        await found.dialog("keys")
        await ann.key("t")
        await expect(ann.field).to_be_focused()
        for key, screen in (("h", "hand back"), ("f", "transfer"), ("e", "close")):
            await ann.key(key)
            await found.dialog(screen)
        await ann.key("u")
        await expect(ann.page.locator("[data-tools]")).to_be_focused()
        await ann.page.keyboard.press("ArrowDown")
        await expect(ann.page.get_by_role("option").first).to_be_visible()
        await found.look("tools")
        await ann.page.keyboard.press("Escape")
        await ann.key("h")
        await ann.page.get_by_label("What should the AI know?").fill("all is well")
        await ann.page.keyboard.press("Enter")
        await expect(ann.page.get_by_test_id("handing-back")).to_be_visible()
        await found.look("handing back")
        await ann.page.goto(f"{desk.served.url}/console/lead")
        await ann.page.locator('[data-switch="ai"]').get_by_role("button").click()
        await found.dialog("kill switch")
        await ann.page.get_by_role("button", name="Ann").click()
        await expect(ann.page.get_by_role("menu")).to_be_visible()
        await found.look("menu")
        await ann.page.goto(f"{desk.served.url}/console/settings")
        await ann.page.get_by_label("Take over").fill("j")
        await expect(ann.page.get_by_text("is already used for")).to_be_visible()
        await found.look("a key that is taken")
        assert not found.faults, "\n".join(found.faults)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_14_axe_finds_nothing_serious_on_a_phone(
    tmp_path: Path, chromium: Browser, scheme: Scheme
) -> None:
    async with at_desk(tmp_path, chromium, tools=Shop()) as desk:
        ann, chat_id = await seat(desk, scheme, viewport=PHONE)
        found = Found(ann)
        await found.look("floor")
        await ann.open(chat_id)
        await expect(ann.page.locator("[data-action]")).to_be_visible()
        await found.look("chat, the AI's")
        await ann.page.get_by_role("button", name="More").click()
        await ann.page.get_by_role("menuitem", name="Customer").click()
        await found.dialog("about the customer")
        await ann.page.get_by_role("button", name="Brief").click()
        await expect(ann.page.get_by_role("region", name="Brief")).to_be_visible()
        await found.dialog("the brief")
        await ann.page.get_by_role("button", name="Take over").click()
        await expect(ann.composer("reply")).to_be_visible()
        await found.look("chat, one's own")
        await ann.page.get_by_role("button", name="More").click()
        await ann.page.get_by_role("menuitem", name="Close").click()
        await found.dialog("close")
        await ann.page.get_by_role("button", name="Back to the floor").click()
        await expect(ann.row(chat_id)).to_be_visible()
        for path in ("lead", "settings", f"replay/{chat_id}"):
            await ann.page.goto(f"{desk.served.url}/console/{path}")
            await expect(ann.page.get_by_role("heading", level=1)).to_be_visible()
            await expect(ann.page.get_by_label("Loading")).to_have_count(0)
            await found.look(path.split("/")[0])
        outside = await (await desk.context(color_scheme=scheme, viewport=PHONE)).new_page()
        await outside.goto(f"{desk.served.url}/console/")
        await expect(outside.get_by_role("button", name="Sign in")).to_be_visible()
        found.page = outside
        await found.look("sign-in")
        widget = await desk.customer(color_scheme=scheme, viewport=PHONE)
        await widget.say("hello")
        found.page = widget.page
        await found.look("widget")
        assert not found.faults, "\n".join(found.faults)
