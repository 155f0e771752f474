from __future__ import annotations

from stepin.vectors.port import MOST_CHARS, ready


def test_numbers_lose_their_value() -> None:
    assert ready("order 48213 from 2 March") == ready("order 7 from 30 March")


def test_what_no_encoder_can_read_is_taken_out() -> None:
    assert ready("a\0b\ud800 ") == "a b"


def test_a_long_text_keeps_its_beginning_and_its_end() -> None:
    text = ready("begin " + "x" * 10_000 + " end")
    assert len(text) <= MOST_CHARS + 1
    assert text.startswith("begin")
    assert text.endswith("end")
