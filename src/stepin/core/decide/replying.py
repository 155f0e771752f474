"""A customer who waits for a worker's answer: when the ladder begins, and what ends it."""

from __future__ import annotations

import msgspec

from stepin.core.chat import Chat
from stepin.core.command import SYSTEM_ACTOR, Actor
from stepin.core.decide.decision import Decision, by, reply_by_us
from stepin.core.decide.escalating import Reachable, first_alert
from stepin.core.escalation import LATE_REPLY
from stepin.core.events.chat import MessagePosted
from stepin.core.events.supervision import EscalationTaken, FlagRaised
from stepin.core.policy import Policy


def await_reply(chat: Chat, decision: Decision, policy: Policy, *, now_us: int) -> Decision:
    """Return a decision that says when a customer's wait has been too long, if it begins one.

    A customer who writes again while they wait moves no timer; after a ladder that nobody came
    down from, a new message begins another wait.
    """
    if isinstance(decision.events[0].event, MessagePosted):
        waited = chat.waiting_since_us is not None and not _ended_unanswered(chat)
        if chat.holder.kind != "worker" or waited:
            return decision
    return msgspec.structs.replace(decision, reply_by_us=reply_by_us(policy, now_us))


def _ended_unanswered(chat: Chat) -> bool:
    last = chat.escalation
    return last is not None and last.kind == LATE_REPLY and not last.live


def late_reply(
    chat: Chat, policy: Policy, reachable: Reachable, *, now_us: int
) -> Decision | int | None:
    """Return the alert that a customer waits too long, or when to look again, or None.

    The wait begins with the customer's first unanswered message, or when the worker got the chat
    if that was later. While another alert lives in the chat, people are on their way already.
    """
    waiting_us, last = chat.waiting_since_us, chat.escalation
    if policy.ladder.reply_s <= 0 or not chat.open or chat.holder.kind != "worker":
        return None
    if waiting_us is None:
        return None
    since_us = max(waiting_us, chat.holding.taken_us)
    if last is not None and last.kind == LATE_REPLY and last.raised_us >= since_us:
        if last.live or chat.talk.last_customer_us <= last.raised_us:
            return None
        since_us = chat.talk.last_customer_us
    wait_us = int(policy.ladder.reply_s * 1e6)
    if now_us < since_us + wait_us:
        return since_us + wait_us
    if chat.danger or (last is not None and last.live):
        return now_us + wait_us
    flag = FlagRaised(
        cause="policy",
        turn_seq=chat.basis_seq,
        raised_by="desk",
        reason="unanswered",
        kind=LATE_REPLY,
    )
    shown = first_alert(chat, flag, policy, reachable, flag_seq=chat.seq + 1, now_us=now_us)
    return Decision(events=by(SYSTEM_ACTOR, flag) + shown.events, work=shown.work)


def attended(chat: Chat, decision: Decision, actor: Actor) -> Decision:
    """Return a reply with the end of the alert that lives in the replying worker's own chat."""
    living = chat.escalation
    if living is None or not living.live or living.kind == LATE_REPLY:
        return decision
    if not chat.held_by(actor.id):
        return decision
    taken = EscalationTaken(flag_seq=living.flag_seq, worker_id=actor.id)
    return msgspec.structs.replace(decision, events=decision.events + by(actor, taken))
