"""The check at the door: values that no analysis could use rightly, named with column and count.

Numbers must be finite and lie where their unit lets them: a rating of 1 to 5, no negative time, a
share between 0 and 1. Every moment and day of every table lies between 1990 and the end of the day
after the tables were exported; no other module has a rule of its own for moments. Where tables come
in, an empty value is refused if the schema says that there is none, unless it is an outcome: then
the chat has no such outcome, and the report counts it.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import msgspec

from stepin.core.facts import Assigned, Column, Table
from stepin.errors import Invalid

if TYPE_CHECKING:
    import duckdb

Bounds = tuple[float, float]
_ANY: Final[Bounds] = (-math.inf, math.inf)
_UNITS: Final[dict[str, Bounds]] = {
    "1-5": (1, 5),
    "share": (0, 1),
    "probability": (0, 1),
    "h": (0, 23),
    **dict.fromkeys(("s", "days", "chars", "chats", "messages", "rounds"), (0, math.inf)),
}
_ENDINGS: Final[dict[str, Bounds]] = {"sentiment": (-1, 1), "_probability": (0, 1)}
_NUMBERS: Final = ("real", "whole")
EARLIEST: Final = dt.date(1990, 1, 1)
_LATEST: Final = dt.date(2200, 1, 1)
_PLANNED: Final = dt.timedelta(days=366)
"""So far ahead may the start of an arm lie, which can be planned."""
LARGEST: Final = 1e100
"""Squares of what is larger don't add up."""


class ValueFault(msgspec.Struct, frozen=True, kw_only=True):
    """Values of one column that can't be.

    Attributes
    ----------
    column : as ``table.column``. count : how many rows. example : the key of one of them.
    value : the value there, as text; empty where none is given.
    expected : what is, in words.
    """

    column: str
    value: str
    count: int
    example: str
    expected: str

    def __str__(self) -> str:
        """Return the fault as a sentence."""
        rows = "1 row" if self.count == 1 else f"{self.count:,} rows"
        found = f"is {self.value}" if self.value else "is empty"
        return f"{self.column} {found} ({rows}, such as {self.example}), not {self.expected}."


def bounds(column: Column[object]) -> Bounds:
    """Return the least and the largest value that a number may have."""
    for ending, found in _ENDINGS.items():
        if column.name.endswith(ending):
            return found
    return _UNITS.get(column.unit, _ANY)


def faults(
    con: duckdb.DuckDBPyConnection,
    relation: str,
    table: type[Table],
    columns: Sequence[Column[object]],
    *,
    until: dt.datetime | None = None,
) -> list[ValueFault]:
    """Return the impossible values of `columns` of a relation, one fault per column.

    Parameters
    ----------
    relation : what stands after FROM; its columns have the types of the schema.
    until : when the tables were exported; None where nobody says.
    """
    checked = [(c, *found) for c in columns if (found := impossible(c, until=until)) is not None]
    if not checked:
        return []
    key = " || '/' || ".join(f'"{k}"::VARCHAR' for k in table.key)
    parts = []
    for column, bad, _ in checked:
        name = f'"{column.name}"'
        parts += [
            f"count(*) FILTER ({bad})",
            f"arg_min({name}::VARCHAR, {key}) FILTER ({bad})",
            f"min({key}) FILTER ({bad})",
        ]
    row = con.execute(f"SELECT {', '.join(parts)} FROM {relation}").fetchone() or ()  # noqa: S608
    return [
        ValueFault(
            column=f"{table.name}.{column.name}",
            value=str(row[3 * i + 1]),
            count=int(row[3 * i]),
            example=f"{'/'.join(table.key)} {row[3 * i + 2]!r}",
            expected=expected,
        )
        for i, (column, _, expected) in enumerate(checked)
        if row[3 * i]
    ]


def impossible(
    column: Column[object], value: str = "", *, until: dt.datetime | None = None
) -> tuple[str, str] | None:
    """Return the SQL condition of an impossible value, and what is expected, in words.

    Parameters
    ----------
    value : the SQL of the value; by default the column's name.
    until : as in `faults`.
    """
    name, kind = value or f'"{column.name}"', column.kind.name
    if kind in ("moment", "day"):
        return _impossible_moment(column, name, until)
    if kind not in _NUMBERS:
        return None
    low, high = bounds(column)
    parts = [f"NOT isfinite({name}::DOUBLE)"] if kind == "real" else []
    if math.isfinite(low):
        parts.append(f"{name} < {low:g}")
    if math.isfinite(high):
        parts.append(f"{name} > {high:g}")
    elif kind == "real":
        parts.append(f"abs({name}) > {LARGEST:g}")
    if not parts:
        return None
    if math.isfinite(low) and math.isfinite(high):
        expected = f"a number from {low:g} to {high:g}"
    else:
        expected = f"a number of {low:g} or more" if math.isfinite(low) else "a finite number"
        expected += f", up to {LARGEST:g}" if kind == "real" else ""
    return " OR ".join(parts), expected


def _impossible_moment(
    column: Column[object], name: str, until: dt.datetime | None
) -> tuple[str, str]:
    end, expected = _LATEST, f"a moment from {EARLIEST} on"
    if until is not None:
        end = until.date() + dt.timedelta(days=2)
        if isinstance(column, Assigned):
            end += _PLANNED
        expected = f"a moment from {EARLIEST} to {end - dt.timedelta(days=1)}"
    bad = f"NOT isfinite({name}) OR {name} < DATE '{EARLIEST}' OR {name} >= DATE '{end}'"
    return bad, expected


def gaps(
    con: duckdb.DuckDBPyConnection,
    relation: str,
    table: type[Table],
    columns: Sequence[Column[object]],
) -> list[ValueFault]:
    """Return which columns are empty in some rows but not in all, one fault per column.

    A column that is empty throughout isn't recorded at all, which is another matter.
    """
    if not columns:
        return []
    key = " || '/' || ".join(f'"{k}"::VARCHAR' for k in table.key)
    parts = [
        part
        for c in columns
        for part in (f'count("{c.name}")', f'min({key}) FILTER ("{c.name}" IS NULL)')
    ]
    row = con.execute(f"SELECT count(*), {', '.join(parts)} FROM {relation}").fetchone() or (0,)  # noqa: S608
    total = int(row[0])
    return [
        ValueFault(
            column=f"{table.name}.{column.name}",
            value="",
            count=total - int(row[1 + 2 * i]),
            example=f"{'/'.join(table.key)} {row[2 + 2 * i]!r}",
            expected=f"filled in all {total:,} rows",
        )
        for i, column in enumerate(columns)
        if 0 < int(row[1 + 2 * i]) < total
    ]


def refuse(found: Sequence[ValueFault], *, code: str, hint: str) -> None:
    """Refuse the first fault, and count the others.

    Raises
    ------
    Invalid
        `code`, if there is any.
    """
    if not found:
        return
    others = len(found) - 1
    more = f" ({others} more column{'' if others == 1 else 's'} after it)" if others else ""
    table, _, column = found[0].column.partition(".")
    raise Invalid(
        f"{found[0]}{more}", code=code, hint=hint, table=table, column=column, rows=found[0].count
    )
