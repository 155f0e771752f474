"""The fence: what the AI may still write, decided where the log appends.

The stream's head says where the chat stands now. A write of the AI carries where the AI believes
that it stands. The two are compared in the transaction that would append, so that nothing of the
AI's is accepted after a takeover, a close or a kill switch, whatever the race.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import msgspec

from stepin.core.events import Event
from stepin.core.events.chat import MessagePosted, WhisperSent

if TYPE_CHECKING:
    from stepin.core.record import NewEvent

FenceReason = Literal["epoch", "attempt", "basis"]
RefusalReason = Literal["epoch", "attempt", "basis", "seq", "command", "claim"]


class Head(msgspec.Struct, frozen=True, gc=False):
    """Where a stream stands. An empty stream's head is all zero."""

    seq: int = 0
    epoch: int = 0
    basis_seq: int = 0
    at_us: int = 0
    hash: bytes = b""


EMPTY = Head()


class Fence(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What a write of the AI rests on.

    Attributes
    ----------
    epoch : the epoch in which the turn started.
    work_id, attempt : the turn (or effect) and which attempt at it this is; None for writes
        that belong to no leased work.
    basis_seq : the last customer message or whisper that was read; None where a newer one
        doesn't matter (a detector's flag; a message accepted as stale).
    """

    epoch: int
    work_id: str | None = None
    attempt: int = 0
    basis_seq: int | None = None


def check(fence: Fence, head: Head, live_attempt: int | None) -> FenceReason | None:
    """Return why the fence refuses, or None if the write may be appended.

    Parameters
    ----------
    fence : what the write rests on.
    head : where the stream stands inside the appending transaction.
    live_attempt : the attempt that the work table holds for `fence.work_id`, None if that work
        is gone. Not looked at when the fence names no work.
    """
    if fence.epoch != head.epoch:
        return "epoch"
    if fence.work_id is not None and fence.attempt != live_attempt:
        return "attempt"
    if fence.basis_seq is not None and fence.basis_seq < head.basis_seq:
        return "basis"
    return None


def rises(epoch: int, events: Sequence[NewEvent]) -> bool:
    """Return whether the epoch never falls over these events, beginning at the stream's."""
    for new in events:
        if new.epoch is not None:
            if new.epoch < epoch:
                return False
            epoch = new.epoch
    return True


def moves_basis(event: Event) -> bool:
    """Return whether the AI must have read this event before it may answer."""
    if type(event) is MessagePosted:
        return event.author == "customer"
    return type(event) is WhisperSent
