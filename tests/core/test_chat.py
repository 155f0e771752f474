"""The axes of a chat: each holds its own state, and each is asked for every event that moves it."""

from __future__ import annotations

from typing import Any, ClassVar, get_args, get_origin, get_type_hints

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepin.core.chat import Chat, fold
from stepin.core.chat.chat import OWN_AXES, WHOLE_AXES
from stepin.core.events import KINDS, Event
from stepin.core.events.action import (
    ActionApproved,
    ActionDenied,
    ActionExpired,
    ActionFailed,
    ActionProposed,
    ActionReconciled,
    ActionStarted,
    ActionSucceeded,
    ActionUnknown,
)
from stepin.core.events.chat import HolderChanged
from stepin.core.holder import Holder, HolderKind, ai
from stepin.core.record import Recorded

TEXTS = st.sampled_from(
    ["", "a", "hello?", "waiting", "caution_a", "safety.injury", "reply.late", "over_budget"]
)
HOLDERS = st.builds(Holder, st.sampled_from(get_args(HolderKind)), st.sampled_from(["", "ann"]))


def values(hint: Any) -> st.SearchStrategy[Any]:
    """Return values of a field's type, few enough to meet again."""
    if hint is str:
        return TEXTS
    if hint is Holder:
        return HOLDERS
    if get_origin(hint) is dict and get_args(hint)[1] is Any:
        return st.just({})
    if get_origin(hint) is tuple:
        return st.lists(values(get_args(hint)[0]), max_size=2).map(tuple)
    if get_origin(hint) is not None and type(None) in get_args(hint):
        rest = [values(one) for one in get_args(hint) if one is not type(None)]
        return st.one_of(st.none(), *rest)
    return st.from_type(hint)


def events_of(kind: type[Event]) -> st.SearchStrategy[Event]:
    hints = {k: v for k, v in get_type_hints(kind).items() if get_origin(v) is not ClassVar}
    return st.builds(kind, **{name: values(hint) for name, hint in hints.items()})


EVENTS = {kind: events_of(kind) for kind in KINDS.values()}


def recorded(event: Event, seq: int) -> Recorded:
    return Recorded(
        position=seq, stream="chat/c", seq=seq, at_us=seq, epoch=0, basis_seq=0, event=event,
        actor="ai:x",
    )  # fmt: skip


def chat_after(events: list[Event]) -> Chat:
    return fold("c", (recorded(event, seq) for seq, event in enumerate(events, start=1)))


def test_no_state_is_held_by_two_axes() -> None:
    chat = Chat(chat_id="c")
    axes = [getattr(chat, name) for name, _, _ in (*OWN_AXES, *WHOLE_AXES)]
    names = [f for axis in axes if isinstance(axis, msgspec.Struct) for f in axis.__struct_fields__]
    assert len(names) == len(set(names))
    assert not set(names) & set(chat.__struct_fields__)


@given(st.lists(st.one_of(*EVENTS.values()), max_size=12), st.tuples(*EVENTS.values()))
@settings(max_examples=80, deadline=None)
def test_an_axis_names_every_kind_of_event_that_changes_it(
    events: list[Event], one_of_each: tuple[Event, ...]
) -> None:
    chat = chat_after(events)
    for event in one_of_each:
        then = recorded(event, chat.seq + 1)
        for name, own, kinds in OWN_AXES:
            if type(event) not in kinds and name != "actions":
                axis = getattr(chat, name)
                assert own(axis, event, then) == axis, (name, event)
        for name, whole, kinds in WHOLE_AXES:
            if type(event) not in kinds:
                assert whole(chat, event, then) == getattr(chat, name), (name, event)


@pytest.mark.parametrize(
    ("event", "asks"),
    [
        (ActionApproved(action_id="a", digest="d"), False),
        (ActionStarted(action_id="a", effect_key="k"), False),
        (ActionUnknown(action_id="a", detail="no answer"), False),
        (ActionDenied(action_id="a"), True),
        (ActionExpired(action_id="a"), True),
        (ActionExpired(action_id="a", reason="withdrawn"), False),
        (ActionSucceeded(action_id="a", result={}), True),
        (ActionFailed(action_id="a", error="refused"), True),
        (ActionReconciled(action_id="a", outcome="succeeded"), True),
        (ActionDenied(action_id="b"), False),
    ],
    ids=repr,
)
def test_what_settles_an_action_that_was_waited_for_asks_the_ai_for_a_turn(
    event: Event, asks: bool
) -> None:
    begun: list[Event] = [
        HolderChanged(from_=Holder(), to=ai("x"), reason="assigned"),
        ActionProposed(
            action_id="a", tool="pay", tool_version="1", risk="money", arguments={}, digest="d",
            business_key="k", needs_approval=True,
        ),
    ]  # fmt: skip
    assert chat_after(begun).turn_id is None
    assert chat_after([*begun, event]).turn_id == ("turn:c:3" if asks else None)
