"""Whether a log is what it was: nothing altered, removed, added in between or cut off.

What is looked at: positions and seqs without gaps, time that doesn't go back inside a stream, the
hash chain over the stored bytes, the columns against the bytes, the commitments against the private
parts, and the roots of seals, those in the log and those that had left the machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from stepin.core.events.chat import TextRedacted
from stepin.core.events.floor import LogOpened, LogSealed
from stepin.core.fence import moves_basis
from stepin.core.record import NewEvent, Recorded
from stepin.log.codec import commitment, hidden_fields, reference
from stepin.log.protocol import Append, Appended, Log
from stepin.log.seal import Seal, root
from stepin.log.stored import Stored

_AT_ONCE = 2000


class Fault(msgspec.Struct, frozen=True):
    """One thing that is wrong.

    Attributes
    ----------
    kind : its stable name: `opened`, `position`, `seq`, `time`, `chain`, `column`, `unreadable`,
        `commitment`, `removed`, `seal`, `cut`, `other_log`.
    position : where in the log.
    stream, seq : where in its stream; empty and 0 for what concerns the whole log.
    detail : what was found and what should have been.
    """

    kind: str
    position: int
    stream: str
    seq: int
    detail: str


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What a verification has found.

    Attributes
    ----------
    log_id : the log's own name.
    events, streams : how many were looked at.
    through_position : the last position.
    seals : how many roots were compared.
    redacted : how many events have lost private fields, each with a `TextRedacted`.
    faults : the first of what is wrong; empty if the log is whole.
    root : the root of all stream heads at the end.
    """

    log_id: str
    events: int
    streams: int
    through_position: int
    seals: int
    redacted: int
    faults: tuple[Fault, ...]
    root: str

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


class _Stream(msgspec.Struct):
    seq: int = 0
    at_us: int = 0
    epoch: int = 0
    basis_seq: int = 0
    hash: bytes = b""


class Walk:
    """The state of a verification that goes through the events in order.

    Parameters
    ----------
    seals : seals that had left the machine.
    most : after how many faults no more are kept.
    """

    def __init__(self, seals: Iterable[Seal] = (), *, most: int = 100) -> None:
        self._outside = sorted(seals, key=lambda seal: seal.through_position)
        self._most = most
        self._streams: dict[str, _Stream] = {}
        self._roots: dict[int, list[tuple[str, str]]] = {}
        self._hidden: dict[tuple[str, int], frozenset[str]] = {}
        self._redactions: set[tuple[str, int]] = set()
        self._ranges: dict[str, list[tuple[int, int]]] = {}
        self.faults: list[Fault] = []
        self.log_id = ""
        self.position = 0
        self.events = 0
        self.seals = 0
        for seal in self._outside:
            self.expect_root(seal.through_position, seal.root, "a seal file")

    def expect_root(self, position: int, expected: str, where: str) -> None:
        """Compare the root of all heads with a seal's when the walk gets there."""
        self._roots.setdefault(position, []).append((expected, where))

    def step(self, event: Stored) -> None:
        """Look at the next event."""
        stream = self._streams.setdefault(event.stream, _Stream())
        if event.position != self.position + 1:
            self._fault("position", event, f"after {self.position} comes {event.position}")
        if event.seq != stream.seq + 1:
            self._fault("seq", event, f"after {stream.seq} comes {event.seq}")
        if event.at_us < stream.at_us:
            self._fault("time", event, f"{event.at_us} is before {stream.at_us}")
        if event.chained(stream.hash) != event.hash:
            self._fault("chain", event, "the hash is not that of these bytes and what came before")
        try:
            recorded = event.recorded()
        except (KeyError, msgspec.MsgspecError, ValueError) as error:
            self._fault("unreadable", event, str(error))
        else:
            self._columns(event, recorded, stream)
            self._private(event, recorded)
        self.position = event.position
        self.events += 1
        stream.seq, stream.at_us, stream.hash = event.seq, event.at_us, event.hash
        stream.epoch, stream.basis_seq = event.epoch, event.basis_seq
        for expected, where in self._roots.pop(event.position, ()):
            self.seals += 1
            if self.root() != expected:
                self._fault("seal", event, f"the stream heads are not those of {where}")

    def _columns(self, event: Stored, recorded: Recorded, stream: _Stream) -> None:
        known = recorded.event
        if event.position == 1:
            if isinstance(known, LogOpened):
                self.log_id = known.log_id
            else:
                self._fault("opened", event, "the first event is not LogOpened")
        basis = event.seq if moves_basis(known) else stream.basis_seq
        if event.basis_seq != basis:
            self._fault("column", event, f"basis is {event.basis_seq} and should be {basis}")
        if event.epoch < stream.epoch:
            self._fault("column", event, f"the epoch fell from {stream.epoch} to {event.epoch}")
        if event.ref != reference(known):
            self._fault("column", event, f"ref is {event.ref!r}, should be {reference(known)!r}")

    def _private(self, event: Stored, recorded: Recorded) -> None:
        if isinstance(recorded.event, TextRedacted):
            self._redacted(event.stream, recorded.event)
        committed = hidden_fields(event.kind, event.meta, event.data)
        if not committed:
            return
        try:
            kept = {} if event.private is None else msgspec.json.decode(event.private)
            salt, values = bytes.fromhex(kept.get("salt", "")), kept.get("values", {})
        except (msgspec.MsgspecError, ValueError, AttributeError) as error:
            self._fault("commitment", event, f"the private part can't be read: {error}")
            return
        for name in values:
            if commitment(salt, name, values[name]) != committed.get(name):
                self._fault("commitment", event, f"{name} is not what was committed to")
        gone = frozenset(committed) - frozenset(values)
        if gone:
            self._hidden[event.stream, event.seq] = gone

    def _redacted(self, stream: str, event: TextRedacted) -> None:
        if event.through_seq is None:
            self._redactions.add((stream, event.seq))
        else:
            self._ranges.setdefault(stream, []).append((event.seq, event.through_seq))

    def finish(self) -> Verdict:
        """Return the verdict after the last event."""
        for (stream, seq), names in self._hidden.items():
            ranges = self._ranges.get(stream, ())
            if (stream, seq) not in self._redactions and not any(a <= seq <= b for a, b in ranges):
                detail = f"{', '.join(sorted(names))} is gone without a TextRedacted"
                self._keep(Fault("removed", 0, stream, seq, detail))
        for seal in self._outside:
            if self.log_id and seal.log_id != self.log_id:
                self._keep(Fault("other_log", 0, "", 0, f"the seal is of log {seal.log_id}"))
        for position, expected in sorted(self._roots.items()):
            for _, where in expected:
                detail = f"the log ends at {self.position}, {where} went through {position}"
                self._keep(Fault("cut", position, "", 0, detail))
        if not self.events:
            self._keep(Fault("opened", 0, "", 0, "the log is empty"))
        return Verdict(
            log_id=self.log_id,
            events=self.events,
            streams=len(self._streams),
            through_position=self.position,
            seals=self.seals,
            redacted=len(self._hidden),
            faults=tuple(self.faults),
            root=self.root(),
        )

    def root(self) -> str:
        """Return the root of all heads so far."""
        return root({name: (s.seq, s.hash) for name, s in self._streams.items()})

    def _fault(self, kind: str, event: Stored, detail: str) -> None:
        self._keep(Fault(kind, event.position, event.stream, event.seq, detail))

    def _keep(self, fault: Fault) -> None:
        if len(self.faults) < self._most:
            self.faults.append(fault)


async def verify(
    log: Log,
    *,
    seals: Iterable[Seal] = (),
    through_position: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Verdict:
    """Return what is wrong with a log, if anything is.

    Parameters
    ----------
    log : the log; it may be written to meanwhile, later events are left out.
    seals : seals that had left the machine; they find a tail that was cut off.
    through_position : where to stop; by default the last position of now.
    progress : called with the position every few thousand events.
    """
    last = await log.position() if through_position is None else through_position
    walk = Walk(seals)
    for position, expected in await _sealed(log, last):
        walk.expect_root(position, expected, "a seal in the log")
    at = 0
    while at < last:
        found = await log.stored(after_position=at, limit=_AT_ONCE)
        for event in found:
            if event.position <= last:
                walk.step(event)
        if not found:
            break
        at = found[-1].position
        if progress is not None:
            progress(min(at, last))
    return walk.finish()


async def _sealed(log: Log, last: int) -> list[tuple[int, str]]:
    """Return the position and the root of each seal in the log, those that can be read."""
    found: list[tuple[int, str]] = []
    for event in await log.stored_stream("desk"):
        if event.kind == LogSealed.__name__ and event.position <= last:
            try:
                sealed = msgspec.json.decode(event.data, type=LogSealed)
            except msgspec.MsgspecError:
                continue
            found.append((sealed.through_position, sealed.root))
    return found


async def seal(
    log: Log, *, by: str, progress: Callable[[int], None] | None = None
) -> Seal | Verdict:
    """Seal the log as it stands, or return what is wrong with it.

    The seal goes into the log as a `LogSealed`, too, so that a later verification without the file
    finds what was altered before it.
    """
    verdict = await verify(log, progress=progress)
    if not verdict.whole:
        return verdict
    sealed = LogSealed(
        root=verdict.root, through_position=verdict.through_position, streams=verdict.streams
    )
    done = await log.append(Append(stream="desk", events=(NewEvent(event=sealed, actor=by),)))
    assert isinstance(done, Appended)
    return Seal(
        log_id=verdict.log_id,
        through_position=verdict.through_position,
        streams=verdict.streams,
        root=verdict.root,
        sealed_at_us=done.events[0].at_us,
    )
