"""The recent events of this process, so that tails rarely have to read the database.

One poller per process looks for what other processes have appended; every tail is fed from what
it finds and from this process's own appends. Only a tail that starts far back, or that has fallen
behind the remembered window, reads the database for itself.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from stepin.core.record import Recorded
from stepin.errors import Unavailable

_AT_ONCE = 1000


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
        self._last: int | None = None
        self._grown = asyncio.Event()
        self._bell = asyncio.Event()
        self._poller: asyncio.Task[None] | None = None
        self._closed = False

    def committed(self, events: Sequence[Recorded]) -> None:
        """Remember what this process has just committed, and wake the tails."""
        if self._last is None:
            self._last = events[0].position - 1
        if not self._extend(events):
            self.ring()

    def ring(self) -> None:
        """Look now: another process may have appended something."""
        self._bell.set()

    async def close(self) -> None:
        """End every tail."""
        self._closed = True
        self._wake()
        if self._poller is not None:
            self._poller.cancel()
            await asyncio.gather(self._poller, return_exceptions=True)

    async def tail(self, after_position: int) -> AsyncIterator[Sequence[Recorded]]:
        """Yield batches after a position, until the log is closed.

        What keeps the database from being read, other than that it is away for a while, ends the
        tail with its exception; a new tail tries again.
        """
        position = after_position
        while not self._closed:
            grown = self._grown
            batch = self._remembered(position)
            if batch is None:
                try:
                    batch = await self._read_all(position, _AT_ONCE)
                except Unavailable:
                    await asyncio.sleep(self._poll_s)
                    continue
                if not batch and self._last is None:
                    self._last = position
            if batch:
                position = batch[-1].position
                yield batch
                continue
            if self._poller is None or self._poller.done():
                self._poller = asyncio.create_task(self._poll(), name="stepin-log-poller")
            await grown.wait()
            if self._poller.done() and not self._closed:
                self._poller.result()

    async def _poll(self) -> None:
        try:
            await self._look_for_more()
        finally:
            self._wake()

    async def _look_for_more(self) -> None:
        more = False
        while not self._closed:
            if not more:
                try:
                    async with asyncio.timeout(self._poll_s):
                        await self._bell.wait()
                except TimeoutError:
                    pass
            self._bell.clear()
            more = False
            if self._last is None:
                continue
            try:
                found = await self._read_all(self._last, _AT_ONCE)
            except Unavailable:
                continue
            more = len(found) == _AT_ONCE
            if found:
                self._extend(found)

    def _extend(self, events: Sequence[Recorded]) -> bool:
        """Add what follows on the remembered; say whether nothing is missing in between."""
        assert self._last is not None
        skip = self._last + 1 - events[0].position
        if skip < 0:
            return False
        if skip < len(events):
            self._recent.extend(events[skip:])
            self._last = events[-1].position
            self._wake()
        return True

    def _wake(self) -> None:
        grown, self._grown = self._grown, asyncio.Event()
        grown.set()

    def _remembered(self, position: int) -> list[Recorded] | None:
        """Return what is remembered after a position; None if the database has to be asked."""
        if self._last is None or position > self._last:
            return None
        if position == self._last:
            return []
        first = self._recent[0].position if self._recent else self._last + 1
        if position < first - 1:
            return None
        start = position - first + 1
        return [self._recent[i] for i in range(start, len(self._recent))]
