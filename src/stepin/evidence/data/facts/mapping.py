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

What is written keeps the schema's promises: a value that can't be (see `value_check`) is refused,
and so is one that is missing where there must be one. A missing *outcome* is let in and counted,
for an open ticket has no duration yet.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from stepin.core.facts import TABLES, Chats, Table, Workers
from stepin.errors import Invalid
from stepin.evidence.data.facts import row_check
from stepin.evidence.data.facts.loaded import Sources, load
from stepin.evidence.data.facts.midnight import Midnights, midnights
from stepin.evidence.data.facts.origin import Origin, write_origin
from stepin.evidence.data.facts.table_mapping import TableMapping, literal, utc
from stepin.evidence.data.facts.unit_check import met
from stepin.evidence.data.storage import SQL_TYPES

if TYPE_CHECKING:
    import duckdb

_WINDOWS = {"10m": "10 minutes", "24h": "24 hours", "3d": "3 days", "7d": "7 days"}
_DERIVED = {
    "day": ("opened_at::DATE", {"opened_at"}),
    "hour": ("hour(opened_at)", {"opened_at"}),
    "duration_s": ("epoch(closed_at - opened_at)", {"opened_at", "closed_at"}),
}


class Mapped(msgspec.Struct, frozen=True, kw_only=True):
    """What was written.

    Attributes
    ----------
    rows : per table.
    unmapped : columns that are left empty, as `table.column`.
    empty : outcomes that are missing in some rows, as `table.column`, and in how many.
    strangers : chats of workers (or of other drawn units) that the table of workers doesn't hold.
    alike : an id of the chats and one of that table that people would take for the same.
    known_until : until when every chat is in the tables: returns are known that far. None without
        moments of opening.
    midnight : moments that stand at exactly 00:00:00 more often than by chance, by column.
    apart : chats whose mapped duration isn't the time from opening to close.
    """

    rows: dict[str, int]
    unmapped: tuple[str, ...]
    empty: dict[str, int] = {}
    strangers: int = 0
    alike: tuple[str, str] | None = None
    known_until: dt.datetime | None = None
    midnight: dict[str, int] = {}
    apart: int = 0


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
        if mapping.exported_at is not None and name != Chats.name:
            raise _wrong(f"{name}.exported_at", "only the table of chats has one, for all tables")
    if Chats.name not in found:
        raise _wrong(Chats.name, "the table of chats must be mapped")
    if not {"opened_at", "day"} & set(found[Chats.name].columns):
        raise _wrong(
            "chats.columns.opened_at", "a chat without a time belongs to no period: map it"
        )
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
    now : stands for the moment of the export where the mapping names none; with neither, only
        moments after the year 2200 are refused as future ones.

    Raises
    ------
    Missing
        ``no_source``: no file matches a source.
    Invalid
        ``source_unreadable``: a file is broken, or the files of a table differ; ``mapping``: a
        column of the files isn't there, or an expression can't be computed; ``mapping_value``: a
        value can't be read as the column's kind, isn't in its vocabulary, can't be (see
        `value_check`), is missing where one must be, or contradicts another; ``mapping_key``: a key
        is empty or stands twice; ``mapping_ids``: no chat belongs to a worker of the table;
        ``no_rows``: a table is empty; ``facts_exist``: `out` isn't empty.
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
    exported = _exported(mapping[Chats.name], now)
    until = exported or (None if now is None else utc(now))
    chats: tuple[dict[str, str], Sources] = ({}, {})
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        horizon, seen, apart = None, Midnights(), 0
        for table in TABLES:
            if table.name not in mapping:
                continue
            one = mapping[table.name]
            sources = load(con, table, one, folder, until)
            derived = _derived(table, one, exported)
            if table is Chats:
                seen = midnights(con, "loaded", derived, sources)
                if seen.no_hours:
                    derived.pop("hour", None)
                chats, horizon = (derived, sources), exported or _last_opening(con)
            unmapped += [
                f"{table.name}.{c.name}"
                for c in table.columns
                if c.name not in one.columns and c.name not in derived
            ]
            rows[table.name] = _write(con, table, derived, out)
            empty |= row_check.checked(con, table, derived, sources, out)
            if table is Chats:
                apart = row_check.apart(con, out, sources)
        unit = met(con, out) if Workers.name in rows else None
        if unit is not None and unit.column:
            midnights(con, unit.joined, *chats)
    write_origin(out, Origin(source="tables", known_until=horizon, exported=exported is not None))
    return Mapped(
        rows=rows,
        unmapped=tuple(unmapped),
        empty=empty,
        strangers=unit.strangers if unit else 0,
        alike=unit.alike if unit else None,
        known_until=horizon,
        midnight=seen.counts,
        apart=apart,
    )


def _exported(chats: TableMapping, now: dt.datetime | None) -> dt.datetime | None:
    """Return when the tables were exported, if the mapping says it."""
    if chats.exported_at is None:
        return None
    found = utc(chats.exported_at)
    if now is not None and found > utc(now):
        raise _wrong("chats.exported_at", f"{found} lies in the future")
    return found


def _last_opening(con: duckdb.DuckDBPyConnection) -> dt.datetime | None:
    row = con.execute("SELECT max(opened_at) FROM loaded").fetchone()
    return row[0] if row else None


def _derived(
    table: type[Table], mapping: TableMapping, exported: dt.datetime | None
) -> dict[str, str]:
    """Return, per column of chats that follows from others, how.

    A return is known to have failed to come only as far as openings are known: until the export,
    or else until the last opening. A late close tells nothing of it.
    """
    if table is not Chats:
        return {}
    has = set(mapping.columns)
    found = {
        name: how for name, (how, needs) in _DERIVED.items() if name not in has and needs <= has
    }
    if {"customer_id", "issue_class", "opened_at", "closed_at"} <= has:
        last = "last_at" if exported is None else f"TIMESTAMP '{exported}'"
        for name, length in _WINDOWS.items():
            if f"retrial_{name}" not in has:
                found[f"retrial_{name}"] = (
                    f"CASE WHEN closed_at + INTERVAL '{length}' <= {last} "
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
                  (SELECT max(opened_at) FROM loaded) AS last_at
           FROM loaded c ASOF LEFT JOIN loaded n
             ON c.customer_id = n.customer_id AND c.issue_class = n.issue_class
            AND c.closed_at < n.opened_at) l"""
    keys = ", ".join(f'"{k}"' for k in table.key)
    target = literal(str(out / f"{table.name}.parquet"))
    query = f"SELECT {chosen} FROM {relation} ORDER BY {keys}"  # noqa: S608
    done = con.execute(f"COPY ({query}) TO {target} (FORMAT parquet, COMPRESSION zstd)").fetchone()
    return int(done[0]) if done else 0


def _wrong(key: str, what: str) -> Invalid:
    return Invalid(
        f"Mapping: `{key}`: {what}",
        code="mapping",
        hint="The how-to of mapping files shows every form.",
        key=key,
    )
