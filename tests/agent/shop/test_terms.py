from __future__ import annotations

import pytest

from stepin.agent.shop.terms import SINGLE_WORTH, terms
from stepin.language.search_words.words import search_words

EN, ZH, NONE = search_words("en"), search_words("zh"), search_words("xx")


def test_words_lose_their_endings_and_what_tells_nothing() -> None:
    found = terms("How are the refunds processed?", EN)
    assert {term for term in found if term[0] == "="} == {"=refund", "=process"}


def test_a_typing_error_leaves_most_parts_of_a_word() -> None:
    right, wrong = terms("instalments", NONE), terms("instalmants", NONE)
    parts = {term for term in right if term[0] == "#"}
    assert len(parts & wrong.keys()) >= len(parts) / 2


def test_chinese_is_pairs_and_single_characters_tell_little() -> None:
    found = terms("退货运费", NONE)
    assert {"退货", "货运", "运费"} <= found.keys()
    assert found["退"] == (SINGLE_WORTH, 1)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Rückgabe", "ruckgabe"), ("ＡＢＣ１２３", "abc123"), ("क़ीमत", "कीमत"), ("Straße", "STRASSE")],
)
def test_spellings_of_one_word_are_one(one: str, other: str) -> None:
    assert terms(one, NONE) == terms(other, NONE)


def test_how_often_a_term_stands_is_counted() -> None:
    assert terms("card, cards", EN)["=card"] == (1.0, 2)


def test_words_that_mean_the_same_share_a_sense() -> None:
    money, refund = terms("money back", EN), terms("refund", EN)
    assert {term for term in money if term[0] == "@"} & {term for term in refund if term[0] == "@"}
    assert not {term for term in terms("table", EN) if term[0] == "@"}
