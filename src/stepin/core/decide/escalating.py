"""From a flag to a person: the alert and the ladder owner → pool → lead."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from stepin.core.chat import Chat
from stepin.core.command import SYSTEM_ACTOR
from stepin.core.decide.decision import Decision, by, timer
from stepin.core.decide.queueing import release
from stepin.core.events.base import LadderStep
from stepin.core.events.supervision import AlertShown, EscalationExpired, FlagRaised
from stepin.core.policy import Policy

STEPS: tuple[LadderStep, ...] = ("owner", "pool", "lead")


class Reachable(msgspec.Struct, frozen=True, kw_only=True):
    """Who can be alerted now.

    Attributes
    ----------
    owner : the chat's owner, if signed on.
    pool : the signed-on workers of the owner's arm (all, without a trial), the owner not among
        them.
    leads : the signed-on leads and admins of every arm.
    """

    owner: str | None = None
    pool: tuple[str, ...] = ()
    leads: tuple[str, ...] = ()

    def at(self, step: LadderStep) -> tuple[str, ...]:
        """Return whom a step of the ladder asks."""
        if step == "owner":
            return () if self.owner is None else (self.owner,)
        return self.pool if step == "pool" else self.leads


def raise_flag(
    chat: Chat,
    flag: FlagRaised,
    policy: Policy,
    reachable: Reachable,
    *,
    actor: str,
    now_us: int,
) -> Decision:
    """Decide what a flag leads to.

    It is a shadow flag unless the AI holds the chat and the policy's alerts name its cause. A
    flag while an escalation lives is kept in the log but starts no second one.
    """
    alerts = chat.ai_holds and flag.cause in policy.alerts.causes and not flag.shadow
    if not alerts:
        flag = msgspec.structs.replace(flag, shadow=True)
    flagged = msgspec.structs.replace(by(SYSTEM_ACTOR, flag)[0], actor=actor)
    if not alerts or (chat.escalation is not None and chat.escalation.live):
        return Decision(events=(flagged,))
    shown = first_alert(chat, flag, policy, reachable, flag_seq=chat.seq + 1, now_us=now_us)
    return Decision(events=(flagged, *shown.events), work=shown.work)


def first_alert(
    chat: Chat,
    flag: FlagRaised,
    policy: Policy,
    reachable: Reachable,
    *,
    flag_seq: int,
    now_us: int,
) -> Decision:
    """Decide the first step of the ladder at which somebody can be reached."""
    first: LadderStep = "pool" if policy.ai.supervision == "pooled" else "owner"
    step = next_step(reachable, STEPS[STEPS.index(first) :])
    return _show(chat, flag.cause, flag_seq, step, reachable, policy, now_us=now_us)


def next_step(reachable: Reachable, steps: Sequence[LadderStep]) -> LadderStep | None:
    """Return the first of the steps at which somebody can be reached."""
    return next((step for step in steps if reachable.at(step)), None)


def climb(chat: Chat, policy: Policy, reachable: Reachable, *, now_us: int) -> Decision:
    """Decide what follows when nobody came at a step: the next one, or an honest end.

    After the last step a chat in which the AI has given up, or the customer asked for a person,
    goes to the queue; in any other the AI goes on.
    """
    escalation = chat.escalation
    assert escalation is not None
    at = escalation.step or "owner"
    step = next_step(reachable, STEPS[STEPS.index(at) + 1 :])
    expired = EscalationExpired(flag_seq=escalation.flag_seq, step=at, next_step=step)
    events = by(SYSTEM_ACTOR, expired)
    if step is not None:
        shown = _show(
            chat, escalation.cause, escalation.flag_seq, step, reachable, policy, now_us=now_us
        )
        return Decision(events=events + shown.events, work=shown.work)
    if chat.ai_holds and (chat.gave_up or escalation.cause == "requested"):
        queued = release(chat, "ladder", policy, now_us=now_us)
        return Decision(events=events + queued.events, work=queued.work)
    return Decision(events=events)


def _show(
    chat: Chat,
    cause: str,
    flag_seq: int,
    step: LadderStep | None,
    reachable: Reachable,
    policy: Policy,
    *,
    now_us: int,
) -> Decision:
    if step is None:
        return Decision(events=(), work=(timer(chat.chat_id, "ladder", now_us),))
    wait_s = {
        "owner": policy.ladder.owner_s,
        "pool": policy.ladder.pool_s,
        "lead": policy.ladder.lead_s,
    }[step]
    expires = now_us + int(wait_s * 1e6)
    shown = AlertShown(
        flag_seq=flag_seq,
        cause=cause,  # type: ignore[arg-type]
        step=step,
        to=reachable.at(step),
        expires_at_us=expires,
    )
    return Decision(events=by(SYSTEM_ACTOR, shown), work=(timer(chat.chat_id, "ladder", expires),))
