"""An action: one tool call on its way from a proposal to a known outcome."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Literal

import msgspec

from stepin.core.events.action import (
    ActionApproved,
    ActionDenied,
    ActionEdited,
    ActionEvent,
    ActionExpired,
    ActionFailed,
    ActionProposed,
    ActionReconciled,
    ActionStarted,
    ActionSucceeded,
    ActionUnknown,
)
from stepin.core.events.base import Risk
from stepin.core.record import Recorded

ActionState = Literal[
    "proposed", "approved", "denied", "expired", "executing", "succeeded", "failed", "unknown"
]
OPEN: frozenset[ActionState] = frozenset({"proposed", "approved"})
WITHDRAWN = "withdrawn"
IN_FLIGHT: frozenset[ActionState] = frozenset({"executing", "unknown"})


class Action(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Where an action stands. `epoch` and `seq` are those of its proposal.

    `basis_seq` is the last customer message or whisper that the one had read who decided it: the
    AI at the proposal, or the person at the approval. `denial` is why a person said no, in their
    words; empty where they gave no reason.
    """

    action_id: str
    state: ActionState
    tool: str
    tool_version: str
    risk: Risk
    arguments: dict[str, Any]
    digest: str
    business_key: str
    proposer: str
    epoch: int
    seq: int
    basis_seq: int
    needs_approval: bool = False
    approver_role: str = "worker"
    approver: str | None = None
    expires_at_us: int | None = None
    records: dict[str, Any] = {}
    record_version: str = ""
    turn_id: str | None = None
    effect_key: str = ""
    edited: bool = False
    lost: bool = False
    amount: float = 0.0
    result: dict[str, Any] = {}
    error: str = ""
    denial: str = ""

    @property
    def by_ai(self) -> bool:
        """Whether the AI proposed it."""
        return self.proposer.startswith("ai:")

    @property
    def awaited(self) -> bool:
        """Whether the AI went on without its outcome, and has to be told of it.

        What it has withdrawn itself it knows.
        """
        return self.by_ai and (self.needs_approval or self.lost) and not self.withdrawn

    @property
    def withdrawn(self) -> bool:
        """Whether it was ended because the customer doesn't want it any more."""
        return self.state == "expired" and self.error == WITHDRAWN

    @property
    def came_to_nothing(self) -> bool:
        """Whether what the customer wants was not done."""
        return self.state in ("failed", "denied", "expired") and not self.withdrawn

    @property
    def settled(self) -> bool:
        """Whether nothing more will come of it by itself."""
        return self.state not in ("proposed", "approved", "executing", "unknown")


class Resolved(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A tool call as code has resolved it for the asserted customer, before anybody decides.

    `ordinal` counts the same business intent: the second refund of a line is the second.
    `approve_above` and `ai_approver` bind the AI beside the policy, None for no bound.
    """

    tool: str
    tool_version: str
    risk: Risk
    arguments: dict[str, Any]
    records: dict[str, Any] = {}
    record_version: str = ""
    amount: float = 0.0
    intent: str = ""
    ordinal: int = 1
    approve_above: float | None = None
    ai_approver: Literal["worker", "lead"] = "worker"

    @property
    def business_key(self) -> str:
        """The key of the effect, unique over all chats; empty for reads."""
        return "" if self.risk == "read" else f"{self.intent}#{self.ordinal}"


def digest_of(resolved: Resolved, *, action_id: str, customer_id: str, epoch: int) -> str:
    """Return what an approval is bound to: SHA-256 over everything that the call rests on."""
    body = msgspec.json.encode(
        (
            action_id,
            resolved.tool,
            resolved.tool_version,
            resolved.arguments,
            resolved.business_key,
            customer_id,
            epoch,
            resolved.record_version,
        ),
        order="deterministic",
    )
    return sha256(body).hexdigest()


def apply_action(
    actions: Mapping[str, Action], event: ActionEvent, recorded: Recorded
) -> dict[str, Action]:
    """Return a chat's actions after one more event."""
    after = action_after(actions.get(event.action_id), event, recorded)
    return dict(actions) if after is None else {**actions, event.action_id: after}


def action_after(known: Action | None, event: ActionEvent, recorded: Recorded) -> Action | None:
    """Return the action of an event after it; None if it isn't known and wasn't proposed."""
    if isinstance(event, ActionProposed):
        return _proposed(event, recorded)
    return None if known is None else msgspec.structs.replace(known, **_changes(event, recorded))


def _proposed(event: ActionProposed, recorded: Recorded) -> Action:
    return Action(
        action_id=event.action_id,
        state="proposed",
        tool=event.tool,
        tool_version=event.tool_version,
        risk=event.risk,
        arguments=event.arguments,
        digest=event.digest,
        business_key=event.business_key,
        proposer=recorded.actor,
        epoch=recorded.epoch,
        seq=recorded.seq,
        basis_seq=recorded.basis_seq if event.basis_seq is None else event.basis_seq,
        needs_approval=event.needs_approval,
        approver_role=event.approver_role,
        expires_at_us=event.expires_at_us,
        records=event.records,
        record_version=event.record_version,
        turn_id=event.turn_id,
        amount=event.amount,
    )


def _changes(event: ActionEvent, recorded: Recorded) -> dict[str, object]:
    match event:
        case ActionApproved():
            if event.automatic:
                return {"state": "approved"}
            return {
                "state": "approved",
                "approver": recorded.actor,
                "basis_seq": recorded.basis_seq,
            }
        case ActionEdited():
            return {
                "arguments": event.arguments,
                "digest": event.digest,
                "business_key": event.business_key,
                "records": event.records,
                "record_version": event.record_version,
                "amount": event.amount,
                "edited": True,
            }
        case ActionDenied():
            return {"state": "denied", "approver": recorded.actor, "denial": event.reason or ""}
        case ActionExpired():
            return {"state": "expired", "error": event.reason}
        case ActionStarted():
            return {"state": "executing", "effect_key": event.effect_key}
        case ActionSucceeded():
            return {"state": "succeeded", "result": event.result}
        case ActionFailed():
            return {"state": "failed", "error": event.error}
        case ActionUnknown():
            return {"state": "unknown", "error": event.detail, "lost": True}
        case ActionReconciled():
            return {"state": event.outcome, "result": event.result, "error": ""}
        case _:
            return {}
