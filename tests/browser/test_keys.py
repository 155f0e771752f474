"""A shift without a pointer, and keys that do nothing where somebody types."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Browser, expect

from tests.browser.brains import AFTER_WHISPER, GREETING, STUCK
from tests.browser.desk import at_desk


async def test_13_watch_whisper_take_over_reply_hand_back_close_by_keyboard(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        ann = await desk.worker("ann")
        keys = ann.page.keyboard
        dora, gus = await desk.customer(), await desk.customer()
        await dora.say("hello")
        await expect(dora.bubble(GREETING)).to_be_visible()
        await gus.say("my blender hums")
        await expect(gus.bubble(STUCK)).to_be_visible()
        await expect(ann.section("needs").locator("[data-chat]")).to_have_count(1)

        await keys.press("n")
        await expect(ann.page).to_have_url(f"{desk.served.url}/console/floor/{await gus.chat_id()}")
        await expect(ann.holder).to_be_visible()
        await keys.press("a")
        await keys.press("t")
        await expect(ann.field).to_be_focused()
        await keys.type("The next one is on us: j, k, t, h, e.")
        await keys.press("Enter")
        await expect(gus.bubble("j, k, t, h, e.")).to_be_visible()
        await expect(ann.holder).to_have_text("held by You")
        await keys.press("Escape")
        await keys.press("e")
        await expect(ann.page.get_by_role("dialog")).to_be_visible()
        await keys.press("t")
        await keys.press("Escape")
        await expect(ann.page.get_by_role("dialog")).to_have_count(0)

        await keys.press("j")
        await expect(ann.composer("whisper")).to_be_visible()
        await keys.press("w")
        await keys.type("ship it for free")
        await keys.press("Enter")
        await expect(dora.bubble(AFTER_WHISPER)).to_be_visible()


async def test_13_keys_can_be_switched_off(tmp_path: Path, chromium: Browser) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        ann = await desk.worker("ann", path="settings")
        await ann.page.locator("label", has_text="Single-key shortcuts").click()
        await ann.page.get_by_role("link", name="Floor").click()
        await expect(ann.section("needs")).to_be_visible()
        await ann.key("?")
        await ann.page.get_by_role("button", name="Ann").click()
        await ann.page.get_by_role("menuitem", name="Keys").click()
        await expect(ann.page.get_by_role("dialog")).to_contain_text("Single keys are off")
        await expect(ann.page.get_by_role("dialog")).to_have_count(1)
