"""Patterns of a shop's files: read by RE2, refused where RE2 has no such thing."""

from __future__ import annotations

from pathlib import Path

import pytest

from stepin.agent.builtin import extract
from stepin.agent.shop.procedures import read_procedures
from stepin.errors import Invalid
from stepin.language.given import given

PROCEDURE = """\
name = "coupon"
title.en = "the coupon"
summary = "A coupon."
examples.en = ["my coupon"]

[facts.code]
kind = "code"
ask.en = "Which code?"
{more}

[[steps]]
need = "code"
"""
ORDER = r"(?:ST|st|St)?\s*[-–—#]?\s*(\d{6})"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ST-123456 and st 654321,111111", ["ST-123456", "ST-654321", "ST-111111"]),
        ("我的订单ST-123456呢", ["ST-123456"]),
        ("订单号是ST–123456。", ["ST-123456"]),
        ("1234567 x123456 AB-123456 a/123456", []),
        ("not ST-123456 but ST-654321", ["ST-654321"]),
        ("不是那个订单123456，是654321", ["ST-654321"]),
    ],
)
def test_a_value_is_found_whole_also_beside_chinese(text: str, found: list[str]) -> None:
    assert extract.codes(text, ORDER, "ST-{0}") == found


def test_an_edge_stands_between_a_code_and_chinese() -> None:
    pattern = r"\b([A-Za-z]{3,10}-[A-Za-z0-9]{4,10})\b"
    assert extract.code("我优惠券SUMMER-799503用不了", pattern) == "SUMMER-799503"
    assert given(pattern, ignore_case=True).stands_in("我优惠券summer-799503用不了")


@pytest.mark.parametrize(
    ("more", "place", "told"),
    [
        (r"pattern = '((?=[A-Z]*\d)[A-Z0-9]{8})'", "line 9", "without a look ahead"),
        (r"pattern = '(?<!x)(\d{6})'", "line 9", "look behind"),
        (r"pattern = '(\d)\1'", "line 9", "refer back"),
        (r"pattern = '(\d{6}'", "line 9", "missing"),
        (r"pattern = '(\d*)'", "line 9", "at least one character"),
        ("pattern = '(\\d{6})'\nformat = 'A-{0}-{1}'", "line 10", "a group that the pattern"),
    ],
)
def test_a_pattern_that_cannot_be_used_is_refused_with_its_place(
    tmp_path: Path, more: str, place: str, told: str
) -> None:
    (tmp_path / "coupon.toml").write_text(PROCEDURE.format(more=more), "utf-8")
    with pytest.raises(Invalid) as refused:
        read_procedures(tmp_path)
    assert refused.value.code == "procedure_invalid"
    assert f"coupon.toml, {place}" in refused.value.message
    assert told in refused.value.message.lower()


def test_a_shared_pattern_is_refused_with_its_file(tmp_path: Path) -> None:
    shared = "[order]\nkind = 'code'\nask.en = 'Which?'\npattern = '(?!0)(\\d{6})'\n"
    (tmp_path / "facts.toml").write_text(shared, "utf-8")
    with pytest.raises(Invalid, match=r"facts\.toml, line 4"):
        read_procedures(tmp_path)
