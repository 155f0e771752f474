"""An event with its envelope: before it is appended (`NewEvent`) and after (`Recorded`)."""

from __future__ import annotations

import msgspec

from stepin.core.events import Event

SYSTEM = "system"


class Versions(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Which policy, model and detector stood behind an event."""

    policy: str = ""
    model: str = ""
    detector: str = ""


NO_VERSIONS = Versions()


class NewEvent(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """An event that somebody wants to append.

    Attributes
    ----------
    event : what happened.
    actor : who did it: `customer:ID`, `worker:ID`, `ai:VERSION`, `system`, `key:NAME`.
    epoch : the epoch that holds from this event on; None keeps the stream's.
    on_behalf_of : for whom, if not for themselves.
    cause : the seq, in the same stream, of the event that led to this one.
    versions : the versions behind it.
    """

    event: Event
    actor: str = SYSTEM
    epoch: int | None = None
    on_behalf_of: str | None = None
    cause: int | None = None
    versions: Versions = NO_VERSIONS

    @property
    def kind(self) -> str:
        """The name of the event's kind."""
        return type(self.event).__name__


class Recorded(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """An event as the log holds it.

    Attributes
    ----------
    position : its place in the whole log; safe to tail.
    stream : `chat/ID`, `worker/ID`, `focus/ID`, `trial/ID` or `desk`.
    seq : its place in its stream, from 1, without gaps.
    at_us : the log's clock, UTC µs, never decreasing inside a stream.
    epoch : the stream's epoch from this event on.
    basis_seq : the last customer message or whisper up to and including this event.
    command_id : the command that led to it, if a client named one.
    schema_version : under which form of its kind it was stored.
    redacted : whether its private fields were destroyed.
    """

    position: int
    stream: str
    seq: int
    at_us: int
    epoch: int
    basis_seq: int
    event: Event
    actor: str = SYSTEM
    on_behalf_of: str | None = None
    cause: int | None = None
    command_id: str | None = None
    schema_version: int = 1
    versions: Versions = NO_VERSIONS
    redacted: bool = False

    @property
    def kind(self) -> str:
        """The name of the event's kind."""
        return type(self.event).__name__
