"""Opening hours in the policy's own time zone."""

from __future__ import annotations

import datetime as dt

import pytest

from stepin.core.hours import is_open
from stepin.core.policy import Policy


def at(text: str) -> int:
    """The microseconds of a moment, written with its offset."""
    return int(dt.datetime.fromisoformat(text).timestamp() * 1e6)


def test_without_hours_it_is_always_open() -> None:
    assert is_open(Policy(), at("2026-03-01T03:00+00:00"))


@pytest.mark.parametrize(
    ("moment", "opened"),
    [
        ("2026-03-02T09:00+08:00", True),
        ("2026-03-02T17:29+08:00", True),
        ("2026-03-02T17:30+08:00", False),
        ("2026-03-02T08:59+08:00", False),
        ("2026-03-02T01:00+00:00", True),
        ("2026-03-03T09:00+08:00", False),
    ],
)
def test_a_span_holds_its_start_and_not_its_end_in_its_own_zone(moment: str, opened: bool) -> None:
    policy = Policy(hours={"mon": ("09:00-17:30",)}, timezone="Asia/Shanghai")
    assert is_open(policy, at(moment)) is opened


@pytest.mark.parametrize(
    ("moment", "opened"),
    [
        ("2026-03-02T22:00+00:00", True),
        ("2026-03-03T05:59+00:00", True),
        ("2026-03-03T06:00+00:00", False),
        ("2026-03-02T05:00+00:00", False),
    ],
)
def test_a_span_over_midnight_belongs_to_the_day_on_which_it_begins(
    moment: str, opened: bool
) -> None:
    assert is_open(Policy(hours={"mon": ("22:00-06:00",)}), at(moment)) is opened


def test_a_change_of_the_clocks_moves_the_hours_with_it() -> None:
    policy = Policy(hours={"sun": ("09:00-10:00",)}, timezone="Europe/Berlin")
    assert is_open(policy, at("2026-03-22T08:30+00:00"))
    assert is_open(policy, at("2026-03-29T07:30+00:00"))
    assert not is_open(policy, at("2026-03-29T08:30+00:00"))
