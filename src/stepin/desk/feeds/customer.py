"""What a customer may see of a chat: an allow-list, decided here and nowhere else.

Whispers, notes, drafts, flags, alerts, scores, arms, draws, tools and their arguments have no
place in these types, so they can't leak. A kind of event that this module doesn't name shows a
customer nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Literal

import msgspec

from stepin.core.chat import Chat, fold
from stepin.core.events.chat import Author, MessagePosted
from stepin.core.record import Recorded

NameOf = Callable[[str], str]


class CustomerMessage(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """A public message. `name` is the worker's display name if a worker wrote it."""

    seq: int
    at_us: int
    author: Author
    text: str
    name: str = ""


class CustomerChat(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Where a chat stands, in a customer's words.

    Attributes
    ----------
    state : waiting (nobody answers yet), active, or ended (the customer can't write any more).
    speaker : who answers now; `speaker_name` is a worker's display name, else empty.
    rating_invited, rating : whether the customer may rate, and the rating that was given.
    """

    chat_id: str
    state: Literal["waiting", "active", "ended"]
    speaker: Literal["nobody", "ai", "worker"]
    speaker_name: str
    opened_us: int
    rating_invited: bool
    rating: int | None


class CustomerSnapshot(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """All that a customer sees of a chat, up to `seq`."""

    seq: int
    chat: CustomerChat
    messages: tuple[CustomerMessage, ...]


class CustomerUpdate(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """What changed for the customer: replace `chat`, and each message by its seq."""

    seq: int
    chat: CustomerChat | None = None
    messages: tuple[CustomerMessage, ...] = ()


def customer_chat(chat: Chat, name_of: NameOf) -> CustomerChat:
    """Return where a chat stands for its customer."""
    state: Literal["waiting", "active", "ended"] = "ended"
    if chat.open:
        state = "waiting" if chat.holder.kind == "nobody" else "active"
    return CustomerChat(
        chat_id=chat.chat_id,
        state=state,
        speaker="nobody" if state == "ended" else chat.holder.kind,
        speaker_name=name_of(chat.holder.id)
        if state != "ended" and chat.holder.kind == "worker"
        else "",
        opened_us=chat.opened_us,
        rating_invited=chat.rating_invited,
        rating=chat.rating,
    )


def customer_message(recorded: Recorded, name_of: NameOf) -> CustomerMessage | None:
    """Return the message that an event shows a customer, None for every other event."""
    event = recorded.event
    if not isinstance(event, MessagePosted) or event.visibility != "public":
        return None
    name = ""
    if event.author == "worker":
        name = name_of(recorded.actor.removeprefix("worker:"))
    return CustomerMessage(
        seq=recorded.seq, at_us=recorded.at_us, author=event.author, text=event.text, name=name
    )


def customer_snapshot(
    chat_id: str, events: Sequence[Recorded], name_of: NameOf
) -> CustomerSnapshot:
    """Return what a customer sees after all the events of a chat."""
    chat = fold(chat_id, events)
    return CustomerSnapshot(
        seq=chat.seq, chat=customer_chat(chat, name_of), messages=_messages(events, name_of)
    )


def customer_update(
    before: Chat | None, after: Chat, events: Iterable[Recorded], name_of: NameOf
) -> CustomerUpdate | None:
    """Return what events change for a customer, None if nothing.

    Parameters
    ----------
    before : the chat before the events; None if that isn't known (the chat is then sent anyway).
    after : the chat after the events.
    events : the events between; where one redacts another, the redacted one follows it again.
    name_of : a worker's display name.
    """
    now = None
    if before is None or _stands(before) != _stands(after):
        now = customer_chat(after, name_of)
        if before is not None and before.seq and customer_chat(before, name_of) == now:
            now = None
    messages = _messages(events, name_of)
    if now is None and not messages:
        return None
    return CustomerUpdate(seq=after.seq, chat=now, messages=messages)


def _stands(chat: Chat) -> tuple[object, ...]:
    """Return all of a chat that `customer_chat` looks at."""
    return chat.episode, chat.holder, chat.opened_us, chat.rating_invited, chat.rating


def _messages(events: Iterable[Recorded], name_of: NameOf) -> tuple[CustomerMessage, ...]:
    shown = (customer_message(event, name_of) for event in events)
    return tuple(message for message in shown if message is not None)


def reduce_customer(snapshot: CustomerSnapshot, update: CustomerUpdate) -> CustomerSnapshot:
    """Return a snapshot after an update: the reducer that clients implement."""
    if update.seq <= snapshot.seq:
        return snapshot
    messages = {m.seq: m for m in snapshot.messages} | {m.seq: m for m in update.messages}
    return CustomerSnapshot(
        seq=update.seq,
        chat=update.chat or snapshot.chat,
        messages=tuple(messages[seq] for seq in sorted(messages)),
    )
