"""Texts of ASCII take a shorter way to their tokens: what comes out is the same."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stepin.language.person import english
from stepin.language.safety import folding

_LETTERS = "aAbxyz0123459 @$*''`.,;:!?()[]{}|/~-\n\r\t_#\x1c\x00"
TEXTS = st.text(st.sampled_from(_LETTERS), max_size=60)


@given(TEXTS)
def test_the_shorter_way_to_the_tokens_of_danger_is_the_same(text: str) -> None:
    plain = folding.plain(text)
    assert folding._typewritten(plain) == folding._letter_by_letter(plain)


@given(TEXTS)
def test_the_shorter_way_to_the_sentences_of_a_request_is_the_same(text: str) -> None:
    said = text.lower()
    assert english._typewritten(said) == english._letter_by_letter(said)


def test_words_numbers_and_pauses_are_told_apart() -> None:
    folded = folding.fold("Don't 3pm, k1ll$ (x)!")
    assert folded.tokens == ("dont", "3", "pm", ",", "kill", ",", "x", ",")
    assert folding.fold("One. Two").sentences == (0, 1)
