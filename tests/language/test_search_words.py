from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from stepin.language.search_words import words as module
from stepin.language.search_words.words import SearchWords, search_words

LANGUAGES = sorted(path.stem for path in Path(module.__file__).parent.glob("*.toml"))
WORDS = SearchWords(
    ["the", "请问", "请"], ["ing", "s"], [["money back", "refund"], ["退款", "钱退"], ["x", "退款"]]
)


def test_words_that_mean_the_same_are_one_sense_whatever_their_ending() -> None:
    assert WORDS.senses("any refunds?") == WORDS.senses("my money back") == {0}
    assert WORDS.senses("money that comes back") == set()


def test_members_are_found_between_others_where_there_are_no_spaces() -> None:
    assert WORDS.senses("我的钱退了吗") == {1}
    assert WORDS.senses("退款") == {1, 2}


def test_an_ending_is_cut_only_where_a_word_is_left() -> None:
    assert [WORDS.stem(word) for word in ("refunding", "ring", "bus", "cards")] == [
        "refund", "ring", "bus", "card",
    ]  # fmt: skip


def test_the_longest_filler_is_taken_out_first() -> None:
    assert WORDS.without_fillers("请问运费").split() == ["运费"]
    assert WORDS.ignores("the")


def test_a_language_without_a_file_has_no_words() -> None:
    none = search_words("xx")
    assert none.stem("Rückgaben") == "Rückgaben"
    assert none.senses("refund") == set()
    assert search_words("../en").senses("refund") == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_line_of_a_file_is_a_group_of_several(language: str) -> None:
    path = Path(module.__file__).parent / f"{language}.toml"
    lines = [line for line in path.read_text("utf-8").split('same = """')[1].splitlines() if line]
    groups = [[one.strip() for one in line.split(",")] for line in lines if '"""' not in line]
    assert len(groups) > 50
    for group in groups:
        assert len(group) > 1, group
        assert all(group), group
        assert max(Counter(group).values()) == 1, group
