from __future__ import annotations

import msgspec
import pytest

from stepin.agent.brain import Line, Speaker
from stepin.agent.gate.confirmation import confirmation_of, confirmed, key_of
from stepin.core.action import Action

KEY = key_of("chat", "cancel", {"order": "A"}, 5.0)


def lines(*said: tuple[Speaker, str] | tuple[Speaker, str, str]) -> list[Line]:
    return [
        Line(seq=seq, at_us=seq, speaker=one[0], text=one[1], confirms=one[2] if one[2:] else "")
        for seq, one in enumerate(said, 1)
    ]


def action(seq: int, risk: str = "money") -> Action:
    return msgspec.convert(
        {
            "action_id": "a", "state": "succeeded", "tool": "cancel", "tool_version": "1",
            "risk": risk, "arguments": {}, "digest": "", "business_key": "b", "proposer": "ai:x",
            "epoch": 0, "seq": seq, "basis_seq": seq, "needs_approval": False,
        },
        Action,
    )  # fmt: skip


ASKED = ("ai", "Shall I cancel it?", KEY)


@pytest.mark.parametrize(
    ("after", "lets_through"),
    [
        ([("customer", "yes")], True),
        ([("customer", "yes"), ("customer", "please")], True),
        ([("whisper", "be quick"), ("customer", "yes")], True),
        ([], False),
        ([("customer", "no")], False),
        ([("customer", "yes"), ("customer", "wait")], False),
        ([("customer", "yes if it is free")], False),
        ([("customer", "yes"), ("ai", "Fine.")], False),
        ([("ai", "By the way."), ("customer", "yes")], False),
        ([("worker", "Hello."), ("customer", "yes")], False),
        ([("customer", "yes"), ("boundary", "")], False),
        ([("ai", "Shall I refund it?", "another"), ("customer", "yes")], False),
    ],
)
def test_only_the_clear_answer_to_this_question_lets_the_call_through(
    after: list[tuple[Speaker, str]], lets_through: bool
) -> None:
    said = lines(("customer", "yes"), ASKED, *after)  # type: ignore[arg-type]
    assert confirmed(said, [], KEY) is lets_through


def test_a_yes_without_a_question_is_none() -> None:
    assert not confirmed(lines(("ai", "Shall I cancel it?"), ("customer", "yes")), [], KEY)
    assert confirmation_of(lines(("customer", "yes"))) is None


@pytest.mark.parametrize(
    "other",
    [
        key_of("chat", "cancel", {"order": "B"}, 5.0),
        key_of("chat", "refund", {"order": "A"}, 5.0),
        key_of("chat", "cancel", {"order": "A"}, 6.0),
        key_of("chat", "cancel", {"order": "A", "again": True}, 5.0),
        key_of("other", "cancel", {"order": "A"}, 5.0),
    ],
)
def test_it_is_bound_to_the_tool_its_arguments_the_amount_and_the_chat(other: str) -> None:
    assert not confirmed(lines(ASKED, ("customer", "yes")), [], other)


def test_it_is_used_once() -> None:
    said = lines(ASKED, ("customer", "yes"))
    assert confirmed(said, [action(1)], KEY)
    assert confirmed(said, [action(3, "read")], KEY)
    assert not confirmed(said, [action(3)], KEY)


def test_the_record_names_question_and_answer() -> None:
    found = confirmation_of(lines(("customer", "hi"), ASKED, ("customer", "no")))
    assert found is not None
    assert (found.question_seq, found.answer_seq, found.answer) == (2, 3, "no")
