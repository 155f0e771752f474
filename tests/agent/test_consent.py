# ruff: noqa: E501
from __future__ import annotations

import pytest

from stepin.agent.builtin.consent import answer_of, means_another, stops

YES = (
    """
yes please|Yes, that's the one, go ahead.|yup thats it|confirmed|Alright, go ahead with that.|fine, do it|y|YES|correct
Please do, thank you.|looks right, go ahead|ok thanks|yes, scrap it|that's fine by me
对|好|嗯|可以|行|好的，麻烦了|对，就是这个，取消吧|没错就它|就这么办|退！|赶紧退|好啊换吧|这回对了|是的没错|行，退吧|那就取消吧|没问题，你办吧
""".replace("\n", "|")
    .strip("|")
    .split("|")
)
NOT_YES = (
    """
no|no, leave it|ok I'll keep it then|hmm, actually keep it|ok but what about the lamp|ok, what about the other one?|please wait|let me think
ok, hold on|actually no|can you do it tomorrow instead|I don't know
那就留着吧|好吧那先留着|行，保留吧|算了|不用了|还是不退了吧|请帮我改成另一个|成都市武侯区科华北路26号|等一下|嗯…我再想想|好的，我再看看别的
""".replace("\n", "|")
    .strip("|")
    .split("|")
)


@pytest.mark.parametrize("text", YES)
def test_a_clear_yes_is_one(text: str) -> None:
    assert answer_of(text) == "yes"


@pytest.mark.parametrize("text", NOT_YES)
def test_whatever_leaves_a_doubt_is_no_yes(text: str) -> None:
    assert answer_of(text) != "yes"


@pytest.mark.parametrize("text", ["no, not that order", "不是这个订单", "the one with the lamp"])
def test_another_record_may_be_meant(text: str) -> None:
    assert means_another(text)


@pytest.mark.parametrize("text", ["never mind", "算了", "forget it"])
def test_a_customer_may_drop_it(text: str) -> None:
    assert stops(text)
