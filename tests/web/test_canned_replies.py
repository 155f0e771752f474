"""Canned replies: both names in place, and no other place left unfilled."""

from __future__ import annotations

import pytest

from stepin.errors import Invalid
from stepin.web.canned_replies import CannedReply, filled


def reply(text: str) -> CannedReply:
    return CannedReply(reply_id="r", title="R", text=text)


def test_both_names_are_filled_in_and_a_missing_one_closes_up() -> None:
    hello = reply("Hello {customer}, this is {worker}.")
    assert filled(hello, customer="Dora", worker="Ann") == "Hello Dora, this is Ann."
    assert filled(hello, customer="", worker="Ann") == "Hello, this is Ann."
    assert filled(reply("{customer}您好"), customer="", worker="Ann") == "您好"


@pytest.mark.parametrize("place", ["{order}", "{order.total}", "{Name}"])
def test_a_place_that_nothing_fills_is_refused_before_it_is_sent(place: str) -> None:
    with pytest.raises(Invalid) as refused:
        filled(reply(f"Which item of {place} is it?"), customer="Dora", worker="Ann")
    assert refused.value.code == "reply_unfilled"
    assert place in refused.value.message


def test_braces_that_are_no_place_may_be_sent() -> None:
    assert filled(reply("{1} { } {"), customer="", worker="Ann") == "{1} { } {"
