"""A log whose tail runs as far as a test lets it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

from stepin.core.record import Recorded
from stepin.log.protocol import Log


class Lagging:
    """A log of which a process hears up to `reach`; everything else it reads as it is."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._through = 0
        self._grown = asyncio.Event()

    def __getattr__(self, name: str) -> object:
        return getattr(self._log, name)

    def reach(self, position: int) -> None:
        """Let the tail run through a position."""
        self._through = max(self._through, position)
        grown, self._grown = self._grown, asyncio.Event()
        grown.set()

    async def tail(self, *, after_position: int) -> AsyncIterator[Sequence[Recorded]]:
        self._through = max(self._through, after_position)
        async for batch in self._log.tail(after_position=after_position):
            rest = list(batch)
            while rest:
                grown = self._grown
                now = [e for e in rest if e.position <= self._through]
                if now:
                    rest = rest[len(now) :]
                    yield now
                else:
                    await grown.wait()
