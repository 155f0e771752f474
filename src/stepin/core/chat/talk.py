"""The conversation of a chat: who wrote last, how much was said, and who waits for an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from stepin.core.events import Event
from stepin.core.events.chat import (
    ChatClosed,
    ChatOpened,
    HolderChanged,
    MessagePosted,
    WrapUpStarted,
)
from stepin.core.events.supervision import EscalationDeclined
from stepin.core.record import Recorded

if TYPE_CHECKING:
    from stepin.core.chat.chat import Chat


class Conversation(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What was said in public, as far as rules ask for it.

    Attributes
    ----------
    waiting_since_us : since when the customer has been waiting for a public reply.
    last_customer_us, last_public_us : when the customer, and when anyone, last wrote.
    customer_seq : of the customer's last message, 0 before the first.
    handed_back_seq : where the chat came back to the AI from a person; 0 if it never did.
    """

    waiting_since_us: int | None = None
    last_customer_us: int = 0
    last_public_us: int = 0
    last_public_author: str = ""
    customer_messages: int = 0
    customer_seq: int = 0
    ai_messages: int = 0
    worker_messages: int = 0
    handed_back_seq: int = 0


TALK_EVENTS: tuple[type[Event], ...] = (
    ChatOpened,
    MessagePosted,
    HolderChanged,
    WrapUpStarted,
    ChatClosed,
    EscalationDeclined,
)


def fold_talk(chat: Chat, event: Event, recorded: Recorded) -> Conversation:
    """Return the conversation after one more event; `chat` is before it.

    Who was in danger and is left to the AI by a person waits for nothing any more: what they wrote
    was no question to it.
    """
    now = chat.talk
    match event:
        case MessagePosted():
            return now if event.visibility == "note" else _said(now, event, recorded)
        case ChatOpened():
            return msgspec.structs.replace(now, last_customer_us=recorded.at_us)
        case HolderChanged() if event.to.kind == "ai":
            begins = now.worker_messages or event.note
            return msgspec.structs.replace(now, handed_back_seq=recorded.seq if begins else 0)
        case EscalationDeclined() if not chat.danger:
            return now
        case WrapUpStarted() | ChatClosed() | EscalationDeclined():
            return msgspec.structs.replace(now, waiting_since_us=None)
        case _:
            return now


def _said(now: Conversation, event: MessagePosted, recorded: Recorded) -> Conversation:
    changes: dict[str, object] = {
        "last_public_us": recorded.at_us,
        "last_public_author": event.author,
    }
    if event.author == "customer":
        changes["last_customer_us"] = recorded.at_us
        changes["customer_messages"] = now.customer_messages + 1
        changes["customer_seq"] = recorded.seq
        if now.waiting_since_us is None:
            changes["waiting_since_us"] = recorded.at_us
    elif event.author == "ai":
        changes["ai_messages"] = now.ai_messages + 1
        changes["waiting_since_us"] = None
    elif event.author == "worker":
        changes["worker_messages"] = now.worker_messages + 1
        changes["waiting_since_us"] = None
    return msgspec.structs.replace(now, **changes)
