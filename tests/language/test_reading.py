"""How much of a message is read, and by whom: everybody who is given a line or a turn."""

from __future__ import annotations

import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from stepin.agent.brain import Line
from stepin.judge.chat import Turn
from stepin.language.reading import READ_CHARS, braced, folded, read_part
from tests.language.texts import NAMES, text


@given(st.text(max_size=300), st.integers(1, 60))
@settings(max_examples=200, deadline=None)
def test_what_is_read_is_short_and_reading_again_changes_nothing(unit: str, times: int) -> None:
    said = unit * times
    read = read_part(said)
    assert len(read) <= READ_CHARS
    assert read_part(read) == read
    assert read == said or len(said) > READ_CHARS


def test_the_beginning_and_the_end_are_read_and_no_number_is_cut() -> None:
    numbers = " ".join(f"ST-{n}" for n in range(100_000, 101_000))
    read = read_part(f"My orders: {numbers}. I want to talk to a person")
    assert read.startswith("My orders: ST-100000 ST-100001")
    assert read.endswith("I want to talk to a person")
    assert all(len(word.rstrip(".")) == 9 for word in read.split() if word.startswith("ST-1"))


def test_brains_and_detectors_get_no_more_whoever_makes_the_line() -> None:
    for name in NAMES:
        said = text(name, 8_000)
        line = Line(seq=1, at_us=1, speaker="customer", text=said)
        assert len(line.text) <= READ_CHARS
        assert len(Turn(role="customer", text=said).text) <= READ_CHARS
    short = Line(seq=1, at_us=1, speaker="customer", text="ok")
    assert short.text == "ok"


@given(st.text(max_size=60))
def test_folding_is_nfkc_where_no_marks_are_heaped(said: str) -> None:
    whole = unicodedata.normalize("NFKC", said)
    heaped = any(
        all(unicodedata.combining(char) for char in said[at : at + 5])
        for at in range(len(said) - 4)
    )
    if len(whole) <= 2 * len(said) and not heaped:
        assert folded(said) == whole


def test_what_stands_in_curly_brackets() -> None:
    assert braced('so: {"a": {"b": 1}} done') == '{"a": {"b": 1}}'
    assert braced("} no {") == braced("{ none") == ""
