"""Who says what: customers, workers, whispers, notes and labels."""

from __future__ import annotations

from stepin.core.chat import Chat
from stepin.core.command import (
    Actor,
    AddNote,
    ChangeLabels,
    PostMessage,
    Reply,
    Whisper,
)
from stepin.core.danger import Safety
from stepin.core.decide.decision import (
    Decision,
    by,
    must_be,
    must_be_open,
    must_have_text,
)
from stepin.core.decide.escalating import Reachable
from stepin.core.decide.holding import take
from stepin.core.decide.safeguarding import safeguard
from stepin.core.events.chat import LabelsChanged, MessagePosted, WhisperSent
from stepin.core.events.supervision import SuggestionUsed
from stepin.core.policy import Policy
from stepin.errors import Conflict, Refused


def post_message(
    chat: Chat,
    command: PostMessage,
    actor: Actor,
    policy: Policy,
    reachable: Reachable,
    safety: Safety,
    *,
    now_us: int,
) -> Decision:
    """Decide a customer's message.

    The rules about somebody's safety look at it here, whoever holds the chat (see `safeguard`).
    Detectors look at it afterwards, but not before somebody was given the chat.
    """
    must_be(actor, "customer")
    must_be_open(chat)
    text = must_have_text(command.text, "message")
    events = by(actor, MessagePosted(author="customer", text=text))
    seq = chat.seq + 1
    guarded = safeguard(chat, events, text, policy, reachable, safety, turn_seq=seq, now_us=now_us)
    return Decision(events=events + guarded.events, work=guarded.work)


def reply(chat: Chat, command: Reply, actor: Actor, here: frozenset[str] | None) -> Decision:
    """Decide a worker's public reply; in a chat that the AI holds it is a takeover.

    Detectors look at it too, in shadow.
    """
    must_be(actor, "worker")
    must_be_open(chat)
    text = must_have_text(command.text, "reply")
    said = by(actor, MessagePosted(author="worker", text=text, template=command.template))
    if command.suggestion_id:
        used = SuggestionUsed(
            suggestion_id=command.suggestion_id,
            worker_id=actor.id,
            edited=command.suggestion_edited,
        )
        said += by(actor, used)
    held = chat.held_by(actor.id)
    taken = Decision(events=()) if held else take(chat, actor, here, reason="reply")
    return Decision(events=taken.events + said, work=taken.work)


def add_note(chat: Chat, command: AddNote, actor: Actor) -> Decision:
    """Decide an internal note; notes are possible until the wrap-up has ended."""
    must_be(actor, "worker")
    text = must_have_text(command.text, "note")
    return Decision(events=by(actor, MessagePosted(author="worker", text=text, visibility="note")))


def change_labels(chat: Chat, command: ChangeLabels, actor: Actor) -> Decision:
    """Decide a change of labels; one that changes nothing is refused."""
    must_be(actor, "worker")
    added = tuple(sorted({label.strip() for label in command.add} - chat.stage.labels))
    removed = tuple(sorted(set(command.remove) & chat.stage.labels))
    if not added and not removed:
        raise Refused(
            "The labels are like that already.", hint="Nothing needs to be done.", code="no_change"
        )
    return Decision(events=by(actor, LabelsChanged(added=added, removed=removed)))


def whisper(chat: Chat, command: Whisper, actor: Actor) -> Decision:
    """Decide a whisper; the AI reads it before it answers, the customer never sees it.

    Raises
    ------
    Conflict
        ``not_held_by_ai``, or ``in_danger``: the AI answers nothing here before a person has come
        or has left the chat to it.
    """
    must_be(actor, "worker")
    must_be_open(chat)
    text = must_have_text(command.text, "whisper")
    if chat.held_by(actor.id):
        raise Conflict(
            f"You hold chat {chat.chat_id} yourself: there is no AI to whisper to.",
            hint="Reply to the customer, or hand the chat back to the AI with a note.",
            code="not_held_by_ai",
            holder=chat.holder.kind,
        )
    if not chat.ai_holds:
        raise Conflict(
            f"Chat {chat.chat_id} is held by {chat.holder.words}: there is no AI to whisper to.",
            hint="Reply to the customer, or write a note.",
            code="not_held_by_ai",
            holder=chat.holder.kind,
        )
    if chat.danger:
        raise Conflict(
            "Somebody may be in danger in this chat: the AI doesn't go on with it.",
            hint="Take it over, or leave the alert to the AI first.",
            code="in_danger",
            kind=chat.danger,
        )
    return Decision(events=by(actor, WhisperSent(text=text)))
