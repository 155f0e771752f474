"""Canned replies: both names in place, and no other place left unfilled."""

from __future__ import annotations

from pathlib import Path

import pytest

from stepin.errors import Invalid
from stepin.web.canned_replies import CannedReply, filled, load_replies


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


TWO = """
[[replies]]
reply_id = "a"
title = "A"
text = "a"
short = "{first}"

[[replies]]
reply_id = "b"
title = "B"
text = "b"
short = "bye"
labels = ["done"]
close = "solved"
"""


def test_a_short_code_means_one_reply_and_can_be_typed(tmp_path: Path) -> None:
    path = tmp_path / "replies.toml"
    path.write_text(TWO.format(first="hi"))
    known = load_replies(str(path)).replies
    assert [(r.short, r.labels, r.close) for r in known] == [
        ("hi", (), ""), ("bye", ("done",), "solved"),
    ]  # fmt: skip
    for wrong in ("bye", "Hi", "a b", "-x"):
        path.write_text(TWO.format(first=wrong))
        with pytest.raises(Invalid) as refused:
            load_replies(str(path))
        assert refused.value.code == "replies_invalid"
