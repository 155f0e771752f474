"""How customers put things, from files: every entry has an example that it finds."""

from __future__ import annotations

from pathlib import Path

import pytest

from stepin.agent.builtin import consent
from stepin.errors import Invalid
from stepin.language.languages import FALLBACK, codes, languages_in
from stepin.language.patterns import (
    HAN,
    SPACED,
    LanguageSign,
    PatternEntry,
    pattern_problems,
    sign,
    topics,
)
from tests.language.conftest import change

QUESTION = "Shall I cancel order 4711?"


@pytest.mark.parametrize("language", codes())
def test_every_entry_finds_its_examples_and_nothing_is_missing(language: str) -> None:
    assert list(pattern_problems(language)) == []
    assert topics(language) == topics(FALLBACK)


def found(text: str, **entry: object) -> list[tuple[int, str]]:
    one = LanguageSign([(PatternEntry(**entry), {"thing": "it|that"})])  # type: ignore[arg-type]
    said = [(part.start, part.text) for part in one.found(text)]
    assert one.stands_in(text) == bool(said)
    return said


def test_words_are_whole_words_beside_letters_of_any_script() -> None:
    assert found("No, nope no", words=("no", "nope")) == [(0, "No"), (4, "nope"), (9, "no")]
    assert found("nob 说no éno no_", words=("no",)) == []
    assert found("no no no", words=("no",)) == [(0, "no"), (3, "no"), (6, "no")]
    assert found("ordered reorder", starts=("order",)) == [(0, "order")]
    assert found("中文不是不", parts=("不",)) == [(2, "不"), (4, "不")]


def test_a_place_and_neighbours_count_where_an_entry_says_so() -> None:
    assert found("no thanks", words=("no",), at="start") == [(0, "no")]
    assert found("oh no", words=("no",), at="start") == []
    assert found("oh no", words=("no",), at="end") == [(3, "no")]
    assert found("oh no", words=("no",), at="whole") == []
    assert found("打算了，算了", parts=("算了",), not_after=("打",)) == [(4, "算了")]
    assert found("drop it off, drop it", words=("drop it",), not_before=(" off",)) == [
        (13, "drop it")
    ]
    assert found("drop that", words=("drop <thing>",)) == [(0, "drop that")]


def test_what_was_found_is_taken_out_once() -> None:
    one = LanguageSign(
        [(PatternEntry(words=("no problem",)), {}), (PatternEntry(parts=("no p",)), {})]
    )
    assert one.without("no problem, no pain, 😊 no") == " , " + " ain, 😊 no"


@pytest.mark.parametrize("pattern", ["(", "a(?=b)", "<nothing>"])
def test_a_pattern_that_can_t_be_used_is_refused(pattern: str) -> None:
    with pytest.raises(Invalid) as refused:
        LanguageSign([(PatternEntry(words=(pattern,)), {})])
    assert refused.value.code == "pattern_invalid"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("[[untold]]", "[[told]]", "answers.toml: [[untold]] is missing"),
        ("我不记得了", "我记得", "[[untold]] 1: the example '我记得' isn't found"),
        (
            'counter_example = ["便宜"]',
            'counter_example = ["随便"]',
            "'随便' is found",
        ),
        ('counter_example = ["便宜"]', "", "an example and a counter_example are needed"),
        ('"随便"', '"随便("', "The pattern"),
        ("[[untold]]", '[[untold]]\nwords = ["x"]', "one of words, starts, parts and phrases"),
        ("[[untold]]", "[[untold]]\nword = 1", "unknown field `word`"),
        ("[[untold]]", "[[untold", "can't be read"),
    ],
)
def test_what_is_wrong_with_a_file_is_named(folder: Path, old: str, new: str, told: str) -> None:
    change(folder / "patterns/zh/answers.toml", (old, new))
    with languages_in(folder):
        assert any(told in problem for problem in pattern_problems("zh"))


def test_a_missing_topic_is_named(folder: Path) -> None:
    (folder / "patterns/zh/records.toml").unlink()
    with languages_in(folder):
        assert list(pattern_problems("zh")) == ["patterns/zh/records.toml: it is missing"]


def test_a_yes_and_a_no_in_a_new_language_are_files(third: Path) -> None:
    assert consent.answer_of("jawel", QUESTION) == consent.answer_of("neen", QUESTION) == ""
    with languages_in(third):
        assert consent.answer_of("jawel, please", QUESTION) == "yes"
        assert consent.answer_of("neen", QUESTION) == "no"
        assert consent.answer_of("好的", QUESTION) == "yes"
        assert list(pattern_problems("xx")) == []
    assert consent.answer_of("jawel", QUESTION) == ""


def test_a_sign_may_be_looked_for_by_script() -> None:
    assert sign("answers", "drops", HAN).stands_in("算了")
    assert not sign("answers", "drops", SPACED).stands_in("算了")
    assert sign("answers", "drops", SPACED).stands_in("never mind")
    assert sign("answers", "drops").stands_in("算了")
