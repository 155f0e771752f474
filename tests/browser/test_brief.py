"""The brief in the console: read cold, inserted by a key, quiet about effort, clean to axe."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from stepin.core.events.supervision import BriefShown, NudgeShown, SuggestionUsed
from stepin.core.record import NewEvent
from stepin.log.protocol import Append
from tests.browser.brains import STUCK
from tests.browser.desk import at_desk
from tests.browser.test_access import Scheme, faults


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_15_the_brief_is_shown_at_the_alert_and_a_key_inserts_a_suggestion(
    tmp_path: Path, chromium: Browser, scheme: Scheme
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        ann = await desk.worker("ann", color_scheme=scheme)
        gus = await desk.customer()
        await gus.say("my blender hums since yesterday")
        await expect(gus.bubble(STUCK)).to_be_visible()
        chat_id = await gus.chat_id()
        await ann.open(chat_id)
        brief = ann.page.get_by_role("region", name="Brief")
        await expect(brief.locator("dt")).to_have_text(
            ["Wants", "Done and found", "In the way", "Next"]
        )
        await expect(brief).to_contain_text("my blender hums since yesterday")
        await expect(brief).to_contain_text("no procedure for blenders")
        assert await faults(ann.page) == []
        cited = brief.get_by_role("button", name="Show event").first
        seq = await cited.inner_text()
        await expect(ann.page.locator(f'[role="log"] [data-seq="{seq}"]')).to_contain_text("hums")

        await ann.key("t")
        suggestions = brief.get_by_role("group").get_by_role("button")
        await expect(suggestions.first).to_be_visible()
        await expect(ann.composer("reply")).to_be_visible()
        await ann.key("i")
        await expect(ann.field).to_have_value("What would be the best outcome for you right now?")
        await expect(ann.field).to_be_focused()
        assert await faults(ann.page) == []
        if where := os.environ.get("STEPIN_TEST_PICTURES"):
            await ann.page.screenshot(path=f"{where}/brief-{scheme}.png")
        await ann.field.press("Enter")
        await expect(gus.bubble("best outcome for you")).to_be_visible()
        used = await desk.events(chat_id, SuggestionUsed)
        assert [(u.worker_id, u.edited) for u in used] == [("ann", False)]
        assert await desk.events(chat_id, BriefShown)


async def test_15_a_nudge_is_quiet_and_can_be_dismissed(tmp_path: Path, chromium: Browser) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        ann = await desk.worker("ann")
        gus = await desk.customer()
        await gus.say("hello")
        chat_id = await gus.chat_id()
        await ann.open(chat_id)
        await ann.key("t")
        await expect(ann.composer("reply")).to_be_visible()
        log = desk.served.app.site.log
        nudge = NewEvent(event=NudgeShown(worker_id="ann", kind="silent"))
        await log.append(Append(stream=f"chat/{chat_id}", events=(nudge,)))
        shown = ann.page.locator("[data-nudge=silent]")
        await expect(shown).to_contain_text("waiting for a word from you")
        assert await faults(ann.page) == []
        await shown.get_by_role("button", name="Dismiss").click()
        await expect(shown).to_have_count(0)
