"""The statements of the log, run inside a transaction that somebody else has opened."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence

import msgspec

from stepin.core.fence import EMPTY, Head, check, rises
from stepin.core.record import NewEvent, Recorded
from stepin.core.work import Claimed, PutWork, WorkChange, WorkKind
from stepin.log.codec import Encoded, chain, encode
from stepin.log.protocol import Append, Appended, Carried, NotAppended, Outcome
from stepin.log.salt import Salts
from stepin.log.sqlite.rows import read_stream

_HEAD = (
    "SELECT seq, epoch, basis, at_us, hash FROM event WHERE stream = ? ORDER BY seq DESC LIMIT 1"
)
_CHUNKS = (64, 8, 1)
_COMMANDS = """
SELECT asked.key, c.digest, c.first_seq, c.last_seq FROM json_each(?) AS asked
CROSS JOIN command AS c ON c.stream = asked.value ->> 0 AND c.id = asked.value ->> 1
"""
_REPLACE = """
INSERT INTO work (id, kind, stream, due_us, body) VALUES (?,?,?,?,?)
ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, stream = excluded.stream,
    due_us = excluded.due_us, body = excluded.body, lease_us = 0, holder = '',
    attempt = attempt + 1, unended = 0
"""
_CLAIM = """
UPDATE work SET attempt = attempt + 1, unended = unended + 1, lease_us = ?, holder = ?
WHERE id IN (SELECT id FROM work WHERE kind IN ({kinds}) AND due_us <= ? AND lease_us < ?
             ORDER BY due_us LIMIT ?)
RETURNING id, kind, stream, due_us, attempt, body, unended
"""


class StoredCommand(msgspec.Struct, frozen=True, gc=False):
    """The digest of a command's body and what it has appended."""

    digest: bytes
    first_seq: int
    last_seq: int


class Store:
    """What the tables hold, and what of it is remembered between transactions.

    Stream heads are remembered for as long as no other connection has written to the file, and so
    are the names of all commands of the streams that were opened here meanwhile. Rows
    of events, commands and new work wait for `flush`, so that many go in with one statement; heads,
    commands and attempts are right without it, whatever else reads those tables has to flush first.
    """

    def __init__(
        self,
        conn: sqlite3.Connection,
        *,
        clock_us: Callable[[], int],
        salt: Callable[[int], bytes] | None = None,
    ) -> None:
        self.conn = conn
        self.appended: list[Recorded] = []
        self.scale, self.offset_us = 1.0, 0
        self._clock_us = clock_us
        self._salt = Salts() if salt is None else salt
        self._heads: dict[str, Head] = {}
        self._ids: dict[str, int] = {}
        self._position = 0
        self._data_version = -1
        self._now_us = 0
        self._commands: dict[tuple[str, str], StoredCommand | None] = {}
        self._carried: dict[str, set[str]] = {}
        self._new_events: list[object] = []
        self._new_commands: list[object] = []
        self._new_work: list[object] = []

    def begin(self, items: Sequence[Append] = ()) -> None:
        """Look whether somebody else has written, and read the clock once for the batch.

        Parameters
        ----------
        items : what is going to be appended; their commands are looked up at once.
        """
        version = self.conn.execute("PRAGMA data_version").fetchone()[0]
        if version != self._data_version:
            self._data_version = version
            self._heads.clear()
            self._carried.clear()
            row = self.conn.execute("SELECT max(position) FROM event").fetchone()
            self._position = row[0] or 0
        self._now_us = self._clock_us()
        self._commands.clear()
        keys = []
        for item in items:
            if item.command_id is not None:
                key = (item.stream, item.command_id)
                carried = self._carried.get(item.stream)
                if carried is None or item.command_id in carried:
                    keys.append(key)
                else:
                    self._commands[key] = None
        if len(keys) > 1:
            self._commands.update(dict.fromkeys(keys))
            asked = msgspec.json.encode([(self._id(stream), name) for stream, name in keys])
            for row in self.conn.execute(_COMMANDS, (asked.decode(),)):
                self._commands[keys[row[0]]] = StoredCommand(*row[1:])

    def flush(self) -> None:
        """Put the rows that wait into their tables."""
        if self._new_events:
            _insert_many(self.conn, "event", 12, self._new_events)
            self._new_events.clear()
        if self._new_commands:
            _insert_many(self.conn, "command", 5, self._new_commands)
            self._new_commands.clear()
        self._flush_work()

    def _flush_work(self) -> None:
        if self._new_work:
            table = "work (id, kind, stream, due_us, body)"
            _insert_many(self.conn, table, 5, self._new_work, verb="INSERT OR IGNORE")
            self._new_work.clear()

    def forget(self) -> None:
        """Drop what is remembered: a transaction was rolled back."""
        self._data_version = -1
        self._heads.clear()
        self._carried.clear()
        self._ids.clear()
        self._commands.clear()
        self._new_events.clear()
        self._new_commands.clear()
        self._new_work.clear()

    def log_us(self) -> int:
        """Return the log's clock in this transaction."""
        return int(self._now_us * self.scale) + self.offset_us

    def head(self, stream: str) -> Head:
        """Return where a stream stands."""
        known = self._heads.get(stream)
        if known is None:
            if len(self._heads) > 100_000:
                self.flush()
                self._heads.clear()
                self._carried.clear()
                self._ids.clear()
            stream_id = self._id(stream)
            row = None
            if stream_id is not None:
                row = self.conn.execute(_HEAD, (stream_id,)).fetchone()
            known = EMPTY if row is None else Head(*row)
            self._heads[stream] = known
        return known

    def _id(self, stream: str) -> int | None:
        known = self._ids.get(stream)
        if known is None:
            row = self.conn.execute("SELECT id FROM stream WHERE name = ?", (stream,)).fetchone()
            if row is not None:
                known = self._ids[stream] = row[0]
        return known

    def _opened(self, stream: str) -> int:
        """Return a stream's number. Those of streams that begin together are close together.

        Events and commands are indexed by it: what a commit adds to chats that were opened at
        about the same time lies on few pages, however long the log is.
        """
        known = self._id(stream)
        if known is None:
            made = self.conn.execute("INSERT INTO stream (name) VALUES (?)", (stream,))
            known = made.lastrowid
            assert known is not None
            self._ids[stream] = known
            self._carried[stream] = set()
        return known

    def append(self, item: Append, encoded: Sequence[Encoded]) -> Outcome:
        """Append one item or say why not. See `Append` for the rules."""
        head = self.head(item.stream)
        if item.command_id is not None:
            known = self._command(item.stream, item.command_id)
            if known is not None:
                if known.digest != item.command_digest:
                    return NotAppended(reason="command", head=head)
                return Appended(events=self._events_of(item.stream, known), replayed=True)
        if item.expect_seq is not None and item.expect_seq != head.seq:
            return NotAppended(reason="seq", head=head)
        if item.fence is not None:
            reason = check(item.fence, head, self._live_attempt(item.fence.work_id))
            if reason is not None:
                return NotAppended(reason=reason, head=head)
        if not rises(head.epoch, item.events):
            return NotAppended(reason="epoch", head=head)
        if item.claims and any(self.claimant(key) is not None for key in item.claims):
            return NotAppended(reason="claim", head=head)
        recorded = []
        stream_id = self._opened(item.stream)
        for new, code in zip(item.events, encoded, strict=True):
            head, event = self._insert(item, stream_id, new, code, head)
            recorded.append(event)
        self._heads[item.stream] = head
        if item.command_id is not None:
            done = StoredCommand(item.command_digest, recorded[0].seq, head.seq)
            self._commands[item.stream, item.command_id] = done
            if (carried := self._carried.get(item.stream)) is not None:
                carried.add(item.command_id)
            self._new_commands += (
                stream_id,
                item.command_id,
                bytearray(done.digest),
                done.first_seq,
                done.last_seq,
            )
        if item.work:
            self.change_work(item.work)
        if item.claims or item.frees:
            self._change_claims(item)
        self.appended.extend(recorded)
        return Appended(events=tuple(recorded))

    def _insert(
        self, item: Append, stream_id: int, new: NewEvent, code: Encoded, head: Head
    ) -> tuple[Head, Recorded]:
        self._position += 1
        position, seq = self._position, head.seq + 1
        at_us = max(head.at_us, self.log_us())
        epoch = head.epoch if new.epoch is None else new.epoch
        basis = seq if code.moves_basis else head.basis_seq
        digest = chain(
            head.hash,
            position,
            item.stream,
            seq,
            at_us,
            epoch,
            basis,
            code.kind,
            code.meta,
            code.data,
        )
        self._new_events += (
            position,
            stream_id,
            seq,
            at_us,
            epoch,
            basis,
            code.kind,
            code.ref,
            bytearray(code.meta),
            bytearray(code.data),
            None if code.private is None else bytearray(code.private),
            bytearray(digest),
        )
        event = Recorded(
            position=position,
            stream=item.stream,
            seq=seq,
            at_us=at_us,
            epoch=epoch,
            basis_seq=basis,
            event=new.event,
            actor=new.actor,
            on_behalf_of=new.on_behalf_of,
            cause=new.cause,
            command_id=item.command_id,
            versions=new.versions,
        )
        return Head(seq, epoch, basis, at_us, digest), event

    def encode(self, item: Append) -> list[Encoded]:
        """Return the stored form of an item's events."""
        return [encode(new, command_id=item.command_id, salt=self._salt) for new in item.events]

    def command(self, stream: str, command_id: str) -> Carried | None:
        """Return what a command had led to."""
        known = self._command(stream, command_id)
        if known is None:
            return None
        return Carried(digest=known.digest, events=self._events_of(stream, known))

    def _command(self, stream: str, command_id: str) -> StoredCommand | None:
        key = (stream, command_id)
        if key not in self._commands:
            row = self.conn.execute(
                "SELECT digest, first_seq, last_seq FROM command WHERE stream = ? AND id = ?",
                (self._id(stream), command_id),
            ).fetchone()
            self._commands[key] = None if row is None else StoredCommand(*row)
        return self._commands[key]

    def _events_of(self, stream: str, known: StoredCommand) -> tuple[Recorded, ...]:
        self.flush()
        count = known.last_seq - known.first_seq + 1
        return tuple(read_stream(self.conn, stream, known.first_seq - 1, count))

    def claimant(self, key: str) -> str | None:
        """Return the stream that holds a key."""
        row = self.conn.execute("SELECT stream FROM claim WHERE key = ?", (key,)).fetchone()
        return None if row is None else row[0]

    def _change_claims(self, item: Append) -> None:
        for key in item.claims:
            self.conn.execute("INSERT INTO claim VALUES (?,?)", (key, item.stream))
        for key in item.frees:
            self.conn.execute("DELETE FROM claim WHERE key = ? AND stream = ?", (key, item.stream))

    def change_work_by(self, changes: Sequence[WorkChange], by: Claimed | None) -> bool:
        """Put and drop work, with `by` only if that work is still ours."""
        if by is not None and self._live_attempt(by.work_id) != by.attempt:
            return False
        self.change_work(changes)
        return True

    def _live_attempt(self, work_id: str | None) -> int | None:
        if work_id is None:
            return None
        self._flush_work()
        row = self.conn.execute("SELECT attempt FROM work WHERE id = ?", (work_id,)).fetchone()
        return None if row is None else row[0]

    def change_work(self, changes: Sequence[WorkChange]) -> None:
        """Put and drop work."""
        for change in changes:
            if isinstance(change, PutWork):
                cells = (
                    change.work_id,
                    change.kind,
                    change.stream,
                    change.due_us,
                    bytearray(msgspec.json.encode(change.body)),
                )
                if change.replace:
                    self._flush_work()
                    self.conn.execute(_REPLACE, cells)
                else:
                    self._new_work += cells
            else:
                self._flush_work()
                self.conn.execute("DELETE FROM work WHERE id = ?", (change.work_id,))
                self.conn.execute("DELETE FROM journal WHERE work_id = ?", (change.work_id,))

    def claim(
        self, kinds: Sequence[WorkKind], holder: str, limit: int, lease_s: float
    ) -> list[Claimed]:
        """Lease due work whose lease, if it has one, has ended."""
        now = self._now_us
        rows = self.conn.execute(
            _CLAIM.format(kinds=",".join("?" * len(kinds))),
            (now + int(lease_s * 1e6), holder, *kinds, self.log_us(), now, limit),
        ).fetchall()
        return [
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

    def heartbeat(self, held: Sequence[Claimed], lease_s: float) -> list[str]:
        """Renew leases of work that is still ours."""
        until = self._now_us + int(lease_s * 1e6)
        ours = []
        for work in held:
            done = self.conn.execute(
                "UPDATE work SET lease_us = ? WHERE id = ? AND attempt = ?",
                (until, work.work_id, work.attempt),
            )
            if done.rowcount:
                ours.append(work.work_id)
        return ours

    def release(self, work: Claimed, due_us: int | None) -> None:
        """Give work back."""
        self.conn.execute(
            "UPDATE work SET lease_us = 0, holder = '', due_us = coalesce(?, due_us), "
            "unended = max(unended - 1, 0) "
            "WHERE id = ? AND attempt = ?",
            (due_us, work.work_id, work.attempt),
        )

    def journal_put(self, work: Claimed, step: str, body: bytes) -> bool:
        """Store a step once, if the attempt is still ours."""
        if self._live_attempt(work.work_id) != work.attempt:
            return False
        self.conn.execute(
            "INSERT OR IGNORE INTO journal VALUES (?,?,?)", (work.work_id, step, body)
        )
        return True


def _insert_many(
    conn: sqlite3.Connection, table: str, width: int, cells: list[object], verb: str = "INSERT"
) -> None:
    """Insert rows, given cell by cell, with as few statements as there can be.

    Each statement lets go of the interpreter. Bytes come as byte arrays: the driver looks for an
    adapter of every other value that is no number or text.
    """
    row = "(" + ",".join("?" * width) + ")"
    at = 0
    for size in _CHUNKS:
        statement = f"{verb} INTO {table} VALUES " + ",".join([row] * size)
        while len(cells) - at >= size * width:
            conn.execute(statement, cells[at : at + size * width])
            at += size * width
