from __future__ import annotations

import numpy as np

from stepin.vectors.cache import CachedEncoder
from tests.vectors.hashed import HashedEncoder


def test_what_was_asked_is_not_computed_again() -> None:
    inner = HashedEncoder()
    encoder = CachedEncoder(inner)
    first = encoder.encode(["where is it", "and the other", "where is it"])
    again = encoder.encode(["and the other", "where is it"])
    assert inner.asked == ["where is it", "and the other"]
    assert np.array_equal(first, inner.encode(["where is it", "and the other", "where is it"]))
    assert np.array_equal(again[0], first[1])
    assert (encoder.id, encoder.dim, encoder.remote) == ("hashed/1", 32, False)


def test_the_oldest_is_forgotten_first_and_what_was_used_is_kept() -> None:
    inner = HashedEncoder()
    encoder = CachedEncoder(inner, kept=2)
    for text in ("a text", "b text", "a text", "c text", "a text", "b text"):
        encoder.encode([text])
    assert inner.asked == ["a text", "b text", "c text", "b text"]


def test_no_text_is_no_row() -> None:
    assert CachedEncoder(HashedEncoder()).encode([]).shape == (0, 32)


def test_rows_are_copies() -> None:
    encoder = CachedEncoder(HashedEncoder())
    encoder.encode(["a text"])[:] = 0
    assert encoder.encode(["a text"]).any()
