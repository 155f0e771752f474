"""Words and pieces, whatever the language."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepin.judge.models.tokens import PIECE, pieces, word_terms, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Where's my Parcel?", ["where's", "my", "parcel", "?"]),
        ("我要退款！", ["我", "要", "退", "款", "!"]),
        ("订单ABC怎么还没到", ["订", "单", "abc", "怎", "么", "还", "没", "到"]),
        ("１２３ 4", ["123", "4"]),
        ("order 123456789 please", ["order", "#", "please"]),
        ("122 3 9789", ["122", "3", "9789"]),
        ("   \n", []),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_numbers_and_ideographs_have_no_pieces() -> None:
    assert pieces("9789") == ()
    assert pieces("退") == ()
    assert pieces("?") == ()


def test_pieces_carry_the_ends_of_the_word() -> None:
    found = pieces("no")
    assert PIECE + " no " in found
    assert PIECE + "no" in found


@given(st.text())
def test_terms_are_never_empty_and_pieces_never_collide_with_words(text: str) -> None:
    said = words(text)
    assert all(said)
    assert not any(term.startswith(PIECE) for term in word_terms(said))
    assert all(piece.startswith(PIECE) for word in said for piece in pieces(word))
