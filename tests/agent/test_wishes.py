"""What isn't wanted starts nothing, and a place to send to is no cancellation."""

# ruff: noqa: E501
from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest
from examples.shop.database import Shop

from stepin.agent.builtin.brain import BuiltinBrain
from stepin.agent.builtin.intents import Ear
from stepin.agent.builtin.sending import sending
from stepin.agent.builtin.wishes import wished
from stepin.agent.shop.handbook import Handbook
from stepin.judge.models.intent import IntentModel
from tests.agent.conftest import Rehearse, order, status

DENIED = (
    """
please don't cancel anything|I never said I wanted a refund|do not cancel my order!|I don't want to cancel|no refund please
no need to cancel|I'm not asking for a refund|I didn't ask for an exchange|please do not change my address|I never asked you to cancel it
I am not trying to return anything|nobody said anything about a refund|I don't need an exchange|I no longer want to cancel|please don't refund me
Don’t change the address|we didn't request a cancellation|I wouldn't want a refund|please never cancel my orders|I'd rather not return it
不取消了|别取消|不要取消订单|不想退款|不用退了|不退了|我没说要退款|先别退|不需要退款|别改地址|不改了|不换了|千万别取消我的订单|我不想取消订单
谁说要退了|不用给我退款|别给我取消|我没要退货|我没打算退货|不要帮我改地址|我不是要退款|别把我的订单取消了|不想换货
""".replace("\n", "|")
    .strip("|")
    .split("|")
)
WANTED = (
    """
don't send it|I don't want it any more|I don't need it, cancel|please don't process my order|I can't cancel my order|why can't I cancel|why don't you just refund me
if you don't refund me I'll complain|you didn't refund me|you still haven't refunded me|it doesn't work, refund|not what I ordered, refund please
I don't want it, refund me|the refund has not arrived|can't I cancel?|cancel my order, don't ship it|my order was not cancelled|please cancel, no rush
I don't know how to cancel|there is no cancel button|my invoice didn't come|I did not get an invoice|it's not broken, I just want to return it
不要了|不想要了|不买了|别发货|怎么不退款|为什么不给退|还不退款|你们不退我就投诉|能不能退|可不可以退款|退不退|凭什么不退|取消不了|收到不喜欢想退|还没退款
不想要了，退款|东西不好，我要退|发票没开|没有发票|邮箱不用了想换一个|不是我的，帮我取消
""".replace("\n", "|")
    .strip("|")
    .split("|")
)


@pytest.mark.parametrize("text", DENIED)
def test_what_is_denied_is_not_wished_for(text: str) -> None:
    assert wished(text).denied


@pytest.mark.parametrize("text", WANTED)
def test_a_denial_of_something_else_leaves_the_wish(text: str) -> None:
    assert wished(text).text == text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("don't cancel it, change the address instead", "change the address instead"),
        ("I don't want a refund, I want an exchange", "I want an exchange"),
        ("cancel my order but don't refund the card", "cancel my order"),
        ("不要退款，我要换货", "我要换货"),
        ("不是我不想要了，是你们发错了", "是你们发错了"),
        ("it's not that I don't want it, you sent the wrong one", "you sent the wrong one"),
    ],
)
def test_what_is_wanted_instead_is_left(text: str, left: str) -> None:
    assert wished(text).text == left


@pytest.fixture(scope="module")
def ear(brain: BuiltinBrain) -> Ear:
    return brain._ear


@pytest.mark.parametrize("text", DENIED)
def test_no_procedure_is_heard_in_a_denied_wish(ear: Ear, text: str) -> None:
    heard = ear.hear(text, language="en")
    assert heard.requests == ()
    assert heard.denied


SENT = (
    """
send order ST-853225 to 22 Baker Street, London NW1 6XE|Please ship ST-853225 to 5 Mill Lane, Leeds LS1 4AB
can you deliver my order to 14 High Street, Ely CB7 4LE|I want you to send it to 9 Park Road, Hull HU1 2AA please
redirect order ST-853225 to 3 Castle Street, York YO1 9RN|could you forward the parcel to 7 Queen Street, Bath BA1 1HE
把订单ST-853225寄到北京市朝阳区建国路88号2栋1201|请送到苏州市工业园区星湖街328号5栋|ST-853225改寄到上海市徐汇区漕溪北路100号3楼
""".replace("\n", "|")
    .strip("|")
    .split("|")
)


@pytest.mark.parametrize("text", SENT)
def test_a_place_to_send_to_means_the_address(ear: Ear, text: str) -> None:
    assert [request.intent for request in ear.hear(text, language="en").requests] == ["address"]


@pytest.fixture(scope="module")
def small(handbook: Handbook, intents: Callable[[Handbook], IntentModel]) -> Ear:
    """Return the ear of a shop that changes no addresses."""
    left = {name: one for name, one in handbook.procedures.items() if name != "address"}
    book = msgspec.structs.replace(handbook, procedures=left)
    return Ear(book, intents(book))


@pytest.mark.parametrize("text", SENT)
def test_a_shop_without_changes_of_address_asks_and_never_cancels(small: Ear, text: str) -> None:
    assert small.hear(text, language="en").requests == ()


@pytest.mark.parametrize(
    "text",
    [
        "send order ST-853225 to bob@example.com",
        "please send ST-853225 to my other mail bob@mail.example",
    ],
)
def test_an_e_mail_address_to_send_an_order_to_cancels_nothing(ear: Ear, text: str) -> None:
    heard = ear.hear(text, language="en")
    assert "cancel" not in [request.intent for request in heard.requests]


@pytest.mark.parametrize(
    "text",
    [
        "you sent it to 22 Baker Street, London NW1 6XE and it never came",
        "why did you send it to 22 Baker Street, London NW1 6XE?",
        "I live at 22 Baker Street, London NW1 6XE",
    ],
)
def test_a_place_where_something_went_is_no_wish(text: str) -> None:
    assert sending(text, text) is None


async def test_an_item_of_one_request_is_not_the_other_ones(rehearse: Rehearse, shop: Shop) -> None:
    paid, delivered = order(shop, "paid"), order(shop, "delivered")
    chat = rehearse(money_limit=500)
    (asked,) = await chat.customer_says("cancel my order and refund the headphones")
    assert f"- {paid}" in asked
    (asked,) = await chat.customer_says(paid)
    assert f"Order {paid}" in asked
    (asked,) = await chat.customer_says("yes")
    assert status(shop, paid) == "cancelled"
    assert f"refund the wireless headphones of order {delivered}" in asked


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (["please don't cancel anything"], "I've changed nothing"),
        (["cancel my order", "actually don't cancel it"], "leave that"),
        (["我要取消订单", "不取消了"], "先不办了"),
    ],
)
async def test_a_denied_wish_is_taken_note_of(
    rehearse: Rehearse, shop: Shop, texts: list[str], told: str
) -> None:
    chat = rehearse()
    for text in texts:
        (answer,) = await chat.customer_says(text)
    assert told in answer
    assert shop.all("SELECT * FROM changes") == []


@pytest.mark.parametrize(
    "answer",
    ["yes if I get the money by tomorrow", "yes unless the label costs money", "好啊好啊你们真行"],
)
async def test_a_yes_with_a_condition_changes_nothing(
    rehearse: Rehearse, shop: Shop, answer: str, brain: BuiltinBrain
) -> None:
    paid = order(shop, "paid")
    chat = rehearse(money_limit=500)
    await chat.customer_says(f"cancel order {paid}")
    (again,) = await chat.customer_says(answer)
    assert paid in again
    assert status(shop, paid) == "paid"
    await chat.customer_says("yes")
    assert status(shop, paid) == "cancelled"
