"""How the CPU time of something grows with the length of the text that it is given."""

from __future__ import annotations

import time
from collections.abc import Callable

SHORT, LONG = 4_000, 8_000
RATIO_AT_MOST = 3.0
_STEPS = (16, 20, 24, 28, 32, 64, 500)
_TRIES = (2, 5, 11)
_NEGLIGIBLE_S, _TOO_SLOW_S, _HOPELESS_S = 0.0015, 0.05, 0.3


def too_slow(work: Callable[[str], object], make: Callable[[int], str], *, long: int = LONG) -> str:
    """Return how the work grows too fast on a text, empty if it doesn't.

    The text is made longer step by step, so that exponential work is found while it is short; then
    a text of `long` characters may take three times as long as one of half of that.
    """
    for length in _STEPS:
        if _cpu_s(work, make(length), 1) > _TOO_SLOW_S:
            took_s = _cpu_s(work, make(length), 2)
            if took_s > _TOO_SLOW_S:
                return f"{took_s:.2f} s at {length} characters"
    half, whole = make(long // 2), make(long)
    whole_s = _cpu_s(work, whole, 1)
    for tries in _TRIES:
        if whole_s <= _NEGLIGIBLE_S:
            return ""
        half_s, whole_s = _cpu_s(work, half, tries), _cpu_s(work, whole, tries)
        if whole_s <= RATIO_AT_MOST * half_s:
            return ""
        if whole_s > _HOPELESS_S:
            break
    return f"{whole_s / half_s:.1f} times as long for twice the text ({whole_s:.4f} s)"


def _cpu_s(work: Callable[[str], object], text: str, tries: int) -> float:
    """Return the least CPU time of some tries: whatever else runs only makes it longer."""
    best = float("inf")
    for _ in range(tries):
        began = time.thread_time()
        work(text)
        best = min(best, time.thread_time() - began)
    return best
