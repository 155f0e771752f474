from __future__ import annotations

from datetime import date

import pytest

from stepin.agent.builtin import extract
from stepin.language.languages import language_of


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("send it to 14 Elm Street, Bath BA1 2CD instead", "14 Elm Street, Bath BA1 2CD"),
        (
            "Flat 2, 17 Rose Lane, Derby DE1 3QT please. thanks",
            "Flat 2, 17 Rose Lane, Derby DE1 3QT",
        ),
        ("to 5 Mill Road, Ely CB7 4AA, and I also wonder where it is", "5 Mill Road, Ely CB7 4AA"),
        ("ST-100001寄到深圳市南山区科技园南路15号2栋602室", "深圳市南山区科技园南路15号2栋602室"),
        ("写错了，应该是成都市武侯区科华北路26号2单元902室", "成都市武侯区科华北路26号2单元902室"),
        ("改到杭州市西湖区文三路1号，谢谢", "杭州市西湖区文三路1号"),
    ],
)
def test_an_address_stands_in_a_sentence(text: str, place: str) -> None:
    assert extract.address(text, asked=False) == place


@pytest.mark.parametrize("text", ["where is my order ST-100001", "我的快递到哪了", "I moved"])
def test_what_is_no_address_is_none(text: str) -> None:
    assert extract.address(text, asked=False) is None


def test_a_word_inside_a_longer_one_is_no_choice() -> None:
    options = {"no": ("只是", "不需要"), "yes": ("是", "需要", "要")}
    assert extract.choice("只是问问", options.items()) == "no"
    assert extract.choice("不需要", options.items()) == "no"
    assert extract.choice("需要", options.items()) == "yes"
    assert extract.choice("需要还是不需要", options.items()) is None


def test_a_number_alone_shows_no_language() -> None:
    assert language_of("ST-100001", "zh") == "zh"
    assert language_of("the order is ST-100001", "zh") == "en"


def test_days_that_a_customer_speaks_of() -> None:
    today = date(2026, 3, 2)
    assert extract.days("what I ordered yesterday", today) == (date(2026, 3, 1), date(2026, 3, 1))
    since, until = extract.days("上周买的", today) or (today, today)
    assert (since, until) == (date(2026, 2, 23), date(2026, 3, 1))
    assert extract.days("my kettle", today) is None
