"""Draws that are looked up, not consumed: the same key and index give the same number for ever.

A draw is a pure function of (seed, purpose, unit, index). The key is the first half of the
SHA-256 of the three names; the number is Philox4x64-10 (Salmon et al. 2011, "Parallel random
numbers: as easy as 1, 2, 3") at the counter `index`. `draw` needs nothing but the standard
library, so a desk can use it on every chat; `streams` gives the same numbers in bulk.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numpy.random import Philox

Key = tuple[int, int]

_MASK = (1 << 64) - 1
_MULTIPLIERS = (0xD2E7470EE14C6C93, 0xCA5A826395121157)
_WEYL = (0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B)
_ROUNDS = 10


def key(seed: int, purpose: str, unit: str = "") -> Key:
    """Return the 128-bit key of a unit's draws for one purpose.

    Parts are length-prefixed, so that no two different triples share a text.
    """
    parts = (str(seed), purpose, unit)
    text = b"".join(len(p.encode()).to_bytes(8, "little") + p.encode() for p in parts)
    digest = hashlib.sha256(text).digest()
    return int.from_bytes(digest[:8], "little"), int.from_bytes(digest[8:16], "little")


def draw(of: Key, index: int = 0) -> int:
    """Return the draw at `index` of a key's stream: uniform over 0 .. 2**64 - 1."""
    return _block(of, index // 4 + 1)[index % 4]


def uniform(of: Key, index: int = 0) -> float:
    """Return the draw as a number in [0, 1), from its top 53 bits."""
    return (draw(of, index) >> 11) * 2.0**-53


def streams(seed: int, purpose: str, units: Sequence[str]) -> list[Philox]:
    """Return one generator per unit whose raw outputs are `draw(key, 0), draw(key, 1), ...`."""
    import numpy as np
    from numpy.random import Philox

    return [
        Philox(key=np.array(key(seed, purpose, unit), dtype=np.uint64), counter=0) for unit in units
    ]


def _block(of: Key, counter: int) -> tuple[int, int, int, int]:
    c0, c1, c2, c3 = counter & _MASK, (counter >> 64) & _MASK, 0, 0
    k0, k1 = of
    for _ in range(_ROUNDS):
        left, right = _MULTIPLIERS[0] * c0, _MULTIPLIERS[1] * c2
        c0, c1 = (right >> 64) ^ c1 ^ k0, right & _MASK
        c2, c3 = (left >> 64) ^ c3 ^ k1, left & _MASK
        k0, k1 = (k0 + _WEYL[0]) & _MASK, (k1 + _WEYL[1]) & _MASK
    return c0, c1, c2, c3
