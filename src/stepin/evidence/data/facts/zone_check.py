"""Moments with a time zone beside moments without one: no duration may run from one to the other.

A moment that says its zone (an offset, a zone's name, seconds since 1970) is one moment everywhere.
One that doesn't is read as UTC, which it may not be. Where a table has both, in one column or in
two, what lies between them would be wrong by hours without a word; so that is refused, and the
mapping says which zone the bare ones are in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from stepin.errors import Invalid
from stepin.evidence.data.facts import remedy
from stepin.evidence.data.facts.column_source import ColumnSource, zoned
from stepin.evidence.data.facts.source_files import SourceFiles

if TYPE_CHECKING:
    import duckdb

_TIMED: Final = r"'\d:\d|\dT\d{4}'"
_SHORT: Final = "':.*[-+/Zz]'"
"""The same in short, for a hint; tried on the values before it is told."""
_STATED: Final = re.compile(r"\bAT\s+TIME\s+ZONE\b", re.IGNORECASE)


def same_zones(
    con: duckdb.DuckDBPyConnection, files: SourceFiles, sources: Mapping[str, ColumnSource]
) -> None:
    """Refuse a table some of whose moments say their time zone and others don't.

    Raises
    ------
    Invalid
        ``mapping_zones``: it names the columns, and how many rows of each say one.
    """
    moments = [s for s in sources.values() if s.column.kind.name == "moment"]
    if not moments:
        return
    asked = ", ".join(part for s in moments for part in _asked(files, s))
    row = list(con.execute(f"SELECT {asked} FROM given").fetchone() or ())  # noqa: S608
    counts = {s.column.name: (row[2 * i], row[2 * i + 1]) for i, s in enumerate(moments)}
    with_zone, without = (sum(n[i] for n in counts.values()) for i in (0, 1))
    if not with_zone or not without:
        return
    told = "; ".join(
        f"{files.table.name}.{name} says one in {aware:,} and none in {bare:,} rows"
        for name, (aware, bare) in counts.items()
        if aware or bare
    )
    bare = [s for s in moments if counts[s.column.name][1]]
    lines = " and ".join(_stated(s, mixed=counts[s.column.name][0] > 0) for s in bare)
    raise Invalid(
        f"Some moments say their time zone and others don't, so what lies between them isn't "
        f"known: {told}.",
        code="mapping_zones",
        hint=f"Say the zone of those that don't: {lines}, with their zone in the place of UTC.",
        table=files.table.name,
        column=bare[0].column.name,
        rows=counts[bare[0].column.name][1],
    )


def _asked(files: SourceFiles, source: ColumnSource) -> tuple[str, str]:
    """Return what counts the moments with a zone, and those with a time of day but without one."""
    value = files.written(source.raw) or (source.raw if source.kind == "VARCHAR" else None)
    if value is not None:
        timed, aware = f"regexp_matches({value}, {_TIMED})", zoned(value)
        return f"count(*) FILTER ({aware})", f"count(*) FILTER ({timed} AND NOT {aware})"
    if source.kind == "TIMESTAMP WITH TIME ZONE" or _STATED.search(source.raw):
        return f"count({source.raw})", "0"
    return "0", "0" if source.kind == "DATE" else f"count({source.raw})"


def _stated(source: ColumnSource, *, mixed: bool) -> str:
    """Return the line of a mapping that says the zone of a column's bare moments."""
    raw = remedy.plain(source)
    bare = f"{raw}::TIMESTAMP AT TIME ZONE 'UTC'"
    if mixed:
        whole = f"{raw}::TIMESTAMPTZ"
        bare = f"CASE WHEN regexp_matches({raw}, {_SHORT}) THEN {whole} ELSE {bare} END"
    elif source.dated and source.order in ("day first", "month first"):
        bare = f"({source.typed}) AT TIME ZONE 'UTC'"
    return remedy.written(source.column, bare)
