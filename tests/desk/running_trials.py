"""Small trials of workers, as desks read them from the log."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from stepin.trial.plan import Arm, Dates, Outcome, Plan, RampStep, Routing

DAY = 86_400_000_000
EPOCH = dt.date(1970, 1, 1)


def plan_of(
    policies: Mapping[str, str],
    *,
    control: str,
    cap: int = 5,
    until: dt.date = dt.date(2200, 1, 1),
    ramp: tuple[RampStep, ...] = (),
) -> Plan:
    """Return a plan by its arms' policy files, in treatment from 2 January 1970."""
    share = 1 / len(policies)
    return Plan(
        name="t",
        seed=1,
        control=control,
        arms=tuple(Arm(name=a, policy=p, share=share) for a, p in policies.items()),
        dates=Dates(
            pre_from=EPOCH, treatment_from=EPOCH + dt.timedelta(days=1), treatment_until=until
        ),
        outcomes=(Outcome(name="rating"),),
        routing=Routing(cap=cap),
        ramp=ramp,
    )
