"""The trial that a run is: its plan, as a desk would register it."""

from __future__ import annotations

import datetime as dt
from typing import Final

from stepin.floor.randomness.philox import MASK, philox
from stepin.floor.scenario.scenario import FloorScenario
from stepin.trial.plan import Arm, Dates, Outcome, Plan, Routing

CONTROL: Final = "control"
TREATED: Final = "treated"
ARMS: Final = (CONTROL, TREATED)
_OUTCOMES: Final = (
    Outcome(name="duration_s", role="primary", chats="eligible", scale="log", minimal_effect=0.05),
    Outcome(name="rating", role="primary", chats="eligible", better="higher", minimal_effect=0.1),
    Outcome(name="retrial_7d", role="primary", chats="eligible", minimal_effect=0.02),
    Outcome(name="attention_s", scale="level", chats="all"),
)


def trial_seed(seed: int, replication: int) -> int:
    """Return the seed of a replication's trial."""
    return int(philox(replication, 0, 0x7121A1, 0, seed & MASK, (seed >> 32) & MASK)[0])


def trial_plan(of: FloorScenario, seed: int) -> Plan:
    """Return the plan of a run; `seed` is the trial's own."""
    size = of.size
    treated = size.treated / size.workers
    start = size.first_day + dt.timedelta(days=size.before_days)
    before = size.first_day if size.before_days else start - dt.timedelta(days=1)
    return Plan(
        name=f"floor-{of.name}",
        question=of.about or "What does supervised AI do on this simulated floor?",
        seed=seed,
        control=CONTROL,
        arms=(
            Arm(name=CONTROL, policy=f"{CONTROL}.toml", share=1 - treated),
            Arm(name=TREATED, policy=f"{TREATED}.toml", share=treated),
        ),
        dates=Dates(
            pre_from=before,
            treatment_from=start,
            treatment_until=start + dt.timedelta(days=size.after_days - 1),
        ),
        outcomes=_OUTCOMES,
        routing=Routing(owner="uniform", cap=of.arms.control.assignment.cap),
    )
