"""A long chat: the page holds its end, and more of it for whoever asks."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Browser, expect

from stepin.core.events.chat import MessagePosted
from stepin.core.record import NewEvent
from stepin.log.protocol import Append
from tests.browser.desk import Desk, at_desk


async def written(desk: Desk, chat_id: str, first: int, last: int) -> None:
    """Let the customer write many times at once."""
    new = tuple(
        NewEvent(event=MessagePosted(author="customer", text=f"line {n}."), actor="customer:dora")
        for n in range(first, last)
    )
    await desk.served.app.site.log.append(Append(stream=f"chat/{chat_id}", events=new))
    await desk.served.caught_up()


async def test_a_long_log_is_shown_from_its_end_and_goes_back_on_request(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        ann = await desk.worker("ann")
        _, opened = await desk.served.customer("hello", identity=desk.served.identity("dora"))
        chat_id = opened["chat_id"]
        await desk.served.settled(chat_id)
        await written(desk, chat_id, 0, 300)
        await ann.open(chat_id)
        lines = ann.line("customer")
        await expect(lines.last).to_contain_text("line 299.")
        await expect(lines.last).to_be_in_viewport()
        assert await lines.count() <= 80
        await written(desk, chat_id, 300, 420)
        await expect(lines.last).to_contain_text("line 419.")
        assert await lines.count() <= 120

        earlier = ann.page.get_by_role("button", name="Show what came before")
        top = lines.first
        first = await top.inner_text()
        await earlier.focus()
        await ann.page.keyboard.press("Enter")
        await expect(top).not_to_have_text(first)
        await expect(lines.filter(has_text=first.split("\n")[-1])).to_be_in_viewport()
        read = await top.inner_text()
        await written(desk, chat_id, 420, 560)
        await expect(lines.last).to_contain_text("line 559.")
        assert await top.inner_text() == read
        while await earlier.count():
            await earlier.press("Enter")
        await expect(top).to_contain_text("hello")
        await expect(lines).to_have_count(561)
