"""An escalation: a flag on its way to a person, and which flag is graver than which."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from stepin.core.events import Event
from stepin.core.events.base import Cause, FlagRaiser, LadderStep
from stepin.core.events.chat import ChatClosed, HolderChanged, MessagePosted, WrapUpStarted
from stepin.core.events.supervision import (
    AlertAcknowledged,
    AlertShown,
    EscalationDeclined,
    EscalationExpired,
    EscalationTaken,
    EscalationWithdrawn,
    FlagRaised,
)
from stepin.core.record import Recorded

EscalationState = Literal[
    "raised", "alerted", "acknowledged", "taken", "declined", "expired", "withdrawn"
]
LIVE: frozenset[EscalationState] = frozenset({"raised", "alerted", "acknowledged"})
SAFETY = "safety."
"""What the kinds of flags about somebody's safety begin with."""
NO_LIFE_AT_STAKE = frozenset({"safety.fraud", "safety.legal"})
"""Kinds of safety that give way to one where somebody may be hurt."""
OUTRANKED = "outranked"
"""Why an escalation was withdrawn whose place a graver one has taken."""
LATE_REPLY = "reply.late"
"""The kind of the flag that a customer waits too long for a worker's answer."""
_GRAVITY: dict[Cause, int] = {
    "requested": 1,
    "policy": 2,
    "technical": 3,
    "emotional": 4,
    "risk": 5,
}


LIFE_AT_STAKE = -1


def gravity(cause: Cause, kind: str = "") -> int:
    """Return a flag's place among all, below 0 for the gravest.

    Somebody's safety comes first, life and limb before fraud and the law, then a request for a
    person, other rules of the policy, a stuck AI, an upset customer, a bad end in sight, and last
    an answer that is late.
    """
    if kind.startswith(SAFETY):
        return 0 if kind in NO_LIFE_AT_STAKE else LIFE_AT_STAKE
    return 6 if kind == LATE_REPLY else _GRAVITY[cause]


class Escalation(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Where the last escalation of a chat stands.

    `flag_seq` names the flag that raised it. A later flag while it lives starts another only if
    it is graver; this one is withdrawn then. `advanced` says that only chance has raised it so
    far.

    One about somebody's safety is settled by words alone: a person's to the customer, or a
    person's reason to leave it. Until then it is owed, and whatever leaves the chat to others (a
    new holder, the chat's end) raises it again.

    Attributes
    ----------
    again : how often the ladder has begun anew since nobody came.
    settled : whether a person has written to the customer since it was raised, whoever holds.
    """

    flag_seq: int
    cause: Cause
    state: EscalationState
    raised_us: int
    raised_by: FlagRaiser = "desk"
    score: float | None = None
    reason: str = ""
    advanced: bool = False
    step: LadderStep | None = None
    to: tuple[str, ...] = ()
    alerted_us: int | None = None
    expires_us: int | None = None
    acknowledged_by: str | None = None
    acknowledged_us: int | None = None
    taken_by: str | None = None
    taken_us: int | None = None
    kind: str = ""
    again: int = 0
    settled: bool = False

    @property
    def live(self) -> bool:
        """Whether somebody should still come."""
        return self.state in LIVE

    @property
    def owed(self) -> bool:
        """Whether somebody's safety is at stake and no person has answered for it yet."""
        safety = self.kind.startswith(SAFETY) and not self.settled
        return safety and (self.live or self.state == "taken")

    def yields_to(self, flag: FlagRaised) -> bool:
        """Whether a flag takes the place of this escalation while it lives.

        It has to be graver, or another danger to life: whoever was told of an injury has not been
        told of a child that doesn't breathe. One that somebody has acknowledged yields to safety, a
        request and a rule of the policy only.
        """
        new, now = gravity(flag.cause, flag.kind), gravity(self.cause, self.kind)
        if new > now or (new == now and (new != LIFE_AT_STAKE or flag.kind == self.kind)):
            return False
        return self.state != "acknowledged" or flag.cause in ("requested", "policy")


ANEW: dict[str, Any] = {
    "state": "raised",
    "step": None,
    "expires_us": None,
    "acknowledged_by": None,
    "acknowledged_us": None,
    "taken_by": None,
    "taken_us": None,
}
"""How an escalation stands whose ladder begins from its first step; whom it asked stay named."""
ESCALATION_EVENTS: tuple[type[Event], ...] = (
    FlagRaised,
    AlertShown,
    AlertAcknowledged,
    EscalationTaken,
    EscalationDeclined,
    EscalationExpired,
    EscalationWithdrawn,
    MessagePosted,
    HolderChanged,
    WrapUpStarted,
    ChatClosed,
)


def fold_escalation(now: Escalation | None, event: Event, recorded: Recorded) -> Escalation | None:
    """Return a chat's escalation after one more event."""
    match event:
        case MessagePosted():
            said = event.author == "worker" and event.visibility == "public"
            return _answered(now) if said else now
        case HolderChanged() | WrapUpStarted() | ChatClosed():
            return _left(now, event)
        case FlagRaised():
            return _flagged(now, event, recorded)
        case _:
            return _moved_on(now, event, recorded)


def _flagged(now: Escalation | None, event: FlagRaised, recorded: Recorded) -> Escalation | None:
    if event.shadow:
        return now
    if now is not None and now.live:
        due = now.advanced and not event.advanced
        return msgspec.structs.replace(now, advanced=False) if due else now
    return Escalation(
        flag_seq=recorded.seq,
        cause=event.cause,
        state="raised",
        raised_us=recorded.at_us,
        raised_by=event.raised_by,
        score=event.score,
        reason=event.reason,
        advanced=event.advanced,
        kind=event.kind,
    )


def _moved_on(now: Escalation | None, event: Event, recorded: Recorded) -> Escalation | None:
    """Return the escalation after an event that names it; others change nothing."""
    if now is None or getattr(event, "flag_seq", None) != now.flag_seq:
        return now
    match event:
        case AlertShown():
            changes: dict[str, object] = {
                "state": "alerted",
                "step": event.step,
                "to": event.to,
                "alerted_us": now.alerted_us or recorded.at_us,
                "expires_us": event.expires_at_us,
                "acknowledged_us": None,
            }
        case AlertAcknowledged():
            changes = {
                "state": "acknowledged",
                "acknowledged_by": event.worker_id,
                "acknowledged_us": now.acknowledged_us or recorded.at_us,
            }
        case EscalationTaken():
            changes = {
                "state": "taken",
                "taken_by": event.worker_id,
                "taken_us": recorded.at_us,
            }
        case EscalationDeclined():
            changes = {"state": "declined"}
        case EscalationExpired():
            changes = {"state": "raised" if event.next_step else "expired"}
            if event.again:
                changes |= {**ANEW, "again": event.again}
        case EscalationWithdrawn():
            changes = {"state": "withdrawn"}
        case _:
            return now
    return msgspec.structs.replace(now, **changes)


def _answered(now: Escalation | None) -> Escalation | None:
    """Return a chat's escalation once a person has written to the customer."""
    if now is None:
        return None
    if now.owed:
        return msgspec.structs.replace(now, settled=True)
    return _no_longer_late(now)


def _left(now: Escalation | None, event: Event) -> Escalation | None:
    """Return a chat's escalation once another one holds the chat, or the chat has ended."""
    if now is None:
        return None
    if now.owed:
        return msgspec.structs.replace(now, **ANEW)
    return _no_longer_late(now) if isinstance(event, HolderChanged) else now


def _no_longer_late(now: Escalation) -> Escalation:
    if now.kind != LATE_REPLY or not now.live:
        return now
    return msgspec.structs.replace(now, state="withdrawn")
