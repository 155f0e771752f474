"""Chats that nobody holds, and chats whose owner has gone: who gets them, what customers hear."""

from __future__ import annotations

from stepin.core.action import IN_FLIGHT
from stepin.core.assignment import Draw
from stepin.core.chat import Chat
from stepin.core.command import SYSTEM_ACTOR
from stepin.core.decide.decision import Decision, by, idle_timer, reply_by_us
from stepin.core.decide.ending import how_it_ended
from stepin.core.decide.holding import end_of_ai
from stepin.core.events import Event
from stepin.core.events.base import Scalar
from stepin.core.events.chat import (
    ChatClosed,
    HolderChanged,
    HolderReason,
    MessagePosted,
    OwnerReason,
    OwnerSet,
    WrapUpEnded,
)
from stepin.core.events.supervision import DecisionDrawn, EscalationTaken
from stepin.core.holder import NOBODY, worker
from stepin.core.notice import notice
from stepin.core.policy import Policy
from stepin.core.record import NewEvent, Versions
from stepin.core.work import DropWork


def give(chat: Chat, draw: Draw, policy: Policy, *, covariates: dict[str, Scalar]) -> Decision:
    """Decide who goes on with a chat that waits again: a person, drawn, who holds it now.

    An alert about somebody's safety isn't taken by a draw: it goes to whom was drawn.
    """
    assert draw.drawn is not None
    events: list[Event] = []
    if draw.drawn != chat.owner:
        events += drawn_owner(chat, draw, "assigned", covariates=covariates)
    versions = Versions(policy=policy.version)
    new = [NewEvent(event=e, versions=versions) for e in events]
    held = HolderChanged(from_=chat.holder, to=worker(draw.drawn), reason="assigned")
    new.append(NewEvent(event=held, epoch=chat.epoch + 1, versions=versions))
    living = chat.escalation
    if living is not None and living.live and not living.owed:
        taken = EscalationTaken(flag_seq=living.flag_seq, worker_id=draw.drawn)
        new.append(NewEvent(event=taken))
    dropped = DropWork(work_id=f"ladder:{chat.chat_id}")
    return Decision(events=tuple(new), work=(dropped,), reply_by_us=reply_by_us(policy, chat.at_us))


def drawn_owner(
    chat: Chat,
    draw: Draw,
    reason: OwnerReason,
    *,
    covariates: dict[str, Scalar],
    crossover: bool = False,
) -> list[Event]:
    """Return the draw and the new owner that it names."""
    assert draw.drawn is not None
    return [
        DecisionDrawn(
            point="assignment" if reason == "assigned" else "reassignment",
            options=draw.candidates,
            probabilities=draw.probabilities,
            drawn=draw.drawn,
            draw_key=draw.key,
        ),
        OwnerSet(
            owner=draw.drawn,
            previous=chat.owner,
            reason=reason,
            rule=draw.rule,
            candidates=draw.candidates,
            probabilities=draw.probabilities,
            draw_key=draw.key,
            crossover=crossover,
            covariates=covariates,
        ),
    ]


def replace_owner(chat: Chat, draw: Draw, *, covariates: dict[str, Scalar]) -> Decision:
    """Decide the new owner of a chat that the AI holds and whose owner has signed off."""
    events = drawn_owner(chat, draw, "signed_off", covariates=covariates)
    return Decision(events=by(SYSTEM_ACTOR, *events))


def release(chat: Chat, reason: HolderReason, policy: Policy, *, now_us: int) -> Decision:
    """Decide that a chat goes back to the queue, and tell the customer why.

    `signed_off`: the worker who held it has gone. `kill_switch`: the AI was stopped.
    `ladder`: nobody came to help. `requested`: the customer asked for a person, and the policy
    doesn't let the AI bridge the time. The owner stays named unless the owner has gone.
    """
    in_flight = tuple(a.action_id for a in chat.actions.values() if a.state in IN_FLIGHT)
    changed = HolderChanged(from_=chat.holder, to=NOBODY, reason=reason, in_flight=in_flight)
    ended, work = end_of_ai(chat, "kill_switch" if reason == "kill_switch" else "takeover")
    events = by(SYSTEM_ACTOR, changed, epoch=chat.epoch + 1)
    if reason == "signed_off":
        events += by(SYSTEM_ACTOR, OwnerSet(owner=None, previous=chat.owner, reason="signed_off"))
    events += by(SYSTEM_ACTOR, *ended)
    template = {
        "signed_off": "person_left",
        "kill_switch": "person_joining",
        "ladder": "still_looking",
        "requested": "person_queued",
    }.get(reason)
    if template is not None:
        events += by(SYSTEM_ACTOR, notice(template, chat.language))
    idle = idle_timer(chat.chat_id, now_us + int(policy.times.abandon_s * 1e6))
    return Decision(events=events, work=(*work, idle))


def finish_for(chat: Chat) -> Decision:
    """Decide the end of a wrap-up whose worker has signed off."""
    reason, disposition = how_it_ended(chat)
    ended = WrapUpEnded(worker_id=chat.holder.id, disposition=disposition)
    closed = ChatClosed(reason=reason, disposition=disposition, closed_by="worker")
    events = by(SYSTEM_ACTOR, ended) + by(SYSTEM_ACTOR, closed, epoch=chat.epoch + 1)
    return Decision(events=events, work=(DropWork(work_id=f"wrap_up:{chat.chat_id}"),))


def tell_waiting(chat: Chat, template: str, *, place: int) -> Decision:
    """Decide the honest word to a customer who waits."""
    said: MessagePosted = notice(template, chat.language, place=place)
    return Decision(events=by(SYSTEM_ACTOR, said))
