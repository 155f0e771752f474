"""What a typed line means, and above all where a plain one goes."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from stepin.cli.console.input import read_order
from stepin.core.action import Action
from stepin.core.chat import Chat, Hold, Stage
from stepin.core.holder import NOBODY, Holder, ai, worker
from stepin.desk.feeds.views import ChatCard, chat_card
from stepin.errors import Invalid


def card(holder: Holder, *actions: str) -> ChatCard:
    proposed = {
        name: Action(
            action_id=name,
            state="proposed",
            tool="refund",
            tool_version="1",
            risk="money",
            arguments={},
            digest=f"digest of {name}",
            business_key="k",
            proposer="ai:x",
            epoch=1,
            seq=3,
            basis_seq=2,
            needs_approval=True,
        )
        for name in actions
    }
    chat = Chat(chat_id="c", stage=Stage(episode="active"), holding=Hold(holder=holder))
    return chat_card(msgspec.structs.replace(chat, actions=proposed), "")


@pytest.mark.parametrize(
    ("holder", "verb"), [(ai("builtin"), "Whisper"), (worker("ann"), "Reply")], ids=str
)
def test_a_plain_line_goes_where_the_holder_says(holder: Holder, verb: str) -> None:
    order = read_order("back in a minute", card(holder), "ann")
    assert order is not None
    assert (order.verb, order.body) == (verb, {"text": "back in a minute"})


@pytest.mark.parametrize("chat", [None, card(worker("bea")), card(NOBODY)])
def test_a_plain_line_goes_nowhere_where_it_isn_t_clear(chat: ChatCard | None) -> None:
    with pytest.raises(Invalid):
        read_order("hello", chat, "ann")


@pytest.mark.parametrize(
    ("line", "verb", "body"),
    [
        ("/take", "TakeOver", {}),
        ("/reply hello there", "Reply", {"text": "hello there"}),
        ("/whisper look at the date", "Whisper", {"text": "look at the date"}),
        ("/back all is explained", "HandBack", {"note": "all is explained"}),
        ("/label +a -b", "ChangeLabels", {"add": ["a"], "remove": ["b"]}),
        ('/use refund {"a": 1}', "ProposeAction", {"tool": "refund", "arguments": {"a": 1}}),
        ("/give bea please", "Transfer", {"to_worker": "bea", "note": "please"}),
        ("/give @billing", "Transfer", {"to_group": "billing", "note": ""}),
        (
            "/approve",
            "ApproveAction",
            {"action_id": "a1", "digest": "digest of a1", "seen_seq": 0},
        ),
        ("/deny too much", "DenyAction", {"action_id": "a1", "reason": "too much"}),
        ("/deny a1 too much", "DenyAction", {"action_id": "a1", "reason": "too much"}),
        ("/close", "CloseChat", {"disposition": None}),
        ("/done no answer", "EndWrapUp", {"disposition": "no answer"}),
    ],
)
def test_orders(line: str, verb: str, body: dict[str, Any]) -> None:
    order = read_order(line, card(ai("builtin"), "a1"), "ann")
    assert order is not None
    assert (order.verb, order.body) == (verb, body)


@pytest.mark.parametrize("line", ["/nonsense", "/reply", "/use refund {", "/label a", "/approve"])
def test_what_can_t_be_understood_does_nothing(line: str) -> None:
    with pytest.raises(Invalid):
        read_order(line, card(ai("builtin"), "a1", "a2"), "ann")


def test_two_waiting_actions_must_be_told_apart() -> None:
    order = read_order("/approve a2", card(ai("builtin"), "a1", "a2"), "ann")
    assert order is not None
    assert order.body["digest"] == "digest of a2"


def test_an_approval_says_which_word_of_the_customer_the_card_showed() -> None:
    shown = card(ai("builtin"), "a1")
    actions = tuple(msgspec.structs.replace(a, customer_seq=9) for a in shown.actions)
    order = read_order("/approve", msgspec.structs.replace(shown, actions=actions), "ann")
    assert order is not None
    assert order.body["seen_seq"] == 9
