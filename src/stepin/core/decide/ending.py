"""How a chat ends: close and wrap-up."""

from __future__ import annotations

from typing import Final

from stepin.core.chat import Chat
from stepin.core.command import Actor, CloseChat, EndWrapUp
from stepin.core.decide.decision import (
    Decision,
    by,
    must_be_open,
    must_have_answered,
    must_hold,
)
from stepin.core.decide.holding import end_of_ai
from stepin.core.events import Event
from stepin.core.events.base import CloseReason
from stepin.core.events.chat import (
    Author,
    ChatClosed,
    RatingInvited,
    WrapUpEnded,
    WrapUpStarted,
)
from stepin.core.events.supervision import EscalationWithdrawn
from stepin.core.policy import Policy
from stepin.core.record import NewEvent
from stepin.core.work import DropWork, PutWork
from stepin.errors import Conflict, Forbidden

LEFT: Final[CloseReason] = "resolved"
"""What the log says of a chat that its customer ends."""


def close_chat(
    chat: Chat, command: CloseChat, actor: Actor, policy: Policy, *, now_us: int
) -> Decision:
    """Decide the end of a chat. A worker who holds it goes on to the wrap-up first.

    A customer ends it and says nothing of how it ended: that is for people and the rating. A
    customer may leave in danger; the alert stays until a person has acknowledged it.

    Raises
    ------
    Conflict
        ``in_danger``: a worker would end the chat of somebody whom no person has written to.
    """
    must_be_open(chat)
    if actor.kind == "customer":
        _must_say_nothing_more(command)
    if actor.kind == "worker":
        if not chat.ai_holds and actor.role == "worker":
            must_hold(chat, actor)
        must_have_answered(chat)
    if chat.holder.kind == "worker":
        started = WrapUpStarted(
            worker_id=chat.holder.id, reason=command.reason, disposition=command.disposition
        )
        due = now_us + int(policy.times.wrap_up_s * 1e6)
        timer = PutWork(
            work_id=f"wrap_up:{chat.chat_id}",
            kind="timer",
            stream=f"chat/{chat.chat_id}",
            due_us=due,
            body={"timer": "wrap_up"},
        )
        events = by(actor, *_withdrawn(chat), started, epoch=None)
        if policy.rating and chat.talk.customer_messages:
            events += by(actor, RatingInvited())
        return Decision(events=events, work=(timer, DropWork(work_id=f"idle:{chat.chat_id}")))
    return _closed(chat, command, actor, invite=policy.rating and chat.talk.customer_messages > 0)


def _must_say_nothing_more(command: CloseChat) -> None:
    if command.disposition is not None or command.reason != LEFT:
        raise Forbidden(
            "A customer ends a chat; how it ended is not theirs to say.",
            hint="Send it without reason and disposition; a rating may follow.",
            code="worker_only",
        )


def end_wrap_up(chat: Chat, command: EndWrapUp, actor: Actor) -> Decision:
    """Decide the end of the wrap-up, which closes the chat."""
    if chat.episode != "wrap_up":
        raise Conflict(
            f"Chat {chat.chat_id} is {chat.episode}, not in wrap-up.", code="not_in_wrap_up"
        )
    if actor.kind == "worker" and actor.role == "worker":
        must_hold(chat, actor)
    reason, disposition = how_it_ended(chat, command.disposition)
    ended = WrapUpEnded(worker_id=chat.holder.id, disposition=disposition)
    closed = _closed(
        chat,
        CloseChat(chat_id=chat.chat_id, reason=reason, disposition=disposition),
        actor,
        invite=False,
    )
    return Decision(events=by(actor, ended) + closed.events, work=closed.work)


def how_it_ended(chat: Chat, disposition: str | None = None) -> tuple[CloseReason, str | None]:
    """Return reason and disposition of a chat in wrap-up: as its close said, or as said since."""
    return chat.close_reason or "resolved", disposition or chat.stage.disposition


def _closed(chat: Chat, command: CloseChat, actor: Actor, *, invite: bool) -> Decision:
    return close_events(
        chat, command.reason, command.disposition, str(actor), by=actor.kind, invite=invite
    )


def close_events(
    chat: Chat,
    reason: CloseReason,
    disposition: str | None,
    actor: str,
    *,
    by: Author,
    invite: bool,
) -> Decision:
    """Return what closes a chat at once, whoever holds it; the epoch is a new one."""
    expired, work = end_of_ai(chat, "closed")
    closed = ChatClosed(reason=reason, disposition=disposition, closed_by=by)
    before: list[Event] = [*expired, *_withdrawn(chat)]
    events = tuple(NewEvent(event=e, actor=actor) for e in before)
    events += (NewEvent(event=closed, actor=actor, epoch=chat.epoch + 1),)
    if invite and not chat.rating_invited:
        events += (NewEvent(event=RatingInvited(), actor=actor),)
    names = ("idle", "wrap_up", "ladder")
    dropped = tuple(DropWork(work_id=f"{name}:{chat.chat_id}") for name in names)
    return Decision(events=events, work=work + dropped)


def _withdrawn(chat: Chat) -> list[Event]:
    if chat.escalation is None or not chat.escalation.live or chat.escalation.owed:
        return []
    return [EscalationWithdrawn(flag_seq=chat.escalation.flag_seq, reason="closed")]
