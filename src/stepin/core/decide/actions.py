"""Actions: proposed, approved, edited, denied, expired. Code resolves them; people decide."""

from __future__ import annotations

import msgspec

from stepin.core.action import Action, Resolved, digest_of
from stepin.core.chat import Chat
from stepin.core.command import SYSTEM_ACTOR, Actor, Role
from stepin.core.decide.decision import (
    Decision,
    by,
    must_be,
    must_be_open,
    must_hold,
    must_not_be_ahead,
    timer,
)
from stepin.core.events.action import (
    ActionApproved,
    ActionDenied,
    ActionEdited,
    ActionExpired,
    ActionProposed,
)
from stepin.core.policy import ApprovalPolicy, Policy
from stepin.core.record import NewEvent, Versions
from stepin.core.work import DropWork, PutWork
from stepin.errors import Conflict, Forbidden, Missing

RANKS: tuple[Role, ...] = ("worker", "lead", "admin")


def propose(
    chat: Chat,
    resolved: Resolved,
    actor: str,
    policy: Policy,
    *,
    action_id: str,
    role: Role | None,
    now_us: int,
    turn_id: str | None = None,
    basis_seq: int | None = None,
) -> Decision:
    """Decide a proposal; where nobody has to approve it, it is approved at once.

    Parameters
    ----------
    role : of the worker who proposes; None if the AI does.
    """
    digest = digest_of(
        resolved, action_id=action_id, customer_id=chat.customer_id, epoch=chat.epoch
    )
    approver = approver_role(resolved, policy.approvals, role)
    expires = None if approver is None else now_us + int(policy.approvals.expires_s * 1e6)
    proposed = ActionProposed(
        action_id=action_id,
        tool=resolved.tool,
        tool_version=resolved.tool_version,
        risk=resolved.risk,
        arguments=resolved.arguments,
        digest=digest,
        business_key=resolved.business_key,
        needs_approval=approver is not None,
        approver_role=approver or "worker",
        expires_at_us=expires,
        record_version=resolved.record_version,
        records=resolved.records,
        amount=resolved.amount,
        turn_id=turn_id,
        basis_seq=basis_seq,
    )
    events: tuple[NewEvent, ...] = (NewEvent(event=proposed, actor=actor),)
    if expires is not None:
        wait = timer(chat.chat_id, f"expiry/{action_id}", expires, action_id=action_id)
        return Decision(events=events, work=(wait,))
    approved = ActionApproved(action_id=action_id, digest=digest, automatic=True)
    events += (NewEvent(event=approved, actor=actor if role else "system"),)
    return Decision(events=events, work=(effect_work(chat, action_id),))


def approver_role(resolved: Resolved, limits: ApprovalPolicy, proposer: Role | None) -> Role | None:
    """Return the least role that must approve a call, None if nobody has to.

    Parameters
    ----------
    proposer : the role of the worker who proposes; None for the AI.
    """
    if resolved.risk in ("read", "reversible"):
        return None
    if proposer is None:
        above = limits.ai_money_limit
        if resolved.approve_above is not None:
            above = min(above, resolved.approve_above)
        free = (
            resolved.amount <= above and above > 0
            if resolved.risk == "money"
            else limits.ai_irreversible
        )
        least = (_role_for(resolved, limits), resolved.ai_approver)
        return None if free else max(least, key=RANKS.index)
    needed = _role_for(resolved, limits)
    return None if RANKS.index(proposer) >= RANKS.index(needed) else needed


def _role_for(resolved: Resolved, limits: ApprovalPolicy) -> Role:
    if resolved.risk != "money" or resolved.amount <= limits.worker_money_limit:
        return "worker"
    return "lead" if resolved.amount <= limits.lead_money_limit else "admin"


def may_propose(chat: Chat, actor: Actor) -> None:
    """Raise unless this worker may act in the chat now: only who holds it."""
    must_be(actor, "worker")
    must_be_open(chat)
    must_hold(chat, actor)


def approve(
    chat: Chat, action_id: str, digest: str, actor: Actor, *, now_us: int, seen_seq: int
) -> Decision:
    """Decide an approval. It binds to the digest, is used once, and dies with its time and epoch.

    Raises
    ------
    Conflict
        The action is not waiting any more, was changed, has expired, or rests on another epoch; or
        the customer has written since, and the worker hasn't seen it.
    Forbidden
        The role is not enough, or the worker would approve an own proposal.
    """
    action = waiting(chat, action_id, actor, now_us=now_us)
    must_match(action, digest)
    _must_rank(action.approver_role, actor)
    _must_have_seen(chat, action, seen_seq)
    approved = ActionApproved(action_id=action_id, digest=digest)
    return Decision(events=by(actor, approved), work=_go(chat, action_id))


def edit(
    chat: Chat,
    action_id: str,
    digest: str,
    resolved: Resolved,
    actor: Actor,
    policy: Policy,
    *,
    now_us: int,
    seen_seq: int,
) -> Decision:
    """Decide an edit: other arguments, resolved anew, approved by the editor in the same step."""
    action = waiting(chat, action_id, actor, now_us=now_us)
    must_match(action, digest)
    _must_rank(_role_for(resolved, policy.approvals), actor)
    _must_have_seen(chat, action, seen_seq)
    new = digest_of(resolved, action_id=action_id, customer_id=chat.customer_id, epoch=chat.epoch)
    edited = ActionEdited(
        action_id=action_id,
        arguments=resolved.arguments,
        digest=new,
        business_key=resolved.business_key,
        records=resolved.records,
        record_version=resolved.record_version,
        amount=resolved.amount,
    )
    approved = ActionApproved(action_id=action_id, digest=new)
    return Decision(events=by(actor, edited, approved), work=_go(chat, action_id))


def deny(chat: Chat, action_id: str, reason: str, actor: Actor, *, now_us: int) -> Decision:
    """Decide a denial."""
    waiting(chat, action_id, actor, now_us=now_us)
    denied = ActionDenied(action_id=action_id, reason=reason.strip() or None)
    return Decision(
        events=by(actor, denied), work=(DropWork(work_id=_expiry(chat.chat_id, action_id)),)
    )


def expire(chat: Chat, action_id: str) -> Decision:
    """Decide that no decision came in time: a missing decision is a denial."""
    return Decision(events=by(SYSTEM_ACTOR, ActionExpired(action_id=action_id)))


def withdraw(chat: Chat, action_id: str, actor: str, versions: Versions) -> Decision | None:
    """Decide that the AI takes its proposal back; None if it isn't one that still waits."""
    action = chat.actions.get(action_id)
    if action is None or action.state != "proposed" or not action.by_ai:
        return None
    ended = ActionExpired(action_id=action_id, reason="withdrawn")
    return Decision(
        events=(NewEvent(event=ended, actor=actor, versions=versions),),
        work=(DropWork(work_id=_expiry(chat.chat_id, action_id)),),
    )


def waiting(chat: Chat, action_id: str, actor: Actor, *, now_us: int) -> Action:
    """Return the action if this worker may decide it now, or raise."""
    must_be(actor, "worker")
    must_be_open(chat)
    action = chat.actions.get(action_id)
    if action is None:
        raise Missing(f"There is no action {action_id} in this chat.", code="no_action")
    if action.state != "proposed":
        raise Conflict(
            f"Action {action_id} is {action.state}.",
            hint="An approval is used once.",
            code="action_decided",
            state=action.state,
        )
    if action.expires_at_us is not None and now_us >= action.expires_at_us:
        raise Conflict(
            f"Action {action_id} has expired.",
            hint="It has to be proposed again.",
            code="action_expired",
        )
    if action.epoch != chat.epoch:
        raise Conflict(
            f"Action {action_id} was proposed in epoch {action.epoch}; it is {chat.epoch} now.",
            hint="It has to be proposed again.",
            code="action_stale",
            epoch=chat.epoch,
        )
    return action


def must_match(action: Action, digest: str) -> None:
    """Raise unless the digest is the one that the action has now."""
    if action.digest != digest:
        raise Conflict(
            f"Action {action.action_id} is not the one that you saw.",
            hint="Look at the card again.",
            code="digest_changed",
            digest=action.digest,
        )


def _must_have_seen(chat: Chat, action: Action, seen_seq: int) -> None:
    """Raise unless the worker has seen what the customer has written since the proposal.

    It may be that they don't want it any more; what it says is for people to read, in any language.
    """
    must_not_be_ahead(chat, seq=seen_seq)
    written = chat.written_since(action)
    if seen_seq < written:
        raise Conflict(
            "The customer has written since this was proposed.",
            hint="Read what they wrote; they may not want it any more. Then approve or deny.",
            code="customer_wrote_since",
            seq=written,
        )


def _must_rank(needed: str, actor: Actor) -> None:
    if RANKS.index(actor.role) < [*RANKS].index(needed):  # type: ignore[arg-type]
        raise Forbidden(
            f"A {needed} must approve this; you are a {actor.role}.",
            hint=f"Ask a {needed}.",
            code="role_limit",
            needed=needed,
        )


def _expiry(chat_id: str, action_id: str) -> str:
    return f"expiry/{action_id}:{chat_id}"


def _go(chat: Chat, action_id: str) -> tuple[DropWork | PutWork, ...]:
    return (DropWork(work_id=_expiry(chat.chat_id, action_id)), effect_work(chat, action_id))


def effect_work(chat: Chat, action_id: str) -> PutWork:
    """Return the work that carries an approved action out."""
    return PutWork(
        work_id=f"effect:{action_id}",
        kind="effect",
        stream=f"chat/{chat.chat_id}",
        body={"action_id": action_id},
    )


def changed(action: Action, resolved: Resolved) -> bool:
    """Return whether what a call would do now differs from what was approved."""
    return (
        action.record_version != resolved.record_version
        or msgspec.to_builtins(action.arguments) != msgspec.to_builtins(resolved.arguments)
        or action.tool_version != resolved.tool_version
    )
