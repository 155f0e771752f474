"""The one port of the log: append, read, tail, durable work, small mutable records."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

import msgspec

from stepin.core.fence import Fence, Head, RefusalReason
from stepin.core.record import NewEvent, Recorded
from stepin.core.work import Claimed, WorkChange, WorkKind
from stepin.log.stored import Stored
from stepin.log.writes import Writes


class Append(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One item to append: all of its events or none.

    Attributes
    ----------
    stream : where.
    events : what; at least one. An epoch that is lower than the stream's refuses with reason
        "epoch": it never falls, else the fence would let an old turn in again.
    expect_seq : the seq on which the decision rests; another head refuses. None: any.
    fence : for the AI's writes.
    command_id, command_digest : a client's name for the command and the digest of its body. The
        same id with the same digest returns what was appended the first time; with another
        digest it is refused with reason "command".
    work : put and dropped in the same transaction.
    claims : keys that the stream takes, each unique over the whole log (an effect's business
        key). One that any stream holds refuses with reason "claim"; looked at after the fence.
    frees : keys that the stream lets go; freeing what it does not hold does nothing.
    """

    stream: str
    events: tuple[NewEvent, ...]
    expect_seq: int | None = None
    fence: Fence | None = None
    command_id: str | None = None
    command_digest: bytes = b""
    work: tuple[WorkChange, ...] = ()
    claims: tuple[str, ...] = ()
    frees: tuple[str, ...] = ()


class Appended(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The item is in the log, durably. `replayed` if an earlier call had put it there."""

    events: tuple[Recorded, ...]
    replayed: bool = False


class NotAppended(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The item was refused; nothing of it is in the log. `head` is where the stream stands."""

    reason: RefusalReason
    head: Head


Outcome = Appended | NotAppended


class Carried(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What a command had led to, and the digest of its body."""

    digest: bytes
    events: tuple[Recorded, ...]


class Log(Protocol):
    """An append-only log with the fence in the appending transaction.

    Guarantees, on every adapter and with any number of processes on one database: a stream's
    seq has no gaps; positions have no gaps and become visible in order; an acknowledged append
    is durable; items of one batch are decided in order, and a refusal aborts only its own item.

    Attributes
    ----------
    writes : what became of this process's last write.
    """

    writes: Writes

    async def append(self, item: Append) -> Outcome:
        """Append one item; calls from many tasks share a commit."""
        ...

    async def append_many(self, items: Sequence[Append]) -> list[Outcome]:
        """Append items in order; a refusal never aborts the rest."""
        ...

    async def read(
        self, stream: str, *, after_seq: int = 0, limit: int | None = None
    ) -> list[Recorded]:
        """Return a stream's events after `after_seq`, oldest first."""
        ...

    async def read_all(self, *, after_position: int = 0, limit: int = 1000) -> list[Recorded]:
        """Return events of all streams after a position, oldest first."""
        ...

    async def stored(self, *, after_position: int = 0, limit: int = 1000) -> list[Stored]:
        """Return events of all streams as the database keeps them, oldest first."""
        ...

    async def stored_stream(self, stream: str) -> list[Stored]:
        """Return a stream's events as the database keeps them, by position."""
        ...

    async def head(self, stream: str) -> Head:
        """Return where a stream stands."""
        ...

    async def command(self, stream: str, command_id: str) -> Carried | None:
        """Return what a command had led to, None if it was never carried out."""
        ...

    async def claimant(self, key: str) -> str | None:
        """Return the stream that holds a key (see `Append.claims`), None if nobody does."""
        ...

    async def position(self) -> int:
        """Return the last position, 0 for an empty log."""
        ...

    async def streams(self, *, ref: str) -> list[str]:
        """Return the streams opened under a reference (`customer:ID`, `trials`), newest first."""
        ...

    async def now_us(self) -> int:
        """Return the log's clock."""
        ...

    def tail(self, *, after_position: int) -> AsyncIterator[Sequence[Recorded]]:
        """Yield batches of events after a position, in order, each exactly once, as they come."""
        ...

    async def claim(
        self, kinds: Sequence[WorkKind], *, holder: str, limit: int, lease_s: float
    ) -> list[Claimed]:
        """Lease due work that nobody holds (or whose lease has ended), raising its attempt.

        The claim is counted in `Claimed.unended` until the work is released or dropped.
        """
        ...

    async def heartbeat(self, held: Sequence[Claimed], *, lease_s: float) -> list[str]:
        """Renew leases; return the ids of those that are still ours."""
        ...

    async def release(self, work: Claimed, *, due_us: int | None = None) -> None:
        """Give work back, due now or at `due_us`. Does nothing if it is no longer ours."""
        ...

    async def change_work(
        self, changes: Sequence[WorkChange], *, by: Claimed | None = None
    ) -> bool:
        """Put and drop work without an event; with `by`, only if that work is still ours.

        Says whether it was done.
        """
        ...

    async def work_streams(self, kind: WorkKind) -> list[str]:
        """Return the streams that have work of a kind, due or not."""
        ...

    async def next_due_us(self, kinds: Sequence[WorkKind]) -> int | None:
        """Return when the next unleased work is due, by the log's clock."""
        ...

    async def journal_get(self, work_id: str) -> dict[str, bytes]:
        """Return the journaled steps of a piece of work."""
        ...

    async def journal_put(self, work: Claimed, step: str, body: bytes) -> bool:
        """Store a step's outcome once; False if the attempt is no longer ours."""
        ...

    async def record_get(self, table: str, key: str) -> bytes | None:
        """Return a small mutable record (an account, a session), None if absent or expired."""
        ...

    async def record_put(
        self, table: str, key: str, body: bytes, *, expires_us: int | None = None
    ) -> None:
        """Store a record, replacing what was there. Expiry follows real time."""
        ...

    async def record_add(self, table: str, key: str, body: bytes) -> bool:
        """Store a record if there is none; say whether it was stored."""
        ...

    async def record_delete(self, table: str, key: str) -> bool:
        """Delete a record; say whether there was one."""
        ...

    async def record_list(self, table: str) -> list[tuple[str, bytes]]:
        """Return the live records of a table, by key."""
        ...

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
        """Destroy private fields and their salt, in one transaction with a `TextRedacted`.

        With `through_seq` all private fields of all events from `seq` to there, `fields` apart.

        The journals of the stream's open AI turns go with them: a turn that is retried starts
        from what is left.
        """
        ...

    async def erase(self) -> None:
        """Overwrite on disk, as far as the database can, what redactions have destroyed."""
        ...

    async def close(self) -> None:
        """Finish what was accepted and let go of the database."""
        ...
