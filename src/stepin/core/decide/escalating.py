"""From a flag to a person: the alert and the ladder owner → pool → lead."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from stepin.core.chat import Chat
from stepin.core.command import SYSTEM_ACTOR
from stepin.core.decide.decision import Decision, by, timer
from stepin.core.decide.queueing import release
from stepin.core.escalation import OUTRANKED, SAFETY, Escalation, gravity
from stepin.core.events import Event
from stepin.core.events.base import LadderStep
from stepin.core.events.chat import MessagePosted
from stepin.core.events.supervision import (
    AlertShown,
    EscalationExpired,
    EscalationWithdrawn,
    FlagRaised,
)
from stepin.core.notice import notice
from stepin.core.policy import Policy
from stepin.core.record import NewEvent

STEPS: tuple[LadderStep, ...] = ("owner", "pool", "lead")


class Reachable(msgspec.Struct, frozen=True, kw_only=True):
    """Who can be alerted now.

    Attributes
    ----------
    owner : the chat's owner, if signed on.
    pool : the signed-on workers of the owner's arm (all, without a trial), the owner not among
        them.
    leads : the signed-on leads and admins of every arm.
    holder : the worker who holds the chat, if signed on.
    here : who is signed on, away or not; None where that isn't known, and nobody is refused for it.
    """

    owner: str | None = None
    pool: tuple[str, ...] = ()
    leads: tuple[str, ...] = ()
    holder: str | None = None
    here: frozenset[str] | None = None

    def at(self, step: LadderStep) -> tuple[str, ...]:
        """Return whom a step of the ladder asks; who holds the chat is asked with the owner."""
        near = tuple(dict.fromkeys(one for one in (self.holder, self.owner) if one is not None))
        if step == "owner":
            return near
        return tuple(w for w in (self.pool if step == "pool" else self.leads) if w not in near)


def raise_flag(
    chat: Chat,
    flag: FlagRaised,
    policy: Policy,
    reachable: Reachable,
    *,
    actor: str,
    now_us: int,
    told: bool = False,
) -> Decision:
    """Decide what a flag leads to.

    It is a shadow flag, which alerts nobody, unless the AI holds the chat and the policy's alerts
    name its cause. One about somebody's safety (its `kind` says so) alerts in every arm and mode:
    also where a worker holds the chat, or nobody does, and after its end.

    While an escalation lives, a graver flag takes its place (see `Escalation.yields_to`): the
    older one is withdrawn and the new one is shown, at the step that the ladder has reached. Any
    other flag is kept in the log and starts no second one; one that is due, where only chance had
    raised the escalation so far, starts the ladder anew. A customer who asks the AI for a person
    is told that one was called.

    Parameters
    ----------
    actor : who raises it, as the log names them.
    told : whether the customer hears of it already in the same decision.
    """
    safety = flag.kind.startswith(SAFETY)
    named = chat.open and chat.ai_holds and policy.alerts.names(flag.cause)
    alerts = safety or (named and not flag.shadow)
    flag = msgspec.structs.replace(flag, shadow=not alerts)
    flagged = NewEvent(event=flag, actor=actor)
    if not alerts:
        return Decision(events=(flagged,))
    living = chat.escalation if chat.escalation is not None and chat.escalation.live else None
    if living is None:
        shown = first_alert(chat, flag, policy, reachable, flag_seq=chat.seq + 1, now_us=now_us)
        events = (flagged, *shown.events)
    elif living.yields_to(flag):
        over = EscalationWithdrawn(flag_seq=living.flag_seq, reason=OUTRANKED)
        shown = _in_its_place(chat, living, flag, policy, reachable, now_us=now_us)
        events = (*by(SYSTEM_ACTOR, over), flagged, *shown.events)
    elif living.advanced and not flag.advanced and living.state != "acknowledged":
        shown = first_alert(chat, flag, policy, reachable, flag_seq=living.flag_seq, now_us=now_us)
        events = (flagged, *shown.events)
    else:
        shown = Decision(events=())
        events = (flagged,)
    work = shown.work
    if flag.cause == "requested":
        if not told and "requested" not in chat.raised:
            events += by(SYSTEM_ACTOR, *_person_asked(chat, policy))
        if policy.ai.after_request == "queue":
            work = (timer(chat.chat_id, "ladder", now_us),)
    return Decision(events=events, work=work)


def _person_asked(chat: Chat, policy: Policy) -> tuple[Event, ...]:
    """Return the word to a customer who has asked for a person; at a release another follows."""
    return () if policy.ai.after_request == "queue" else (notice("person_asked", chat.language),)


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
    step = next_step(reachable, _steps(chat, policy))
    return _show(chat, flag, flag_seq, step, reachable, policy, now_us=now_us)


def _in_its_place(
    chat: Chat,
    living: Escalation,
    flag: FlagRaised,
    policy: Policy,
    reachable: Reachable,
    *,
    now_us: int,
) -> Decision:
    """Decide the alert of a flag that takes the place of a living escalation.

    It goes on where the ladder stands, with the time of that step. Where a request or a matter of
    safety waits already, the next step comes no later than it would have come.
    """
    flag_seq = chat.seq + 2
    at = None if living.step is None else STEPS.index(living.step)
    step = None if at is None else next_step(reachable, STEPS[at:])
    if step is None:
        return first_alert(chat, flag, policy, reachable, flag_seq=flag_seq, now_us=now_us)
    waits = chat.needs_person or gravity(living.cause, living.kind) <= gravity("requested")
    latest_us = due_us(living, policy) if waits else None
    return _show(chat, flag, flag_seq, step, reachable, policy, now_us=now_us, latest_us=latest_us)


def next_step(reachable: Reachable, steps: Sequence[LadderStep]) -> LadderStep | None:
    """Return the first of the steps at which somebody can be reached."""
    return next((step for step in steps if reachable.at(step)), None)


def due_us(escalation: Escalation, policy: Policy) -> int:
    """Return when the next step is asked, 0 if at once.

    Whoever acknowledges an alert has the time of the owner's step, from then on, to act; so has
    whoever takes a chat in which somebody may be in danger, to write to them.
    """
    acted_us = {
        "acknowledged": escalation.acknowledged_us,
        "taken": escalation.taken_us,
    }.get(escalation.state)
    if acted_us is not None:
        return acted_us + int(policy.ladder.owner_s * 1e6)
    return escalation.expires_us or 0


def climb(chat: Chat, policy: Policy, reachable: Reachable, *, now_us: int) -> Decision:
    """Decide what follows when nobody came at a step: the next one, or an honest end.

    After the last step a chat of the AI in which only a person can go on (the AI has given up,
    the customer has asked for one, somebody's safety is at stake), whatever the escalation's own
    cause, goes to the queue; in any other the AI goes on.

    Where somebody's safety is at stake the ladder has no end: after the last step, and where there
    is nobody to ask, it begins anew every `again_s`, until a person has answered.
    """
    escalation = chat.escalation
    assert escalation is not None
    if escalation.owed and (escalation.step is None or escalation.state == "taken"):
        return _begin(chat, escalation, policy, reachable, now_us=now_us)
    at = escalation.step or "owner"
    step = next_step(reachable, STEPS[STEPS.index(at) + 1 :])
    if step is None and escalation.owed:
        return _anew(chat, escalation, at, policy, now_us=now_us)
    expired = EscalationExpired(flag_seq=escalation.flag_seq, step=at, next_step=step)
    events = by(SYSTEM_ACTOR, expired)
    if step is not None:
        shown = _show(
            chat, escalation, escalation.flag_seq, step, reachable, policy, now_us=now_us
        )  # fmt: skip
        return Decision(events=events + shown.events, work=shown.work)
    if chat.ai_holds and chat.needs_person:
        queued = release(chat, "ladder", policy, now_us=now_us)
        return Decision(events=events + queued.events, work=queued.work)
    return Decision(events=events)


def _begin(
    chat: Chat, escalation: Escalation, policy: Policy, reachable: Reachable, *, now_us: int
) -> Decision:
    """Decide the first step of a ladder that begins anew, or when to look again for somebody."""
    flag_seq = escalation.flag_seq
    step = next_step(reachable, _steps(chat, policy))
    if step is None:
        return _anew(chat, escalation, STEPS[-1], policy, now_us=now_us)
    return _show(chat, escalation, flag_seq, step, reachable, policy, now_us=now_us)


def _anew(
    chat: Chat, escalation: Escalation, at: LadderStep, policy: Policy, *, now_us: int
) -> Decision:
    """Decide that nobody came up to the last step of a ladder that must not end."""
    expired = EscalationExpired(
        flag_seq=escalation.flag_seq,
        step=at,
        next_step=_steps(chat, policy)[0],
        again=escalation.again + 1,
        kind=escalation.kind,
    )
    decision = Decision(events=by(SYSTEM_ACTOR, expired))
    if chat.ai_holds:
        queued = release(chat, "ladder", policy, now_us=now_us)
        decision = Decision(events=decision.events + queued.events, work=queued.work)
    due_us = now_us + int(policy.ladder.again_s * 1e6)
    again = timer(chat.chat_id, "ladder", due_us)
    return msgspec.structs.replace(decision, work=(*decision.work, again))


def _steps(chat: Chat, policy: Policy) -> Sequence[LadderStep]:
    """Return the steps of the ladder where the chat stands."""
    pooled = policy.ai.supervision == "pooled" and chat.ai_holds
    return STEPS[STEPS.index("pool") :] if pooled else STEPS


def _show(
    chat: Chat,
    what: FlagRaised | Escalation,
    flag_seq: int,
    step: LadderStep | None,
    reachable: Reachable,
    policy: Policy,
    *,
    now_us: int,
    latest_us: int | None = None,
) -> Decision:
    if step is None:
        return Decision(events=(), work=(timer(chat.chat_id, "ladder", now_us),))
    wait_s = {
        "owner": policy.ladder.owner_s,
        "pool": policy.ladder.pool_s,
        "lead": policy.ladder.lead_s,
    }[step]
    expires = now_us + int(wait_s * 1e6)
    if latest_us is not None:
        expires = max(now_us, min(expires, latest_us))
    shown = AlertShown(
        flag_seq=flag_seq,
        cause=what.cause,
        step=step,
        to=reachable.at(step),
        expires_at_us=expires,
        kind=what.kind,
        again=what.again if isinstance(what, Escalation) else 0,
    )
    return Decision(events=by(SYSTEM_ACTOR, shown), work=(timer(chat.chat_id, "ladder", expires),))


def know_request(chat: Chat, decision: Decision) -> Decision:
    """Return a decision that posts a request for a person, with the flag that says so.

    Before anybody was given the chat it alerts nobody: a person, or the AI under its owner's
    policy, is still to be drawn. Once the chat is given, the detectors look at the message as at
    every other, and nothing is added here.
    """
    if chat.epoch > 0 or chat.asked_us is not None:
        return decision
    posted = (n for n, new in enumerate(decision.events) if isinstance(new.event, MessagePosted))
    flag = FlagRaised(
        cause="requested",
        turn_seq=chat.seq + 1 + next(posted),
        raised_by="customer",
        shadow=True,
        reason="asked while waiting",
    )
    return msgspec.structs.replace(decision, events=decision.events + by(SYSTEM_ACTOR, flag))
