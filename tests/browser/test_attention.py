"""What is recorded of a worker's attention, and that it stops when the worker says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.async_api import Browser, expect

from stepin.core.events.floor import DraftAbandoned, DraftStarted, FocusMoved
from stepin.core.events.supervision import AlertAcknowledged, AlertShown
from tests.browser.desk import Console, Desk, at_desk


async def watched(desk: Desk) -> tuple[Console, str, str]:
    """Return Ann, whose clock a test can move, and two chats, one of them with an alert."""
    chats = []
    ann = await desk.worker("ann", path="settings")
    for text in ("hello", "my blender hums"):
        _, opened = await desk.served.customer(text)
        chats.append(opened["chat_id"])
        await desk.served.settled(opened["chat_id"])
    await ann.page.clock.install()
    return ann, chats[0], chats[1]


async def recorded(desk: Desk, kind: type) -> list[Any]:
    events = await desk.served.app.site.log.read("focus/ann")
    return [e.event for e in events if isinstance(e.event, kind)]


async def test_what_was_in_view_and_for_how_long_is_recorded(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        ann, calm, alert = await watched(desk)
        await ann.page.goto(f"{desk.served.url}/console/floor")
        await ann.open(calm)
        await ann.field.fill("the parcel")
        await ann.page.clock.run_for(5_000)
        await ann.field.fill("")
        await ann.open(alert)
        await ann.page.clock.run_for(3_000)
        await ann.key("a")
        await expect(ann.page.get_by_role("button", name="Seen")).to_have_count(0)
        async with ann.page.expect_response("**/api/attention"):
            await ann.page.clock.run_for(15_000)
        stretches = await recorded(desk, FocusMoved)
        (on_calm,) = [e for e in stretches if e.chat_id == calm]
        assert on_calm.to_chat_id == alert
        assert 5_000 <= on_calm.active_ms <= on_calm.duration_ms < 15_000
        assert sum(e.duration_ms for e in stretches if e.chat_id == alert) >= 3_000
        (begun,), (left,) = await recorded(desk, DraftStarted), await recorded(desk, DraftAbandoned)
        assert (begun.chat_id, begun.mode) == (left.chat_id, left.mode) == (calm, "whisper")
        assert left.chars == len("the parcel")
        versions = {e.ui_version for e in (*stretches, begun, left)}
        assert len(versions) == 1
        assert next(iter(versions)).startswith("console-")
        (shown,) = await desk.events(alert, AlertShown)
        (seen,) = await desk.events(alert, AlertAcknowledged)
        assert (shown.to, seen.worker_id) == (("ann",), "ann")

        await ann.page.goto(f"{desk.served.url}/console/settings")
        mine = ann.page.get_by_role("region", name="My attention data")
        await expect(mine).to_contain_text(calm)
        total = sum(e.duration_ms for e in await recorded(desk, FocusMoved)) // 1_000
        assert total >= 8


async def test_a_page_that_is_left_still_tells_what_was_looked_at(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        ann, calm, _ = await watched(desk)
        await ann.page.goto(f"{desk.served.url}/console/floor")
        await ann.open(calm)
        await ann.page.clock.run_for(4_000)
        async with ann.page.expect_request("**/api/attention"):
            await ann.page.get_by_role("link", name="Settings").click()
        await expect(ann.page.get_by_role("region", name="My attention data")).to_contain_text(calm)
        assert [e.chat_id for e in await recorded(desk, FocusMoved) if e.duration_ms >= 4_000] == [
            calm
        ]


async def test_the_off_switch_stops_all_of_it(tmp_path: Path, chromium: Browser) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        ann, calm, alert = await watched(desk)
        await ann.page.locator("label", has_text="Record which chat I look at").click()
        await ann.page.get_by_role("link", name="Floor").click()
        before = len(await desk.served.app.site.log.read("focus/ann"))
        told = len([e for e in desk.tap.exchanges if e.path == "/api/attention"])
        await ann.open(calm)
        await ann.field.fill("the parcel")
        await ann.open(alert)
        await ann.page.clock.run_for(40_000)
        await ann.key("t")
        await expect(ann.composer("reply")).to_be_visible()
        assert len(await desk.served.app.site.log.read("focus/ann")) == before
        assert len([e for e in desk.tap.exchanges if e.path == "/api/attention"]) == told
