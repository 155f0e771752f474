"""First days come from the facts wherever they are there, and from nobody's imagination."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from stepin.errors import Invalid
from stepin.evidence.data.starts import NEVER, starts
from stepin.trial.ramp import starts_on
from stepin.trial.reading import read
from tests.evidence.report.conftest import PLAN
from tests.evidence.report.test_ramp import RAMPED

TREATED = np.array([True, True, False, False])
IDS = ("a", "b", "c", "d")
D15, D18, D22 = (dt.date(2024, 8, d) for d in (15, 18, 22))


def test_without_days_all_begin_with_the_plan() -> None:
    found = starts(read(PLAN), IDS, TREATED, [None] * 4)
    assert (found.days, found.recorded, found.moved) == ((D15,) * 4, False, 0)


def test_one_day_of_the_treated_is_that_of_all() -> None:
    found = starts(read(PLAN), IDS, TREATED, [D18, D18, None, None])
    assert (found.days, found.recorded, found.moved) == ((D18,) * 4, True, 4)


def test_days_of_both_arms_are_kept_though_the_plan_has_others() -> None:
    found = starts(read(PLAN), IDS, TREATED, [D15, D22, D22, D15])
    assert (found.days, found.moved) == ((D15, D22, D22, D15), 2)


def test_a_ramp_takes_the_days_of_the_facts_and_counts_those_that_moved() -> None:
    plan = read(RAMPED)
    drawn = [starts_on(plan, u) for u in IDS]
    assert starts(plan, IDS, TREATED, drawn).moved == 0
    other = [D18, *drawn[1:]]
    found = starts(plan, IDS, TREATED, other)
    assert found.moved == 1
    assert found.days == tuple(d or NEVER for d in other)


@pytest.mark.parametrize(
    ("text", "recorded", "code"),
    [
        (RAMPED, [None] * 4, "no_starts"),
        (PLAN, [D15, D18, None, None], "staggered"),
        (PLAN, [D15, None, None, None], "no_starts"),
        (PLAN, [None, None, D15, D15], "no_starts"),
        (PLAN, [D15, D18, D15, None], "no_starts"),
    ],
)
def test_what_the_days_leave_open_is_refused_by_name(
    text: str, recorded: list[dt.date | None], code: str
) -> None:
    with pytest.raises(Invalid) as caught:
        starts(read(text), IDS, TREATED, recorded)
    assert caught.value.code == code
