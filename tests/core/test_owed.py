"""Who is in danger is owed a person's words: nothing else settles their alert."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

import msgspec
import pytest

from stepin.core.assignment import Draw
from stepin.core.chat import Chat
from stepin.core.command import (
    AcknowledgeAlert,
    Actor,
    AnyCommand,
    CloseChat,
    CustomerCommand,
    DeclineEscalation,
    HandBack,
    OpenChat,
    PostMessage,
    Rate,
    Reply,
    TakeOver,
    Transfer,
)
from stepin.core.decide import Decision, decide
from stepin.core.decide.escalating import Reachable
from stepin.core.decide.opening import Opening, open_chat
from stepin.core.decide.queueing import finish_for, give, release
from stepin.core.decide.timing import ladder
from stepin.core.events.chat import EligibilityAssessed, MessagePosted
from stepin.core.events.supervision import AlertShown, EscalationExpired, FlagRaised
from stepin.core.record import Recorded
from stepin.errors import StepinError
from tests.core.test_safeguarding import (
    ANN,
    CUSTOMER,
    LEA,
    POLICIES,
    REACHABLES,
    SAFETY,
    Desk,
    held_by_the_ai,
    kinds,
)

BOB = Actor(kind="worker", id="bob")


def taken() -> Desk:
    desk = held_by_the_ai()
    desk.say("self_harm")
    assert desk.ask(TakeOver(chat_id="c"), ANN)
    return desk


def later(desk: Desk, seconds: float = 2.0) -> list[Recorded]:
    due = ladder(
        desk.chat, desk.policy, desk.seen, now_us=desk.chat.at_us + int(seconds * 1e6)
    )  # fmt: skip
    return desk.append(due) if isinstance(due, Decision) else []


def state(desk: Desk) -> str:
    assert desk.chat.escalation is not None
    return desk.chat.escalation.state


def code(desk: Desk, command: AnyCommand, actor: Actor, seen: Reachable | None = None) -> str:
    with pytest.raises(StepinError) as caught:
        decide(
            desk.chat, command, actor, desk.policy, seen or desk.seen, SAFETY,
            now_us=desk.now_us,
        )  # fmt: skip
    return caught.value.code


def test_a_takeover_without_a_word_is_reminded_of_and_asks_others_then() -> None:
    desk = taken()
    assert state(desk) == "taken"
    assert desk.chat.danger == "safety.self_harm"
    assert "ladder:c" in desk.work
    assert later(desk, 0.5) == []
    steps = [one.event for _ in range(3) for one in later(desk)]
    shown = [one.step for one in steps if isinstance(one, AlertShown)]
    assert shown == ["owner", "pool", "lead"]
    assert desk.chat.held_by("ann")


def test_words_settle_it() -> None:
    desk = taken()
    assert desk.ask(Reply(chat_id="c", text="I am here. Are you safe?"), ANN)
    assert desk.chat.danger == ""
    assert desk.chat.escalation is not None
    assert not desk.chat.escalation.owed
    assert later(desk, 1e6) == []
    desk.append(release(desk.chat, "signed_off", desk.policy, now_us=desk.now_us))
    assert state(desk) == "taken"


@pytest.mark.parametrize("how", ["goes", "to bob", "to a group", "lead"])
def test_whoever_has_taken_it_and_leaves_it_raises_it_again(how: str) -> None:
    desk = taken()
    if how == "goes":
        desk.append(release(desk.chat, "signed_off", desk.policy, now_us=desk.now_us))
    elif how == "to bob":
        assert desk.ask(Transfer(chat_id="c", to_worker="bob"), ANN)
    elif how == "to a group":
        assert desk.ask(Transfer(chat_id="c", to_group="g"), ANN)
    else:
        assert desk.ask(TakeOver(chat_id="c"), LEA)
        assert state(desk) == "taken"
        return
    assert state(desk) == "raised"
    assert "ladder:c" in desk.work
    shown = [one.event for one in later(desk, 0.0)]
    assert isinstance(shown[0], AlertShown)
    assert len([e for e in desk.events if isinstance(e.event, FlagRaised)]) == 1
    assert desk.chat.path == "policy"


def test_the_ladder_begins_anew_with_a_number_until_somebody_writes() -> None:
    desk = held_by_the_ai()
    desk.say("self_harm")
    rounds = []
    for _ in range(40):
        rounds += [e.event for e in later(desk, 200.0)]
    again = [one.again for one in rounds if isinstance(one, EscalationExpired) and one.again]
    assert again == list(range(1, len(again) + 1))
    assert len(again) > 5
    assert {one.kind for one in rounds if isinstance(one, EscalationExpired) and one.again} == {
        "safety.self_harm"
    }
    assert state(desk) in ("raised", "alerted")
    assert desk.ask(Reply(chat_id="c", text="I am here."), LEA)
    assert later(desk, 1e6) == []


def test_between_two_rounds_lies_the_time_that_the_policy_names() -> None:
    desk = Desk(POLICIES[0], Reachable(), "self_harm")
    (expired,) = later(desk, 0.0)
    assert isinstance(expired.event, EscalationExpired)
    assert desk.due["ladder:c"] - expired.at_us + 1_000_000 == desk.policy.ladder.again_s * 1e6


def test_no_hand_back_and_no_close_without_a_word() -> None:
    desk = taken()
    assert code(desk, HandBack(chat_id="c", note="n"), ANN) == "in_danger"
    assert code(desk, CloseChat(chat_id="c"), ANN) == "in_danger"
    assert code(desk, CloseChat(chat_id="c"), LEA) == "in_danger"
    assert code(desk, DeclineEscalation(chat_id="c", reason=" "), ANN) == "no_reason"
    assert desk.ask(DeclineEscalation(chat_id="c", reason="quotes a song"), ANN)
    assert desk.ask(HandBack(chat_id="c", note="n"), ANN)
    assert desk.chat.turn_id is None, "the AI waits for the next message"
    desk.say("where is my parcel?")
    assert desk.chat.turn_id is not None


@pytest.mark.parametrize("holds", [True, False])
def test_who_leaves_in_danger_stays_until_a_person_has_acknowledged_that(holds: bool) -> None:
    desk = taken() if holds else held_by_the_ai("self_harm")
    if holds:
        assert desk.ask(TakeOver(chat_id="c"), LEA)
    assert desk.ask(CloseChat(chat_id="c"), CUSTOMER)
    if desk.chat.episode == "wrap_up":
        assert desk.chat.left_in_danger
        desk.append(finish_for(desk.chat))
    assert desk.chat.episode == "closed"
    assert desk.chat.left_in_danger
    assert isinstance(later(desk, 0.0)[0].event, AlertShown)
    assert code(desk, TakeOver(chat_id="c"), LEA) == "chat_closed"
    seen = desk.ask(AcknowledgeAlert(chat_id="c"), LEA)
    assert seen is not None
    assert kinds(seen) == ["AlertAcknowledged", "EscalationWithdrawn"]
    assert desk.chat.over
    assert "ladder:c" not in desk.work


def test_nobody_off_duty_takes_or_gets_a_chat() -> None:
    desk = held_by_the_ai()
    here = msgspec.structs.replace(desk.seen, here=frozenset({"ann", "bob"}))
    for command in (TakeOver(chat_id="c"), Reply(chat_id="c", text="Are you safe?")):
        assert code(desk, command, LEA, here) == "off_duty"
    assert code(desk, Transfer(chat_id="c", to_worker="lea"), ANN, here) == "off_duty"
    decide(
        desk.chat, TakeOver(chat_id="c"), BOB, desk.policy, here, SAFETY, now_us=desk.now_us
    )  # fmt: skip


WORDS = {("OpenChat", "text"), ("PostMessage", "text"), ("Rate", "comment")}
"""Where a customer writes what they want."""
NO_WORDS = {
    "chat_id", "command_id", "channel", "language", "issue_class", "reason", "disposition",
}  # fmt: skip
"""Names and choices that the page or the program gives, not the customer."""
GUARDS = {"expect_seq", "expect_epoch"}


def test_every_door_for_a_customers_words_is_looked_at_for_danger() -> None:
    doors = set()
    for command in (OpenChat, *get_args(CustomerCommand)):
        for field in msgspec.structs.fields(command):
            if field.type not in (int, float, bool) and field.name not in NO_WORDS | GUARDS:
                doors.add((command.__name__, field.name))
    assert doors == WORDS
    closed = held_by_the_ai()
    assert closed.ask(CloseChat(chat_id="c"), CUSTOMER)
    ways: dict[tuple[str, str], Callable[[], Chat]] = {
        ("OpenChat", "text"): lambda: Desk(POLICIES[0], REACHABLES[1], "self_harm").chat,
        ("PostMessage", "text"): lambda: _after(
            held_by_the_ai(), PostMessage(chat_id="c", text="self_harm")
        ),
        ("Rate", "comment"): lambda: _after(
            closed, Rate(chat_id="c", rating=1, comment="self_harm")
        ),
    }
    assert set(ways) == doors
    for door, way in ways.items():
        chat = way()
        assert chat.danger == "safety.self_harm", door
        assert chat.escalation is not None
        assert chat.escalation.owed


def _after(desk: Desk, command: PostMessage | Rate) -> Chat:
    assert desk.ask(command, CUSTOMER)
    return desk.chat


@pytest.mark.parametrize("rest", ["", "thanks"])
def test_a_comment_that_tells_of_danger_is_answered_honestly(rest: str) -> None:
    desk = held_by_the_ai()
    assert desk.ask(CloseChat(chat_id="c"), CUSTOMER)
    rated = desk.ask(Rate(chat_id="c", rating=1, comment=rest or "self_harm"), CUSTOMER)
    assert rated is not None
    said = [e.event for e in rated if isinstance(e.event, MessagePosted)]
    assert [one.template for one in said] == ([] if rest else ["caution_over"])
    assert desk.chat.left_in_danger == (not rest)
    assert "come to this chat" not in "".join(one.text for one in said)


def test_the_graver_danger_is_remembered() -> None:
    desk = held_by_the_ai()
    desk.say("self_harm")
    desk.say("fraud")
    assert desk.chat.danger == "safety.self_harm"


def test_an_opening_in_danger_is_never_settled_by_a_draw() -> None:
    assessed = EligibilityAssessed(
        eligible=True, score=1, threshold=0.5, reason="", classifier_version="r"
    )
    opening = Opening(assessment=assessed, policy=POLICIES[0], customer_asserted=True)
    opened = open_chat(
        OpenChat(text="child"), CUSTOMER, opening, Reachable(), SAFETY, chat_id="c", now_us=0
    )
    assert any(isinstance(new.event, FlagRaised) for new in opened.events)
    desk = held_by_the_ai("child")
    assert desk.chat.held_by("ann")
    assert state(desk) == "raised"
    assert desk.chat.danger == "safety.child"


def test_a_draw_from_the_queue_settles_nothing() -> None:
    desk = taken()
    desk.append(release(desk.chat, "signed_off", desk.policy, now_us=desk.now_us))
    draw = Draw(drawn="bob", candidates=("bob",), probabilities=(1.0,), rule="", key="")
    desk.append(give(desk.chat, draw, desk.policy, covariates={}))
    assert desk.chat.held_by("bob")
    assert state(desk) == "raised"
    (shown,) = later(desk, 0.0)
    assert isinstance(shown.event, AlertShown)
    assert "bob" in shown.event.to
    assert "ladder:c" in desk.work
