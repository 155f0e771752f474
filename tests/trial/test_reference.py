"""The reference page of plans is what the code says, and the template uses only its keys."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from stepin.core.policy import load_policy
from stepin.trial.policies import check_policies
from stepin.trial.reading import read
from stepin.trial.reference import plan_reference
from stepin.trial.template import POLICIES, template

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "trial-plan.md"


def test_the_page_is_current() -> None:
    assert PAGE.read_text("utf-8") == plan_reference()


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
