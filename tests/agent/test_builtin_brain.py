from __future__ import annotations

import asyncio

import pytest
from examples.shop.database import Shop

from stepin.agent.sandbox import Rehearsal
from tests.agent.conftest import Rehearse, order, status


async def say(chat: Rehearsal, *texts: str) -> str:
    said: list[str] = []
    for text in texts:
        said = await chat.customer_says(text)
    return "\n".join(said)


async def test_it_asks_for_the_order_asks_before_it_acts_and_says_what_the_tool_said(
    shop: Shop, rehearse: Rehearse
) -> None:
    chat, paid = rehearse(money_limit=500), order(shop, "paid")
    assert "AI assistant" in await say(chat, "hi there")
    assert paid in await say(chat, "I need to cancel an order")
    assert "Shall I cancel it?" in await say(chat, paid)
    assert status(shop, paid) == "paid"
    assert f"C-{paid[3:]}" in await say(chat, "yes please")
    assert status(shop, paid) == "cancelled"
    await say(chat, "no, thanks")
    assert (chat.ended, chat.reason) == ("resolved", "cancelled")


@pytest.mark.parametrize(
    "answer",
    [
        "no",
        "hmm not sure",
        "wait",
        "yes but don't do it yet",
        "别",
        "可是真的好喜欢……",
        "ok but let me think",
        "好像不太对",
    ],
)
async def test_nothing_is_done_without_a_clear_yes(
    shop: Shop, rehearse: Rehearse, answer: str
) -> None:
    chat, paid = rehearse(money_limit=500), order(shop, "paid")
    await say(chat, f"cancel order {paid}", answer)
    assert status(shop, paid) == "paid"


async def test_another_order_named_at_the_question_is_the_one_that_counts(
    shop: Shop, rehearse: Rehearse
) -> None:
    chat, paid = rehearse(money_limit=500), order(shop, "paid")
    wrong = order(shop, "paid", "c1002")
    asked = await say(chat, f"cancel order {paid}", f"no sorry, it's {wrong}")
    assert "can't find" in asked
    assert wrong in asked
    await say(chat, f"then {paid}", "yes")
    assert (status(shop, paid), status(shop, wrong)) == ("cancelled", "paid")


async def test_a_change_of_mind_leaves_the_first_request_undone(
    shop: Shop, rehearse: Rehearse
) -> None:
    chat, paid = rehearse(money_limit=500), order(shop, "paid")
    await say(chat, f"please cancel {paid}")
    assert "new address" in await say(chat, "actually wait, just change the delivery address")
    await say(chat, "14 Station Road, Hove BN3 1AA", "yes")
    row = shop.one("SELECT status, address FROM orders WHERE order_id = ?", paid)
    assert row is not None
    assert tuple(row) == ("paid", "14 Station Road, Hove BN3 1AA")


async def test_two_requests_in_one_message_are_served_one_after_the_other(
    shop: Shop, rehearse: Rehearse
) -> None:
    chat, sent = rehearse(), order(shop, "shipped")
    said = await say(chat, f"where is my parcel {sent}? and also I need an invoice for it")
    assert "tracking number" in said
    assert "made out to" in said
    assert "Shall I send the invoice" in await say(chat, "to me")
    assert "is on its way to c1001@example.com" in await say(chat, "yes")


async def test_money_above_the_limit_waits_for_a_colleague(shop: Shop, rehearse: Rehearse) -> None:
    chat, paid = rehearse(money_limit=10), order(shop, "paid")
    assert "has to approve" in await say(chat, f"cancel {paid}", "yes")
    assert status(shop, paid) == "paid"
    assert "still waiting" in await say(chat, "is it done?")
    (action,) = chat.waiting()
    said = await chat.decide(action, approve=True)
    assert status(shop, paid) == "cancelled"
    assert f"C-{paid[3:]}" in said[0]


async def test_a_denial_ends_with_a_person_and_nothing_done(shop: Shop, rehearse: Rehearse) -> None:
    chat, paid = rehearse(money_limit=10), order(shop, "paid")
    await say(chat, f"cancel {paid}", "yes")
    await chat.decide(chat.waiting()[0], approve=False)
    assert (chat.ended, chat.cause, status(shop, paid)) == ("given_up", "policy", "paid")


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("let me talk to a human", "requested"),
        ("转人工", "requested"),
        ("my lawyer will sue you", "policy"),
        ("充电的时候着火了", "policy"),
    ],
)
async def test_what_the_ai_must_not_handle_goes_to_a_person_at_once(
    rehearse: Rehearse, text: str, cause: str
) -> None:
    chat = rehearse()
    await say(chat, text)
    assert (chat.ended, chat.cause) == ("given_up", cause)
    assert chat.calls == []


@pytest.mark.parametrize(
    "text",
    [
        "could you do something about the price for me, 20 percent maybe",
        "Oh wonderful, one more week to wait. Best service ever, really",
        "Please help me to switch my new card on",
        "How much can I put on the account in one go?",
        "the transfer I made hasn't arrived",
        "who do I make the cheque out to",
        "why was I charged twice at the machine",
        "my agent at the bank says it left on Friday",
        "I need it for six people, will it do",
    ],
)
async def test_requested_is_no_cause_where_nobody_asked_for_a_person(
    rehearse: Rehearse, text: str
) -> None:
    chat = rehearse()
    for said in (text, "hm", text):
        if not chat.ended:
            await say(chat, said)
    assert "requested" not in (chat.cause, *chat.flags)


async def test_what_it_does_not_understand_it_asks_once_and_then_gives_up_as_technical(
    rehearse: Rehearse,
) -> None:
    chat = rehearse()
    assert "didn't understand" in await say(chat, "flurb grommet")
    await say(chat, "snib snab")
    assert (chat.ended, chat.cause) == ("given_up", "technical")


async def test_a_question_is_answered_with_the_passage_and_its_source(rehearse: Rehearse) -> None:
    said: list[tuple[str, str]] = []
    chat = rehearse(watch=lambda kind, text: said.append((kind, text)))
    assert "three monthly instalments" in await say(chat, "can I pay in instalments?")
    assert any("payment#3" in text for kind, text in said if kind == "says")


async def test_no_passage_is_said_honestly(rehearse: Rehearse) -> None:
    chat = rehearse()
    assert "From our page" not in await say(chat, "which toaster has the best crumb tray?")


async def test_an_anonymous_customer_learns_nothing(shop: Shop, rehearse: Rehearse) -> None:
    chat = rehearse(asserted=False)
    said = await say(chat, f"where is my parcel {order(shop, 'shipped')}")
    assert "signed in" in said
    assert chat.ended == "given_up"


async def test_the_same_turn_taken_again_does_the_same(shop: Shop, rehearse: Rehearse) -> None:
    first, second = rehearse(), rehearse()
    sent = order(shop, "shipped")
    assert await say(first, "查一下物流", sent) == await say(second, "查一下物流", sent)
    assert first.memory == second.memory


def test_it_needs_no_loop_of_its_own(rehearse: Rehearse) -> None:
    assert "can I do for you" in asyncio.run(say(rehearse(), "hello"))


async def test_two_requests_about_two_orders_keep_each_to_its_own(
    shop: Shop, rehearse: Rehearse
) -> None:
    chat, paid, sent = rehearse(money_limit=500), order(shop, "paid"), order(shop, "shipped")
    asked = await say(chat, f"cancel {paid} and then send me the invoice for {sent} please")
    assert f"Order {paid} (smart watch, blender) hasn't been sent yet" in asked
    await say(chat, "yes", "to my own name", "yes")
    changes = {tuple(row) for row in shop.all("SELECT tool, subject FROM changes")}
    assert changes == {("cancel_order", paid), ("send_invoice", sent)}


@pytest.mark.parametrize("said", ["the one that hasn't been sent yet", "还没发货的那个"])
async def test_an_order_may_be_described(shop: Shop, rehearse: Rehearse, said: str) -> None:
    chat, paid = rehearse(money_limit=500), order(shop, "paid")
    asked = await say(chat, f"please cancel {said}")
    assert paid in asked
    assert status(shop, paid) == "paid"
    await say(chat, "yes, go ahead")
    assert status(shop, paid) == "cancelled"


async def test_an_order_that_was_refused_is_not_offered_again(
    shop: Shop, rehearse: Rehearse
) -> None:
    chat, paid = rehearse(money_limit=500), order(shop, "paid")
    assert paid in await say(chat, f"cancel {paid}")
    asked = await say(chat, "no, not that order")
    assert "Which order" in asked
    assert paid not in asked


async def test_what_an_effect_touches_is_never_guessed(shop: Shop, rehearse: Rehearse) -> None:
    chat = rehearse(money_limit=500)
    assert "Which order" in await say(chat, "cancel my order")
    await say(chat, "I don't know", "I don't know", "yes")
    assert (chat.ended, chat.cause) == ("given_up", "technical")
    assert shop.all("SELECT * FROM changes") == []


async def test_where_nothing_is_changed_the_only_likely_order_is_looked_at(
    shop: Shop, rehearse: Rehearse
) -> None:
    chat, sent = rehearse(), order(shop, "shipped")
    said = await say(chat, "where is my parcel?")
    assert f"Order {sent} is on its way" in said
    assert f"you mean {sent}" in said
    assert order(shop, "paid") in said


async def test_going_in_circles_ends_with_a_person(rehearse: Rehearse) -> None:
    chat = rehearse()
    for _ in range(8):
        await say(chat, "hello")
    assert chat.ended == "given_up"


async def test_everything_that_was_offered_may_be_meant(shop: Shop, rehearse: Rehearse) -> None:
    chat, got = rehearse(money_limit=500), order(shop, "delivered")
    await say(chat, f"I want to return something from {got}", "both of them")
    await say(chat, "yes", "yes")
    changes = {tuple(row) for row in shop.all("SELECT tool, subject FROM changes")}
    assert changes == {("refund_item", f"{got}/1"), ("refund_item", f"{got}/2")}


async def test_a_customer_who_is_angry_twice_gets_a_person(rehearse: Rehearse) -> None:
    chat = rehearse()
    await say(chat, "this is ridiculous, where is my parcel", "you are useless, the worst shop")
    assert (chat.ended, chat.cause) == ("given_up", "emotional")


async def test_a_customer_who_keeps_saying_no_gets_a_person(shop: Shop, rehearse: Rehearse) -> None:
    chat, paid = rehearse(money_limit=500), order(shop, "paid")
    for _ in range(3):
        await say(chat, f"please cancel order {paid}", "no, leave it")
    assert (chat.ended, chat.cause, status(shop, paid)) == ("given_up", "technical", "paid")


async def test_two_items_named_in_full_are_not_guessed_between(
    shop: Shop, rehearse: Rehearse
) -> None:
    chat, got = rehearse(money_limit=500), order(shop, "delivered")
    names = shop.all("SELECT name_en FROM lines JOIN products USING (sku) WHERE order_id = ?", got)
    first, second = (row["name_en"] for row in names)
    asked = await say(chat, f"I want to return the {first} and the {second} from {got}")
    assert "Which item" in asked


async def test_it_greets_once_also_when_what_it_kept_of_the_chat_is_lost(
    shop: Shop, rehearse: Rehearse
) -> None:
    chat = rehearse()
    assert "AI assistant" in await say(chat, "my coupon isn't accepted")
    chat.memory = {}
    assert "AI assistant" not in await say(chat, "what now?")
