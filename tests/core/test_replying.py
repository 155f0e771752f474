"""A customer who waits for a worker's answer: when the ladder begins, and what ends it."""

from __future__ import annotations

import pytest

from stepin.core.command import Actor, HandBack, PostMessage, Reply, TakeOver
from stepin.core.decide.decision import Decision
from stepin.core.decide.escalating import Reachable
from stepin.core.decide.replying import late_reply
from stepin.core.escalation import LATE_REPLY
from stepin.core.events.supervision import FlagRaised
from stepin.core.policy import LadderPolicy, Policy
from tests.core.test_escalating import ANN, BOB, CUSTOMER, Floor

LEA = Actor(kind="worker", id="lea", role="lead")


def held(*, reply_s: float = 120.0) -> Floor:
    floor = Floor(policy=Policy(ladder=LadderPolicy(reply_s=reply_s)))
    floor.here = Reachable(owner="ann", holder="ann", pool=("bob",), leads=("lea",))
    assert floor.ask(TakeOver(chat_id="c"), ANN)
    return floor


def goes_off(floor: Floor) -> Decision | int | None:
    due = late_reply(floor.chat, floor.policy, floor.here, now_us=floor.now_us)
    if isinstance(due, Decision):
        floor.append(due)
    return due


def test_a_silent_worker_is_asked_then_the_pool_then_a_lead() -> None:
    floor = held()
    assert floor.due["reply:c"] == floor.now_us + 120_000_000
    floor.now_us += 119_000_000
    assert goes_off(floor) == floor.now_us + 1_000_000
    floor.now_us += 1_000_000
    assert isinstance(goes_off(floor), Decision)
    floor.wait(45 + 60 + 120 + 1)
    assert floor.shown() == [("policy", "owner"), ("policy", "pool"), ("policy", "lead")]
    assert floor.chat.held_by("ann")
    assert floor.chat.path == "human_initiated"
    assert not floor.chat.raised


def test_an_answer_ends_it_and_the_next_wait_begins_anew() -> None:
    floor = held()
    floor.now_us += 130_000_000
    goes_off(floor)
    assert floor.ask(Reply(chat_id="c", text="Sorry, here I am."), ANN)
    escalation = floor.chat.escalation
    assert escalation is not None
    assert (escalation.kind, escalation.state) == (LATE_REPLY, "withdrawn")
    assert goes_off(floor) is None
    floor.wait(500)
    assert len(floor.shown()) == 1
    assert floor.ask(PostMessage(chat_id="c", text="And now?"), CUSTOMER)
    assert floor.due["reply:c"] == floor.now_us + 120_000_000
    floor.now_us += 121_000_000
    assert isinstance(goes_off(floor), Decision)


def test_writing_again_moves_no_timer() -> None:
    floor = held()
    first = floor.due["reply:c"]
    for _ in range(5):
        floor.now_us += 20_000_000
        assert floor.ask(PostMessage(chat_id="c", text="hello?"), CUSTOMER)
    assert floor.due["reply:c"] == first


def test_after_a_ladder_that_nobody_came_down_from_a_new_word_begins_another() -> None:
    floor = held()
    floor.now_us += 121_000_000
    goes_off(floor)
    floor.wait(45 + 60 + 120 + 1)
    assert goes_off(floor) is None
    assert floor.ask(PostMessage(chat_id="c", text="Is anybody there?"), CUSTOMER)
    floor.now_us = floor.due["reply:c"]
    assert isinstance(goes_off(floor), Decision)


@pytest.mark.parametrize("who", [BOB, LEA])
def test_whom_the_alert_asks_may_take_the_chat_from_the_silent_worker(who: Actor) -> None:
    floor = held()
    floor.now_us += 121_000_000
    assert who is LEA or not floor.ask(TakeOver(chat_id="c"), who)
    goes_off(floor)
    floor.wait(46)
    assert floor.ask(TakeOver(chat_id="c"), who)
    assert floor.chat.escalation is not None
    assert floor.chat.escalation.state == "taken"
    assert floor.due["reply:c"] == floor.now_us + 120_000_000


def test_the_ai_that_gets_the_chat_back_ends_it() -> None:
    floor = held()
    floor.now_us += 121_000_000
    goes_off(floor)
    assert floor.ask(HandBack(chat_id="c", note="go on"), ANN)
    assert floor.chat.escalation is not None
    assert floor.chat.escalation.state == "withdrawn"


def test_safety_outranks_a_late_answer_and_a_late_answer_nothing() -> None:
    floor = held()
    floor.now_us += 121_000_000
    goes_off(floor)
    floor.flag("policy", "safety.injury")
    assert floor.chat.escalation is not None
    assert floor.chat.escalation.kind == "safety.injury"
    floor.now_us += 121_000_000
    assert isinstance(goes_off(floor), int)


def test_a_policy_may_leave_it_out() -> None:
    floor = held(reply_s=0)
    assert "reply:c" not in floor.due
    floor.now_us += 10**12
    assert goes_off(floor) is None
    assert not [e for e in floor.events if isinstance(e, FlagRaised)]
