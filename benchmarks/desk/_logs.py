"""The load that the log's benchmarks share: customers' messages, each a command of its own."""

from __future__ import annotations

import asyncio
import time

from stepin.core.events.chat import MessagePosted
from stepin.core.record import NewEvent
from stepin.log.protocol import Append, Appended, Log

TEXT = "I ordered the blue kettle on Monday and the tracking page has not moved since; where is it?"
CHATS = 500


def said(n: int, *, name: str = "m") -> Append:
    """Return the n-th message: one of 500 chats, 110 bytes of text, a command id and its digest."""
    message = MessagePosted(author="customer", text=f"{n:018d} {TEXT}")
    return Append(
        stream=f"chat/{n % CHATS:05d}",
        events=(NewEvent(event=message, actor=f"customer:{n % CHATS}"),),
        command_id=f"{name}{n:012d}",
        command_digest=n.to_bytes(8, "big"),
    )


async def throughput(log: Log, count: int, writers: int, *, first: int = 0) -> float:
    """Return appends a second: so many writers, each waiting for its append before the next."""
    items = iter([said(n) for n in range(first, first + count)])

    async def write() -> None:
        for item in items:
            assert isinstance(await log.append(item), Appended)

    started = time.perf_counter()
    await asyncio.gather(*(write() for _ in range(writers)))
    return count / (time.perf_counter() - started)
