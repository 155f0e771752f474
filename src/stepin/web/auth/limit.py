"""How fast somebody may ask: one token bucket per name, in this process."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from stepin.errors import TooMany

KEPT = 20_000


class RateLimit:
    """A bucket of `per_minute` tokens for each name, refilled evenly.

    Parameters
    ----------
    what : what is limited, for the message.
    per_minute : how many at once, and how many a minute.
    clock_s : a monotonic clock.
    """

    def __init__(self, what: str, per_minute: int, *, clock_s: Callable[[], float]) -> None:
        self._what = what
        self._size = float(per_minute)
        self._per_s = per_minute / 60.0
        self._clock_s = clock_s
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def spend(self, name: str) -> bool:
        """Take a token if there is one; say whether there was."""
        try:
            self.take(name)
        except TooMany:
            return False
        return True

    def take(self, name: str) -> None:
        """Take a token.

        Raises
        ------
        TooMany
            The bucket is empty; `retry_s` says when there is a token again.
        """
        now = self._clock_s()
        tokens, at = self._buckets.pop(name, (self._size, now))
        tokens = min(self._size, tokens + (now - at) * self._per_s)
        if tokens < 1.0:
            self._buckets[name] = (tokens, now)
            raise TooMany(
                f"Too many {self._what} from here.",
                hint="Wait a little and try again; the answer's retry_s says how many seconds.",
                code="rate_limited",
                retry_s=round((1.0 - tokens) / self._per_s, 1),
            )
        self._buckets[name] = (tokens - 1.0, now)
        if len(self._buckets) > KEPT:
            self._buckets.popitem(last=False)
