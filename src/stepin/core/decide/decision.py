"""What a decision consists of, and the checks that decisions share."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from stepin.core.chat import Chat, apply
from stepin.core.command import Actor
from stepin.core.events import Event
from stepin.core.events.chat import ChatClosed, HolderChanged, WrapUpStarted
from stepin.core.fence import moves_basis
from stepin.core.policy import Policy
from stepin.core.record import NewEvent, Recorded
from stepin.core.text import controls, is_blank
from stepin.core.work import DropWork, PutWork, WorkChange
from stepin.errors import Conflict, Forbidden, Invalid, Refused

TEXT_CHARS = 8_000
"""The most characters of a text that somebody writes."""


_LEAVING = (HolderChanged, WrapUpStarted, ChatClosed)


class Decision(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The events to append and the work to put or drop, all at once or not at all.

    The turns of the AI and the timer of a customer's wait are not in `work`: they follow from the
    events (see `with_work`).

    Attributes
    ----------
    reply_by_us : when to look again whether the customer has had an answer, if these events leave
        them waiting for a worker's; 0 where nothing looks.
    """

    events: tuple[NewEvent, ...]
    work: tuple[WorkChange, ...] = ()
    reply_by_us: int = 0
    claims: tuple[str, ...] = ()
    frees: tuple[str, ...] = ()


def by(actor: Actor, *events: Event, epoch: int | None = None) -> tuple[NewEvent, ...]:
    """Return events done by an actor; an epoch holds from the first of them on."""
    return tuple(NewEvent(event=e, actor=str(actor), epoch=epoch) for e in events)


def must_be_open(chat: Chat) -> None:
    """Raise unless the chat is queued or active."""
    if not chat.open:
        raise Conflict(
            f"Chat {chat.chat_id} is {chat.episode}.",
            hint="Open a new chat; it will be linked to this one.",
            code="chat_closed",
            chat_id=chat.chat_id,
            episode=chat.episode,
        )


def must_hold(chat: Chat, actor: Actor) -> None:
    """Raise unless this worker speaks in the chat."""
    if not chat.held_by(actor.id):
        raise Conflict(
            f"Chat {chat.chat_id} is held by {chat.holder.words}, not by you.",
            hint="Take the chat over first.",
            code="wrong_holder",
            chat_id=chat.chat_id,
            holder=chat.holder.kind,
            epoch=chat.epoch,
        )


def must_have_answered(chat: Chat) -> None:
    """Raise where somebody may be in danger and no person has answered in words.

    Raises
    ------
    Conflict
        ``in_danger``, with the kind of danger.
    """
    if chat.danger:
        raise Conflict(
            "Somebody may be in danger in this chat, and no person has written to them since.",
            hint="Write to them, or decline the alert with a reason.",
            code="in_danger",
            kind=chat.danger,
        )


def must_be(actor: Actor, kind: str) -> None:
    """Raise unless the actor is of a kind."""
    if actor.kind != kind:
        raise Forbidden(
            f"Only a {kind} may do this.",
            hint="Nothing was done; commands for you are in the reference of commands.",
            code=f"{kind}_only",
        )


def must_not_be_ahead(chat: Chat, *, seq: int = 0, epoch: int = 0) -> None:
    """Raise if somebody speaks of an event or a holder that this chat hasn't had yet.

    Raises
    ------
    Invalid
        ``ahead_of_log``: nobody can have seen it, so nothing is decided on it.
    """
    if seq > chat.seq or epoch > chat.epoch:
        what = f"event {seq}" if seq > chat.seq else f"epoch {epoch}"
        raise Invalid(
            f"Chat {chat.chat_id} has no {what} yet: it stands at {chat.seq}, in epoch "
            f"{chat.epoch}.",
            hint="Send what the chat's own answers said.",
            code="ahead_of_log",
            seq=chat.seq,
            epoch=chat.epoch,
        )


def must_have_text(text: str, what: str, limit: int = TEXT_CHARS) -> str:
    """Return the text without surrounding space; raise if it is empty, too long or no text.

    Empty is what shows nothing: also a text of zero-width and format characters alone.
    """
    text = text.strip()
    if found := controls(text, lines=True):
        raise Invalid(
            f"The {what} has a control character in it (U+{ord(found):04X}).",
            hint="Send it without control characters; line breaks and tabs are fine.",
            code="control_character",
        )
    if is_blank(text):
        raise Refused(f"The {what} is empty.", hint="Write something.", code="empty_text")
    if len(text) > limit:
        raise Refused(
            f"The {what} has {len(text)} characters; {limit} are allowed.",
            hint="Send it in parts.",
            code="text_too_long",
            limit=limit,
        )
    return text


def after(chat: Chat, events: Sequence[NewEvent], *, now_us: int = 0) -> Chat:
    """Return the chat as it will be once these events are appended."""
    for new in events:
        seq = chat.seq + 1
        recorded = Recorded(
            position=0,
            stream=f"chat/{chat.chat_id}",
            seq=seq,
            at_us=max(now_us, chat.at_us),
            epoch=chat.epoch if new.epoch is None else new.epoch,
            basis_seq=seq if moves_basis(new.event) else chat.basis_seq,
            event=new.event,
            actor=new.actor,
            on_behalf_of=new.on_behalf_of,
        )
        chat = apply(chat, recorded)
    return chat


def with_work(chat: Chat, decision: Decision) -> Decision:
    """Return the decision with the work that follows from where its events leave the chat.

    That is the AI's turn which they ask for or end, and the timer of a customer who waits for a
    worker's answer; put too early, that one looks again when the time has come. Nothing else puts
    or drops either. And where somebody in danger is left to others, or taken by somebody who has
    yet to write, that is the ladder.
    """
    then = after(chat, decision.events)
    work = decision.work
    if chat.turn_id is not None and then.turn_id != chat.turn_id:
        work += (DropWork(work_id=chat.turn_id),)
    if then.turn_id is not None and then.turn_id != chat.turn_id:
        work += (PutWork(work_id=then.turn_id, kind="turn", stream=f"chat/{chat.chat_id}"),)
    waits = then.open and then.holder.kind == "worker" and then.waiting_since_us is not None
    if decision.reply_by_us and waits:
        work += (timer(chat.chat_id, "reply", decision.reply_by_us),)
    if _left_to_others(decision, then) and not _puts_ladder(decision):
        work += (timer(chat.chat_id, "ladder", 0),)
    return msgspec.structs.replace(decision, work=work)


def _left_to_others(decision: Decision, then: Chat) -> bool:
    """Return whether an alert about somebody's safety has changed hands, and who has it owes it."""
    if then.escalation is None or not then.escalation.owed:
        return False
    return any(isinstance(new.event, _LEAVING) for new in decision.events)


def _puts_ladder(decision: Decision) -> bool:
    return any(isinstance(one, PutWork) and one.work_id[:7] == "ladder:" for one in decision.work)


def timer(chat_id: str, name: str, due_us: int, **body: str) -> PutWork:
    """Return a timer of a chat; a later one under the same name replaces it."""
    return PutWork(
        work_id=f"{name}:{chat_id}",
        kind="timer",
        stream=f"chat/{chat_id}",
        due_us=due_us,
        body={"timer": name, **body},
        replace=True,
    )


def reply_by_us(policy: Policy, now_us: int) -> int:
    """Return when a customer who waits for a worker from now on has waited too long, 0 if never."""
    reply_s = policy.ladder.reply_s
    return now_us + int(reply_s * 1e6) if reply_s > 0 else 0


def idle_timer(chat_id: str, due_us: int) -> PutWork:
    """Return the timer that every open chat has: it looks whether the customer is still there."""
    return timer(chat_id, "idle", due_us)
