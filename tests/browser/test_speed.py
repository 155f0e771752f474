"""The next chat is there at once: read ahead, and measured by the console itself."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from playwright.async_api import Browser, Route, expect

from tests.browser.desk import Console, Desk, at_desk

CHATS = 10
ROUNDS = 3
WITHIN_MS = 100
"""95 of 100 chats are on the screen within this time after the key."""


async def with_chats(desk: Desk, count: int) -> tuple[Console, list[str]]:
    """Return a worker's console with chats on it, and their ids as they stand there."""
    ann = await desk.worker("ann")
    for _ in range(count):
        _, opened = await desk.served.customer("hello")
        await desk.served.settled(opened["chat_id"])
    await expect(ann.page.locator("[data-chat]")).to_have_count(count)
    rows = await ann.page.locator("[data-chat]").evaluate_all(
        "rows => rows.map(row => row.dataset.chat)"
    )
    return ann, rows


async def test_the_next_chat_has_been_read_before_it_is_opened(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        ann, rows = await with_chats(desk, 3)
        async with ann.page.expect_request_finished(
            lambda request: request.url.endswith(f"/api/chats/{rows[1]}")
        ):
            await ann.key("j")
            await expect(ann.line("ai")).to_be_visible()
        go = asyncio.Event()

        async def held(route: Route) -> None:
            await go.wait()
            await route.continue_()

        # No answer comes any more: what is shown was there already.
        await ann.page.route("**/api/chats/*", held)
        await ann.key("j")
        await expect(ann.page).to_have_url(f"{desk.served.url}/console/floor/{rows[1]}")
        await expect(ann.line("ai")).to_be_visible()
        go.set()


async def test_the_next_chat_is_on_the_screen_within_a_tenth_of_a_second(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        ann, _ = await with_chats(desk, CHATS)
        await ann.key("j")
        await expect(ann.line("ai")).to_be_visible()
        for turn in range(ROUNDS):
            for _ in range(CHATS - 1):
                await ann.key("j" if turn % 2 == 0 else "k")
                await expect(ann.line("ai")).to_be_visible()
        taken = sorted(
            await ann.page.evaluate(
                "performance.getEntriesByName('stepin.open-chat').map(e => e.duration)"
            )
        )
        assert len(taken) >= ROUNDS * (CHATS - 1)
        half, p95 = taken[len(taken) // 2], taken[int(len(taken) * 0.95) - 1]
        told = f"{len(taken)} chats, p95 {p95:.1f} ms, half {half:.1f} ms"
        if where := os.environ.get("STEPIN_TEST_PICTURES"):
            (Path(where) / "speed.txt").write_text(f"{told}\n")
        # A machine on which others compute says nothing of the slowest few.
        busy = os.getloadavg()[0] > 1.5 * (os.cpu_count() or 1)
        assert (half if busy else p95) <= WITHIN_MS, told
        await ann.page.get_by_role("link", name="Settings").click()
        await expect(ann.page.locator("[data-speed]")).to_contain_text("95 of 100 within")
