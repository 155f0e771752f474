from __future__ import annotations

import pytest

from stepin.agent.shop.handbook import Handbook


@pytest.mark.parametrize(
    ("question", "language", "source"),
    [
        ("can I pay in instalments", "en", "payment#3"),
        ("when do refunds reach my account", "en", "returns#3"),
        ("运费多少", "zh", "delivery#2"),
        ("分期付款", "zh", "payment#3"),
        ("退款多久能到账", "zh", "returns#3"),
    ],
)
def test_the_passage_that_answers_comes_first(
    handbook: Handbook, question: str, language: str, source: str
) -> None:
    assert handbook.ranking.find(question, language)[0].passage.source == source


@pytest.mark.parametrize(
    ("question", "language"),
    [("what's the weather like", "en"), ("你们老板是谁", "zh"), ("", "en"), ("???", "zh")],
)
def test_what_no_passage_answers_gets_none(
    handbook: Handbook, question: str, language: str
) -> None:
    assert handbook.ranking.find(question, language) == []


def test_a_passage_is_only_found_in_its_language(handbook: Handbook) -> None:
    hits = handbook.ranking.find("PayPal", "zh")
    assert {hit.passage.language for hit in hits} <= {"zh"}
