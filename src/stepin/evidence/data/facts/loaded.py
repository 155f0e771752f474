"""The table `loaded`: what the files hold, with the schema's types, every row of it sound to use.

A value that can't be read, a key that names no row, a moment that can't be: each is refused here,
before anything follows from it.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from stepin.core.facts import Column, Table
from stepin.errors import Invalid
from stepin.evidence.data.facts import remedy
from stepin.evidence.data.facts.alike_check import must_differ
from stepin.evidence.data.facts.column_source import ColumnSource, order_of
from stepin.evidence.data.facts.source_files import SourceFiles
from stepin.evidence.data.facts.table_mapping import TableMapping, quoted
from stepin.evidence.data.facts.value_check import faults, refuse
from stepin.evidence.data.facts.zone_check import same_zones

if TYPE_CHECKING:
    import duckdb

Sources = dict[str, ColumnSource]


def load(
    con: duckdb.DuckDBPyConnection,
    table: type[Table],
    mapping: TableMapping,
    folder: Path,
    until: dt.datetime | None,
) -> Sources:
    """Make the table `loaded`, empty where nothing is mapped; return where each column came from.

    Raises
    ------
    Missing, Invalid
        As `mapping.build_mapped`.
    """
    files = SourceFiles(con, table, mapping, folder)
    sources = _read(con, files)
    same_zones(con, files, sources)
    chosen = ", ".join(
        f'{sources[c.name].typed if c.name in sources else _none(c)} AS "{c.name}"'
        for c in table.columns
    )
    con.execute(f"CREATE OR REPLACE TEMP TABLE loaded AS SELECT {chosen} FROM given")  # noqa: S608
    _keyed(con, table, files)
    must_differ(con, table, sources)
    moments = [c for c in table.columns if c.name in sources and c.kind.name in ("moment", "day")]
    found = faults(con, "loaded", table, moments, until=until)
    if found:
        column = table.column(found[0].column.partition(".")[2])
        refuse(found, code="mapping_value", hint=_for_moment(column, sources, found[0].value))
    return sources


def _none(column: Column[object]) -> str:
    return ColumnSource(column=column, raw="NULL", kind="").typed


def _for_moment(column: Column[object], sources: Sources, value: str) -> str:
    if column.optional or column.stage == "after":
        return remedy.for_moment(column, sources[column.name], value)
    return (
        "Correct the rows in the files, or leave them out there: a chat without this moment can't "
        "be placed."
    )


def _read(con: duckdb.DuckDBPyConnection, files: SourceFiles) -> Sources:
    """Return the columns' sources once every value of them can be read."""
    import duckdb

    try:
        counts, odd, sources = _counted(con, files)
    except duckdb.Error:
        counts, odd, sources = _once_more(con, files)
    if odd:
        files.as_text(odd)
        return _read(con, files)
    found: Sources = {}
    for source in sources:
        value, count, *seen = counts[source.column.name]
        if seen:
            source = _ordered(con, files, source, seen)
            if source.order != "none":
                row = con.execute(f"SELECT {', '.join(source.counts[:2])} FROM given").fetchone()  # noqa: S608
                value, count = row or (None, 0)
        if count:
            column = source.column
            raise _refused(
                column,
                f"{str(value)!r} can't be read as {_expected(column)} ({_rows(count)}).",
                remedy.for_unread(con, source),
            )
        found[source.column.name] = source
    return found


Counted = tuple[dict[str, list[object]], list[str], list[ColumnSource]]


def _counted(con: duckdb.DuckDBPyConnection, files: SourceFiles) -> Counted:
    """Return the counts of each source, the odd dates and the sources, in one scan."""
    columns = [c for c in files.table.columns if c.name in files.of.columns]
    raws = [files.of.raw(c) for c in columns]
    listed = ", ".join(f"({raw}) AS c{i}" for i, raw in enumerate(raws))
    kinds = con.execute(f"DESCRIBE SELECT {listed} FROM given").fetchall()  # noqa: S608
    sources = [
        ColumnSource(
            column=column, raw=raw, kind=str(kind[1]), words=files.of.translate.get(column.name, {})
        )
        for column, raw, kind in zip(columns, raws, kinds, strict=True)
    ]
    odd = [(name, sql) for name, sql in files.odd() if files.of.mentions(name)]
    asked = [*(sql for s in sources for sql in s.counts), *(sql for _, sql in odd)]
    row = list(con.execute(f"SELECT {', '.join(asked)} FROM given").fetchone() or ())  # noqa: S608
    counts = {}
    for s in sources:
        size = len(s.counts)
        counts[s.column.name], row = row[:size], row[size:]
    return counts, [name for (name, _), n in zip(odd, row, strict=True) if n], sources


def _once_more(con: duckdb.DuckDBPyConnection, files: SourceFiles) -> Counted:
    """Count again with types from all rows and odd dates as texts; name what still fails."""
    import duckdb

    try:
        files.read_to_the_end()
        odd = [(name, sql) for name, sql in files.odd() if files.of.mentions(name)]
        if odd:
            row = con.execute(f"SELECT {', '.join(sql for _, sql in odd)} FROM given").fetchone()  # noqa: S608
            files.as_text([name for (name, _), n in zip(odd, row or (), strict=True) if n])
        return _counted(con, files)
    except duckdb.Error as error:
        files.diagnose()
        for column in files.table.columns:
            if column.name not in files.of.columns:
                continue
            try:
                con.execute(f"SELECT count({files.of.raw(column)}) FROM given").fetchone()  # noqa: S608
            except duckdb.Error as own:
                raise Invalid(
                    f"Mapping: `{files.table.name}.columns.{column.name}`: "
                    f"{str(own).splitlines()[0]}",
                    code="mapping",
                    hint=_binding(str(own)),
                    key=f"{files.table.name}.columns.{column.name}",
                ) from own
        raise files.unreadable(" ".join(str(error).split())[:300]) from error


def _binding(message: str) -> str:
    if "VARCHAR" in message:
        return (
            "The column is a text: dates that don't lead with the year, or a column with words in "
            "it. Convert it first: `strptime(start, '%d/%m/%Y %H:%M:%S')`, "
            "`TRY_CAST(secs AS DOUBLE)`."
        )
    return "The how-to of mapping files shows every form."


def _ordered(
    con: duckdb.DuckDBPyConnection, files: SourceFiles, source: ColumnSource, seen: list[object]
) -> ColumnSource:
    """Return the source with the order of day and month, or refuse what the values leave open."""
    some, long, first, second, dots = (int(str(n)) for n in seen[:5])
    order = order_of(some, long, first, second, dots)
    if order in ("none", "day first", "month first"):
        return msgspec.structs.replace(source, order=order)
    why = {
        "open": "fits both orders of day and month, and so does every other value",
        "mixed": f"can have the day or the month first: {first:,} values allow the one order only, "
        f"{second:,} the other",
        "short years": "has two digits for the year, so its order of day, month and year is open",
    }[order]
    raise _refused(
        source.column, f"{str(seen[5])!r} {why} ({_rows(some)}).", remedy.for_unread(con, source)
    )


def _keyed(con: duckdb.DuckDBPyConnection, table: type[Table], files: SourceFiles) -> None:
    """Refuse a table without rows, and keys that are empty or stand twice."""
    keys = ", ".join(quoted(k) for k in table.key)
    none = " OR ".join(f"{quoted(k)} IS NULL" for k in table.key)
    total, empty, distinct = con.execute(
        f"SELECT count(*), count(*) FILTER ({none}), "  # noqa: S608
        f"count(DISTINCT ({keys})) FILTER (NOT ({none})) FROM loaded"
    ).fetchone() or (0, 0, 0)
    name = ", ".join(table.key)
    if not total:
        raise Invalid(
            f"{table.name}: {files.of.source} holds no rows.",
            code="no_rows",
            hint="Export the table again, or leave it out of the mapping.",
            table=table.name,
        )
    if empty:
        raise Invalid(
            f"{table.name}: the key {name} is empty in {_rows(empty)}.",
            code="mapping_key",
            hint="Leave such rows out of the files, or map a column that is filled in all of them.",
            table=table.name,
        )
    if distinct < total:
        found = con.execute(
            f"SELECT {keys}, count(*) AS n FROM loaded GROUP BY {keys} HAVING n > 1 "  # noqa: S608
            f"ORDER BY n DESC, {keys} LIMIT 1"
        ).fetchone() or ("", 0)
        raise Invalid(
            f"{table.name}: {total - distinct:,} of {_rows(total)} repeat a key that stood before; "
            f"the {name} {', '.join(map(str, found[:-1]))} stands {found[-1]:,} times.",
            code="mapping_key",
            hint="Keep one row per key in the files, or map a key of which each row has its own.",
            table=table.name,
        )


def _refused(column: Column[object], what: str, hint: str) -> Invalid:
    return Invalid(
        f"{column.table}.{column.name}: {what}",
        code="mapping_value",
        hint=hint,
        table=column.table,
        column=column.name,
    )


def _expected(column: Column[object]) -> str:
    return f"one of {', '.join(column.values)}" if column.values else f"a {column.kind.name}"


def _rows(count: object) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"
