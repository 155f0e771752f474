"""Alerts that reach people who look elsewhere: title, sound, desktop notification; several tabs."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Browser, expect

from tests.browser.brains import STUCK
from tests.browser.desk import Console, Desk, at_desk

RECORD = """
window.heard = 0; window.shown = [];
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...when) {
  window.heard += 1;
  return start.apply(this, when);
};
window.Notification = class {
  static permission = "default";
  static async requestPermission() { return (Notification.permission = window.answer); }
  constructor(title, options) { window.shown.push([title, options.body]); }
};
"""


async def stuck(desk: Desk) -> str:
    dora = await desk.customer()
    await dora.say("my blender hums")
    await expect(dora.bubble(STUCK)).to_be_visible()
    return await dora.chat_id()


async def to_the_floor(console: Console) -> None:
    await console.page.get_by_role("link", name="Floor").click()
    await expect(console.section("needs")).to_be_visible()


async def test_an_alert_is_heard_and_shown_only_by_who_asked_for_it(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        ann = await desk.worker("ann")
        page = ann.page
        await page.add_init_script(RECORD)
        await page.reload()
        await expect(ann.section("needs")).to_be_visible()
        first = await stuck(desk)
        await expect(page).to_have_title("(1) Stepin")
        await expect(ann.row(first)).to_contain_text("AI is stuck")
        await expect(ann.row(first).locator("[data-why]")).to_have_attribute(
            "title", "raised by the AI"
        )
        assert await page.evaluate("[heard, shown]") == [0, []]

        await page.get_by_role("link", name="Settings").click()
        await page.evaluate("window.answer = 'denied'")
        await page.locator("label", has_text="Desktop notification").click()
        await expect(page.get_by_label("Desktop notification")).not_to_be_checked()
        await page.evaluate("window.answer = 'granted'")
        await page.locator("label", has_text="Desktop notification").click()
        await expect(page.get_by_label("Desktop notification")).to_be_checked()
        await page.locator("label", has_text="Sound at a new alert").click()
        await to_the_floor(ann)
        await stuck(desk)
        await expect(page).to_have_title("(2) Stepin")
        heard, shown = await page.evaluate("[heard, shown]")
        assert heard == 1
        ((title, body),) = shown
        assert title == "Stepin"
        assert body.endswith("AI is stuck")
        await ann.open(first)
        await ann.key("t")
        await expect(page).to_have_title("(1) Stepin")


async def test_all_tabs_share_one_feed_and_the_next_one_takes_over(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        ann = await desk.worker("ann")
        others = []
        for _ in range(3):
            other = Console(await ann.page.context.new_page())
            await other.page.goto(f"{desk.served.url}/console/floor")
            await expect(other.section("needs")).to_be_visible()
            others.append(other)
        chat_id = await stuck(desk)
        for console in (ann, *others):
            await expect(console.section("needs").locator("[data-chat]")).to_have_count(1)
        assert len(desk.tap.cursors()) == 1
        await ann.page.close()
        await desk.served.command(await desk.served.worker("ann"), chat_id, type="TakeOver")
        for console in others:
            row = console.section("yours").locator(f'[data-chat="{chat_id}"]')
            await expect(row).to_be_visible()
        assert len(desk.tap.cursors()) == 2
