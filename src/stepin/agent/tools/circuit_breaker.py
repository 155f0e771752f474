"""A circuit breaker: after failures in a row nothing passes for a while, then one call to see."""

from __future__ import annotations

from collections.abc import Callable


class Breaker:
    """Counts failures in a row; opens at `failures`, lets one call through after `rest_s`."""

    __slots__ = ("_failures", "_in_a_row", "_now_s", "_opened_s", "_rest_s")

    def __init__(self, *, failures: int, rest_s: float, now_s: Callable[[], float]) -> None:
        self._failures, self._rest_s, self._now_s = failures, rest_s, now_s
        self._in_a_row = 0
        self._opened_s: float | None = None

    @property
    def closed(self) -> bool:
        """Whether calls pass freely."""
        return self._opened_s is None

    def may_pass(self) -> bool:
        """Return whether a call may pass now; after the rest the first one to ask may."""
        if self._opened_s is None:
            return True
        if self._now_s() - self._opened_s < self._rest_s:
            return False
        self._opened_s = self._now_s()
        return True

    def worked(self) -> None:
        """Close: the tool answers, even if its answer is a refusal."""
        self._in_a_row, self._opened_s = 0, None

    def failed(self) -> None:
        """Count a failure."""
        self._in_a_row += 1
        if self._in_a_row >= self._failures:
            self._opened_s = self._now_s()
