"""The template of a plan can be used as it stands."""

from __future__ import annotations

import datetime as dt

from stepin.core.policy import load_policy
from stepin.trial.policies import check_policies
from stepin.trial.reading import read
from stepin.trial.template import POLICIES, template


def test_the_template_is_a_valid_plan_on_any_day() -> None:
    for day in range(8):
        today = dt.date(2026, 12, 28) + dt.timedelta(days=day)
        plan = read(template("pilot", today, 7))
        assert plan.dates.treatment_from > today
        assert plan.dates.treatment_from.weekday() == 0
        check_policies(plan, {name: text.encode() for name, text in POLICIES.items()})


def test_the_templates_policies_differ_in_one_key() -> None:
    people, ai = (load_policy(text) for text in POLICIES.values())
    assert (people.ai.enabled, ai.ai.enabled) == (False, True)
    assert people.assignment == ai.assignment
