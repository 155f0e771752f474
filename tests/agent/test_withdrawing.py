"""A customer takes back what a colleague is asked to approve: which words do, and what is said."""

# ruff: noqa: E501
from __future__ import annotations

import pytest
from examples.shop.database import Shop

from stepin.agent.builtin.withdrawing import taken_back
from stepin.agent.sandbox import Rehearsal
from stepin.agent.shop.handbook import Handbook
from tests.agent.conftest import Rehearse, order, status


def _texts(text: str) -> list[str]:
    return text.strip().replace("\n", "|").split("|")


STOPS = _texts("""
no, stop|I changed my mind|stop|Stop it please|please don't refund it|no|nope|No thanks|never mind|forget it|don't do it|leave it as it is
I've changed my mind, I want to keep it|Please do not proceed|cancel the refund|cancel that|I don't want the refund any more|don't bother
wait, stop the refund!|Actually I'd rather keep it|call it off|please withdraw my request|can you stop it?|No! Don't refund ST-454472
I no longer want a refund|Sorry, I changed my mind. Please stop the refund.|hold on, don't go ahead|please don't process the refund|no, keep the order
I don't want to return it, I want to keep it|no no no stop|Stop! I will keep them|no, I’d like to keep it
算了，不要退了|不要退了|算了|停|停下|别退了|我改主意了|我反悔了|不用退了|取消退款|撤回申请|不退了，我留着|先别退|不要了|别办了|还是算了吧
wait|Wait!|hold on|hang on please|no wait|wait a second|not yet|等等|等一下|先等等|慢着|保留订单吧|就留着吧|my wife wants the lamp after all|hmm my wife wants the lamp after all
请停止退款|ST-454472 不要退款|不要给 ST-454472 退款|我不想退了|能不能先不退|先不要处理了|我决定留着|不办了|把退款撤了|请不要退了，谢谢
""")
GOES_ON = _texts("""
no rush|no problem, take your time|no worries|how long will it take?|why is it not done yet?|I haven't heard anything|don't worry|I can wait|thanks
please don't forget it|I'm not in a hurry|there's no need to hurry|nothing has happened|please don't cancel the refund|don't stop|is it done?
I have not changed my mind|I won't change my mind|what if I change my mind?|still no refund|no refund yet?|I don't want to wait any longer
stop wasting my time|ok, not a problem|I don't know when to expect it|yes please go ahead|it doesn't matter how long it takes|do I have to return it?
where should I drop it off?|please don't cancel my other order|no, when will I get it?|I don't want to keep it|don't change my address
I don't want to return it, just refund it|will you stop the delivery fee too?|
wait, how long will it take?|hold on, is it done?|I can wait|please wait for the parcel first|she wants the refund after all|I want the money back after all|I'll wait
等等，什么时候到账|我可以等一下|等了好久|稍等没关系|等一下会到账吗
不急|不着急，慢慢来|没问题|怎么还不退|还没退吗|为什么不退|不要紧|别忘了|没事，你慢慢来|不好意思，还要多久|别停，继续|不会反悔的
不会要很久吧|什么时候能退|好的谢谢|没关系|不用担心|我算了一下是249|不退不行|你们是不是不想退|怎么还不处理|不要取消退款
退到的那张卡不用了|我没改主意|不退我就投诉
""")
CANCELLING_STOPS = _texts(
    "please don't cancel it|wait|等等|保留订单吧|he needs the lamp after all|stop|don't cancel my order|no, keep the order|stop the cancellation|不要取消了|别取消|算了|不取消了|别取消我的订单"
)
CANCELLING_GOES_ON = _texts(
    "cancel it|please cancel it|when will it be cancelled?|no rush|why is it not cancelled|取消|取消吧|怎么还不取消|没说不取消|不急"
)


@pytest.mark.parametrize("text", STOPS)
def test_a_clear_no_takes_it_back(handbook: Handbook, text: str) -> None:
    assert taken_back(text, handbook.procedures["refund"]) is not None


@pytest.mark.parametrize("text", GOES_ON)
def test_all_else_takes_nothing_back(handbook: Handbook, text: str) -> None:
    assert taken_back(text, handbook.procedures["refund"]) is None


@pytest.mark.parametrize("text", CANCELLING_STOPS)
def test_a_cancellation_is_taken_back(handbook: Handbook, text: str) -> None:
    assert taken_back(text, handbook.procedures["cancel"]) is not None


@pytest.mark.parametrize("text", CANCELLING_GOES_ON)
def test_who_says_cancel_it_doesn_t_take_a_cancellation_back(handbook: Handbook, text: str) -> None:
    assert taken_back(text, handbook.procedures["cancel"]) is None


async def waits(shop: Shop, rehearse: Rehearse, *, zh: bool = False) -> tuple[Rehearsal, str]:
    """Return a chat in which a cancellation waits for a colleague, and its order."""
    chat, paid = rehearse(), order(shop, "paid")
    for text in (f"取消订单 {paid}", "是的") if zh else (f"please cancel {paid}", "yes"):
        await chat.customer_says(text)
    assert len(chat.waiting()) == 1
    return chat, paid


@pytest.mark.parametrize(
    ("text", "said", "more"),
    [
        ("no, stop", "I have stopped this", "anything else"),
        ("I changed my mind", "it was not done", "anything else"),
        ("算了，不要取消了", "已经停止", "别的"),
    ],
)
async def test_a_no_stops_it_and_says_so(
    shop: Shop, rehearse: Rehearse, text: str, said: str, more: str
) -> None:
    chat, paid = await waits(shop, rehearse, zh=not text.isascii())
    (answer,) = await chat.customer_says(text)
    assert said in answer
    assert more in answer
    (action,) = (a for a in chat.chat.actions.values() if a.risk != "read")
    assert action.withdrawn
    assert chat.waiting() == []
    assert status(shop, paid) == "paid"
    await chat.customer_says("不用了" if not text.isascii() else "no thanks")
    assert chat.ended == "resolved"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no rush", "still waiting"),
        ("how long will it take?", "still waiting"),
        ("cancel it please", "still waiting"),
        ("不急", "还在等同事批准"),
    ],
)
async def test_all_else_leaves_it_waiting(
    shop: Shop, rehearse: Rehearse, text: str, said: str
) -> None:
    chat, _ = await waits(shop, rehearse, zh=not text.isascii())
    assert said in "".join(await chat.customer_says(text))
    assert len(chat.waiting()) == 1


async def test_an_unclear_no_is_told_how_to_stop_it(shop: Shop, rehearse: Rehearse) -> None:
    chat, paid = await waits(shop, rehearse)
    assert "write “stop”" in "".join(await chat.customer_says("hmm, wait"))
    assert "I have stopped this" in "".join(await chat.customer_says("stop"))
    assert status(shop, paid) == "paid"


async def test_what_else_is_asked_for_comes_next(shop: Shop, rehearse: Rehearse) -> None:
    chat, _ = await waits(shop, rehearse)
    said = "".join(await chat.customer_says("stop the cancellation, change the address instead"))
    assert "I have stopped this" in said
    assert "Now about the delivery address" in said


async def test_a_person_is_called_who_is_asked_for_and_it_is_stopped(
    shop: Shop, rehearse: Rehearse
) -> None:
    chat, paid = await waits(shop, rehearse)
    said = "".join(await chat.customer_says("stop, get me a human"))
    assert "I have stopped this" in said
    assert (chat.ended, chat.cause) == ("given_up", "requested")
    assert chat.waiting() == []
    assert status(shop, paid) == "paid"


async def test_a_no_that_comes_too_late_is_told_what_became_of_it(
    shop: Shop, rehearse: Rehearse
) -> None:
    """The colleague has approved it between the turn's look at the chat and its withdrawal."""
    chat, paid = await waits(shop, rehearse)
    (action_id,) = chat.waiting()

    async def gone(action: str) -> bool:
        return False

    chat.withdraw = gone  # type: ignore[method-assign]
    assert "may be too late" in "".join(await chat.customer_says("stop it"))
    said = "".join(await chat.decide(action_id, approve=True))
    assert "too late to stop" in said
    assert f"C-{paid[3:]}" in said


async def test_a_no_that_a_denial_has_met_needs_no_person(shop: Shop, rehearse: Rehearse) -> None:
    chat, paid = await waits(shop, rehearse)
    (action_id,) = chat.waiting()

    async def gone(action: str) -> bool:
        return False

    chat.withdraw = gone  # type: ignore[method-assign]
    await chat.customer_says("stop it")
    assert "it was not done" in "".join(await chat.decide(action_id, approve=False))
    assert chat.ended == ""
    assert status(shop, paid) == "paid"


@pytest.mark.parametrize(
    "text",
    [
        "please do not refund {0}",
        "Don't refund order {0}, I want to keep it",
        "please don't issue a refund for {0}",
        "There's no need to refund {0}, I'll keep it",
        "do not go ahead with the refund for {0}",
        "不要退款 {0}",
        "请不要给 {0} 退款",
        "不要退 {0}，我想留着",
        "{0} 这单不要退了",
    ],
)
async def test_a_denied_wish_about_a_named_order_starts_nothing(
    shop: Shop, rehearse: Rehearse, text: str
) -> None:
    chat = rehearse()
    said = "".join(await chat.customer_says(text.format(order(shop, "delivered"))))
    assert ("changed nothing" in said) or ("没有做任何改动" in said)
    assert ("anything else" in said) or ("别的" in said)
    assert chat.chat.actions == {}


@pytest.mark.parametrize("text", ["不用了", "不用了，谢谢", "没有了，不需要了", "no thanks"])
async def test_who_needs_nothing_more_is_said_goodbye_to(
    shop: Shop, rehearse: Rehearse, text: str
) -> None:
    chat, _ = await waits(shop, rehearse, zh=not text.isascii())
    await chat.customer_says("stop" if text.isascii() else "算了")
    await chat.customer_says(text)
    assert chat.ended == "resolved"
