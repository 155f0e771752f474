"""What ordinary people write: days, slips, several orders, small talk, other languages."""

from __future__ import annotations

from datetime import date

import pytest
from examples.shop.database import Shop

from stepin.agent.builtin.days import spoken_days
from stepin.agent.builtin.misspelt import misspelt
from tests.agent.conftest import NOW, Rehearse, order, status
from tests.agent.test_builtin_brain import say

TODAY = date(2026, 3, 2)
NAMES = [("smart watch", {"n": 1}), ("hair dryer", {"n": 2}), ("black", {"n": 3})]


@pytest.mark.parametrize(
    ("said", "first", "last"),
    [
        ("the one from October", "2025-10-01", "2025-10-31"),
        ("what I bought in february", "2026-02-01", "2026-02-28"),
        ("in dec", "2025-12-01", "2025-12-31"),
        ("十月买的", "2025-10-01", "2025-10-31"),
        ("十二月的那单", "2025-12-01", "2025-12-31"),
        ("11月份的", "2025-11-01", "2025-11-30"),
        ("two weeks ago", "2026-02-12", "2026-02-20"),
        ("3 days ago", "2026-02-26", "2026-02-28"),
        ("两周前下的单", "2026-02-12", "2026-02-20"),
        ("三天前", "2026-02-26", "2026-02-28"),
        ("on Friday", "2026-02-27", "2026-02-27"),
        ("周五买的", "2026-02-27", "2026-02-27"),
    ],
)
def test_days_are_read_as_people_say_them(said: str, first: str, last: str) -> None:
    assert spoken_days(said, TODAY) == (date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize("said", ["may I return it", "march on", "the long ago", "一个月", "前台"])
def test_words_that_look_like_days_are_none(said: str) -> None:
    assert spoken_days(said, TODAY) is None


@pytest.mark.parametrize(
    ("said", "named"),
    [("the wach one", [1]), ("my hairdrier", [2]), ("the balck one", [3]), ("smrt wacth", [1])],
)
def test_a_slip_names_what_is_nearest(said: str, named: list[int]) -> None:
    assert [record["n"] for record in misspelt(said, NAMES)] == named


@pytest.mark.parametrize("said", ["send it back", "block it", "wash it", "no", "the catch"])
def test_another_word_is_no_slip(said: str) -> None:
    assert misspelt(said, NAMES) == []


async def test_a_month_and_a_slip_answer_which_order_is_meant(
    shop: Shop, rehearse: Rehearse
) -> None:
    old = shop.one("SELECT order_id FROM orders WHERE customer_id = 'c1001' ORDER BY placed")
    assert old is not None
    chat = rehearse(now_us=lambda: int(NOW.timestamp() * 1e6))
    await say(chat, "I want a refund")
    assert f"Order {old['order_id']} was delivered" in await say(chat, "the one from October")
    chat = rehearse()
    await say(chat, "I want a refund")
    assert order(shop, "paid") in await say(chat, "the wach one")


async def test_two_numbers_are_served_one_after_the_other_each_with_its_own_yes(
    shop: Shop, rehearse: Rehearse
) -> None:
    chat, first = rehearse(money_limit=900), order(shop, "paid")
    second = order(shop, "shipped")
    shop.run("UPDATE orders SET status = 'paid' WHERE order_id = ?", second)
    assert f"Order {first}" in await say(chat, f"cancel {first} and {second}")
    assert status(shop, second) == "paid"
    said = await say(chat, "yes")
    assert f"Order {first} is cancelled" in said
    assert f"Order {second}" in said
    assert (status(shop, first), status(shop, second)) == ("cancelled", "paid")
    await say(chat, "yes")
    assert status(shop, second) == "cancelled"


async def test_both_means_two_and_not_all_that_was_offered(rehearse: Rehearse) -> None:
    chat = rehearse()
    assert (await say(chat, "I want a refund")).count("- ST-") == 3
    assert "can't tell which order" in await say(chat, "both")


async def test_no_order_is_offered_that_can_not_be_cancelled(
    shop: Shop, rehearse: Rehearse
) -> None:
    chat, paid, sent = rehearse(), order(shop, "paid"), order(shop, "shipped")
    said = await say(chat, "cancel my order")
    assert paid in said
    assert sent not in said
    assert "has left already" in await say(chat, sent)


async def test_a_record_is_told_at_once_only_where_one_is_likely(
    shop: Shop, rehearse: Rehearse
) -> None:
    chat, paid = rehearse(), order(shop, "paid")
    shop.run("UPDATE orders SET status = 'shipped' WHERE order_id = ?", paid)
    assert "Which order" in await say(chat, "where is my parcel?")


async def test_the_wanted_colour_does_not_say_which_item_is_meant(
    shop: Shop, rehearse: Rehearse
) -> None:
    chat, got = rehearse(), order(shop, "delivered")
    assert "Which item" in await say(chat, f"can I swap it for a pink one? order {got}")


async def test_the_same_question_is_never_put_twice_in_the_same_words(rehearse: Rehearse) -> None:
    chat = rehearse()
    first = (await say(chat, "I want a refund")).splitlines()[1]
    assert first not in await say(chat, "hmm")


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("thanks", "You're welcome"),
        ("👍", "You're welcome"),
        ("how are you?", "I'm fine"),
        ("who are you", "I'm an AI"),
        ("谢谢", "不客气"),
        ("你是机器人吗？", "AI"),
    ],
)
async def test_small_talk_is_answered_shortly(rehearse: Rehearse, said: str, answer: str) -> None:
    chat = rehearse()
    assert answer in await say(chat, said)
    assert not chat.ended


async def test_anything_else_is_no_answer_to_a_question(rehearse: Rehearse) -> None:
    chat = rehearse()
    await say(chat, "where is my parcel?")
    assert "didn't understand" in await say(chat, "flurb the grommet")
    await say(chat, "snib snab")
    assert (chat.ended, chat.cause) == ("given_up", "technical")


@pytest.mark.parametrize("said", ["is it heavy?", "it's from october", "it's nice"])
async def test_no_page_is_told_on_weak_evidence_while_a_question_is_open(
    rehearse: Rehearse, said: str
) -> None:
    chat = rehearse()
    await say(chat, "cancel my order")
    assert "From our page" not in await say(chat, said)


@pytest.mark.parametrize(
    ("said", "sentence", "cause"),
    [
        ("Wo ist mein Paket? Ich warte schon lange.", "kein Deutsch", "policy"),
        ("注文した商品はいつ届きますか", "日本語", "policy"),
        ("Где мой заказ?", "по-русски", "policy"),
        ("Ich möchte mit einem Menschen sprechen", "kein Deutsch", "requested"),
        ("ᚠᚢᚦᚨᚱᚲ ᚷᚹᚺ", "don't speak this language", "policy"),
    ],
)
async def test_a_language_without_files_is_handed_over_at_once_in_that_language(
    rehearse: Rehearse, said: str, sentence: str, cause: str
) -> None:
    chat = rehearse()
    assert sentence in await say(chat, said)
    assert (chat.ended, chat.cause) == ("given_up", cause)


async def test_an_address_abroad_is_no_foreign_language(shop: Shop, rehearse: Rehearse) -> None:
    chat = rehearse()
    await say(chat, f"change the address of {order(shop, 'paid')}")
    said = await say(chat, "Calle de la Luna 5, 28004 Madrid, el segundo piso")
    assert "Shall I send" in said
    assert not chat.ended


async def test_a_thing_of_ones_own_is_no_question_about_the_rules(
    shop: Shop, rehearse: Rehearse
) -> None:
    sent = order(shop, "shipped")
    assert f"Order {sent} is on its way" in await say(rehearse(), "where is my mouse?")
    assert f"Order {sent} is on its way" in await say(rehearse(), f"where is order {sent}?")
    assert "From our page" in await say(rehearse(), "where do you deliver?")
