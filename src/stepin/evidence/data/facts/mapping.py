"""Facts from tables that somebody else's system wrote, through a mapping file.

A mapping names, for each table of facts, the files it comes from and what each column is::

    [chats]
    source = "tickets-*.csv"

    [chats.columns]
    chat_id = "ticket"                        # a column of the files
    duration_s = { sql = "minutes * 60" }     # an expression over them
    channel = { value = "mail" }              # the same for every row

    [chats.translate.close_reason]
    solved = "resolved"

`day`, `hour`, `duration_s` and the retrials follow from opening, close, customer and issue where
they aren't mapped. A column that is neither mapped nor derived is empty; `check_facts` then says
which analyses that costs.

What is written keeps the schema's promises: a value that can't be (see `values`) is refused, and so
is one that is missing where there must be one. A missing *outcome* is let in and counted, for an
open ticket has no duration yet.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from stepin.core.facts import TABLES, Chats, Column, Table, Workers
from stepin.errors import Invalid, Missing
from stepin.evidence.data.facts.origin import Origin, write_origin
from stepin.evidence.data.facts.row_check import checked, strangers_of
from stepin.evidence.data.storage import SQL_TYPES

if TYPE_CHECKING:
    import duckdb

_WINDOWS = {"10m": "10 minutes", "24h": "24 hours", "3d": "3 days", "7d": "7 days"}
_DERIVED = {
    "day": ("opened_at::DATE", {"opened_at"}),
    "hour": ("hour(opened_at)", {"opened_at"}),
    "duration_s": ("epoch(closed_at - opened_at)", {"opened_at", "closed_at"}),
}


class ColumnExpression(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A column that isn't simply one of the files': an expression, or one value for all rows."""

    sql: str | None = None
    value: str | int | float | bool | None = None


class TableMapping(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where one table of facts comes from.

    Attributes
    ----------
    source : CSV or Parquet files, relative to the mapping; may hold `*`.
    columns : per column of the facts a column of the files, or an expression.
    translate : per column of text, what a value of the files is called here.
    """

    source: str
    columns: dict[str, str | ColumnExpression]
    translate: dict[str, dict[str, str]] = {}


class Mapped(msgspec.Struct, frozen=True, kw_only=True):
    """What was written.

    Attributes
    ----------
    rows : per table.
    unmapped : columns that are left empty, as `table.column`.
    empty : outcomes that are missing in some rows, as `table.column`, and in how many.
    strangers : chats of workers (or of other drawn units) that the table of workers doesn't hold.
    """

    rows: dict[str, int]
    unmapped: tuple[str, ...]
    empty: dict[str, int] = {}
    strangers: int = 0


def read_mapping(text: str) -> dict[str, TableMapping]:
    """Return the mapping that a TOML text holds.

    Raises
    ------
    Invalid
        ``mapping``: not TOML, an unknown table or column, or an unmapped key; the message names it.
    """
    try:
        found = msgspec.toml.decode(text, type=dict[str, TableMapping])
    except msgspec.DecodeError as error:
        raise Invalid(f"The mapping can't be read: {error}", code="mapping") from error
    known = {table.name: table for table in TABLES}
    for name, mapping in found.items():
        if name not in known:
            raise _wrong(name, f"there is no table {name!r} of facts")
        columns = {c.name: c for c in known[name].columns}
        for part, names in (("columns", mapping.columns), ("translate", mapping.translate)):
            for column in names:
                if column not in columns:
                    raise _wrong(f"{name}.{part}.{column}", "there is no such column of facts")
        for key in known[name].key:
            if key not in mapping.columns:
                raise _wrong(f"{name}.columns.{key}", "the table's key must be mapped")
    if "chats" not in found:
        raise _wrong("chats", "the table of chats must be mapped")
    return found


def build_mapped(
    mapping: Mapping[str, TableMapping],
    folder: Path,
    out: Path,
    *,
    now: dt.datetime | None = None,
) -> Mapped:
    """Write the tables that a mapping describes as a data set of facts.

    If anything is refused, nothing is left behind.

    Parameters
    ----------
    folder : what the mapping's sources are relative to.
    out : a folder that doesn't exist or is empty.
    now : chats that open later than this are refused; None lets any moment in.

    Raises
    ------
    Missing
        ``no_source``: no file matches a source.
    Invalid
        ``mapping``: a column of the files isn't there, or an expression can't be computed;
        ``mapping_value``: a value can't be read as the column's kind, isn't in its vocabulary,
        can't be (see `values.faults`), or is missing where one must be; ``mapping_key``: a key
        stands twice; ``mapping_ids``: no chat belongs to a worker of the table;
        ``facts_exist``: `out` isn't empty.
    """
    if out.exists() and any(out.iterdir()):
        raise Invalid(f"{out} isn't empty.", code="facts_exist", hint="Name a new folder.")
    own = not out.exists()
    out.mkdir(parents=True, exist_ok=True)
    try:
        return _build(mapping, folder, out, now)
    except BaseException:
        shutil.rmtree(out, ignore_errors=True)
        if not own:
            out.mkdir(exist_ok=True)
        raise


def _build(
    mapping: Mapping[str, TableMapping], folder: Path, out: Path, now: dt.datetime | None
) -> Mapped:
    import duckdb

    rows: dict[str, int] = {}
    unmapped: list[str] = []
    empty: dict[str, int] = {}
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        for table in TABLES:
            if table.name not in mapping:
                continue
            one = mapping[table.name]
            _load(con, table, one, folder)
            derived = _derived(table, one)
            unmapped += [
                f"{table.name}.{c.name}"
                for c in table.columns
                if c.name not in one.columns and c.name not in derived
            ]
            rows[table.name] = _write(con, table, derived, out)
            empty |= checked(con, table, derived, out, now)
        strangers = strangers_of(con, out) if Workers.name in rows else 0
    write_origin(out, Origin(source="tables"))
    return Mapped(rows=rows, unmapped=tuple(unmapped), empty=empty, strangers=strangers)


def _load(
    con: duckdb.DuckDBPyConnection, table: type[Table], mapping: TableMapping, folder: Path
) -> None:
    """Make the table `loaded`: typed columns, empty where nothing is mapped."""
    import duckdb

    paths = sorted(folder.glob(mapping.source))
    if not paths:
        raise Missing(
            f"No file matches {mapping.source!r} of the table {table.name}.", code="no_source"
        )
    quoted = ", ".join("'" + str(p).replace("'", "''") + "'" for p in paths)
    parquet = paths[0].suffix == ".parquet"
    reader = "read_parquet([{}])" if parquet else "read_csv([{}], all_varchar = false)"
    try:
        con.execute(f"CREATE OR REPLACE TEMP VIEW given AS SELECT * FROM {reader.format(quoted)}")  # noqa: S608
    except duckdb.Error as error:
        raise Invalid(
            f"The files {mapping.source} can't be read: {str(error).splitlines()[0]}",
            code="source_unreadable",
            hint="Files of one table need the same columns: one CSV or Parquet format throughout.",
        ) from error
    given = [c for c in table.columns if c.name in mapping.columns]
    for column, (value, count) in zip(given, _unread(con, table, given, mapping), strict=True):
        if count:
            raise Invalid(
                f"{table.name}.{column.name}: {value!r} can't be read as {_expected(column)} "
                f"({_rows(count)}).",
                code="mapping_value",
                hint=_remedy(column),
                table=table.name,
                column=column.name,
            )
    chosen = ", ".join(
        f'{_typed(_expression(mapping, c), c, mapping)} AS "{c.name}"' for c in table.columns
    )
    con.execute(f"CREATE OR REPLACE TEMP TABLE loaded AS SELECT {chosen} FROM given")  # noqa: S608
    keys = ", ".join(f'"{k}"' for k in table.key)
    none = " OR ".join(f'"{k}" IS NULL' for k in table.key)
    twice = con.execute(
        f"SELECT {keys} FROM loaded GROUP BY {keys} HAVING count(*) > 1 OR {none} LIMIT 1"  # noqa: S608
    ).fetchone()
    if twice:
        raise Invalid(
            f"{table.name}: the key {', '.join(map(str, twice))} is empty or stands twice.",
            code="mapping_key",
            table=table.name,
        )


def _unread(
    con: duckdb.DuckDBPyConnection,
    table: type[Table],
    columns: Sequence[Column[object]],
    mapping: TableMapping,
) -> list[tuple[str, int]]:
    """Return a value that can't be read as its column's kind, and how many there are, by column."""
    import duckdb

    def parts(column: Column[object]) -> str:
        raw = _expression(mapping, column)
        bad = f"nullif(({raw})::VARCHAR, '') IS NOT NULL AND {_typed(raw, column, mapping)} IS NULL"
        return f"any_value(({raw})::VARCHAR) FILTER ({bad}), count(*) FILTER ({bad})"

    def run(some: Sequence[Column[object]]) -> list[tuple[str, int]]:
        row = con.execute(f"SELECT {', '.join(map(parts, some))} FROM given").fetchone() or ()  # noqa: S608
        return [(str(row[i]), int(row[i + 1])) for i in range(0, len(row), 2)]

    try:
        return run(columns)
    except duckdb.Error:
        # One by one, to name the column.
        found = []
        for column in columns:
            try:
                found += run([column])
            except duckdb.Error as error:
                message = str(error).splitlines()[0]
                raise _wrong(f"{table.name}.columns.{column.name}", message) from error
        return found


def _expression(mapping: TableMapping, column: Column[object]) -> str:
    given = mapping.columns.get(column.name)
    if given is None:
        return "NULL"
    if isinstance(given, str):
        return '"' + given.replace('"', '""') + '"'
    if given.sql is not None:
        return given.sql
    if isinstance(given.value, str):
        return "'" + given.value.replace("'", "''") + "'"
    return "NULL" if given.value is None else str(given.value)


def _typed(raw: str, column: Column[object], mapping: TableMapping) -> str:
    words = mapping.translate.get(column.name)
    if words:
        cases = " ".join(f"WHEN {_text(a)} THEN {_text(b)}" for a, b in words.items())
        raw = f"CASE ({raw})::VARCHAR {cases} ELSE ({raw})::VARCHAR END"
    typed = f"TRY_CAST(({raw}) AS {SQL_TYPES[column.kind.name]})"
    if column.kind.name == "whole":
        # A cast would round 4.5 without a word.
        typed = f"CASE WHEN TRY_CAST(({raw}) AS DOUBLE) % 1 = 0 THEN {typed} END"
    elif column.kind.name == "truth":
        # A cast takes every number but 0 for true.
        number = f"TRY_CAST(({raw}) AS DOUBLE)"
        typed = f"CASE WHEN {number} IS NULL OR {number} IN (0, 1) THEN {typed} END"
    elif column.kind.name == "text":
        typed = f"nullif({typed}, '')"
    if column.values:
        allowed = ", ".join(_text(v) for v in column.values)
        return f"CASE WHEN {typed} IN ({allowed}) THEN {typed} END"
    return typed


def _derived(table: type[Table], mapping: TableMapping) -> dict[str, str]:
    """Return, per column of chats that follows from others, how."""
    if table is not Chats:
        return {}
    has = set(mapping.columns)
    found = {
        name: how for name, (how, needs) in _DERIVED.items() if name not in has and needs <= has
    }
    if {"customer_id", "issue_class", "opened_at", "closed_at"} <= has:
        for name, length in _WINDOWS.items():
            if f"retrial_{name}" not in has:
                found[f"retrial_{name}"] = (
                    f"CASE WHEN closed_at + INTERVAL '{length}' <= last_at "
                    f"THEN coalesce(next_at <= closed_at + INTERVAL '{length}', false) END"
                )
    return found


def _write(
    con: duckdb.DuckDBPyConnection, table: type[Table], derived: Mapping[str, str], out: Path
) -> int:
    chosen = ", ".join(
        f'({derived[c.name]})::{SQL_TYPES[c.kind.name]} AS "{c.name}"'
        if c.name in derived
        else f'l."{c.name}"'
        for c in table.columns
    )
    relation = "loaded l"
    if any(name.startswith("retrial_") for name in derived):
        relation = """
          (SELECT c.*, n.opened_at AS next_at,
                  (SELECT greatest(max(opened_at), max(closed_at)) FROM loaded) AS last_at
           FROM loaded c ASOF LEFT JOIN loaded n
             ON c.customer_id = n.customer_id AND c.issue_class = n.issue_class
            AND c.closed_at < n.opened_at) l"""
    keys = ", ".join(f'"{k}"' for k in table.key)
    target = _text(str(out / f"{table.name}.parquet"))
    query = f"SELECT {chosen} FROM {relation} ORDER BY {keys}"  # noqa: S608
    done = con.execute(f"COPY ({query}) TO {target} (FORMAT parquet, COMPRESSION zstd)").fetchone()
    return int(done[0]) if done else 0


def _expected(column: Column[object]) -> str:
    return f"one of {', '.join(column.values)}" if column.values else f"a {column.kind.name}"


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


def _remedy(column: Column[object]) -> str:
    if column.kind.name == "whole":
        return (
            "A whole number is needed, and nothing is rounded unasked: "
            '`{ sql = "round(stars)" }` does it on purpose.'
        )
    if column.kind.name == "real":
        return (
            "For a decimal comma: `{ sql = \"replace(column, ',', '.')\" }`; for a word that means "
            "nothing: `{ sql = \"nullif(column, 'n/a')\" }`."
        )
    return "Correct the expression, or add a translation."


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _wrong(key: str, what: str) -> Invalid:
    return Invalid(
        f"Mapping: `{key}`: {what}",
        code="mapping",
        hint="The how-to of mapping files shows every form.",
        key=key,
    )
