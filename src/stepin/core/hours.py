"""Opening hours: when people are expected to be here, in the policy's own time zone."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from stepin.errors import Invalid

if TYPE_CHECKING:
    from stepin.core.policy import Policy

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def is_open(policy: Policy, at_us: int) -> bool:
    """Return whether people are expected to be here. A policy without hours is always open.

    A span such as ``22:00-06:00`` runs over midnight and belongs to the day on which it begins.
    """
    if not policy.hours:
        return True
    local = dt.datetime.fromtimestamp(at_us / 1e6, tz=_zone(policy.timezone))
    minute = local.hour * 60 + local.minute
    today, yesterday = DAYS[local.weekday()], DAYS[local.weekday() - 1]
    for start, end in _spans(policy, today):
        if start <= minute < end or (end <= start and minute >= start):
            return True
    return any(end <= start and minute < end for start, end in _spans(policy, yesterday))


def check_hours(policy: Policy) -> None:
    """Raise `Invalid` if the hours or the time zone of a policy can't be read."""
    _zone(policy.timezone)
    for day in policy.hours:
        if day not in DAYS:
            raise Invalid(f"hours.{day}: a day is one of {', '.join(DAYS)}.", code="policy_invalid")
        _spans(policy, day)


def _spans(policy: Policy, day: str) -> list[tuple[int, int]]:
    return [_span(text) for text in policy.hours.get(day, ())]


def _span(text: str) -> tuple[int, int]:
    try:
        start, end = (_minute(part) for part in text.split("-"))
    except ValueError as error:
        raise Invalid(
            f"hours: {text!r} is not a span.", hint="Write 09:00-17:30.", code="policy_invalid"
        ) from error
    return start, end


def _minute(text: str) -> int:
    hour, minute = (int(part) for part in text.strip().split(":"))
    if not (0 <= hour <= 24 and 0 <= minute < 60 and hour * 60 + minute <= 1440):
        raise ValueError(text)
    return hour * 60 + minute


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise Invalid(f"timezone: there is no {name!r}.", code="policy_invalid") from error
