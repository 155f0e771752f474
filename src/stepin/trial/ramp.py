"""The ramp: arms are drawn at once, policies come into force in steps.

Every unit has a place in the queue, in every arm, so that the day on which a control unit *would*
have begun is known too and days since the start mean the same in both arms.
"""

from __future__ import annotations

import datetime as dt

from stepin.trial.draw import key, uniform
from stepin.trial.plan import Plan

RAMP = "ramp"


def starts_on(plan: Plan, unit: str) -> dt.date | None:
    """Return the first UTC date on which the unit's arm is in force; None if the ramp ends below 1.

    A unit's place is a keyed draw: raising a later step never moves a unit that has begun.
    """
    if not plan.ramp:
        return plan.dates.treatment_from
    place = uniform(key(plan.seed, RAMP, unit))
    return next((step.from_ for step in plan.ramp if place < step.share), None)


def policy_on(plan: Plan, arm: str, unit: str, day: dt.date) -> str:
    """Return the policy file in force for a unit of `arm` on a UTC date.

    It is the control arm's before the unit's start and after the trial's last day.

    Raises
    ------
    Missing
        ``unknown_arm``: the plan has none of that name.
    """
    own = plan.arm(arm).policy
    start = starts_on(plan, unit)
    live = start is not None and start <= day <= plan.dates.treatment_until
    return own if live else plan.arm(plan.control).policy
