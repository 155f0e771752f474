"""What a customer may see: tried against every kind of event with a marked value in every field."""

from __future__ import annotations

import types
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
import pytest

from stepin.core.chat import Chat, apply, fold
from stepin.core.events import KINDS, Event
from stepin.core.events.chat import ChatOpened, HolderChanged, MessagePosted
from stepin.core.holder import ai, worker
from stepin.core.record import Recorded
from stepin.desk.feeds.customer import (
    customer_snapshot,
    customer_update,
    reduce_customer,
)
from tests.golden import story

MARK = "LEAK"


def marked(hint: Any) -> Any:
    """Return a value of a type in which every free text is marked."""
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return marked(args[0])
    if origin is Literal:
        return args[0]
    if origin in (Union, types.UnionType):
        return marked(next(a for a in args if a is not type(None)))
    if origin is tuple:
        return tuple(marked(a) for a in args if a is not Ellipsis)
    if origin is dict:
        return {MARK: marked(args[1])}
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return hint(**_fields(hint))
    return {str: MARK, int: 987_654_321, float: 0.98765, bool: True, Any: MARK}[hint]


def _fields(cls: type[msgspec.Struct]) -> dict[str, Any]:
    hints = get_type_hints(cls, include_extras=True)
    return {f.name: marked(hints[f.name]) for f in msgspec.structs.fields(cls)}


def recorded(event: Event, seq: int, actor: str = "worker:LEAK") -> Recorded:
    return Recorded(
        position=seq,
        stream="chat/c",
        seq=seq,
        at_us=seq,
        epoch=1,
        basis_seq=0,
        event=event,
        actor=actor,
    )


OPENED = ChatOpened(customer_id="k", asserted=False)


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("holder", [ai("LEAK"), worker("w")], ids=["ai", "worker"])
def test_nothing_but_public_messages_reaches_a_customer(kind: str, holder: Any) -> None:
    held = HolderChanged(from_=holder, to=holder, reason="assigned")
    begun = [recorded(OPENED, 1), recorded(held, 2)]
    before = fold("c", begun)
    event = recorded(KINDS[kind](**_fields(KINDS[kind])), 3)
    update = customer_update(before, apply(before, event), [event], lambda _: "Ann")
    sent = b"" if update is None else msgspec.json.encode(update)
    if kind == "MessagePosted":
        assert sent.count(b"LEAK") == 1, "its text, and nothing else of it"
        return
    assert b"LEAK" not in sent
    assert b"987654321" not in sent or kind == "RatingGiven"
    assert b"0.98765" not in sent
    snapshot = customer_snapshot("c", [*begun, event], lambda _: "Ann")
    assert b"LEAK" not in msgspec.json.encode(snapshot)


def test_notes_are_not_messages() -> None:
    note = recorded(MessagePosted(author="worker", text=MARK, visibility="note"), 2)
    before = fold("c", [recorded(OPENED, 1)])
    assert customer_update(before, apply(before, note), [note], str) is None


def test_a_worker_is_called_by_the_display_name() -> None:
    said = recorded(MessagePosted(author="worker", text="Hello"), 2, actor="worker:ann")
    held = recorded(HolderChanged(from_=worker("x"), to=worker("ann"), reason="reply"), 3)
    snapshot = customer_snapshot("c", [recorded(OPENED, 1), said, held], {"ann": "Ann L."}.get)  # type: ignore[arg-type]
    assert snapshot.messages[0].name == "Ann L."
    assert snapshot.chat.speaker_name == "Ann L."


@pytest.mark.parametrize("chat_id", ["c1", "c2", "c3", "c4", "c5", "c6"])
def test_a_snapshot_and_the_updates_after_it_give_a_fresh_snapshot(chat_id: str) -> None:
    events = [e for e in story.load() if e.stream == f"chat/{chat_id}"]
    for start in range(1, len(events) + 1):
        now = customer_snapshot(chat_id, events[:start], str)
        chat: Chat = fold(chat_id, events[:start])
        for end in range(start, len(events)):
            after = apply(chat, events[end])
            update = customer_update(chat, after, [events[end]], str)
            if update is not None:
                now = reduce_customer(now, update)
            chat = after
        fresh = customer_snapshot(chat_id, events, str)
        assert (now.chat, now.messages) == (fresh.chat, fresh.messages)
