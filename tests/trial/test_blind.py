"""When a trial's outcomes may be seen."""

from __future__ import annotations

from tests.trial.plans import plan

from stepin.core.events import Event
from stepin.core.events.floor import TrialStopped, Unblinded
from stepin.trial.blind import end_us, is_hidden, is_over
from stepin.trial.state import Trial, fold, register

PLAN = plan()
END_US = end_us(PLAN)


def told(*events: Event) -> Trial:
    return fold((e, "worker:lead", 0) for e in (register(PLAN, "hash"), *events))


def test_the_plan_s_last_day_counts_whole() -> None:
    assert END_US % 86_400_000_000 == 0
    assert is_hidden(told(), END_US - 1)
    assert not is_hidden(told(), END_US)


def test_a_stop_or_a_reason_ends_it() -> None:
    stopped = told(TrialStopped(trial_id="pilot", reason="harm"))
    looked = told(Unblinded(trial_id="pilot", why="asked"))
    assert (is_over(stopped, 0), is_hidden(stopped, 0)) == (True, False)
    assert (is_over(looked, 0), is_hidden(looked, 0)) == (False, False)
