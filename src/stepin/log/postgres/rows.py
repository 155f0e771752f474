"""Reading the log's tables."""

from __future__ import annotations

from typing import Any

from stepin.core.fence import EMPTY, Head
from stepin.core.record import Recorded
from stepin.log.codec import decode
from stepin.log.postgres.database import Connection, Database
from stepin.log.protocol import Carried

_COLUMNS = "position, stream, seq, at_us, epoch, basis, kind, meta, data, private"


async def read_stream(
    conn: Connection, db: Database, stream: str, after_seq: int, limit: int | None
) -> list[Recorded]:
    """Return a stream's events after a seq, oldest first."""
    rows = await conn.fetch(
        f"SELECT {_COLUMNS} FROM {db.schema}.event "  # noqa: S608
        "WHERE stream = $1 AND seq > $2 ORDER BY seq LIMIT $3",
        stream,
        after_seq,
        limit,
    )
    return [_recorded(row) for row in rows]


async def read_positions(
    conn: Connection, db: Database, after_position: int, limit: int
) -> list[Recorded]:
    """Return events of all streams after a position, oldest first."""
    rows = await conn.fetch(
        f"SELECT {_COLUMNS} FROM {db.schema}.event "  # noqa: S608
        "WHERE position > $1 ORDER BY position LIMIT $2",
        after_position,
        limit,
    )
    return [_recorded(row) for row in rows]


async def head(conn: Connection, db: Database, stream: str) -> Head:
    """Return where a stream stands."""
    row = await conn.fetchrow(
        f"SELECT seq, epoch, basis, at_us, hash FROM {db.schema}.event "  # noqa: S608
        "WHERE stream = $1 ORDER BY seq DESC LIMIT 1",
        stream,
    )
    return EMPTY if row is None else Head(*row)


async def read_command(
    conn: Connection, db: Database, stream: str, command_id: str
) -> Carried | None:
    """Return what a command had led to."""
    row = await conn.fetchrow(
        f"SELECT digest, first_seq, last_seq FROM {db.schema}.command "  # noqa: S608
        "WHERE stream = $1 AND id = $2",
        stream,
        command_id,
    )
    if row is None:
        return None
    events = await read_stream(conn, db, stream, row[1] - 1, row[2] - row[1] + 1)
    return Carried(digest=row[0], events=tuple(events))


def _recorded(row: Any) -> Recorded:
    return decode(
        position=row[0],
        stream=row[1],
        seq=row[2],
        at_us=row[3],
        epoch=row[4],
        basis_seq=row[5],
        kind=row[6],
        meta=row[7],
        data=row[8],
        private=row[9],
    )
