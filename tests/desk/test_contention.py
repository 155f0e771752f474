"""Many who write to one chat at once: everybody gets through, in turn."""

from __future__ import annotations

import asyncio
from pathlib import Path

from stepin.core.command import Actor, OpenChat, PostMessage
from stepin.core.events.chat import MessagePosted
from stepin.core.policy import Policy
from stepin.desk.desk import Desk
from stepin.desk.state.identity import CustomerIdentity
from stepin.log.sqlite import SqliteLog

CUSTOMER = Actor(kind="customer", id="dora")


async def test_two_hundred_messages_at_once_are_all_accepted(tmp_path: Path) -> None:
    log = await SqliteLog.open(tmp_path / "log.sqlite")
    desk = Desk(log, Policy())
    opened = await desk.open_chat(
        CUSTOMER, OpenChat(text="hello"), CustomerIdentity(customer_id="dora")
    )
    texts = [f"m{n}" for n in range(200)]
    receipts = await asyncio.gather(
        *(desk.submit(CUSTOMER, PostMessage(chat_id=opened.chat_id, text=t)) for t in texts)
    )
    events = await log.read(f"chat/{opened.chat_id}")
    said = [e.event.text for e in events if isinstance(e.event, MessagePosted)]
    assert [t for t in said if t in set(texts)] == texts
    assert len({r.seq for r in receipts}) == 200
    await log.close()
