"""What to write into a mapping so that refused values pass: tried on the files before it is told.

A hint that fails when it is followed is worse than none. So every expression that is told here was
computed over the offending rows first, and is left out where it wouldn't do.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import msgspec

from stepin.core.facts import Column
from stepin.evidence.data.facts.column_source import ColumnSource, formats
from stepin.evidence.data.facts.table_mapping import literal
from stepin.evidence.data.facts.value_check import LARGEST, bounds, impossible

if TYPE_CHECKING:
    import duckdb

_MOST_WORDS: Final = 4
_MOST_WAYS: Final = 3
_SAMPLE: Final = 500
"""So many rows are tried before all are."""
_ISO: Final = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y%m%d%H%M%S",
               "%Y%m%dT%H%M%S", "%Y%m%d", "%d %b %Y %H:%M:%S",
               "%d-%b-%Y %H:%M:%S", "%d-%b-%Y %H:%M", "%b %d, %Y %H:%M:%S")  # fmt: skip
_RESERVED: Final = (
    " all analyse analyze and any array as asc asymmetric both case cast check collate column "
    "constraint create default deferrable desc describe distinct do else end except false fetch "
    "for foreign from grant group having in initially intersect into lambda lateral leading limit "
    "not null offset on only or order pivot placing primary qualify references returning select "
    "show some summarize symmetric table then to trailing true union unique unpivot using variadic "
    "when where window with "
)
"""Names that an expression must quote."""
Way = tuple[str, str]
"""When to use it, and the expression."""


def written(column: Column[object], expression: str) -> str:
    """Return a line of a mapping as it can be copied."""
    return f"`{column.name} = {{ sql = {json.dumps(expression, ensure_ascii=False)} }}`"


def plain(source: ColumnSource) -> str:
    """Return the source's expression as a part of another: bare, quoted or in brackets."""
    name = source.raw[1:-1]
    if source.raw == f'"{name}"' and re.fullmatch(r"[a-z_][a-z0-9_]*", name):
        return source.raw if f" {name} " in _RESERVED else name
    return source.raw if re.fullmatch(r'"(?:[^"]|"")*"', source.raw) else f"({source.raw})"


def for_unread(con: duckdb.DuckDBPyConnection, source: ColumnSource) -> str:
    """Return what to do about values that can't be read as their column's kind."""
    column, kind = source.column, source.column.kind.name
    words = _words(con, source)
    if column.values and words:
        return (
            f"Say what each word is called here: `[{column.table}.translate.{column.name}]` with "
            f"a line such as `{json.dumps(words[0], ensure_ascii=False)} = "
            f"{json.dumps(column.values[0])}`."
        )
    if kind == "truth" and words:
        same = f"{plain(source)}::VARCHAR = {literal(words[0])}"
        return f"If that word means yes: {written(column, same)}."
    ways: Iterator[Way] = iter(())
    if kind in ("moment", "day"):
        ways = _moments(source, words)
    elif kind in ("real", "whole"):
        ways = _numbers(source, words)
    found: dict[str, str] = {}
    dated = f"OR {source.raw} IS NOT NULL" if source.dated else ""
    con.execute(
        "CREATE OR REPLACE TEMP TABLE tried AS "  # noqa: S608
        f"SELECT * FROM given WHERE {source.unread} {dated} LIMIT {_SAMPLE}"
    )
    for when, sql in ways:
        if when in found or len(found) >= _MOST_WAYS:
            continue
        if all(_passes(con, rows, source, sql, words) for rows in ("tried", "given")):
            found[when] = sql
    if not found:
        return "Correct the values in the files, or write an expression that reads them all."
    told = "; ".join(f"{when}: {written(column, sql)}" for when, sql in found.items())
    return told[0].upper() + told[1:] + "."


def for_impossible(column: Column[object], source: ColumnSource | None) -> str:
    """Return what counts impossible numbers as missing, where the column may be empty."""
    if source is None:
        return ""
    low, high = bounds(column)
    number = f"TRY_CAST({plain(source)} AS DOUBLE)"
    if math.isfinite(low) and math.isfinite(high):
        sound = f"{number} BETWEEN {low:g} AND {high:g}"
    else:
        # Not a number counts as larger than all others.
        sound = f"{number} BETWEEN {low if math.isfinite(low) else -LARGEST:g} AND {LARGEST:g}"
    expression = f"CASE WHEN {sound} THEN {plain(source)} END"
    return f"{written(column, expression)} counts them as missing."


def for_moment(column: Column[object], source: ColumnSource | None, value: str) -> str:
    """Return what counts a moment that can't be as missing."""
    if source is None:
        return ""
    given = f"{value} 00:00:00" if len(value) == len("9999-12-31") else value
    return f"{written(column, f'nullif({plain(source)}, {literal(given)})')} counts it as missing."


def _words(con: duckdb.DuckDBPyConnection, source: ColumnSource) -> list[str]:
    rows = con.execute(
        f"SELECT ({source.raw})::VARCHAR FROM given WHERE {source.unread} "  # noqa: S608
        f"GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT {_MOST_WORDS + 1}"
    ).fetchall()
    return [str(row[0]) for row in rows]


def _idle(words: list[str]) -> list[str]:
    """Return the words without a digit: they can mean nothing."""
    return [w for w in words if not any(c.isdigit() for c in w)]


def _nulled(raw: str, words: list[str]) -> str:
    """Return the expression without the words that mean nothing; empty if there are too many."""
    for word in words:
        raw = f"nullif({raw}, {literal(word)})"
    return raw


def _numbers(source: ColumnSource, words: list[str]) -> Iterator[Way]:
    raw = plain(source)
    idle = _idle(words)
    text = source.kind == "VARCHAR"
    bare = _nulled(raw, idle) if text else raw
    if text and idle and len(words) <= _MOST_WORDS:
        yield "for words that mean nothing", bare
    if not text and not source.kind.startswith(("BIGINT", "INTEGER")):
        yield "for what isn't a number", f"CASE WHEN isfinite({raw}::DOUBLE) THEN {raw} END"
    if text and any("," in w for w in words):
        yield "for a decimal comma", f"replace({bare}, ',', '.')"
        yield "for a comma between thousands", f"replace({bare}, ',', '')"
        swapped = f"replace(replace({bare}, '.', ''), ',', '.')"
        yield "for dots between thousands and a decimal comma", swapped
    if text and any(":" in w for w in words):
        yield "for hours, minutes and seconds", f"epoch(TRY_CAST({bare} AS INTERVAL))"
    if source.column.kind.name == "whole":
        number = f"TRY_CAST({bare} AS DOUBLE)"
        yield "nothing is rounded unasked; to round on purpose", f"round({number})"
        yield "nothing is rounded unasked; to halve and round up", f"ceil({number} / 2)"
    if text:
        yield "to count whatever isn't a number as missing", f"TRY_CAST({raw} AS DOUBLE)"


def _moments(source: ColumnSource, words: list[str]) -> Iterator[Way]:
    raw = plain(source)
    if source.kind != "VARCHAR":
        yield "for seconds since 1970", f"to_timestamp({raw})"
        yield "for milliseconds since 1970", f"to_timestamp({raw} / 1000.0)"
        days = f"to_microseconds(round({raw} * 86400000000)::BIGINT)"
        yield "for days as a spreadsheet counts them", f"TIMESTAMP '1899-12-30' + {days}"
        yield "for digits in a row", f"strptime(({raw})::VARCHAR, '%Y%m%d%H%M%S')"
        yield "for digits in a row", f"strptime(({raw})::VARCHAR, '%Y%m%d')"
        return
    idle = _idle(words)
    bare = _nulled(raw, idle)
    if idle and len(words) <= _MOST_WORDS:
        yield "for words that mean nothing", bare
    if any("," in w for w in words):
        yield "for milliseconds after a comma", f"replace({bare}, ',', '.')"
    yield "for seconds since 1970", f"to_timestamp({bare}::DOUBLE)"
    if words != idle:
        number, moment = f"TRY_CAST({bare} AS DOUBLE)", f"TRY_CAST({bare} AS TIMESTAMPTZ)"
        when = "where some are seconds since 1970 and the others UTC"
        yield when, f"coalesce({moment}, to_timestamp({number}))"
        days = f"TIMESTAMP '1899-12-30' + to_microseconds(round({number} * 86400000000)::BIGINT)"
        when = "where some are days as a spreadsheet counts them"
        yield when, f"coalesce({moment}::TIMESTAMP, {days})"
    for space in ("", " "):
        yield "as it is written", f"strptime({bare}, '%Y-%m-%d %H:%M:%S{space}%z')"
    yield "as it is written", f"strptime({bare}, '%Y%m%dT%H%M%SZ') AT TIME ZONE 'UTC'"
    named = [("as it is written", f) for f in _ISO]
    for year in ("%Y", "%y"):
        named += [("if the month comes first", f) for f in formats("month first", year=year)]
        named += [("if the day comes first", f) for f in formats("day first", year=year)]
    named += [("if the year comes first", f) for f in formats("year first", year="%y")]
    for when, form in named:
        yield when, f"strptime({bare}, {literal(form)})"
        mixed = f"coalesce(try_strptime({bare}, {literal(form)}), TRY_CAST({bare} AS TIMESTAMP))"
        yield when, mixed


def _passes(
    con: duckdb.DuckDBPyConnection,
    rows: str,
    source: ColumnSource,
    expression: str,
    words: list[str],
) -> bool:
    """Return whether an expression reads every value, but for words that mean nothing."""
    import duckdb

    column = source.column
    try:
        row = con.execute(f"SELECT typeof({expression}) FROM {rows} LIMIT 1").fetchone()  # noqa: S608
        tried = msgspec.structs.replace(source, raw=expression, kind=str(row[0]) if row else "")
        idle = ", ".join(literal(w) for w in ["", *_idle(words)])
        whole = expression.startswith("TRY_CAST(") and column.kind.name in ("real", "whole")
        lost = (
            "false"
            if whole
            else (f"({source.raw})::VARCHAR NOT IN ({idle}) AND ({tried.typed}) IS NULL")
        )
        wrong = impossible(column, f"({tried.typed})")
        found = con.execute(
            f"SELECT count(*) FILTER ({lost}), count(*) FILTER ({tried.unread}), "  # noqa: S608
            f"count({tried.typed}), count(*) FILTER ({wrong[0] if wrong else 'false'}) FROM {rows}"
        ).fetchone()
    except duckdb.Error:
        return False
    if found is None or found[0] or found[1] or found[3]:
        return False
    return bool(found[2]) or rows != "given"
