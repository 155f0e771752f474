"""Some weeks on the floor in a real log: chats by the AI alone, by people, with returns."""

from __future__ import annotations

import itertools
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from stepin.core.events.floor import FocusMoved
from stepin.core.holder import worker
from stepin.log.sqlite.log import SqliteLog
from tests.golden.story import ARMS, ChatTeller, Teller

START_US = 1_755_648_000_000_000
DAY_S = 86_400


class Weeks:
    """A log that grows by days."""

    def __init__(self, log: SqliteLog, clock: list[int], seed: int) -> None:
        self.log, self.clock = log, clock
        self.teller = Teller(log, clock)
        self._random = random.Random(seed)
        self._number = itertools.count(1)

    async def day(self, chats: int = 6) -> None:
        """Tell a day's chats and go to the next midnight."""
        midnight = self.clock[0] + DAY_S * 1_000_000
        for _ in range(chats):
            await self.chat()
            self.teller.wait(self._random.uniform(30, 900))
        self.clock[0] = max(midnight, self.clock[0])

    async def chat(self) -> None:
        draw = self._random
        issue = draw.choice(("parcel", "refund", "coupon"))
        owner = draw.choice(tuple(ARMS))
        chat = ChatTeller(self.teller, f"c{next(self._number)}", f"k{draw.randrange(8)}", owner)
        await chat.open("Hello", eligible=draw.random() < 0.7, issue=issue)
        if chat.holder.kind == "ai":
            await chat.ai_says("Let me look.", after=draw.uniform(1, 9))
            if draw.random() < 0.4:
                await chat.hold(worker(owner), "takeover")
        if chat.holder.kind == "worker":
            await chat.worker_says("Hello, I am here.", after=draw.uniform(5, 90))
            seen = draw.randrange(60_000)
            moved = FocusMoved(
                worker_id=owner, chat_id=chat.id, duration_ms=seen, active_ms=seen // 2
            )
            await self.teller.tell(f"worker/{owner}", moved, actor=f"worker:{owner}")
        reason = draw.choice(("resolved", "resolved", "abandoned"))
        await chat.close(reason, draw.choice((None, None, 1, 4, 5)))


@asynccontextmanager
async def weeks(folder: Path, *, seed: int = 7, start_us: int = START_US) -> AsyncIterator[Weeks]:
    """Open a log whose clock is moved by what happens."""
    clock = [start_us]
    log = await SqliteLog.open(folder / "weeks.sqlite", clock_us=lambda: clock[0])
    try:
        yield Weeks(log, clock, seed)
    finally:
        await log.close()
