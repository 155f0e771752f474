"""Reading events: a stream's name stands once, in `stream`; its events carry its number."""

from __future__ import annotations

import sqlite3

from stepin.core.record import Recorded
from stepin.log.codec import decode
from stepin.log.stored import Stored

_STREAM = "(SELECT id FROM stream WHERE name = ?)"
_PARTS = "seq, at_us, epoch, basis, kind, meta, data, private"
_WHOLE = "seq, at_us, epoch, basis, kind, ref, meta, data, private, hash"
_NAMED = "event JOIN stream ON stream.id = event.stream"


def read_stream(
    conn: sqlite3.Connection, stream: str, after_seq: int, limit: int
) -> list[Recorded]:
    """Return a stream's events after a seq, oldest first; a negative limit is none."""
    rows = conn.execute(
        f"SELECT position, ?, {_PARTS} FROM event WHERE stream = {_STREAM} AND seq > ? "  # noqa: S608
        "ORDER BY seq LIMIT ?",
        (stream, stream, after_seq, limit),
    )
    return [_recorded(row) for row in rows]


def read_positions(conn: sqlite3.Connection, after_position: int, limit: int) -> list[Recorded]:
    """Return events of all streams after a position, oldest first."""
    rows = conn.execute(
        f"SELECT position, name, {_PARTS} FROM {_NAMED} WHERE position > ? "  # noqa: S608
        "ORDER BY position LIMIT ?",
        (after_position, limit),
    )
    return [_recorded(row) for row in rows]


def stored_positions(conn: sqlite3.Connection, after_position: int, limit: int) -> list[Stored]:
    """Return events after a position as the file keeps them, oldest first."""
    rows = conn.execute(
        f"SELECT position, name, {_WHOLE} FROM {_NAMED} WHERE position > ? "  # noqa: S608
        "ORDER BY position LIMIT ?",
        (after_position, limit),
    )
    return [Stored(*row) for row in rows]


def stored_stream(conn: sqlite3.Connection, stream: str) -> list[Stored]:
    """Return a stream's events as the file keeps them, by position."""
    rows = conn.execute(
        f"SELECT position, ?, {_WHOLE} FROM event WHERE stream = {_STREAM} "  # noqa: S608
        "ORDER BY position",
        (stream, stream),
    )
    return [Stored(*row) for row in rows]


def streams_under(conn: sqlite3.Connection, ref: str) -> list[str]:
    """Return the streams that were opened under a reference, newest first."""
    rows = conn.execute(
        f"SELECT name FROM {_NAMED} WHERE ref = ? ORDER BY position DESC",  # noqa: S608
        (ref,),
    )
    return [row[0] for row in rows]


def _recorded(
    row: tuple[int, str, int, int, int, int, str, bytes, bytes, bytes | None],
) -> Recorded:
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
