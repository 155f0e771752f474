"""The ramp: shares by date, nobody steps back, both arms alike."""

import datetime as dt

from tests.trial.plans import plan

from stepin.trial.ramp import policy_on, starts_on

STEPS = """
[[ramp]]
from = 2026-03-01
share = 0.2
[[ramp]]
from = 2026-03-08
share = 0.6
"""
UNITS = [f"w{i}" for i in range(3000)]


def test_units_start_by_the_steps_and_some_never() -> None:
    ramped = plan(STEPS)
    starts = [starts_on(ramped, u) for u in UNITS]
    for day, share in ((dt.date(2026, 3, 1), 0.2), (dt.date(2026, 3, 8), 0.4), (None, 0.4)):
        assert abs(starts.count(day) / len(UNITS) - share) < 0.04


def test_raising_a_later_step_moves_nobody_who_has_begun() -> None:
    further = plan(STEPS.replace("0.6", "0.9"))
    for unit in UNITS:
        if (start := starts_on(plan(STEPS), unit)) is not None:
            assert starts_on(further, unit) == start


def test_the_policy_is_the_arms_only_while_it_is_live() -> None:
    ramped = plan(STEPS)
    late = next(u for u in UNITS if starts_on(ramped, u) == dt.date(2026, 3, 8))
    said = {
        day: policy_on(ramped, "ai", late, dt.date.fromisoformat(day))
        for day in ("2026-02-28", "2026-03-07", "2026-03-08", "2026-03-20", "2026-03-21")
    }
    live = [policy == "ai.toml" for policy in said.values()]
    assert live == [False, False, True, True, False]
    assert policy_on(ramped, "people", late, dt.date(2026, 3, 9)) == "people.toml"
