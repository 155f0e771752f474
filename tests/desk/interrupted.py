"""A log to which the line breaks once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

from stepin.core.record import Recorded
from stepin.log.protocol import Log


class Interrupted:
    """A log whose tail breaks after its first batch, once."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._broken = False

    def __getattr__(self, name: str) -> object:
        return getattr(self._log, name)

    async def tail(self, *, after_position: int) -> AsyncIterator[Sequence[Recorded]]:
        async for batch in self._log.tail(after_position=after_position):
            yield batch
            if not self._broken:
                self._broken = True
                raise OSError("the line to the database broke")


class Unreadable:
    """A log of which one stream can't be read, once."""

    def __init__(self, log: Log, stream: str) -> None:
        self._log, self._stream = log, stream
        self.broken = False

    def __getattr__(self, name: str) -> object:
        return getattr(self._log, name)

    async def read(self, stream: str, *, after_seq: int = 0, limit: int | None = None) -> object:
        if stream == self._stream and not self.broken:
            self.broken = True
            raise OSError("the line to the database broke")
        return await self._log.read(stream, after_seq=after_seq, limit=limit)


class SlowToRead:
    """A log whose reading ends when the test lets it."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self.held: asyncio.Event | None = None
        self.reached = asyncio.Event()

    def __getattr__(self, name: str) -> object:
        return getattr(self._log, name)

    async def read(self, stream: str, *, after_seq: int = 0, limit: int | None = None) -> object:
        events = await self._log.read(stream, after_seq=after_seq, limit=limit)
        if self.held is not None:
            self.reached.set()
            await self.held.wait()
        return events
