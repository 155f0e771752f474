# ruff: noqa: E501
from __future__ import annotations

import time

import pytest

from stepin.language.claims import claims_in, money_in

CLAIMS = """
I have refunded £500 to your card.|Done! I've cancelled your order.|Your order is cancelled.|Refunded.|Order cancelled!|We've just sent the replacement.
I went ahead and changed your address.|You've been refunded.|I've cancelled it and refunded £89.|All set.|Your address is now 22 Baker Street.|The refund is on its way.
Your order has been cancelled, is there anything else?|I can confirm that your order has been cancelled.|I'm cancelling your order right now.|Everything's taken care of.
已为您取消订单。|您的退款已经退回银行卡。|我已经帮您把地址改好了。|取消成功。|退款成功，请查收。|订单取消了。|帮您取消好了。|好的，已办理退款。
""".strip()
NONE = """
Refunds are sent within 5 days.|Your refund is sent within 5 working days once we have the parcel.|Shall I cancel it?|I haven't changed anything.|I can cancel it for you.
Your order will be cancelled.|If it has been sent, it can't be cancelled.|Once the parcel has been returned, we refund you.|You said it was cancelled.|You have returned the lamp.
Orders that have been sent can't be cancelled.|Was it sent?|Do you want it refunded?|Nothing was changed.|I changed nothing.|Your order hasn't been sent yet.
Items that were opened can't be returned.|The coupon is applied at the checkout.|Cancelled orders are refunded within 5 days.|I have sent your question to a colleague.|Returns are refunded to the card.
After it has been checked, the money is returned.|Tell me what has been changed.|I would have cancelled it.|To have it cancelled, tell me the number.
如果订单已发货，就不能取消。|退款会在5个工作日内退回。|已发货的订单不能取消。|我没有取消您的订单。|您想取消哪个订单？|订单还没有发货。|收到退货后，我们会退款。
可以为您取消。|是否为您取消？|您已经取消过了吗？|退款一般在5天内到账。|您已取消该订单。|已取消订单不能恢复。
""".strip()


def texts(table: str) -> list[str]:
    return [text for line in table.split("\n") for text in line.split("|")]


@pytest.mark.parametrize("text", texts(CLAIMS))
def test_what_says_that_something_was_done_is_a_claim(text: str) -> None:
    assert claims_in(text)


@pytest.mark.parametrize("text", texts(NONE))
def test_rules_offers_questions_and_denials_are_none(text: str) -> None:
    assert claims_in(text) == ()


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Your refund has been processed.", {"refund"}),
        ("It has been processed.", {"any"}),
        ("I've sent the replacement.", {"exchange"}),
        ("Your order was shipped.", {"send"}),
        ("已为您办理退款。", {"refund"}),
    ],
)
def test_a_claim_tells_of_which_act(text: str, kinds: set[str]) -> None:
    (claim,) = claims_in(text)
    assert claim.kinds == kinds


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("£1,299.50", [{1299.5}]),
        ("1.299,50 €", [{1.3, 1299.5}]),
        ("500 pounds and USD 5", [{500.0}, {5.0}]),
        ("5元，￥299", [{5.0}, {299.0}]),
        ("£5–£10", [{5.0}, {10.0}]),
        ("5 days, order 4711, 20 %", []),
        ("５００英镑", [{500.0}]),
    ],
)
def test_amounts_are_figures_beside_a_currency(text: str, amounts: list[set[float]]) -> None:
    assert [set(one.readings) for one in money_in(text)] == amounts


@pytest.mark.parametrize(
    "piece", ["it was sent ", "I have ", "sent,", "已", "已取消", "£5", "5.", "done. ", "-", "'s "]
)
def test_the_work_grows_with_the_texts_length(piece: str) -> None:
    def took_s(chars: int) -> float:
        text = (piece * chars)[:chars]
        best = 9.0
        for _ in range(3):
            began = time.process_time()
            claims_in(text)
            money_in(text)
            best = min(best, time.process_time() - began)
        return best

    assert took_s(8_000) <= 3 * took_s(4_000) + 0.02
