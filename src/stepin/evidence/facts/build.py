"""From events to facts, out of core: one pass over the events, then one over the chats.

The events are read in slices. The chats that close in a slice become raw facts, the few that stay
open are carried into the next, and nothing is read twice. What needs other chats (retrials, what
was known before, load, attention) is joined at the end, some days at a time.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from stepin.core.events import KINDS
from stepin.core.facts import (
    TABLES,
    Actions,
    Chats,
    Decisions,
    Flags,
    Focus,
    Shifts,
    Table,
    Takeovers,
    Turns,
    WorkerDays,
    Workers,
)
from stepin.evidence.facts.events import Slice, slices
from stepin.evidence.facts.registered import Registered, registered
from stepin.evidence.storage import SQL_TYPES, read_parquet

if TYPE_CHECKING:
    import duckdb

Progress = Callable[[str, int, int], None]

PER_BATCH: Final[tuple[type[Table], ...]] = (Turns, Flags, Takeovers, Decisions)
AT_END: Final[tuple[type[Table], ...]] = (Actions, Shifts, WorkerDays, Focus, Workers)
_SLICE_CHATS: Final = 1_000_000
_WRITE: Final = "(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)"


class Built(msgspec.Struct, frozen=True, kw_only=True):
    """What was built.

    Attributes
    ----------
    events : how many were read.
    open_chats : chats that had not closed by the end of the log; they have no row yet.
    until_us : the end of the log, against which windows mature.
    rows : per table.
    trial_id : the trial whose arms stand in `workers`; empty without one.
    """

    events: int
    open_chats: int
    until_us: int
    rows: dict[str, int]
    trial_id: str = ""


def build_facts(
    events: Path,
    out: Path,
    *,
    trial_id: str | None = None,
    before_us: int | None = None,
    memory_mb: int = 2048,
    threads: int | None = None,
    batch_rows: int = 2_000_000,
    scratch: Path | None = None,
    progress: Progress | None = None,
) -> Built:
    """Build every table of facts from a data set of events into a new folder.

    The same events give the same files. Nothing here decides whether somebody may see outcomes:
    call `blind.may_build` first.

    Parameters
    ----------
    events : a folder of Parquet files of the flat form, or one file.
    out : a folder that doesn't exist or is empty.
    trial_id : the trial whose arms are joined; by default the one that was registered last.
    before_us : leave out every event from this moment on, and let windows mature against it.
    memory_mb : what DuckDB may use before it spills to `scratch`.
    batch_rows : about how many events are read at once.
    scratch : where to spill; the system's folder for temporary files by default.
    progress : called with the stage, what is done and what there is.

    Raises
    ------
    Missing, Invalid
        As `events.slices`; ``unknown_trial`` if `trial_id` isn't in the events;
        ``facts_exist`` if `out` isn't empty.
    """
    import duckdb

    from stepin.errors import Invalid

    if out.exists() and any(out.iterdir()):
        raise Invalid(
            f"{out} isn't empty.", code="facts_exist", hint="Name a new folder, or empty it."
        )
    parts = slices(events, rows=batch_rows)
    out.mkdir(parents=True, exist_ok=True)
    tell = progress or (lambda stage, done, total: None)
    with tempfile.TemporaryDirectory(dir=scratch, prefix="facts-") as folder:
        con = duckdb.connect(str(Path(folder) / "facts.duckdb"))
        try:
            con.execute(f"SET memory_limit = '{memory_mb}MB'")
            con.execute(f"SET temp_directory = '{folder}/spill'")
            con.execute("SET TimeZone = 'UTC'")
            con.execute("SET preserve_insertion_order = true")
            if threads is not None:
                con.execute(f"SET threads = {threads}")
            return _build(con, parts, out, trial_id, before_us, tell)
        finally:
            con.close()


def _build(
    con: duckdb.DuckDBPyConnection,
    parts: list[Slice],
    out: Path,
    trial_id: str | None,
    before_us: int | None,
    tell: Progress,
) -> Built:
    kinds = ", ".join(f"'{kind}'" for kind in KINDS)
    con.execute(f"CREATE TYPE event_kind AS ENUM ({kinds})")
    con.execute(_sql("begin"))
    rows = dict.fromkeys((t.name for t in TABLES), 0)
    until_us = before_us or 0
    for number, part in enumerate(parts):
        within = f"position BETWEEN {part.first} AND {part.last}"
        if before_us is not None:
            within += f" AND (at_us < {before_us} OR kind = 'WorkerAssigned')"
        query = f"SELECT * FROM {read_parquet(part.files)} WHERE {within}"  # noqa: S608
        con.execute(f"CREATE OR REPLACE TEMP VIEW fresh AS {query}")
        con.execute(_sql("gather"))
        con.execute(_sql("batch"))
        if before_us is None:
            until_us = max(until_us, _one(con, "SELECT max(at_us) FROM fresh"))
        for table in PER_BATCH:
            rows[table.name] += _copy(con, table, table.name, out / table.name / f"{number:05d}")
        tell("events", number + 1, len(parts))
    known = registered(parts, trial_id)
    _set_variables(con, until_us, known)
    con.execute(_sql("finish"))
    rows["chats"] = _chats(con, out, tell)
    for table in AT_END:
        rows[table.name] = _copy(con, table, table.name, out / table.name)
    return Built(
        events=sum(p.rows for p in parts),
        open_chats=_one(con, "SELECT count(DISTINCT chat_id) FROM done_open"),
        until_us=until_us,
        rows=rows,
        trial_id=known.trial_id,
    )


def _set_variables(con: duckdb.DuckDBPyConnection, until_us: int, known: Registered) -> None:
    start = until_us + 1 if known.treatment_us is None else known.treatment_us
    con.execute("SET VARIABLE until_us = ?", [until_us])
    con.execute("SET VARIABLE treatment_us = ?", [start])
    con.execute("SET VARIABLE trial_id = ?", [known.trial_id])
    con.execute("SET VARIABLE has_focus = (SELECT count(*) > 0 FROM focused)")
    con.execute("SET VARIABLE from_day = '0001-01-01'::DATE")
    con.execute("SET VARIABLE until_day = '9999-12-31'::DATE")
    con.execute("CREATE TABLE starts (worker_id VARCHAR, from_us BIGINT)")
    if known.starts_us:
        con.executemany("INSERT INTO starts VALUES (?, ?)", list(known.starts_us.items()))


def _chats(con: duckdb.DuckDBPyConnection, out: Path, tell: Progress) -> int:
    """Write the chats, a file a day of opening, some days at a time."""
    days: list[tuple[dt.date, int]] = con.execute(
        "SELECT day, count(*) FROM chats_raw GROUP BY day ORDER BY day"
    ).fetchall()
    done = 0
    while days:
        chosen, size = [days.pop(0)], 0
        size = chosen[0][1]
        while days and size + days[0][1] <= _SLICE_CHATS:
            size += days[0][1]
            chosen.append(days.pop(0))
        con.execute("SET VARIABLE from_day = ?::DATE", [chosen[0][0]])
        con.execute("SET VARIABLE until_day = ?::DATE", [chosen[-1][0]])
        con.execute("CREATE OR REPLACE TEMP TABLE some_chats AS SELECT * FROM chats")
        for day, _ in chosen:
            where = f"some_chats WHERE day = DATE '{day}' ORDER BY opened_at, chat_id"
            done += _copy(con, Chats, where, out / "chats" / f"{day}")
        tell("chats", done, done + sum(n for _, n in days))
    return done


def _copy(con: duckdb.DuckDBPyConnection, table: type[Table], source: str, path: Path) -> int:
    """Write the columns of a table, in the order and with the types of the schema."""
    columns = ", ".join(
        f'"{c.name}"::{SQL_TYPES[c.kind.name]} AS "{c.name}"' for c in table.columns
    )
    target = path.with_name(path.name + ".parquet")
    target.parent.mkdir(parents=True, exist_ok=True)
    order = "" if "ORDER BY" in source else f" ORDER BY {', '.join(table.key)}"
    query = f"SELECT {columns} FROM {source}{order}"  # noqa: S608
    quoted = str(target).replace("'", "''")
    done = con.execute(f"COPY ({query}) TO '{quoted}' {_WRITE}").fetchone()
    return int(done[0]) if done else 0


def _sql(name: str) -> str:
    return (files("stepin.evidence.facts") / "sql" / f"{name}.sql").read_text("utf-8")


def _one(con: duckdb.DuckDBPyConnection, query: str) -> int:
    found = con.execute(query).fetchone()
    return int(found[0] or 0) if found else 0
