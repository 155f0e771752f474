"""What a log should do, in the plainest words: lists and dictionaries."""

from __future__ import annotations

from dataclasses import dataclass, field

from stepin.core.events.chat import MessagePosted, WhisperSent
from stepin.core.work import PutWork, WorkChange
from stepin.log.protocol import Append


@dataclass
class Row:
    position: int
    seq: int
    epoch: int
    basis: int
    text: str


@dataclass
class Piece:
    kind: str
    stream: str
    due: bool
    attempt: int = 0
    leased: bool = False
    journal: dict[str, bytes] = field(default_factory=dict)


class Model:
    """One log in memory."""

    def __init__(self, position: int) -> None:
        self.position = position
        self.streams: dict[str, list[Row]] = {}
        self.commands: dict[tuple[str, str], tuple[bytes, int, int]] = {}
        self.claims: dict[str, str] = {}
        self.work: dict[str, Piece] = {}

    def head(self, stream: str) -> tuple[int, int, int]:
        """Seq, epoch and basis."""
        rows = self.streams.get(stream, [])
        return (rows[-1].seq, rows[-1].epoch, rows[-1].basis) if rows else (0, 0, 0)

    def append(self, item: Append) -> str:
        """Why it is refused, `replayed`, or `appended`."""
        seq, epoch, basis = self.head(item.stream)
        if item.command_id is not None:
            known = self.commands.get((item.stream, item.command_id))
            if known is not None:
                return "replayed" if known[0] == item.command_digest else "command"
        if item.expect_seq is not None and item.expect_seq != seq:
            return "seq"
        if (fence := item.fence) is not None:
            if fence.epoch != epoch:
                return "epoch"
            if fence.work_id is not None:
                piece = self.work.get(fence.work_id)
                if piece is None or piece.attempt != fence.attempt:
                    return "attempt"
            if fence.basis_seq is not None and fence.basis_seq < basis:
                return "basis"
        epochs = [epoch, *(new.epoch for new in item.events if new.epoch is not None)]
        if epochs != sorted(epochs):
            return "epoch"
        if any(key in self.claims for key in item.claims):
            return "claim"
        first = seq + 1
        for new in item.events:
            seq += 1
            self.position += 1
            epoch = epoch if new.epoch is None else new.epoch
            event = new.event
            if isinstance(event, WhisperSent) or (
                isinstance(event, MessagePosted) and event.author == "customer"
            ):
                basis = seq
            text = event.text if isinstance(event, MessagePosted | WhisperSent) else ""
            row = Row(self.position, seq, epoch, basis, text)
            self.streams.setdefault(item.stream, []).append(row)
        if item.command_id is not None:
            self.commands[item.stream, item.command_id] = (item.command_digest, first, seq)
        self.change(item.work)
        self.claims.update(dict.fromkeys(item.claims, item.stream))
        for key in item.frees:
            if self.claims.get(key) == item.stream:
                del self.claims[key]
        return "appended"

    def change(self, changes: tuple[WorkChange, ...]) -> None:
        for change in changes:
            if not isinstance(change, PutWork):
                self.work.pop(change.work_id, None)
                continue
            old = self.work.get(change.work_id)
            if old is None:
                piece = Piece(change.kind, change.stream, change.due_us == 0)
                self.work[change.work_id] = piece
            elif change.replace:
                self.work[change.work_id] = Piece(
                    change.kind, change.stream, change.due_us == 0, old.attempt + 1, False,
                    old.journal,
                )  # fmt: skip

    def claim(self, kinds: tuple[str, ...], *, keeps: bool) -> dict[str, int]:
        """The attempts of all due work that nobody holds."""
        got = {}
        for name, piece in self.work.items():
            if piece.kind in kinds and piece.due and not piece.leased:
                piece.attempt += 1
                piece.leased = keeps
                got[name] = piece.attempt
        return got
