"""Philox against the published answers, and the same numbers whichever way they are drawn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepin.floor.randomness.draws import KeyedDraws
from stepin.floor.randomness.philox import MASK, block, blocks, philox
from stepin.floor.randomness.purposes import AI_LOOK, FATE, GENERATION, HUMAN_RESULT

KNOWN = [
    ((0, 0, 0, 0, 0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((MASK,) * 6, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344, 0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]
"""Counters, keys and words of the authors' own test of philox4x32-10 (Random123, kat_vectors)."""


@pytest.mark.parametrize(("counter", "words"), KNOWN)
def test_the_authors_words(counter: tuple[int, ...], words: tuple[int, ...]) -> None:
    a, b, c, d, key, key2 = counter
    assert philox(a, b, c, d, key, key2) == words


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**31), st.integers(0, 2**31), st.integers(0, 99))
def test_one_draw_and_many_are_the_same(
    seed: int, replication: int, entity: int, turn: int
) -> None:
    one = block(seed, replication, entity, turn, HUMAN_RESULT)
    many = blocks(
        seed,
        replication,
        np.array([entity], dtype=np.uint64),
        np.array([turn], dtype=np.uint64),
        np.array([HUMAN_RESULT], dtype=np.uint64),
    )
    assert tuple(many[0]) == one
    assert all(0 < u < 1 for u in one)


@pytest.mark.parametrize("turn", [0, 9, 10, 40])
def test_what_is_drawn_ahead_is_what_would_be_drawn_later(turn: int) -> None:
    of = KeyedDraws(7, 2).of(1000, 3)
    assert tuple(of.human(turn, HUMAN_RESULT)) == block(
        7, 2, 1000, 3 * GENERATION + turn, HUMAN_RESULT
    )
    assert of.ai(turn, AI_LOOK) == block(7, 2, 1000, 3 * GENERATION + turn, AI_LOOK)
    assert tuple(of.chat(FATE)) == block(7, 2, 1000, 3 * GENERATION, FATE)


def test_draws_are_spread_evenly() -> None:
    entity = np.arange(50_000, dtype=np.uint64)
    u = blocks(1, 0, entity, np.zeros_like(entity), np.zeros_like(entity))
    counts = np.histogram(u.ravel(), bins=100, range=(0, 1))[0]
    chi = ((counts - 2000) ** 2 / 2000).sum()
    # 99 degrees of freedom: above 160 lies less than one in ten thousand.
    assert chi < 160
    together = np.atleast_2d(np.corrcoef(u.T))
    assert np.abs(together[np.triu_indices(4, 1)]).max() < 0.02
