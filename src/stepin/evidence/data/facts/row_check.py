"""What own tables must keep before they are facts: the schema's promises, row by row.

A missing *outcome* is let in and counted; any other value that must be there is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from stepin.core.facts import After, Chats, Column, Table
from stepin.errors import Invalid
from stepin.evidence.data.facts import remedy
from stepin.evidence.data.facts.column_source import ColumnSource
from stepin.evidence.data.facts.value_check import faults, gaps, refuse
from stepin.evidence.data.storage import read_parquet

if TYPE_CHECKING:
    import duckdb


def checked(
    con: duckdb.DuckDBPyConnection,
    table: type[Table],
    derived: Mapping[str, str],
    sources: Mapping[str, ColumnSource],
    out: Path,
) -> dict[str, int]:
    """Refuse what can't be; return the outcomes that are missing in some rows, and in how many."""
    relation = read_parquet([out / f"{table.name}.parquet"])
    empty = gaps(con, relation, table, [c for c in table.columns if not c.optional])
    outcomes = {f"{table.name}.{c.name}" for c in table.columns if isinstance(c, After)}
    lacking = [f for f in empty if f.column not in outcomes]
    if lacking:
        refuse(
            lacking, code="mapping_value", hint=_fill(_column(table, lacking[0].column), sources)
        )
    wrong = faults(con, relation, table, table.columns)
    if wrong:
        refuse(
            wrong,
            code="mapping_value",
            hint=_sound(_column(table, wrong[0].column), derived, sources),
        )
    return {f.column: f.count for f in empty}


def apart(con: duckdb.DuckDBPyConnection, out: Path, sources: Mapping[str, ColumnSource]) -> int:
    """Return the chats whose mapped duration isn't the time from opening to close.

    Raises
    ------
    Invalid
        ``mapping_value``: a mapped day isn't the date of its opening.
    """
    has = set(sources)
    timed = {"opened_at", "closed_at", "duration_s"} <= has
    dated = {"opened_at", "day"} <= has
    if not timed and not dated:
        return 0
    relation = read_parquet([out / f"{Chats.name}.parquet"])
    other = "day <> opened_at::DATE" if dated else "false"
    took = "epoch(closed_at - opened_at)"
    differs = f"abs(duration_s - {took}) > greatest(60, 0.05 * {took})" if timed else "false"
    row = con.execute(
        f"SELECT count(*) FILTER ({differs}), count(*) FILTER ({other}), "  # noqa: S608
        f"min(chat_id) FILTER ({other}), arg_min(day, chat_id) FILTER ({other}), "
        f"arg_min(opened_at, chat_id) FILTER ({other}) FROM {relation}"
    ).fetchone()
    count, days, chat, day, opened = row or (0, 0, "", None, None)
    if days:
        raise Invalid(
            f"chats.day is {day} ({days:,} row{'' if days == 1 else 's'}, such as chat_id "
            f"{chat!r}), not the UTC date of its opened_at, {opened}.",
            code="mapping_value",
            hint="Leave day unmapped: it follows from opened_at.",
            table=Chats.name,
            column="day",
            rows=days,
        )
    return int(count)


def _column(table: type[Table], name: str) -> Column[object]:
    return table.column(name.partition(".")[2])


def _fill(column: Column[object], sources: Mapping[str, ColumnSource]) -> str:
    """Return what to do about values that are missing where there must be one."""
    leave = "Fill it, leave such rows out of the files, or leave the whole column unmapped"
    source = sources.get(column.name)
    if column.name in ("opened_at", "day") or source is None:
        return "Fill it, or leave such rows out of the files."
    raw = remedy.plain(source)
    if column.kind.name == "text" and not column.values:
        filled = remedy.written(column, f"coalesce(nullif({raw}::VARCHAR, ''), 'unknown')")
        return f"{leave}; or say what they are: {filled}."
    if column.kind.name == "truth":
        filled = remedy.written(column, f"coalesce(TRY_CAST({raw} AS BOOLEAN), false)")
        return f"{leave}; to take them for false: {filled}."
    return f"{leave}."


def _sound(
    column: Column[object], derived: Mapping[str, str], sources: Mapping[str, ColumnSource]
) -> str:
    """Return what to do about numbers that can't be."""
    if column.name == "duration_s" and "duration_s" in derived:
        start, end = (sources[n] for n in ("opened_at", "closed_at"))
        known = f"CASE WHEN {end.typed} >= {start.typed} THEN {remedy.plain(end)} END"
        return (
            "Some closed_at lies before its opened_at. Correct the rows, or count such a close as "
            f"missing: {remedy.written(Chats.closed_at, known)}."
        )
    if column.optional or isinstance(column, After):
        return f"Correct the rows. {remedy.for_impossible(column, sources.get(column.name))}"
    return f"Correct the rows, or leave {column.name} unmapped."
