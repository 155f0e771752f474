"""What own tables must keep before they are facts: the schema's promises, and ids that meet.

A missing *outcome* is let in and counted; any other value that must be there is asked for.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from stepin.core.facts import After, Chats, Table, Workers
from stepin.errors import Invalid
from stepin.evidence.data.facts.value_check import faults, gaps, refuse
from stepin.evidence.data.storage import read_parquet

if TYPE_CHECKING:
    import duckdb


def checked(
    con: duckdb.DuckDBPyConnection,
    table: type[Table],
    derived: Mapping[str, str],
    out: Path,
    now: dt.datetime | None,
) -> dict[str, int]:
    """Refuse what can't be; return the outcomes that are missing in some rows, and in how many."""
    relation = read_parquet([out / f"{table.name}.parquet"])
    fixed = [c for c in table.columns if not c.optional and not isinstance(c, After)]
    refuse(
        gaps(con, relation, table, fixed),
        code="mapping_value",
        hint="Fill it (`{ sql = \"coalesce(column, 'unknown')\" }`), leave such rows out, or leave "
        "the whole column unmapped.",
    )
    if "duration_s" in derived:
        _timed(con, relation)
    wrong = faults(con, relation, table, table.columns)
    if table is Chats and now is not None:
        wrong += faults(con, relation, table, (Chats.opened_at,), until=now)
    late = any(f.column == "chats.duration_s" for f in wrong) and "duration_s" in derived
    refuse(
        wrong,
        code="mapping_value",
        hint=("Some closed_at lies before its opened_at. " if late else "")
        + "Correct the rows, or say what to do with them in the mapping: "
        '`{ sql = "CASE WHEN column >= 0 THEN column END" }` counts them as missing.',
    )
    after = [c for c in table.columns if not c.optional and isinstance(c, After)]
    return {f.column: f.count for f in gaps(con, relation, table, after)}


def _timed(con: duckdb.DuckDBPyConnection, relation: str) -> None:
    """Refuse durations that would follow from dates without a time of day."""
    row = con.execute(
        "SELECT count(*), count(*) FILTER (opened_at::DATE::TIMESTAMP = opened_at AND "  # noqa: S608
        f"closed_at::DATE::TIMESTAMP = closed_at) FROM {relation} WHERE duration_s IS NOT NULL"
    ).fetchone()
    if row and row[0] and row[0] == row[1]:
        raise Invalid(
            f"chats.opened_at and chats.closed_at hold dates without a time of day in all "
            f"{row[0]:,} rows, so no duration follows from them.",
            code="mapping_value",
            hint="Map columns with a time, map duration_s itself, or leave closed_at unmapped.",
            table=Chats.name,
            column="opened_at",
        )


def strangers_of(con: duckdb.DuckDBPyConnection, out: Path) -> int:
    """Return the chats of units that the table of workers doesn't hold.

    The table holds whatever was drawn: workers, customers or chats.

    Raises
    ------
    Invalid
        ``mapping_ids``: it holds the unit of no chat.
    """
    chats, workers = (read_parquet([out / f"{t.name}.parquet"]) for t in (Chats, Workers))
    units = ("first_owner_id", "customer_id", "chat_id")
    listed = f"(SELECT worker_id FROM {workers})"  # noqa: S608
    known = ", ".join(f"count(*) FILTER ({unit} IN {listed})" for unit in units)
    row = con.execute(f"SELECT count(*), {known} FROM {chats}").fetchone()  # noqa: S608
    total, *found = row or (0,)
    if not total:
        return 0
    # Small numbers meet by chance: '7' is a worker and a ticket. So a table of customers or chats
    # is one that holds most of them.
    owned, others = found[0], max(found[1:])
    if owned or 2 * others > total:
        return int(total - (owned or others))
    held = con.execute(f"SELECT min(worker_id) FROM {workers}").fetchone()  # noqa: S608
    ours = con.execute(
        f"SELECT min(coalesce(first_owner_id, customer_id, chat_id)) FROM {chats}"  # noqa: S608
    ).fetchone()
    raise Invalid(
        "No first_owner_id of the chats (nor customer_id, nor chat_id) is a worker_id, e.g. "
        f"{ours[0] if ours else None!r} and {held[0] if held else None!r}.",
        code="mapping_ids",
        hint="Write both ids alike; `{ sql = \"lpad(agent, 3, '0')\" }` turns '7' into '007'.",
    )
