"""Tails are fed by one poller; what it can't read is told to those who follow."""

from __future__ import annotations

import pytest

from stepin.core.events.chat import MessagePosted
from stepin.core.record import Recorded
from stepin.errors import Unavailable
from stepin.log.protocol import Log
from stepin.log.tailer import Tailer
from tests.log.samples import put

SAID = put("chat/1", MessagePosted(author="customer", text="Hello"))


class Source:
    """Reads a log, unless it is told to raise something next."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self.next: list[Exception | None] = []

    async def __call__(self, after: int, limit: int) -> list[Recorded]:
        error = self.next.pop(0) if self.next else None
        if error is not None:
            raise error
        return await self._log.read_all(after_position=after, limit=limit)


async def test_a_database_that_is_away_for_a_while_is_waited_for(log: Log) -> None:
    source = Source(log)
    tailer = Tailer(source, poll_s=0.001)
    tail = tailer.tail(0)
    await log.append(SAID)
    source.next = [Unavailable("away", code="away"), Unavailable("away", code="away")]
    first = await anext(tail)
    source.next = [Unavailable("away", code="away")]
    await log.append(SAID)
    second = await anext(tail)
    assert second[0].position == first[-1].position + 1
    await tailer.close()


async def test_what_can_t_be_read_ends_the_tail_and_a_new_one_tries_again(log: Log) -> None:
    source = Source(log)
    tailer = Tailer(source, poll_s=0.001)
    await log.append(SAID)
    tail = tailer.tail(0)
    first = await anext(tail)
    source.next = [None, KeyError("a kind of event from a newer version")]
    with pytest.raises(KeyError):
        await anext(tail)
    await log.append(SAID)
    again = await anext(tailer.tail(first[-1].position))
    assert again[0].position == first[-1].position + 1
    await tailer.close()
