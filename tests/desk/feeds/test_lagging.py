"""Two processes on one log, one of which lags: no feed repeats a number or a message."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator

import msgspec
import pytest

from stepin.desk.feeds.customer import CustomerSnapshot
from stepin.log.open import open_log
from stepin.log.protocol import Log
from tests.desk.feeds.followed import FollowedHub
from tests.desk.feeds.lagging import Lagging
from tests.desk.feeds.test_hub import LEAD, Ears, opened, say

CHATS = ("c1", "c2")


class Two:
    """Two processes' feeds on one log: one that is up to date, and one that lags."""

    def __init__(self, log: Log) -> None:
        self.log, self.lag = log, Lagging(log)

    async def start(self) -> None:
        self.fast = FollowedHub(self.log)
        self.slow = FollowedHub(self.lag)  # type: ignore[arg-type]
        await self.fast.start()
        await self.slow.start()

    async def stop(self) -> None:
        await self.fast.stop()
        await self.slow.stop()

    async def let_on(self, position: int) -> None:
        """Let the slow one come to a position, and both deliver what they know."""
        self.lag.reach(position)
        await self.slow.caught_up(position)


@pytest.fixture
async def two(desk_url: str) -> AsyncIterator[Two]:
    log = await open_log(desk_url)
    made = Two(log)
    yield made
    await made.stop()
    await log.close()


def told(ears: Ears) -> list[int]:
    """Return the seq of every message that a customer was told, in order."""
    first = [msgspec.json.decode(d, type=CustomerSnapshot) for d in ears.of("snapshot")]
    return [m.seq for part in (*first, *ears.chat) for m in part.messages]


async def test_a_snapshot_ahead_of_the_tail_is_not_told_again(two: Two) -> None:
    await two.start()
    await opened(two.log, "c1")
    last = await say(two.log, "c1", "m0")
    ears = Ears()
    await two.slow.watch_chat(ears, "c1", None)
    assert ears.ids == [last.seq]
    await two.let_on(last.position)
    assert ears.ids == [last.seq]
    later = await say(two.log, "c1", "m1")
    await two.let_on(later.position)
    assert ears.ids == [last.seq, later.seq]
    assert told(ears) == [last.seq, later.seq]


async def test_a_cursor_ahead_of_the_process_is_not_told_again(two: Two) -> None:
    await two.start()
    first = await opened(two.log, "c1")
    await two.let_on(first.position)
    said = [await say(two.log, "c1", f"m{n}") for n in range(4)]
    await two.fast.caught_up(said[-1].position)
    customer, console = Ears(), Ears()
    await two.slow.watch_chat(customer, "c1", said[1].seq)
    await two.slow.resume_floor(console, LEAD, said[1].position)
    await two.let_on(said[-1].position)
    assert told(customer) == [said[2].seq, said[3].seq]
    assert all(i > said[1].seq for i in customer.ids)
    assert all(i > said[1].position for i in console.ids)
    assert console.ids == sorted(set(console.ids))
    assert console.ids[-1] == said[-1].position


async def test_a_cursor_beyond_the_log_begins_afresh(two: Two) -> None:
    await two.start()
    last = await opened(two.log, "c1")
    await two.let_on(last.position)
    await two.fast.caught_up(last.position)
    for hub in (two.fast, two.slow):
        customer, console = Ears(), Ears()
        await hub.watch_chat(customer, "c1", 1_000)
        await hub.resume_floor(console, LEAD, 1_000_000)
        assert len(customer.of("snapshot")) == 1
        assert len(console.of("reset")) == 1
        hub.leave(customer, "c1")
        hub.leave(console)
    later = await say(two.log, "c1", "m1")
    ears = Ears()
    await two.slow.watch_chat(ears, "c1", None)
    await two.let_on(later.position)
    assert ears.ids == [last.seq, later.seq]


@pytest.mark.parametrize("seed", range(12))
async def test_customers_who_change_processes_hear_everything_once(two: Two, seed: int) -> None:
    draw = random.Random(seed)
    await two.start()
    said: dict[str, list[int]] = {}
    for chat in CHATS:
        last = await opened(two.log, chat)
        said[chat] = []
    ears = {chat: Ears() for chat in CHATS}
    at: dict[str, FollowedHub | None] = dict.fromkeys(CHATS)
    slow_at = 0
    for n in range(40):
        chat = draw.choice(CHATS)
        match draw.randrange(4):
            case 0 | 1:
                last = await say(two.log, chat, f"m{n}")
                said[chat].append(last.seq)
                await two.fast.caught_up(last.position)
            case 2:
                slow_at = draw.randint(slow_at, last.position)
                two.lag.reach(slow_at)
                if slow_at:
                    await two.slow.caught_up(slow_at) if slow_at <= last.position else None
            case _:
                before, hub = at[chat], draw.choice((two.fast, two.slow))
                if before is not None:
                    before.leave(ears[chat], chat)
                cursor = max(ears[chat].ids, default=None)
                await hub.watch_chat(ears[chat], chat, cursor)
                at[chat] = hub
    await two.let_on(last.position)
    for chat in CHATS:
        if at[chat] is None:
            await two.slow.watch_chat(ears[chat], chat, None)
        assert ears[chat].ids == sorted(set(ears[chat].ids))
        assert told(ears[chat]) == said[chat]
