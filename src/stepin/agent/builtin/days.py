"""Days by which people speak of what they bought: "in October", "two weeks ago", "last Tuesday".

The words come from the languages' files. Tokens are looked at one by one with a bounded look
behind, so the work grows with the text alone.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from stepin.language.patterns import HAN, SPACED, pairs, phrases, word_set

Span = tuple[date, date]

_TOPIC = "values"
_WORD = re.compile(r"[^\W_]+")
_MONTH_NUMBER = re.compile(r"(?<!\d)(1[0-2]|[1-9])月(?!\d)")
_LAST_DIGITS = re.compile(r"\d{1,3}\Z")
_HAN_LETTER = re.compile(r"[\u4e00-\u9fff]")
_MOST = 400
_READ_CHARS = 1_000
_YEAR, _MONTHS, _WEEK = 365, 12, 7


def spoken_days(text: str, today: date) -> Span | None:
    """Return the first and the last day that a text speaks of without naming a day."""
    lowered = text[:_READ_CHARS].lower()
    return _ago(lowered, today) or _month(lowered, today) or _weekday(lowered, today)


def _ago(lowered: str, today: date) -> Span | None:
    """Return the days around "two weeks ago"; the longer ago, the more days."""
    units, numbers = pairs(_TOPIC, "units"), pairs(_TOPIC, "numbers")
    words = _WORD.findall(lowered)
    for at in range(1, len(words)):
        if words[at] in word_set(_TOPIC, "ago", SPACED) and words[at - 1] in units:
            number = words[at - 2] if at > 1 else "1"
            counted = _number(number, numbers)
            if counted is not None:
                return _around(counted, int(units[words[at - 1]]), today)
    for ago in phrases(_TOPIC, "ago", HAN):
        before, said, _ = lowered.partition(ago)
        unit = next(
            (one for one in sorted(units, key=len, reverse=True) if before.endswith(one)), ""
        )
        if said and unit and not unit.isascii():
            left = before.removesuffix(unit)[-4:]
            names = sorted(numbers, key=len, reverse=True)
            digits = _LAST_DIGITS.search(left)
            number = digits[0] if digits else next((one for one in names if left.endswith(one)), "")
            counted = _number(number, numbers)
            if counted is not None:
                return _around(counted, int(units[unit]), today)
    return None


def _number(said: str, numbers: dict[str, str]) -> int | None:
    value = int(said) if said.isdecimal() and len(said) <= 3 else int(numbers.get(said, 0))
    return value if 0 < value <= _MOST else None


def _around(number: int, unit: int, today: date) -> Span:
    days, slack = number * unit, {1: 1, _WEEK: 4}.get(unit, 20)
    return today - timedelta(days=days + slack), today - timedelta(days=max(days - slack, 0))


def _month(lowered: str, today: date) -> Span | None:
    """Return the latest such month that has begun; "may" and "march" need a word before them."""
    words = _WORD.findall(lowered)
    months = {
        name: at % _MONTHS + 1 for at, name in enumerate(phrases(_TOPIC, "whole_months", SPACED))
    }
    short = {name: at % _MONTHS + 1 for at, name in enumerate(phrases(_TOPIC, "months"))}
    for at, word in enumerate(words):
        found = months.get(word) or short.get(word)
        if found and at and words[at - 1] in word_set(_TOPIC, "before_month", SPACED):
            return _of_month(found, today)
    if (match := _MONTH_NUMBER.search(lowered)) is not None:
        return _of_month(int(match[1]), today)
    for at, name in sorted(
        enumerate(phrases(_TOPIC, "whole_months", HAN)), key=lambda one: -len(one[1])
    ):
        if name in lowered:
            return _of_month(at % _MONTHS + 1, today)
    return None


def _of_month(month: int, today: date) -> Span:
    year = today.year if month <= today.month else today.year - 1
    after = date(year + month // _MONTHS, month % _MONTHS + 1, 1)
    return date(year, month, 1), after - timedelta(days=1)


def _weekday(lowered: str, today: date) -> Span | None:
    """Return the latest such day of the week before today."""
    days = pairs(_TOPIC, "weekdays")
    words = set(_WORD.findall(lowered))
    for name, number in days.items():
        stands = name in lowered if _HAN_LETTER.search(name) else name in words
        if stands:
            back = (today.weekday() - int(number) - 1) % _WEEK + 1
            day = today - timedelta(days=back)
            return day, day
    return None
