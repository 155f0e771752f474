"""Philox 4x32-10 (Salmon et al. 2011): four random words from a counter and a key.

The same function works on Python's integers and on NumPy arrays of `uint64`, so that one draw and
a million are the same numbers. A compiled copy lives in the fast engine and is tested against it.
"""

from __future__ import annotations

from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

Word = TypeVar("Word", int, NDArray[Any])

MASK: Final = 0xFFFFFFFF
MULTIPLY: Final = (0xD2511F53, 0xCD9E8D57)
WEYL: Final = (0x9E3779B9, 0xBB67AE85)
ROUNDS: Final = 10
UNIT: Final = 2.0**-32


def philox(
    a: Word, b: Word, c: Word, d: Word, key: int, key2: int
) -> tuple[Word, Word, Word, Word]:
    """Return four words of 32 bits for a counter of four and a key of two such words."""
    for _ in range(ROUNDS):
        left = a * MULTIPLY[0]
        right = c * MULTIPLY[1]
        a, c = (right >> 32) ^ b ^ key, (left >> 32) ^ d ^ key2
        b, d = right & MASK, left & MASK
        key, key2 = (key + WEYL[0]) & MASK, (key2 + WEYL[1]) & MASK
    return a, b, c, d


def block(seed: int, replication: int, entity: int, turn: int, purpose: int) -> tuple[float, ...]:
    """Return the four uniform numbers of one purpose of one turn of one entity."""
    words = philox(entity & MASK, turn, purpose, replication, seed & MASK, (seed >> 32) & MASK)
    return tuple((word + 0.5) * UNIT for word in words)


def blocks(
    seed: int,
    replication: int,
    entity: NDArray[np.uint64],
    turn: NDArray[np.uint64],
    purpose: NDArray[np.uint64],
) -> NDArray[np.float64]:
    """Return the same for arrays of equal shape; the last axis holds the four numbers."""
    fourth = np.full(entity.shape, replication, dtype=np.uint64)
    words = philox(entity, turn, purpose, fourth, seed & MASK, (seed >> 32) & MASK)
    return np.stack([(word.astype(np.float64) + 0.5) * UNIT for word in words], axis=-1)
