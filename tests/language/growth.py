"""How the CPU time of something grows with the length of the text that it is given."""

from __future__ import annotations

import time
from collections.abc import Callable

SHORT, LONG = 4_000, 8_000
_STEPS = (12, 16, 20, 24, 28, 32, 48, 64, 256, 1_000)
_NEGLIGIBLE_S = 0.0015
_TOO_SLOW_S = 0.1
RATIO_AT_MOST = 3.0


def too_slow(work: Callable[[str], object], make: Callable[[int], str]) -> str:
    """Return how the work grows too fast on a text, empty if it doesn't.

    The text is made longer step by step, so that exponential work is found while it is short.
    """
    for length in _STEPS:
        took_s = _cpu_s(work, make(length), 1)
        if took_s > _TOO_SLOW_S and _cpu_s(work, make(length), 2) > _TOO_SLOW_S:
            return f"{took_s:.2f} s at {length} characters"
    short, long = make(SHORT), make(LONG)
    long_s = _cpu_s(work, long, 1)
    if long_s <= _NEGLIGIBLE_S:
        return ""
    for tries in (2, 5, 15):
        short_s, long_s = _cpu_s(work, short, tries), _cpu_s(work, long, tries)
        if long_s <= max(_NEGLIGIBLE_S, RATIO_AT_MOST * short_s):
            return ""
    return f"{long_s / short_s:.1f} times as long for twice the text ({long_s:.4f} s)"


def _cpu_s(work: Callable[[str], object], text: str, tries: int) -> float:
    """Return the least CPU time of some tries: whatever else runs only makes it longer."""
    best = float("inf")
    for _ in range(tries):
        began = time.thread_time()
        work(text)
        best = min(best, time.thread_time() - began)
    return best
