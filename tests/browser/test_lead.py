"""The lead's floor: load, waits, kill switches with a reason, and nothing about one's attention."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Browser, expect

from stepin.core.events.floor import SwitchThrown
from tests.browser.brains import STUCK
from tests.browser.desk import at_desk
from tests.desk.shop import Shop


async def test_a_lead_sees_the_load_and_stops_the_ai_with_a_reason(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium, tools=Shop()) as desk:
        await desk.served.on_duty("ann")
        lena = await desk.worker("lena", "lead", path="lead")
        page = lena.page
        dora = await desk.customer()
        await dora.say("my blender hums")
        await expect(dora.bubble(STUCK)).to_be_visible()
        figures = page.locator("main")
        await expect(figures).to_contain_text("1alerts waiting")
        await expect(figures).to_contain_text("1held by the AI")
        row = page.get_by_role("row", name="Ann")
        watched = page.get_by_role("row").filter(has_text="watches 1")
        await expect(watched).to_have_count(1)
        await expect(row).to_contain_text("holds 0 of 50")

        await page.locator('[data-switch="ai"]').get_by_role("button", name="Stop the AI").click()
        dialog = page.get_by_role("dialog")
        await expect(dialog.get_by_label("Why?")).to_be_focused()
        await expect(dialog.get_by_role("button", name="Stop")).to_be_disabled()
        await page.keyboard.type("it promises too much")
        await page.keyboard.press("Enter")
        await expect(page.locator('[data-switch="ai"]')).to_contain_text("stopped")
        await expect(figures).to_contain_text("0held by the AI")
        await expect(dialog).to_have_count(0)
        await page.locator('[data-switch="tool:refund"]').get_by_role("button").click()
        await expect(dialog.get_by_label("Why?")).to_be_focused()
        await page.keyboard.type("the shop's till is down")
        await page.keyboard.press("Enter")
        await expect(page.locator('[data-switch="tool:refund"]')).to_contain_text("stopped")
        thrown = [
            e.event
            for e in await desk.served.app.site.log.read_all(limit=1_000)
            if isinstance(e.event, SwitchThrown)
        ]
        assert [(e.switch, e.stopped, e.why) for e in thrown] == [
            ("ai", True, "it promises too much"),
            ("tool:refund", True, "the shop's till is down"),
        ]
        for word in ("attention", "focus", "effort", "active"):
            assert word not in (await figures.inner_text()).lower()
