from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from stepin.agent.shop.article import Passage
from stepin.agent.shop.handbook import Handbook
from stepin.agent.shop.retrieval import Ranking
from stepin.vectors.port import Vectors
from tests.vectors.hashed import HashedEncoder


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


@pytest.mark.parametrize(
    ("question", "language", "source"),
    [
        ("can I pay in instalmants", "en", "payment#3"),
        ("when is my mony back after a retrun", "en", "returns#3"),
        ("邮费怎么收", "zh", "delivery#2"),
    ],
)
def test_typing_errors_and_words_that_mean_the_same_find_it_too(
    handbook: Handbook, question: str, language: str, source: str
) -> None:
    assert handbook.ranking.best(question, language)[0].passage.source == source


@pytest.mark.parametrize(
    ("language", "asked", "title", "others"),
    [
        ("de", "Wie geht die Ruckgabe?", "Rückgabe von Waren", ("Lieferung", "Zahlung")),
        ("fr", "frais de livraison", "Livraison et frais", ("Retours", "Paiement à crédit")),
        ("ru", "возврат", "Возврат товара", ("Доставка", "Оплата картой")),
        ("ja", "配送はいつですか", "配送について", ("返品", "お支払い")),
        ("ko", "환불은 언제", "환불 안내", ("배송", "결제 방법")),
        ("ar", "سياسة الإرجاع", "الإرجاع والاسترداد", ("الشحن", "الدفع")),
        ("hi", "वापसी कैसे करें", "सामान की वापसी", ("भुगतान", "डिलीवरी")),
        ("th", "คืนเงินเมื่อไหร่", "การคืนเงิน", ("การจัดส่ง", "การชำระเงิน")),
        ("el", "επιστροφη χρηματων", "Επιστροφή χρημάτων", ("Αποστολή", "Πληρωμή")),
    ],
)
def test_every_script_is_found(
    language: str, asked: str, title: str, others: tuple[str, ...]
) -> None:
    ranking = Ranking(_passages((*others, title), language))
    assert [hit.passage.title for hit in ranking.best(asked, language)][:1] == [title]


def test_the_nearest_are_given_without_a_floor_to_whoever_judges_them(handbook: Handbook) -> None:
    asked = "what's the weather like where my parcel is"
    assert handbook.ranking.find(asked, "en") == []
    hits = handbook.ranking.best(asked, "en")
    assert 1 < len(hits) <= 5
    assert not hits[0].answers
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_a_question_that_many_passages_come_as_near_to_has_no_answer() -> None:
    texts = tuple(f"Delivery to country {name}" for name in ("abc", "bcd", "cde", "def"))
    alone = Ranking(_passages((texts[0], "Paying", "Returns", "Jobs"), "en"))
    assert alone.find("delivery", "en")
    assert not Ranking(_passages(texts, "en")).find("delivery", "en")


def test_what_has_nothing_in_common_is_no_hit() -> None:
    assert Ranking(_passages(("Delivery", "Paying"), "en")).best("xylophone", "en") == []
    assert Ranking(()).best("xylophone", "en") == []


def test_vectors_find_what_words_do_not_and_are_lost_without_harm() -> None:
    encoder = HashedEncoder()
    ranking = Ranking(_passages(("unbreakable", "delivery", "payment"), "en"), encoder)
    assert ranking.encoder_id == "hashed/1"
    assert ranking.best("is it breakable", "en")[0].passage.title == "unbreakable"
    encoder.gone = True
    assert ranking.best("payment", "en")[0].passage.title == "payment"


def test_an_encoder_that_is_gone_at_first_leaves_the_words() -> None:
    encoder = HashedEncoder()
    encoder.gone = True
    ranking = Ranking(_passages(("delivery", "payment"), "en"), encoder)
    assert ranking.encoder_id == ""
    assert ranking.find("payment", "en")


@pytest.mark.parametrize(
    ("remote", "asked", "apart"),
    [(True, "payment", True), (False, "payment", False), (False, "payment " * 40, True)],
)
async def test_what_takes_long_does_not_hold_the_loop(
    remote: bool, asked: str, apart: bool
) -> None:
    threads: list[int] = []

    class Watched(HashedEncoder):
        def encode(self, texts: Sequence[str]) -> Vectors:
            threads.append(threading.get_ident())
            return super().encode(texts)

    ranking = Ranking(_passages(("delivery", "payment"), "en"), Watched(remote=remote))
    threads.clear()
    assert await ranking.search_best(asked, "en")
    await ranking.search(asked, "en")
    assert len(threads) == 2
    assert (threading.get_ident() not in threads) is apart


def _passages(titles: tuple[str, ...], language: str) -> tuple[Passage, ...]:
    return tuple(
        Passage(source=f"a{at}#1", language=language, title=title, heading=title, text=title)
        for at, title in enumerate(titles)
    )
