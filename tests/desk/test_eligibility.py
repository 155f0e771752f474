"""Who may be served by the AI: every rule, the opening's scores in both arms, and the freeze."""

from __future__ import annotations

import pytest

from stepin.core.command import OpenChat
from stepin.core.events.chat import EligibilityAssessed
from stepin.core.policy import AiPolicy, EligibilityPolicy, Policy, load_policy
from stepin.desk.eligibility import RulesEligibility, ScoredEligibility, check_frozen
from stepin.desk.identity import CustomerIdentity
from stepin.errors import Conflict, Invalid
from stepin.judge.shipped import load_opening
from tests.desk.conftest import Room

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
    await check_frozen(bare_room.log, "t1", "rules-1")
    await check_frozen(bare_room.log, "t1", "rules-1")
    with pytest.raises(Conflict, match="began with the classifier rules-1") as refused:
        await check_frozen(bare_room.log, "t1", "rules-2")
    assert "stepin trial stop t1" in refused.value.hint
    await check_frozen(bare_room.log, "t2", "rules-2")
