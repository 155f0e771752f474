"""Chance only adds or advances help: checked against the same chat without any randomization."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepin.core.chat import Chat, Hold, Ownership, Stage, apply
from stepin.core.decide.alerting import Room, alert, by_chance, margin
from stepin.core.decide.escalating import Reachable
from stepin.core.events import Event
from stepin.core.events.supervision import (
    AlertShown,
    ChatScored,
    DecisionDrawn,
    EscalationDeclined,
    FlagRaised,
    NudgeShown,
)
from stepin.core.holder import ai, worker
from stepin.core.opinion import Opinion, Standing
from stepin.core.policy import AlertPolicy, Policy
from stepin.core.record import Recorded

HERE = Reachable(owner="ann", pool=("bob",), leads=("lea",))
TURN_US = 20_000_000
MEAN = AlertPolicy(jitter=0.3, advance=0.4, look_now=0.3, technical=0.6, risk=0.6)
CALM = msgspec.structs.replace(MEAN, jitter=0.0, advance=0.0, look_now=0.0)


def opinion(score: float, cause: str = "technical") -> Opinion:
    threshold = 1.0 if cause in ("requested", "policy") else 0.5
    return Opinion(cause=cause, score=score, threshold=threshold, detector="d@1")  # type: ignore[arg-type]


@dataclass
class Played:
    """One chat, turn by turn, under one policy; the owner declines what waits, if told to."""

    alerts: AlertPolicy
    seed: int = 0
    held: bool = True
    chat: Chat = field(default_factory=lambda: Chat(chat_id="c"))
    shown: list[int] = field(default_factory=list)
    waiting: list[bool] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    claims: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        holder = ai("builtin") if self.held else worker("ann")
        self.chat = msgspec.structs.replace(
            self.chat, stage=Stage(episode="active"), holding=Hold(holder=holder),
            ownership=Ownership(owner="ann"),
        )  # fmt: skip

    def tell(self, event: Event, at_us: int) -> None:
        recorded = Recorded(
            position=1, stream="chat/c", seq=self.chat.seq + 1, at_us=at_us,
            epoch=self.chat.epoch, basis_seq=0, event=event, actor="system",
        )  # fmt: skip
        self.chat = apply(self.chat, recorded)
        self.events.append(event)

    def turn(self, number: int, opinions: list[Opinion], declines: bool, room: Room) -> None:
        at_us = (number + 1) * TURN_US
        scores = {one.cause: one.score for one in opinions}
        self.tell(ChatScored(detector="d@1", turn_seq=number, scores=dict(scores)), at_us)
        decision = alert(
            self.chat, opinions, Policy(alerts=self.alerts), HERE, room,
            turn_seq=number, key=f"{self.seed}:{number}", now_us=at_us,
        )  # fmt: skip
        for new in decision.events:
            self.tell(new.event, at_us)
            if isinstance(new.event, AlertShown):
                self.shown.append(number)
        self.claims += decision.claims
        live = self.chat.escalation is not None and self.chat.escalation.live
        self.waiting.append(live)
        if live and declines and self.chat.escalation is not None:
            seq = self.chat.escalation.flag_seq
            self.tell(EscalationDeclined(flag_seq=seq, worker_id="ann"), at_us)


TURNS = st.lists(
    st.tuples(
        st.floats(0, 1), st.floats(0, 1), st.sampled_from([0.0, 0.0, 0.0, 1.0]), st.booleans()
    ),
    min_size=1,
    max_size=25,
)


@settings(max_examples=300, deadline=None)
@given(turns=TURNS, seed=st.integers(0, 10_000), budget=st.sampled_from(["", "a/0", None]))
def test_help_is_never_removed_or_delayed_by_chance(
    turns: list[tuple[float, float, float, bool]], seed: int, budget: str | None
) -> None:
    per_hour = None if budget == "" else 3
    calm = Played(msgspec.structs.replace(CALM, per_hour=per_hour))
    randomized = Played(msgspec.structs.replace(MEAN, per_hour=per_hour), seed=seed)
    room = Room(budget=budget, chance="")
    for number, (technical, risk, requested, declines) in enumerate(turns):
        said = [opinion(technical), opinion(risk, "risk"), opinion(requested, "requested")]
        for one in (calm, randomized):
            one.turn(number, said, declines, room)
        if number in calm.shown:
            assert number in randomized.shown or randomized.waiting[number]
        assert randomized.waiting[number] or not calm.waiting[number]
    assert len(randomized.shown) >= len(calm.shown)


@settings(max_examples=200, deadline=None)
@given(turns=TURNS, seed=st.integers(0, 10_000))
def test_every_turn_has_a_decision_whose_chances_are_true_and_sum_to_one(
    turns: list[tuple[float, float, float, bool]], seed: int
) -> None:
    played = Played(MEAN, seed=seed)
    for number, (technical, risk, requested, declines) in enumerate(turns):
        said = [opinion(technical), opinion(risk, "risk"), opinion(requested, "requested")]
        played.turn(number, said, declines, Room())
    drawn = [e for e in played.events if isinstance(e, DecisionDrawn)]
    assert [d.turn_seq for d in drawn if d.point == "alert"] == list(range(len(turns)))
    for one in drawn:
        assert sum(one.probabilities) == pytest.approx(1.0)
        assert one.probabilities[one.options.index(one.drawn)] > 0.0


def test_chances_are_met_in_the_long_run() -> None:
    raised = 0
    for seed in range(4_000):
        played = Played(MEAN, seed=seed)
        played.turn(0, [opinion(0.45)], False, Room())
        raised += any(isinstance(e, FlagRaised) for e in played.events)
    chance = by_chance(0.45, 0.6, MEAN)
    assert chance == pytest.approx(0.5)
    assert raised / 4_000 == pytest.approx(chance, abs=0.03)


def test_a_shadow_alerts_no_one_and_chance_has_no_say_in_it() -> None:
    played = Played(MEAN, held=False)
    for number, score in enumerate((0.5, 0.9, 0.2, 0.99)):
        played.turn(number, [opinion(score), opinion(1.0, "requested")], False, Room())
    flags = [e for e in played.events if isinstance(e, FlagRaised)]
    assert flags
    assert all(flag.shadow and not flag.advanced for flag in flags)
    assert not [e for e in played.events if isinstance(e, (AlertShown, NudgeShown))]
    assert not played.claims


def test_a_cause_keeps_quiet_until_it_has_fallen_and_the_time_is_over() -> None:
    calm = msgspec.structs.replace(CALM, cool_down_s=100.0)
    played = Played(calm)
    for number, score in enumerate([0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.1, 0.9]):
        played.turn(number, [opinion(score)], True, Room())
    assert played.shown == [0, 8]


def test_a_cause_that_has_fallen_keeps_quiet_until_the_time_is_over() -> None:
    played = Played(msgspec.structs.replace(CALM, cool_down_s=4.5 * TURN_US / 1e6))
    for number, score in enumerate([0.9, 0.1, 0.9, 0.1, 0.9, 0.9]):
        played.turn(number, [opinion(score)], True, Room())
    assert played.shown == [0, 5]


def test_a_request_for_a_person_knows_no_cool_down_and_no_budget() -> None:
    played = Played(msgspec.structs.replace(CALM, per_hour=0))
    for number in range(4):
        played.turn(number, [opinion(1.0, "requested")], True, Room(budget=None, chance=None))
    assert played.shown == [0, 1, 2, 3]


def test_over_budget_is_a_shadow_flag_and_the_worst_come_first() -> None:
    policy = msgspec.structs.replace(CALM, per_hour=2)
    none_left = Played(policy)
    none_left.turn(0, [opinion(0.9)], False, Room(budget=None))
    flag = next(e for e in none_left.events if isinstance(e, FlagRaised))
    assert (flag.shadow, flag.reason) == (True, "over_budget")
    over = margin(0.9, 0.6)
    third = Played(policy)
    third.turn(0, [opinion(0.9)], False, Room(budget="a/0", rivals=(over + 0.1, over + 0.2)))
    assert not third.shown
    second = Played(policy)
    second.turn(0, [opinion(0.9)], False, Room(budget="a/0", rivals=(over + 0.1, over - 0.1)))
    assert (second.shown, second.claims) == ([0], ["a/0"])


def test_without_room_for_chance_nothing_is_drawn_and_the_log_says_so() -> None:
    for seed in range(200):
        played = Played(MEAN, seed=seed)
        played.turn(0, [opinion(0.59)], False, Room(chance=None))
        assert not any(isinstance(e, (FlagRaised, NudgeShown)) for e in played.events)
        drawn = [e for e in played.events if isinstance(e, DecisionDrawn)]
        assert [d.probabilities[-1] for d in drawn] == [1.0, 1.0]
        assert not drawn[1].available


def test_a_standing_remembers_the_lowest_score_since_the_flag() -> None:
    played = Played(CALM)
    for number, score in enumerate((0.9, 0.4, 0.5)):
        played.turn(number, [opinion(score)], False, Room())
    assert played.chat.need.standings == {"technical": Standing(fired_us=TURN_US, lowest=0.4)}


def test_a_flag_that_is_due_starts_the_ladder_anew_where_only_chance_had_raised_one() -> None:
    early = 0
    for seed in range(20):
        played = Played(MEAN, seed=seed)
        played.turn(0, [opinion(0.5)], False, Room())
        if played.shown == [0]:
            early += 1
            assert played.chat.escalation is not None
            assert played.chat.escalation.advanced
            played.turn(1, [opinion(0.9)], False, Room())
            assert played.shown == [0, 1]
            assert not played.chat.escalation.advanced
    assert early
