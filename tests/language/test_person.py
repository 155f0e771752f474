"""Requests for a person, in several languages, and what only looks like one."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepin.judge.detectors import requested
from stepin.language.person import asks_for_person, chinese, english
from stepin.language.reading import READ_CHARS
from tests.language.requests import NO_REQUESTS, REQUESTS

_RULES = {True: english.asks, False: chinese.asks}
UNITS = (
    "a", "agent ", "to a ", "not ", "no need ", "i don't want to talk to ", "x'", "get me the ",
    "could someone please ", "real ", "please ", "get me me ", "until ",
    "人", "转", "人工的", "有人", "别", "找个", "不要机器", "話", "un humano ",
)  # fmt: skip


@pytest.mark.parametrize("text", REQUESTS)
def test_a_request_is_heard(text: str) -> None:
    assert asks_for_person(text)


@pytest.mark.parametrize("text", NO_REQUESTS)
def test_other_talk_is_not_a_request(text: str) -> None:
    assert not asks_for_person(text)


@pytest.mark.parametrize(
    ("traditional", "simplified"),
    [
        ("幫我轉真人客服", "帮我转真人客服"),
        ("請問有真人嗎", "请问有真人吗"),
        ("叫你們經理來", "叫你们经理来"),
    ],
)
def test_both_scripts_are_read_alike(traditional: str, simplified: str) -> None:
    assert asks_for_person(traditional)
    assert asks_for_person(simplified)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_read_without_a_fault(text: str) -> None:
    assert asks_for_person(text) in (True, False)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(REQUESTS), st.sampled_from(["", "  ", "\n"]), st.booleans())
def test_case_and_space_around_change_nothing(text: str, space: str, upper: bool) -> None:
    assert asks_for_person(space + (text.upper() if upper else text) + space)


@pytest.mark.parametrize("unit", UNITS)
def test_the_time_is_proportional_to_the_length(unit: str) -> None:
    """Twice the text takes at most three times as long; the better of three runs counts."""
    spent = []
    for size in (4_000, 8_000):
        text = (unit * size)[:size]
        runs = []
        for _ in range(3):
            start = time.process_time()
            _RULES[text.isascii()](text)
            runs.append(time.process_time() - start)
        spent.append(max(min(runs), 0.002))
    assert spent[1] <= 3 * spent[0]


def test_a_long_text_is_read_at_its_beginning_and_its_end() -> None:
    story = "it came late and the box was wet " * 200
    assert asks_for_person(f"give me a human. {story}")
    assert asks_for_person(f"{story}. give me a human")
    assert not asks_for_person(story)
    assert len(story) > READ_CHARS


def test_the_detectors_ask_the_same_owner() -> None:
    assert requested.asks_for_person is asks_for_person
