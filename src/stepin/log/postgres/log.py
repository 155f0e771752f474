"""The log's port on PostgreSQL."""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any

import msgspec

from stepin.core.events.chat import TextRedacted
from stepin.core.fence import Head
from stepin.core.record import NewEvent, Recorded
from stepin.core.work import Claimed, WorkChange, WorkKind
from stepin.errors import Missing, Unavailable
from stepin.log.codec import encode
from stepin.log.names import must_be_named, must_be_names
from stepin.log.postgres.appender import Appender
from stepin.log.postgres.batch import Ask, outcomes, work_parameters
from stepin.log.postgres.database import Connection, Database
from stepin.log.postgres.journal import Journal
from stepin.log.postgres.prepare import append, check, prepare
from stepin.log.postgres.rows import head, read_command, read_positions, read_stream
from stepin.log.postgres.wake import Wake
from stepin.log.protocol import Append, Appended, Carried, Outcome
from stepin.log.redaction import without
from stepin.log.salt import Salts
from stepin.log.stored import COLUMNS, Stored
from stepin.log.tailer import Tailer
from stepin.log.writes import Writes

_CLOCK_HOLDS_S = 5.0


class PostgresLog:
    """The log in one schema of a PostgreSQL database; any number of processes may open it.

    Use `await PostgresLog.open(dsn)`. See `stepin.log.protocol.Log` for what each method
    guarantees. Every time is the database's: a process whose clock is wrong does no harm.
    """

    def __init__(self, db: Database, *, poll_s: float, wakes: bool) -> None:
        self._salt = Salts()
        self.schema = db.schema
        self._db = db
        self._scale = 1.0
        self._clock: tuple[int, float] | None = None
        self._tailer = Tailer(self._read_after, poll_s=poll_s)
        self._wake = Wake(db, heard=self._tailer.ring) if wakes else None
        self._journal = Journal(db)
        self.writes = Writes()
        self._appender = Appender(db, committed=self._committed, writes=self.writes)

    @classmethod
    async def open(
        cls,
        dsn: str,
        *,
        schema: str = "stepin",
        scale: float = 1.0,
        offset_us: int = 0,
        poll_s: float = 0.5,
        patience_s: float = 20.0,
        wakes: bool = True,
        create: bool = True,
        readonly: bool = False,
    ) -> PostgresLog:
        """Open a log, creating it if there is none.

        Parameters
        ----------
        dsn : how to reach the database, e.g. ``postgresql://desk@db/desk``.
        schema : the schema that holds this log and nothing else.
        scale, offset_us : the log's clock, if the log is new; an old one keeps its own.
        poll_s : how often tails look for other processes' events even if nothing woke them.
        patience_s : for how long calls wait for a server that went away.
        wakes : whether to use LISTEN and NOTIFY beside the poll.
        create : whether to make a log where there is none.
        readonly : only read; nothing is made or migrated, and appends are refused.

        Raises
        ------
        Missing
            ``no_log`` if there is no log and none may be made.
        Invalid
            If the schema holds something else, or a newer version of the log.
        Unavailable
            If the database can't be reached.
        """
        db = Database(dsn, schema, patience_s=patience_s, readonly=readonly)
        await db.open()
        try:
            if readonly:
                await db.run(lambda c: check(c, db))
            else:
                await db.run(
                    lambda c: prepare(c, db, scale=scale, offset_us=offset_us, create=create)
                )
            kept = await db.run(lambda c: c.fetchval(db.sql("SELECT scale FROM {schema}.log")))
        except BaseException:
            await db.close()
            raise
        log = cls(db, poll_s=poll_s, wakes=wakes)
        log._scale = kept
        return log

    def _committed(self, events: Sequence[Recorded], now_us: int) -> None:
        self._clock = (now_us, time.monotonic())
        self._tailer.committed(events)
        if self._wake is not None:
            self._wake.notify()

    def _ask(self, item: Append) -> Ask:
        must_be_named(item)
        encoded = (encode(e, command_id=item.command_id, salt=self._salt) for e in item.events)
        return Ask(item, tuple(encoded))

    async def append(self, item: Append) -> Outcome:
        return await self._appender.ask(self._ask(item))

    async def append_many(self, items: Sequence[Append]) -> list[Outcome]:
        futures = [self._appender.ask(ask) for ask in [self._ask(item) for item in items]]
        return [await future for future in futures]

    async def read(
        self, stream: str, *, after_seq: int = 0, limit: int | None = None
    ) -> list[Recorded]:
        must_be_names(stream)
        return await self._db.run(lambda c: read_stream(c, self._db, stream, after_seq, limit))

    async def read_all(self, *, after_position: int = 0, limit: int = 1000) -> list[Recorded]:
        return await self._read_after(after_position, limit)

    async def _read_after(self, after_position: int, limit: int) -> list[Recorded]:
        return await self._db.run(lambda c: read_positions(c, self._db, after_position, limit))

    async def _rows(self, text: str, *values: Any, again: bool = True) -> list[Any]:
        return await self._db.run(lambda c: c.fetch(self._db.sql(text), *values), again=again)

    async def stored(self, *, after_position: int = 0, limit: int = 1000) -> list[Stored]:
        rows = await self._rows(
            f"SELECT {COLUMNS} FROM {{schema}}.event "  # noqa: S608
            "WHERE position > $1 ORDER BY position LIMIT $2",
            after_position,
            limit,
        )
        return [Stored(*row) for row in rows]

    async def stored_stream(self, stream: str) -> list[Stored]:
        rows = await self._rows(
            f"SELECT {COLUMNS} FROM {{schema}}.event "  # noqa: S608
            "WHERE stream = $1 ORDER BY position",
            stream,
        )
        return [Stored(*row) for row in rows]

    async def head(self, stream: str) -> Head:
        must_be_names(stream)
        return await self._db.run(lambda c: head(c, self._db, stream))

    async def command(self, stream: str, command_id: str) -> Carried | None:
        must_be_names(stream, command_id)
        return await self._db.run(lambda c: read_command(c, self._db, stream, command_id))

    async def claimant(self, key: str) -> str | None:
        must_be_names(key)
        rows = await self._rows("SELECT stream FROM {schema}.claim WHERE key = $1", key)
        return rows[0][0] if rows else None

    async def position(self) -> int:
        rows = await self._rows("SELECT coalesce(max(position), 0) FROM {schema}.event")
        return int(rows[0][0])

    async def streams(self, *, ref: str) -> list[str]:
        must_be_names(ref)
        rows = await self._rows(
            "SELECT stream FROM {schema}.event WHERE ref = $1 ORDER BY position DESC", ref
        )
        return [row[0] for row in rows]

    async def now_us(self) -> int:
        if self._clock is None or time.monotonic() - self._clock[1] > _CLOCK_HOLDS_S:
            asked = time.monotonic()
            rows = await self._rows("SELECT {schema}.log_us()")
            self._clock = (int(rows[0][0]), (asked + time.monotonic()) / 2)
        then_us, then = self._clock
        return then_us + int((time.monotonic() - then) * 1e6 * self._scale)

    def tail(self, *, after_position: int) -> AsyncIterator[Sequence[Recorded]]:
        if self._wake is not None:
            self._wake.start()
        return self._tailer.tail(after_position)

    async def claim(
        self, kinds: Sequence[WorkKind], *, holder: str, limit: int, lease_s: float
    ) -> list[Claimed]:
        rows = await self._rows(
            "SELECT id, kind, stream, due_us, attempt, body, unended "
            "FROM {schema}.claim($1, $2, $3, $4)",
            list(kinds),
            holder,
            limit,
            int(lease_s * 1e6),
            again=False,
        )
        claimed = [
            Claimed(
                work_id=r[0],
                kind=r[1],
                stream=r[2],
                due_us=r[3],
                attempt=r[4],
                body=msgspec.json.decode(r[5]),
                unended=r[6],
            )
            for r in rows
        ]
        return sorted(claimed, key=lambda work: work.due_us)

    async def heartbeat(self, held: Sequence[Claimed], *, lease_s: float) -> list[str]:
        if not held:
            return []
        rows = await self._rows(
            "SELECT * FROM {schema}.heartbeat($1, $2, $3)",
            [work.work_id for work in held],
            [work.attempt for work in held],
            int(lease_s * 1e6),
        )
        return [row[0] for row in rows]

    async def release(self, work: Claimed, *, due_us: int | None = None) -> None:
        await self._rows(
            "UPDATE {schema}.work SET lease_us = 0, holder = '', due_us = coalesce($3, due_us), "
            "unended = greatest(unended - 1, 0) "
            "WHERE id = $1 AND attempt = $2",
            work.work_id,
            work.attempt,
            due_us,
        )

    async def change_work(
        self, changes: Sequence[WorkChange], *, by: Claimed | None = None
    ) -> bool:
        rows = await self._rows(
            "SELECT {schema}.change_work($1, $2, $3, $4, $5, $6, $7, $8)",
            None if by is None else by.work_id,
            None if by is None else by.attempt,
            *work_parameters(changes),
            again=False,
        )
        return bool(rows[0][0])

    async def work_streams(self, kind: WorkKind) -> list[str]:
        rows = await self._rows("SELECT DISTINCT stream FROM {schema}.work WHERE kind = $1", kind)
        return [row[0] for row in rows]

    async def next_due_us(self, kinds: Sequence[WorkKind]) -> int | None:
        rows = await self._rows(
            "SELECT min(due_us) FROM {schema}.work "
            "WHERE kind = ANY ($1) AND lease_us < {schema}.real_us()",
            list(kinds),
        )
        return None if rows[0][0] is None else int(rows[0][0])

    async def journal_get(self, work_id: str) -> dict[str, bytes]:
        rows = await self._rows(
            "SELECT step, body FROM {schema}.journal WHERE work_id = $1", work_id
        )
        return {row[0]: row[1] for row in rows}

    async def journal_put(self, work: Claimed, step: str, body: bytes) -> bool:
        return await self._journal.put(work, step, body)

    async def record_get(self, table: str, key: str) -> bytes | None:
        must_be_names(key)
        rows = await self._rows(
            "SELECT body FROM {schema}.record WHERE name = $1 AND key = $2 "
            "AND (expires_us IS NULL OR expires_us > {schema}.real_us())",
            table,
            key,
        )
        return rows[0][0] if rows else None

    async def record_put(
        self, table: str, key: str, body: bytes, *, expires_us: int | None = None
    ) -> None:
        must_be_names(key)
        try:
            await self._rows(
                "INSERT INTO {schema}.record VALUES ($1, $2, $3, $4) ON CONFLICT (name, key) "
                "DO UPDATE SET body = excluded.body, expires_us = excluded.expires_us",
                table,
                key,
                body,
                expires_us,
            )
        except Unavailable as error:
            self.writes.failed(error.code)
            raise
        self.writes.done()

    async def record_add(self, table: str, key: str, body: bytes) -> bool:
        must_be_names(key)
        rows = await self._rows(
            "INSERT INTO {schema}.record VALUES ($1, $2, $3, NULL) "
            "ON CONFLICT DO NOTHING RETURNING key",
            table,
            key,
            body,
            again=False,
        )
        return bool(rows)

    async def record_delete(self, table: str, key: str) -> bool:
        must_be_names(key)
        rows = await self._rows(
            "DELETE FROM {schema}.record WHERE name = $1 AND key = $2 RETURNING key",
            table,
            key,
            again=False,
        )
        return bool(rows)

    async def record_list(self, table: str) -> list[tuple[str, bytes]]:
        rows = await self._rows(
            "SELECT key, body FROM {schema}.record WHERE name = $1 "
            'AND (expires_us IS NULL OR expires_us > {schema}.real_us()) ORDER BY key COLLATE "C"',
            table,
        )
        return [(row[0], row[1]) for row in rows]

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
        return await self._db.run(lambda c: self._redact(c, stream, event, actor), again=False)

    async def _redact(
        self, conn: Connection, stream: str, event: TextRedacted, actor: str
    ) -> Recorded:
        sql, writer, seq = self._db.sql, secrets.token_hex(8), event.seq
        ask = self._ask(
            Append(stream=stream, events=(NewEvent(event=event, actor=actor, cause=seq),))
        )
        async with conn.transaction():
            await conn.execute(sql("SELECT {schema}.lock_log()"))
            row = await conn.fetchrow(
                sql("SELECT private FROM {schema}.event WHERE stream = $1 AND seq = $2"),
                stream,
                seq,
            )
            if row is None:
                raise Missing(f"There is no event {seq} in {stream}.", stream=stream, seq=seq)
            await conn.execute(
                sql("UPDATE {schema}.event SET private = $3 WHERE stream = $1 AND seq = $2"),
                stream,
                seq,
                without(row[0], event.fields),
            )
            if event.through_seq is not None:
                await conn.execute(
                    sql(
                        "UPDATE {schema}.event SET private = NULL WHERE private IS NOT NULL "
                        "AND stream = $1 AND seq BETWEEN $2 AND $3"
                    ),
                    stream,
                    seq,
                    event.through_seq,
                )
            await conn.execute(
                sql(
                    "DELETE FROM {schema}.journal WHERE work_id IN (SELECT id FROM {schema}.work "
                    "WHERE stream = $1 AND kind IN ('turn', 'score'))"
                ),
                stream,
            )
            answer = await append(conn, self._db, writer, 1, [ask])
            await conn.execute(sql("DELETE FROM {schema}.writer WHERE id = $1"), writer)
        done = outcomes([ask], answer)[0]
        assert isinstance(done, Appended)
        self._committed(done.events, answer["o_now_us"])
        return done.events[0]

    async def erase(self) -> None:
        await self._rows("VACUUM {schema}.event")
        await self._rows("VACUUM {schema}.journal")
        await self._rows("VACUUM {schema}.record")

    async def close(self) -> None:
        await self._journal.close()
        await self._appender.close()
        if self._wake is not None:
            await self._wake.close()
        await self._tailer.close()
        await self._db.close()
