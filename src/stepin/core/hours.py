"""Opening hours: when people are expected to be here, in a time zone of their own."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from stepin.errors import Invalid

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Hours(msgspec.Struct, frozen=True, kw_only=True):
    """Spans of opening by weekday. Without any, every day that is no holiday is open.

    Attributes
    ----------
    days : spans such as ``09:00-17:30`` by weekday. A span such as ``22:00-06:00`` runs over
        midnight and belongs to the day on which it begins.
    holidays : local dates on which no span begins.
    """

    days: dict[str, tuple[str, ...]] = {}
    timezone: str = "UTC"
    holidays: tuple[dt.date, ...] = ()

    def is_open(self, at_us: int) -> bool:
        """Return whether people are expected to be here at a moment in UTC microseconds."""
        local = dt.datetime.fromtimestamp(at_us / 1e6, tz=_zone(self.timezone))
        minute = local.hour * 60 + local.minute
        today = local.date()
        for start, end in self._spans(today):
            if start <= minute < end or (end <= start and minute >= start):
                return True
        yesterday = self._spans(today - dt.timedelta(days=1))
        return any(end <= start and minute < end for start, end in yesterday)

    def check(self) -> None:
        """Raise `Invalid` if a day, a span or the time zone can't be read."""
        _zone(self.timezone)
        for day, spans in self.days.items():
            if day not in DAYS:
                raise Invalid(
                    f"hours.{day}: a day is one of {', '.join(DAYS)}.", code="policy_invalid"
                )
            for text in spans:
                _span(text)

    def _spans(self, day: dt.date) -> list[tuple[int, int]]:
        if day in self.holidays:
            return []
        if not self.days:
            return [(0, 1440)]
        return [_span(text) for text in self.days.get(DAYS[day.weekday()], ())]


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
