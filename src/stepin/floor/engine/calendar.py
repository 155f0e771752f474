"""What will happen when: moments that fall together are handled in the order they were planned."""

from __future__ import annotations

from heapq import heappop, heappush
from typing import Final

FRESH, STAFF, AI_DONE, WRITES, READY, LEAVES, TURN_DONE, SHOWN, CLIMB, BACK_AGAIN = range(10)
"""Kinds of planned moments."""
NAMES: Final = (
    "fresh", "staff", "ai_done", "writes", "ready", "leaves", "turn_done", "shown", "climb",
    "back_again",
)  # fmt: skip

Planned = tuple[float, int, int, int, int]
"""When, the place among all that were planned, the kind, the chat or worker, and its token."""


class Calendar:
    """A heap of planned moments. What is no longer true is recognized by an old token."""

    __slots__ = ("_count", "_heap")

    def __init__(self) -> None:
        self._heap: list[Planned] = []
        self._count = 0

    def __len__(self) -> int:
        return len(self._heap)

    def plan(self, at: float, kind: int, whom: int, token: int) -> None:
        """Add a moment."""
        heappush(self._heap, (at, self._count, kind, whom, token))
        self._count += 1

    def next(self) -> Planned:
        """Take the earliest moment out."""
        return heappop(self._heap)
