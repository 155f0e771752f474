"""The equations and the random numbers, compiled."""

from __future__ import annotations

from typing import Any

import numpy as np

from stepin.floor.engine.fast.compiling import small
from stepin.floor.model import equations as eq

normal = small(eq.normal)
other_normal = small(eq.other_normal)
exponential = small(eq.exponential)
effort = small(eq.effort)
turn_time = small(eq.turn_time)
avoidance = small(eq.avoidance)
patience = small(eq.patience)
waited = small(eq.waited)
resolves = small(eq.resolves)
leaves = small(eq.leaves)
can_solve = small(eq.can_solve)
ai_resolves = small(eq.ai_resolves)
failed = small(eq.failed)
looks = small(eq.looks)
stars = small(eq.stars)
answers = small(eq.answers)
comes_back = small(eq.comes_back)
back_after = small(eq.back_after)
time_of_day = small(eq.time_of_day)

_MASK = np.uint64(0xFFFFFFFF)
_M0, _M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_W0, _W1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_HALF = np.uint64(32)
_UNIT = 2.0**-32


@small
def words(a: Any, b: Any, c: Any, d: Any, key: Any, key2: Any) -> Any:
    """Return four words of Philox 4x32-10, as `randomness.philox.philox` does."""
    for _ in range(10):
        left = a * _M0
        right = c * _M1
        a, c = (right >> _HALF) ^ b ^ key, (left >> _HALF) ^ d ^ key2
        b, d = right & _MASK, left & _MASK
        key, key2 = (key + _W0) & _MASK, (key2 + _W1) & _MASK
    return a, b, c, d


@small
def four(s: Any, base: int, generation: int, turn: int, purpose: int) -> Any:
    """Return the four uniform numbers of a purpose of a turn of a chat."""
    a, b, c, d = words(
        np.uint64(base), np.uint64(generation * 65536 + turn), np.uint64(purpose), s.replication,
        s.seed, s.seed2,
    )  # fmt: skip
    return (
        (np.float64(a) + 0.5) * _UNIT,
        (np.float64(b) + 0.5) * _UNIT,
        (np.float64(c) + 0.5) * _UNIT,
        (np.float64(d) + 0.5) * _UNIT,
    )
