"""Opening hours in the policy's own time zone."""

from __future__ import annotations

import datetime as dt

import pytest

from stepin.core.hours import Hours
from stepin.core.policy import load_policy
from stepin.errors import Invalid


def at(text: str) -> int:
    """The microseconds of a moment, written with its offset."""
    return int(dt.datetime.fromisoformat(text).timestamp() * 1e6)


def test_without_hours_it_is_always_open() -> None:
    assert Hours().is_open(at("2026-03-01T03:00+00:00"))


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
    hours = Hours(days={"mon": ("09:00-17:30",)}, timezone="Asia/Shanghai")
    assert hours.is_open(at(moment)) is opened


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
    assert Hours(days={"mon": ("22:00-06:00",)}).is_open(at(moment)) is opened


def test_a_change_of_the_clocks_moves_the_hours_with_it() -> None:
    hours = Hours(days={"sun": ("09:00-10:00",)}, timezone="Europe/Berlin")
    assert hours.is_open(at("2026-03-22T08:30+00:00"))
    assert hours.is_open(at("2026-03-29T07:30+00:00"))
    assert not hours.is_open(at("2026-03-29T08:30+00:00"))


def test_a_holiday_is_closed_and_the_night_before_runs_out() -> None:
    hours = Hours(
        days={"thu": ("22:00-06:00",), "fri": ("09:00-17:00", "22:00-06:00")},
        timezone="Europe/Berlin",
        holidays=(dt.date(2026, 12, 25),),
    )
    assert hours.is_open(at("2026-12-25T05:59+01:00")), "the span began on the day before"
    assert not hours.is_open(at("2026-12-25T10:00+01:00"))
    assert not hours.is_open(at("2026-12-26T05:00+01:00"))
    assert hours.is_open(at("2027-01-01T10:00+01:00"))


def test_a_holiday_is_closed_where_no_hours_are_given() -> None:
    hours = Hours(holidays=(dt.date(2026, 12, 25),))
    assert hours.is_open(at("2026-12-24T23:59+00:00"))
    assert not hours.is_open(at("2026-12-25T00:00+00:00"))
    assert hours.is_open(at("2026-12-26T00:00+00:00"))


def test_a_policy_reads_its_holidays_and_refuses_what_is_no_date() -> None:
    policy = load_policy('holidays = ["2026-12-25"]\n[eligibility]\nholidays = ["2026-12-31"]\n')
    assert not policy.opening.is_open(at("2026-12-25T12:00+00:00"))
    assert not policy.eligibility.opening.is_open(at("2026-12-31T12:00+00:00"))
    with pytest.raises(Invalid, match="holidays"):
        load_policy('holidays = ["25.12.2026"]')
