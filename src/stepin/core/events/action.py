"""What happens to an action: a tool call with its approval, its effect and its outcome."""

from __future__ import annotations

from typing import Literal

from stepin.core.events.base import Event, Risk
from stepin.core.private import PrivateJson, PrivateText


class ActionProposed(Event, frozen=True, kw_only=True):
    """Somebody wants a tool to be called.

    `digest` binds an approval to the action, tool and version, resolved arguments, customer,
    epoch and the version of the record seen. `business_key` names the intent (order, line,
    kind, ordinal) and is unique across chats. `records` are the resolved records that an
    approval card shows.
    """

    action_id: str
    tool: str
    tool_version: str
    risk: Risk
    arguments: PrivateJson
    digest: str
    business_key: str
    needs_approval: bool = False
    approver_role: str = "worker"
    expires_at_us: int | None = None
    record_version: str = ""
    records: PrivateJson = {}
    amount: float = 0.0
    turn_id: str | None = None
    basis_seq: int | None = None


class ActionApproved(Event, frozen=True, kw_only=True):
    """The action may run, once, exactly as `digest` says. `automatic` if no person had to."""

    action_id: str
    digest: str
    automatic: bool = False


class ActionEdited(Event, frozen=True, kw_only=True):
    """A person changed the arguments before approving; the digest is the new one."""

    action_id: str
    arguments: PrivateJson
    digest: str
    business_key: str
    records: PrivateJson = {}
    record_version: str = ""
    amount: float = 0.0


class ActionDenied(Event, frozen=True, kw_only=True):
    """A person said no."""

    action_id: str
    reason: PrivateText | None = None


class ActionExpired(Event, frozen=True, kw_only=True):
    """No decision came in time, or the ground moved: it counts as a denial.

    It is `withdrawn` when the customer has said that they don't want it any more.
    """

    action_id: str
    reason: Literal["time", "takeover", "closed", "stale", "kill_switch", "safety", "withdrawn"] = (
        "time"
    )


class ActionStarted(Event, frozen=True, kw_only=True):
    """The call is about to be sent, under this idempotency key. From here it can't be recalled."""

    action_id: str
    effect_key: str
    attempt: int = 1


class ActionSucceeded(Event, frozen=True, kw_only=True):
    """The tool did it."""

    action_id: str
    result: PrivateJson
    duration_ms: int = 0


class ActionFailed(Event, frozen=True, kw_only=True):
    """The tool did not do it, and that is certain."""

    action_id: str
    error: str
    message: PrivateText | None = None
    duration_ms: int = 0


class ActionUnknown(Event, frozen=True, kw_only=True):
    """Nobody can say yet whether the tool did it; it will be reconciled, never blindly retried."""

    action_id: str
    detail: str


class ActionReconciled(Event, frozen=True, kw_only=True):
    """The outside service was asked, and this is what had happened."""

    action_id: str
    outcome: Literal["succeeded", "failed"]
    result: PrivateJson = {}


ActionEvent = (
    ActionProposed
    | ActionApproved
    | ActionEdited
    | ActionDenied
    | ActionExpired
    | ActionStarted
    | ActionSucceeded
    | ActionFailed
    | ActionUnknown
    | ActionReconciled
)
