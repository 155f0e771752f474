"""Whether the chats and the table of drawn units speak of the same ids."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from stepin.core.facts import Chats, Workers
from stepin.errors import Invalid
from stepin.evidence.data.storage import read_parquet

if TYPE_CHECKING:
    import duckdb

_UNITS: Final = ("first_owner_id", "customer_id", "chat_id")


class Met(msgspec.Struct, frozen=True, kw_only=True):
    """How the ids of chats and units meet.

    Attributes
    ----------
    column : the column of the chats that names the unit; empty without chats.
    strangers : chats of units that the table of workers doesn't hold.
    alike : an id of such a chat and one of the table that differ in blanks, case, accents or
        leading zeros alone.
    joined : what stands after FROM to read the chats with the arm of each.
    """

    column: str
    strangers: int = 0
    alike: tuple[str, str] | None = None
    joined: str = ""


def met(con: duckdb.DuckDBPyConnection, out: Path) -> Met:
    """Return which column of the chats names the units, and the chats of units that aren't there.

    The table holds whatever was drawn: workers, customers or chats.

    Raises
    ------
    Invalid
        ``mapping_ids``: it holds the unit of no chat.
    """
    chats, workers = (read_parquet([out / f"{t.name}.parquet"]) for t in (Chats, Workers))
    listed = f"(SELECT worker_id FROM {workers})"  # noqa: S608
    known = ", ".join(f"count(*) FILTER ({unit} IN {listed})" for unit in _UNITS)
    row = con.execute(f"SELECT count(*), {known} FROM {chats}").fetchone()  # noqa: S608
    total, *found = row or (0,)
    if not total:
        return Met(column="")
    # Small numbers meet by chance: '7' is a worker and a ticket. So a table of customers or chats
    # is one that holds most of them.
    owned, others = found[0], max(found[1:])
    if owned or 2 * others > total:
        column = _UNITS[0] if owned else _UNITS[found.index(others)]
        strangers = int(total - (owned or others))
        return Met(
            column=column,
            strangers=strangers,
            alike=_alike(con, chats, workers, (column,)) if strangers else None,
            joined=_joined(chats, workers, column),
        )
    ours, held = _alike(con, chats, workers, _UNITS) or _first(con, chats, workers)
    raise Invalid(
        "No first_owner_id of the chats (nor customer_id, nor chat_id) is a worker_id, e.g. "
        f"{ours!r} and {held!r}.",
        code="mapping_ids",
        hint="Write both ids alike; `{ sql = \"lpad(agent, 3, '0')\" }` turns '7' into '007', "
        '`{ sql = "lower(trim(agent))" }` takes blanks and capitals away.',
    )


def _joined(chats: str, workers: str, column: str) -> str:
    arms = f"(SELECT worker_id, arm FROM {workers})"  # noqa: S608
    return f"{chats} c JOIN {arms} w ON w.worker_id = c.{column}"


def _first(
    con: duckdb.DuckDBPyConnection, chats: str, workers: str
) -> tuple[str | None, str | None]:
    held = con.execute(f"SELECT min(worker_id) FROM {workers}").fetchone()  # noqa: S608
    ours = con.execute(
        f"SELECT min(coalesce(first_owner_id, customer_id, chat_id)) FROM {chats}"  # noqa: S608
    ).fetchone()
    return (ours[0] if ours else None), (held[0] if held else None)


def _alike(
    con: duckdb.DuckDBPyConnection, chats: str, workers: str, units: tuple[str, ...]
) -> tuple[str, str] | None:
    """Return two ids that people would take for the same."""

    def bare(name: str) -> str:
        whole = f"strip_accents(nfc_normalize(lower(regexp_replace({name}, '\\s', '', 'g'))))"
        return f"regexp_replace({whole}, '^0+(.)', '\\1')"

    for unit in units:
        row = con.execute(
            f"SELECT min(struct_pack(a := c.{unit}, b := w.worker_id)) FROM "  # noqa: S608
            f"(SELECT DISTINCT {unit} FROM {chats} WHERE {unit} NOT IN "
            f"(SELECT worker_id FROM {workers})) c JOIN {workers} w "
            f"ON {bare(f'c.{unit}')} = {bare('w.worker_id')}"
        ).fetchone()
        if row and row[0]:
            return str(row[0]["a"]), str(row[0]["b"])
    return None
