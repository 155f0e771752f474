"""Scenario files: what ships can be read, and what can't be simulated is refused in words."""

from __future__ import annotations

import pytest

from stepin.errors import Invalid, Missing
from stepin.floor.scenario.reading import read_scenario, scenario, shipped

REFUSED = [
    ('name = "x"\n[size]\nworkers = 3\ntreated = 4', "only|but there are 3 workers"),
    ('name = "x"\n[size]\nworkers = 0', r"\$.size.workers"),
    ('name = "x"\n[work]\nturn_min = 0', r"\$.work.turn_min"),
    ('name = "x"\n[work]\nturn_min = nan', r"turn_min"),
    ('name = "x"\n[work]\nsuccess = 1.2', r"\$.work.success"),
    ('name = "x"\n[customers]\nleave = inf', "customers.leave is inf"),
    ('name = "x"\n[arrivals]\nby_hour = [1, 2]', "has 2 weights"),
    ('name = "x"\n[arrivals]\nper_worker_day = 1e12', "too many"),
    ('name = "x"\n[arrivals]\nalways_open = 13', "above the cap of 12"),
    ('name = "x"\n[effort]\nkindness = 1', "unknown field `kindness`"),
    ('name = "x"\n[returns]\nresolved = 1\nunresolved = 1', "comes back, for ever"),
    ('name = "x"\n[staff]\nshifts = []', r"\$.staff.shifts"),
    ('name = "x"\n[staff]\nshifts = [{ hours = 1, break_min = 90 }]', "a break of 90 min"),
    ('name = "x"\n[arms.treated.ai]\nsupervision = "pooled"', "no specialists"),
    ('name = "x"\n[arms.control.assignment]\nrule = "uniform"\ncap = 0', "cap is 0"),
    ('extends = "y"\nname = "x"', "extends is 'y'"),
    ("name =", "x: "),
]


@pytest.mark.parametrize("name", shipped())
def test_what_ships_can_be_read(name: str) -> None:
    found = scenario(name)
    assert found.name == name
    assert found.about.endswith(".")


def test_seven_scenarios_ship() -> None:
    assert set(shipped()) >= {
        "paper", "null", "no-helplessness", "small-team", "overload", "pooled", "ratio"
    }  # fmt: skip


@pytest.mark.parametrize(("text", "why"), REFUSED)
def test_what_cannot_be_simulated_is_refused_in_words(text: str, why: str) -> None:
    with pytest.raises(Invalid, match=why) as refused:
        read_scenario(text, source="x")
    assert refused.value.code == "scenario_invalid"
    assert refused.value.hint


def test_a_name_that_nobody_knows_is_answered_with_those_that_ship() -> None:
    with pytest.raises(Missing) as refused:
        scenario("papre")
    assert "small-team" in refused.value.hint


def test_changes_lie_over_the_file() -> None:
    changed = scenario("paper", {"size.workers": "400", "detectors.emotional_threshold": "3"})
    assert changed.size.workers == 400
    assert changed.detectors.emotional_threshold == 3
    assert changed.size.treated == 302


def test_a_scenario_says_only_what_differs_from_the_one_it_extends() -> None:
    paper, null = scenario("paper"), scenario("null")
    assert not null.arms.treated.ai.enabled
    assert null.arms.treated.assignment == paper.arms.treated.assignment
    assert null.effort == paper.effort


def test_the_arms_of_the_null_differ_in_name_alone() -> None:
    null = scenario("null")
    assert null.arms.control.ai.enabled is null.arms.treated.ai.enabled is False
    assert null.arms.control.ladder == null.arms.treated.ladder
