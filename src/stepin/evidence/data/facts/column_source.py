"""One column of the facts as a mapping gives it: its expression, and that with the schema's type.

A value that can't be had in that type becomes none, and `unread` tells such a value from one that
was empty. The order of day and month is taken from the values where they settle it (a 13 can't be a
month), and never guessed.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from stepin.core.facts import Column
from stepin.evidence.data.facts.table_mapping import literal
from stepin.evidence.data.storage import SQL_TYPES

Order = Literal["none", "day first", "month first", "open", "mixed", "short years"]
_DAY_MONTH: Final = r"'^\s*\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}'"
_LONG_YEAR: Final = r"'^\s*\d{1,2}[-/.]\d{1,2}[-/.]\d{4}'"
_DOTS: Final = r"'^\s*\d{1,2}\.\d{1,2}\.'"
_PART: Final = r"'^\s*(\d{1,2})[-/.](\d{1,2})[-/.]'"
_ZONED: Final = r"'(:|T\d{4}).*([+\-]\d|[Zz]|[A-LN-Za-ln-z][A-Za-z]{2}|/)'"
"""After the time of day: an offset, a Z, or a zone's name; AM and PM are none."""
_TIMES: Final = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %I:%M %p", " %I:%M:%S %p")


class ColumnSource(msgspec.Struct, frozen=True, kw_only=True):
    """Where a column comes from.

    Attributes
    ----------
    raw : the expression over the files. kind : its SQL type.
    words : what a value of the files is called here.
    order : of texts that are to be moments or days, what comes first.
    """

    column: Column[object]
    raw: str
    kind: str
    words: dict[str, str] = {}
    order: Order = "none"

    @property
    def dated(self) -> bool:
        """Whether these are texts that are to be moments or days."""
        return self.column.kind.name in ("moment", "day") and self.kind == "VARCHAR"

    @property
    def typed(self) -> str:
        """The SQL of the value as the schema has it; none where it can't be had."""
        kind, raw = self.column.kind.name, self.raw
        if self.words:
            cases = " ".join(f"WHEN {literal(a)} THEN {literal(b)}" for a, b in self.words.items())
            raw = f"CASE ({raw})::VARCHAR {cases} ELSE ({raw})::VARCHAR END"
        if self.dated and self.order in ("day first", "month first"):
            raw = f"try_strptime(trim({raw}), [{', '.join(map(literal, formats(self.order)))}])"
        elif self.dated and kind == "moment":
            # A cast without a zone would drop what a text says of it.
            raw = f"TRY_CAST(({raw}) AS TIMESTAMPTZ)"
        typed = f"TRY_CAST(({raw}) AS {SQL_TYPES[kind]})"
        if kind == "whole":
            # A cast would round 4.5 without a word.
            typed = f"CASE WHEN TRY_CAST(({raw}) AS DOUBLE) % 1 = 0 THEN {typed} END"
        elif kind == "truth":
            # A cast takes every number but 0 for true.
            number = f"TRY_CAST(({raw}) AS DOUBLE)"
            typed = f"CASE WHEN {number} IS NULL OR {number} IN (0, 1) THEN {typed} END"
        elif kind == "text":
            typed = f"nullif({typed}, '')"
        if self.column.values:
            allowed = ", ".join(literal(v) for v in self.column.values)
            return f"CASE WHEN {typed} IN ({allowed}) THEN {typed} END"
        return typed

    @property
    def unread(self) -> str:
        """The SQL condition of a value that is there and can't be had."""
        return f"nullif(({self.raw})::VARCHAR, '') IS NOT NULL AND {self.typed} IS NULL"

    @property
    def counts(self) -> tuple[str, ...]:
        """What is asked of all rows: an unread value, how many; and which orders values allow."""
        asked = [
            f"any_value(({self.raw})::VARCHAR) FILTER ({self.unread})",
            f"count(*) FILTER ({self.unread})",
        ]
        if self.dated:
            first, second = (f"TRY_CAST(regexp_extract({self.raw}, {_PART}, {i}) AS INTEGER)"
                             for i in (1, 2))  # fmt: skip
            asked += [
                f"count(*) FILTER (regexp_matches({self.raw}, {_DAY_MONTH}))",
                f"count(*) FILTER (regexp_matches({self.raw}, {_LONG_YEAR}))",
                f"count(*) FILTER ({first} > 12)",
                f"count(*) FILTER ({second} > 12)",
                f"count(*) FILTER (regexp_matches({self.raw}, {_DOTS}))",
                f"min({self.raw}) FILTER (regexp_matches({self.raw}, {_DAY_MONTH}))",
            ]
        return tuple(asked)


def zoned(value: str) -> str:
    """Return the SQL condition that a text of a moment says its time zone."""
    return f"regexp_matches({value}, {_ZONED})"


def order_of(some: int, long: int, first: int, second: int, dots: int) -> Order:
    """Return what comes first in dates such as 3/4/2025.

    Parameters
    ----------
    some : values of that form. long : those with four digits of the year.
    first, second : values whose first or second number is too large for a month.
    dots : values with dots, which nobody writes with the month first.
    """
    if not some:
        return "none"
    if long < some:
        return "short years"
    if first and second:
        return "mixed"
    if first or (dots == some and not second):
        return "day first"
    return "month first" if second else "open"


def formats(
    order: Literal["day first", "month first", "year first"], *, year: str = "%Y"
) -> list[str]:
    """Return the ways of writing a moment in one order of day, month and year."""
    parts = {
        "day first": ("%d", "%m", year),
        "month first": ("%m", "%d", year),
        "year first": (year, "%m", "%d"),
    }[order]
    return [s.join(parts) + time for s in "/.-" for time in _TIMES]
