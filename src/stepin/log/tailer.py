"""The recent events of this process, so that tails rarely have to read the database."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from stepin.core.record import Recorded


class Tailer:
    """Feeds every tail of a process, in the order of positions and each event once.

    Parameters
    ----------
    read_all : reads events after a position from the database.
    poll_s : how often to look for what other processes have appended.
    keep : how many events are remembered.
    """

    def __init__(
        self,
        read_all: Callable[[int, int], Awaitable[list[Recorded]]],
        *,
        poll_s: float,
        keep: int = 4096,
    ) -> None:
        self._read_all = read_all
        self._poll_s = poll_s
        self._recent: deque[Recorded] = deque(maxlen=keep)
        self._bell = asyncio.Event()

    def committed(self, events: Sequence[Recorded]) -> None:
        """Remember what this process has just committed, and wake the tails."""
        if self._recent and events[0].position != self._recent[-1].position + 1:
            self._recent.clear()
        self._recent.extend(events)
        self.ring()

    def ring(self) -> None:
        """Wake the tails: there may be something new."""
        bell, self._bell = self._bell, asyncio.Event()
        bell.set()

    async def tail(self, after_position: int) -> AsyncIterator[Sequence[Recorded]]:
        """Yield batches after a position, for ever."""
        position = after_position
        while True:
            bell = self._bell
            batch = self._remembered(position) or await self._read_all(position, 1000)
            if batch:
                position = batch[-1].position
                yield batch
                continue
            try:
                async with asyncio.timeout(self._poll_s):
                    await bell.wait()
            except TimeoutError:
                continue

    def _remembered(self, position: int) -> list[Recorded]:
        if not self._recent or self._recent[-1].position <= position:
            return []
        skip = position - self._recent[0].position + 1
        if skip < 0:
            return []
        return [self._recent[i] for i in range(skip, len(self._recent))]
