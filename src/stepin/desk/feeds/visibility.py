"""Which fields of which events a worker may read in a chat; what isn't named isn't shown.

Shadow flags, scores, draws, arms, assignment probabilities, policy versions and ratings are
withheld: they would tell a worker what a trial is testing, or how it is going.
"""

from __future__ import annotations

from typing import Any

import msgspec

from stepin.core.events.supervision import FlagRaised
from stepin.core.record import Recorded

WORKER_FIELDS: dict[str, tuple[str, ...]] = {
    "ChatOpened": (
        "customer_id",
        "asserted",
        "channel",
        "language",
        "issue_class",
        "previous_chat_id",
        "customer_name",
    ),
    "EligibilityAssessed": ("eligible", "issue_class"),
    "OwnerSet": ("owner", "previous", "reason", "group"),
    "HolderChanged": ("from_", "to", "reason", "note", "in_flight"),
    "MessagePosted": (
        "author",
        "text",
        "visibility",
        "turn_id",
        "basis_seq",
        "stale",
        "template",
        "sources",
    ),
    "LabelsChanged": ("added", "removed"),
    "WhisperSent": ("text",),
    "TurnStarted": ("turn_id", "attempt", "basis_seq"),
    "TurnFinished": ("turn_id", "outcome"),
    "TurnFailed": ("turn_id", "reason", "detail"),
    "DraftDiscarded": ("turn_id", "reason", "gate", "text"),
    "WrapUpStarted": ("worker_id", "reason", "disposition"),
    "WrapUpEnded": ("worker_id", "disposition"),
    "ChatClosed": ("reason", "disposition", "closed_by"),
    "RatingInvited": (),
    "TextRedacted": ("seq", "reason", "fields"),
    "ActionProposed": (
        "action_id",
        "tool",
        "tool_version",
        "risk",
        "arguments",
        "digest",
        "needs_approval",
        "approver_role",
        "expires_at_us",
        "records",
        "record_version",
        "turn_id",
    ),
    "ActionApproved": ("action_id", "automatic"),
    "ActionEdited": ("action_id", "arguments", "digest", "records"),
    "ActionDenied": ("action_id", "reason"),
    "ActionExpired": ("action_id", "reason"),
    "ActionStarted": ("action_id", "attempt"),
    "ActionSucceeded": ("action_id", "result", "duration_ms"),
    "ActionFailed": ("action_id", "error", "message", "duration_ms"),
    "ActionUnknown": ("action_id", "detail"),
    "ActionReconciled": ("action_id", "outcome", "result"),
    "FlagRaised": ("cause", "raised_by", "score", "reason", "turn_seq", "kind"),
    "AlertShown": ("flag_seq", "cause", "step", "to", "expires_at_us", "kind", "again"),
    "AlertAcknowledged": ("flag_seq", "worker_id"),
    "EscalationTaken": ("flag_seq", "worker_id"),
    "EscalationDeclined": ("flag_seq", "worker_id", "reason"),
    "EscalationExpired": ("flag_seq", "step", "next_step", "again", "kind"),
    "EscalationWithdrawn": ("flag_seq", "reason"),
    "BriefShown": ("worker_id", "text", "cites"),
    "SuggestionShown": ("suggestion_id", "worker_id", "kind", "text", "source"),
    "SuggestionUsed": ("suggestion_id", "worker_id", "edited"),
    "NudgeShown": ("worker_id", "kind"),
}

WITHHELD_FROM_WORKERS = frozenset(
    {
        "RatingGiven",
        "ChatScored",
        "DecisionDrawn",
        "WorkerSignedOn",
        "WorkerSignedOff",
        "PresenceChanged",
        "FocusMoved",
        "DraftStarted",
        "DraftAbandoned",
        "TrialRegistered",
        "WorkerAssigned",
        "TrialLocked",
        "TrialStopped",
        "Unblinded",
        "PolicyChanged",
        "SwitchThrown",
        "LogOpened",
        "LogSealed",
        "LogNoted",
    }
)
"""Kinds that are not entries of a chat for a worker, named so that none is forgotten."""


_SHOWN = {
    kind: tuple((name.rstrip("_"), name) for name in names) for kind, names in WORKER_FIELDS.items()
}


class Entry(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """One line of a chat's timeline as a worker reads it. `data` holds the event's fields."""

    seq: int
    at_us: int
    kind: str
    actor: str
    epoch: int
    data: dict[str, Any]
    redacted: bool = False


def worker_entry(recorded: Recorded) -> Entry | None:
    """Return what a worker reads of an event, None if it is withheld."""
    kind = recorded.kind
    fields = _SHOWN.get(kind)
    event = recorded.event
    if fields is None or (isinstance(event, FlagRaised) and event.shadow):
        return None
    values = ((name, getattr(event, attribute)) for name, attribute in fields)
    return Entry(
        seq=recorded.seq,
        at_us=recorded.at_us,
        kind=kind,
        actor=recorded.actor,
        epoch=recorded.epoch,
        data={name: value for name, value in values if value is not None},
        redacted=recorded.redacted,
    )
