"""The log's port on SQLite."""

from __future__ import annotations

import asyncio
import secrets
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from stepin.core.events.chat import TextRedacted
from stepin.core.events.floor import LogNoted, LogOpened
from stepin.core.fence import Head
from stepin.core.record import NewEvent, Recorded
from stepin.core.work import Claimed, WorkChange, WorkKind
from stepin.errors import Missing, Unavailable
from stepin.log.names import must_be_named, must_be_names
from stepin.log.protocol import Append, Appended, Carried, Outcome
from stepin.log.redaction import without
from stepin.log.sqlite.connection import SCHEMA, connect, prepare
from stepin.log.sqlite.rows import (
    read_positions,
    read_stream,
    stored_positions,
    stored_stream,
    streams_under,
)
from stepin.log.sqlite.store import Store
from stepin.log.sqlite.writer import Writer
from stepin.log.stored import Stored
from stepin.log.tailer import Tailer
from stepin.log.writes import Writes

T = TypeVar("T")
DESK = "desk"


def _now_us() -> int:
    return time.time_ns() // 1000


class SqliteLog:
    """The log in one SQLite file; several processes may open the same file.

    Use `await SqliteLog.open(path)`. See `stepin.log.protocol.Log` for what each method
    guarantees.
    """

    def __init__(
        self, path: Path, clock_us: Callable[[], int], poll_s: float, *, readonly: bool = False
    ) -> None:
        self.path = path
        self._clock_us = clock_us
        writing = connect(path, readonly=readonly)
        try:
            self._was = prepare(writing, path, readonly=readonly)
        except BaseException:
            writing.close()
            raise
        self._store = Store(writing, clock_us=clock_us)
        self._reading = connect(path, readonly=True)
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="stepin-log-reader")
        self._tailer = Tailer(self._read_after, poll_s=poll_s)
        self.writes = Writes()
        self._writer = Writer(
            self._store,
            loop=asyncio.get_running_loop(),
            committed=self._tailer.committed,
            writes=self.writes,
        )

    @classmethod
    async def open(
        cls,
        path: Path,
        *,
        scale: float = 1.0,
        offset_us: int = 0,
        clock_us: Callable[[], int] = _now_us,
        poll_s: float = 0.1,
        create: bool = True,
        readonly: bool = False,
    ) -> SqliteLog:
        """Open a log, creating it if there is none.

        Parameters
        ----------
        path : the file.
        scale, offset_us : the log's clock, if the log is new; an old one keeps its own.
        clock_us : real time in UTC µs.
        poll_s : how often tails look for other processes' events.
        create : whether to make a log where there is none.
        readonly : read a file that may not be written; appends are refused.

        Raises
        ------
        Missing
            ``no_log`` if there is no file and none may be made.
        Invalid
            If the file is something else, or of a newer version.
        Unavailable
            If the file can't be opened or written.
        """
        if not (create and not readonly) and not path.exists():
            raise Missing(
                f"There is no log at {path}.",
                hint="Check the path; `stepin serve` makes a new log.",
                code="no_log",
                path=str(path),
            )
        log = cls(path, clock_us, poll_s, readonly=readonly)
        try:
            if readonly:
                log._take_clock(await log.read_all(limit=1))
            else:
                await log._writer.ask(lambda: log._found(scale, offset_us))
        except BaseException:
            await log.close()
            raise
        return log

    def _found(self, scale: float, offset_us: int) -> None:
        first = read_positions(self._store.conn, 0, 1)
        if not first:
            self._store.scale, self._store.offset_us = scale, offset_us
            opened = LogOpened(log_id=secrets.token_hex(8), scale=scale, offset_us=offset_us)
            item = Append(stream=DESK, events=(NewEvent(event=opened),))
            self._store.append(item, self._store.encode(item))
            return
        self._take_clock(first)
        if self._was is not None:
            noted = LogNoted(what=f"migrated from schema {self._was} to {SCHEMA}")
            item = Append(stream=DESK, events=(NewEvent(event=noted),))
            self._store.append(item, self._store.encode(item))

    def _take_clock(self, first: Sequence[Recorded]) -> None:
        opened = first[0].event if first else None
        if isinstance(opened, LogOpened):
            self._store.scale, self._store.offset_us = opened.scale, opened.offset_us

    async def append(self, item: Append) -> Outcome:
        must_be_named(item)
        store, encoded = self._store, self._store.encode(item)
        return await self._writer.ask(lambda: store.append(item, encoded), items=(item,))

    async def append_many(self, items: Sequence[Append]) -> list[Outcome]:
        for item in items:
            must_be_named(item)
        store, encoded = self._store, [self._store.encode(item) for item in items]
        return await self._writer.ask(
            lambda: [store.append(i, e) for i, e in zip(items, encoded, strict=True)], items=items
        )

    async def read(
        self, stream: str, *, after_seq: int = 0, limit: int | None = None
    ) -> list[Recorded]:
        must_be_names(stream)
        return await self._read(
            lambda c: read_stream(c, stream, after_seq, -1 if limit is None else limit)
        )

    async def read_all(self, *, after_position: int = 0, limit: int = 1000) -> list[Recorded]:
        return await self._read_after(after_position, limit)

    async def _read_after(self, after_position: int, limit: int) -> list[Recorded]:
        return await self._read(lambda c: read_positions(c, after_position, limit))

    async def _read(self, query: Callable[[sqlite3.Connection], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(
                self._reader, query, self._reading
            )
        except sqlite3.Error as error:
            raise Unavailable(
                "The log can't be read now.",
                hint="Try again in a moment. Whoever runs the desk: check the disk; "
                "`stepin log verify` tells whether the file is whole.",
                code="log_unreadable",
            ) from error

    async def stored(self, *, after_position: int = 0, limit: int = 1000) -> list[Stored]:
        return await self._read(lambda c: stored_positions(c, after_position, limit))

    async def stored_stream(self, stream: str) -> list[Stored]:
        return await self._read(lambda c: stored_stream(c, stream))

    async def head(self, stream: str) -> Head:
        must_be_names(stream)
        return await self._writer.ask(lambda: self._store.head(stream))

    async def command(self, stream: str, command_id: str) -> Carried | None:
        must_be_names(stream, command_id)
        return await self._writer.ask(lambda: self._store.command(stream, command_id))

    async def claimant(self, key: str) -> str | None:
        must_be_names(key)
        return await self._writer.ask(lambda: self._store.claimant(key))

    async def position(self) -> int:
        row = await self._read(lambda c: c.execute("SELECT max(position) FROM event").fetchone())
        return row[0] or 0

    async def streams(self, *, ref: str) -> list[str]:
        must_be_names(ref)
        return await self._read(lambda c: streams_under(c, ref))

    async def now_us(self) -> int:
        return int(self._clock_us() * self._store.scale) + self._store.offset_us

    def tail(self, *, after_position: int) -> AsyncIterator[Sequence[Recorded]]:
        return self._tailer.tail(after_position)

    async def claim(
        self, kinds: Sequence[WorkKind], *, holder: str, limit: int, lease_s: float
    ) -> list[Claimed]:
        return await self._writer.ask(lambda: self._store.claim(kinds, holder, limit, lease_s))

    async def heartbeat(self, held: Sequence[Claimed], *, lease_s: float) -> list[str]:
        return await self._writer.ask(lambda: self._store.heartbeat(held, lease_s))

    async def release(self, work: Claimed, *, due_us: int | None = None) -> None:
        await self._writer.ask(lambda: self._store.release(work, due_us))

    async def change_work(
        self, changes: Sequence[WorkChange], *, by: Claimed | None = None
    ) -> bool:
        return await self._writer.ask(lambda: self._store.change_work_by(changes, by))

    async def work_streams(self, kind: WorkKind) -> list[str]:
        rows = await self._read(
            lambda c: c.execute(
                "SELECT DISTINCT stream FROM work WHERE kind = ?", (kind,)
            ).fetchall()
        )
        return [row[0] for row in rows]

    async def next_due_us(self, kinds: Sequence[WorkKind]) -> int | None:
        marks = ",".join("?" * len(kinds))
        row = await self._read(
            lambda c: c.execute(
                f"SELECT min(due_us) FROM work WHERE kind IN ({marks}) AND lease_us < ?",  # noqa: S608
                (*kinds, self._clock_us()),
            ).fetchone()
        )
        return None if row[0] is None else int(row[0])

    async def journal_get(self, work_id: str) -> dict[str, bytes]:
        rows = await self._read(
            lambda c: c.execute(
                "SELECT step, body FROM journal WHERE work_id = ?", (work_id,)
            ).fetchall()
        )
        return dict(rows)

    async def journal_put(self, work: Claimed, step: str, body: bytes) -> bool:
        return await self._writer.ask(lambda: self._store.journal_put(work, step, body))

    async def record_get(self, table: str, key: str) -> bytes | None:
        must_be_names(key)
        row = await self._read(
            lambda c: c.execute(
                "SELECT body FROM record WHERE name = ? AND key = ? "
                "AND (expires_us IS NULL OR expires_us > ?)",
                (table, key, self._clock_us()),
            ).fetchone()
        )
        return None if row is None else bytes(row[0])

    async def record_put(
        self, table: str, key: str, body: bytes, *, expires_us: int | None = None
    ) -> None:
        must_be_names(key)
        await self._writer.ask(
            lambda: self._store.conn.execute(
                "INSERT OR REPLACE INTO record VALUES (?,?,?,?)", (table, key, body, expires_us)
            )
        )

    async def record_add(self, table: str, key: str, body: bytes) -> bool:
        must_be_names(key)
        done = await self._writer.ask(
            lambda: (
                self._store.conn.execute(
                    "INSERT OR IGNORE INTO record VALUES (?,?,?,NULL)", (table, key, body)
                ).rowcount
            )
        )
        return bool(done)

    async def record_delete(self, table: str, key: str) -> bool:
        must_be_names(key)
        done = await self._writer.ask(
            lambda: (
                self._store.conn.execute(
                    "DELETE FROM record WHERE name = ? AND key = ?", (table, key)
                ).rowcount
            )
        )
        return bool(done)

    async def record_list(self, table: str) -> list[tuple[str, bytes]]:
        return await self._read(
            lambda c: c.execute(
                "SELECT key, body FROM record WHERE name = ? "
                "AND (expires_us IS NULL OR expires_us > ?) ORDER BY key",
                (table, self._clock_us()),
            ).fetchall()
        )

    async def redact(
        self,
        stream: str,
        seq: int,
        *,
        reason: str,
        actor: str,
        fields: Sequence[str] = (),
        through_seq: int | None = None,
    ) -> Recorded:
        must_be_names(stream)
        event = TextRedacted(seq=seq, reason=reason, fields=tuple(fields), through_seq=through_seq)
        return await self._writer.ask(lambda: self._redact(stream, event, actor))

    def _redact(self, stream: str, redacted: TextRedacted, actor: str) -> Recorded:
        conn, seq = self._store.conn, redacted.seq
        row = conn.execute(
            "SELECT position, private FROM event "
            "WHERE stream = (SELECT id FROM stream WHERE name = ?) AND seq = ?",
            (stream, seq),
        ).fetchone()
        if row is None:
            raise Missing(f"There is no event {seq} in {stream}.", stream=stream, seq=seq)
        conn.execute(
            "UPDATE event SET private = ? WHERE position = ?",
            (without(row[1], redacted.fields), row[0]),
        )
        if redacted.through_seq is not None:
            conn.execute(
                "UPDATE event SET private = NULL WHERE private IS NOT NULL "
                "AND stream = (SELECT id FROM stream WHERE name = ?) AND seq BETWEEN ? AND ?",
                (stream, seq, redacted.through_seq),
            )
        conn.execute(
            "DELETE FROM journal WHERE work_id IN "
            "(SELECT id FROM work WHERE stream = ? AND kind IN ('turn', 'score'))",
            (stream,),
        )
        item = Append(stream=stream, events=(NewEvent(event=redacted, actor=actor, cause=seq),))
        outcome = self._store.append(item, self._store.encode(item))
        assert isinstance(outcome, Appended)
        return outcome.events[0]

    async def erase(self) -> None:
        def checkpoint() -> None:
            with closing(connect(self.path)) as conn:
                conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

        await asyncio.to_thread(checkpoint)

    async def close(self) -> None:
        await self._tailer.close()
        await self._writer.close()
        self._reader.shutdown()
        self._reading.close()
        self._store.conn.close()
