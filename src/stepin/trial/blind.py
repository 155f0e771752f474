"""When effects of a trial may be seen: after its end, or once somebody has said why they look."""

from __future__ import annotations

import datetime as dt

from stepin.trial.plan import Plan
from stepin.trial.state import Trial

_DAY_US = 86_400_000_000


def end_us(plan: Plan) -> int:
    """Return the moment, UTC µs, at which the plan's last day is over."""
    last = plan.dates.treatment_until
    midnight = dt.datetime(last.year, last.month, last.day, tzinfo=dt.UTC)
    return int(midnight.timestamp()) * 1_000_000 + _DAY_US


def is_over(trial: Trial, now_us: int) -> bool:
    """Return whether the trial has stopped or its plan's last day is over."""
    return trial.phase == "stopped" or end_us(trial.plan) <= now_us


def is_hidden(trial: Trial, now_us: int) -> bool:
    """Return whether nobody may see outcomes by arm or by holder yet."""
    return not trial.looks and not is_over(trial, now_us)
