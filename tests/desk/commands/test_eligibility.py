"""Who may be served by the AI: every rule, the opening's scores in both arms, and the freeze."""

from __future__ import annotations

import pytest
import structlog

from stepin.core.command import Actor, OpenChat
from stepin.core.events import Event
from stepin.core.events.chat import EligibilityAssessed
from stepin.core.events.floor import TrialLocked, TrialRegistered, TrialStopped
from stepin.core.policy import AiPolicy, EligibilityPolicy, Policy, load_policy
from stepin.core.record import NewEvent
from stepin.desk.commands.eligibility import RulesEligibility, ScoredEligibility, check_frozen
from stepin.desk.state.identity import CustomerIdentity
from stepin.errors import Conflict, Invalid, Unavailable
from stepin.judge.shipped import load_opening
from stepin.log.protocol import Append
from stepin.trial.reading import canonical
from tests.desk.conftest import Room
from tests.desk.running_trials import plan_of

FILES = {"treated": "with", "control": "without"}
NOON_US = 1_790_078_400_000_000
"""Tuesday 2026-09-22, 12:00 UTC."""


def scored() -> ScoredEligibility:
    model = load_opening()
    assert model is not None
    return ScoredEligibility(RulesEligibility(), model)


@pytest.mark.parametrize(
    ("rule", "covariates", "reason"),
    [
        ({}, {}, "rules"),
        ({"most_amount": 50.0}, {"amount": 40}, "rules"),
        ({"most_amount": 50.0}, {"amount": 60}, "amount"),
        ({"most_amount": 50.0}, {}, "amount_unknown"),
        ({"refused_groups": ("vip",)}, {"group": "vip"}, "group"),
        ({"refused_groups": ("vip",)}, {"group": "new"}, "rules"),
        ({"channels": ("app",)}, {}, "channel"),
        ({"languages": ("zh",)}, {}, "language"),
        ({"issue_classes": ("parcel",)}, {}, "issue_class"),
        ({"hours": {"tue": ("09:00-17:00",)}}, {}, "rules"),
        ({"hours": {"tue": ("13:00-17:00",)}}, {}, "hours"),
        ({"hours": {"tue": ("13:00-17:00",)}, "timezone": "Europe/Berlin"}, {}, "rules"),
    ],
)
def test_a_rule_says_why(
    rule: dict[str, object], covariates: dict[str, object], reason: str
) -> None:
    who = CustomerIdentity(customer_id="dora", asserted=True, covariates=covariates)  # type: ignore[arg-type]
    policy = EligibilityPolicy(**rule)  # type: ignore[arg-type]
    said = RulesEligibility().assess(OpenChat(text="hello"), who, policy, now_us=NOON_US)
    assert (said.reason, said.eligible) == (reason, reason == "rules")


def test_hours_that_cannot_be_read_are_refused_with_the_policy() -> None:
    with pytest.raises(Invalid, match="is not a span"):
        load_policy('[eligibility.hours]\nmon = ["all day"]')


async def test_the_opening_is_scored_in_every_arm_before_anyone_acts(bare_room: Room) -> None:
    desk = await bare_room.add(eligibility=scored())
    by_ai = await bare_room.open("I want to talk to a person")
    await desk.stop()
    await bare_room.add(eligibility=scored(), policy=Policy(ai=AiPolicy(enabled=False)))
    by_person = await bare_room.open("I want to talk to a person", customer="gus")
    found = []
    for chat_id in (by_ai, by_person):
        events = await bare_room.events(chat_id)
        kinds = [e.kind for e in events]
        assert kinds[:3] == ["ChatOpened", "MessagePosted", "EligibilityAssessed"]
        assert isinstance(events[2].event, EligibilityAssessed)
        found.append(events[2].event)
    assert found[0] == found[1]
    assert set(found[0].scores) >= {"technical", "emotional", "requested", "unaided"}
    assert sum(found[0].scores.values()) == pytest.approx(1.0, abs=1e-3)
    assert "+opening-" in found[0].classifier_version


async def test_a_running_trial_keeps_its_classifier(bare_room: Room) -> None:
    await check_frozen(bare_room.log, "t1", RulesEligibility.version)
    await check_frozen(bare_room.log, "t1", RulesEligibility.version)
    with pytest.raises(Conflict, match="began with the classifier rules-2") as refused:
        await check_frozen(bare_room.log, "t1", "rules-2")
    assert "stepin trial stop t1" in refused.value.hint
    await check_frozen(bare_room.log, "t2", "rules-2")


async def test_a_desk_that_ran_before_the_lock_takes_no_chats_with_another_classifier(
    bare_room: Room,
) -> None:
    first = await bare_room.add()
    second = await bare_room.add(eligibility=scored())
    await bare_room.open("Before the trial", customer="eve")
    plan = canonical(plan_of(FILES, control="control"))
    locked: list[Event] = [
        TrialRegistered(trial_id="t", plan=plan, plan_hash="h"),
        TrialLocked(trial_id="t", assignment_hash="h"),
    ]
    new = tuple(NewEvent(event=event) for event in locked)
    await bare_room.log.append(Append(stream="trial/t", events=new))
    for desk in bare_room.desks:
        await desk.services.follower.reach(await bare_room.log.position())
    assert (await bare_room.desk.chat(await bare_room.open("Hello"))).trial_id == "t"
    eve = CustomerIdentity(customer_id="eve", asserted=True)
    actor = Actor(kind="customer", id="eve")
    with structlog.testing.capture_logs() as told, pytest.raises(Unavailable) as refused:
        await second.open_chat(actor, OpenChat(text="Hello?"), eve)
    assert (refused.value.code, "trial" in refused.value.message) == ("eligibility_frozen", False)
    assert "eligibility_frozen" in [line["event"] for line in told]
    with pytest.raises(Conflict, match="began with the classifier"):
        await second.check_frozen()
    await first.check_frozen()
    stopped = NewEvent(event=TrialStopped(trial_id="t", reason="asked"))
    await bare_room.log.append(Append(stream="trial/t", events=(stopped,)))
    await second.services.follower.reach(await bare_room.log.position())
    await second.open_chat(actor, OpenChat(text="Hello?"), eve)
