"""Who came and went while the trial ran: late joiners, leavers, and how each is analysed.

Everybody stays in the arm that was drawn (intention to treat): leaving changes no arm. Late joiners
have no pre-period, are drawn alone, and are kept apart in the analysis.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec
from scipy.stats import fisher_exact

from stepin.trial.arm import LATE, late_arm
from stepin.trial.assignment import AssignedUnit
from stepin.trial.plan import Plan


class Leaving(msgspec.Struct, frozen=True, kw_only=True):
    """Leavers of one arm against the control arm.

    Attributes
    ----------
    p : Fisher's exact test of equal shares of leavers.
    """

    arm: str
    left: int
    units: int
    control_left: int
    control_units: int
    p: float


def late_joiner(plan: Plan, worker: str) -> AssignedUnit | None:
    """Return the late joiner's row, or None if the plan keeps late joiners out."""
    arm = late_arm(plan, worker)
    if arm is None:
        return None
    key = f"{plan.seed}/{LATE}/{worker}" if plan.randomization.late_joiners == "randomize" else ""
    return AssignedUnit(unit=worker, arm=arm, block=LATE, draw_key=key, late=True)


def leaving(
    plan: Plan, rows: Mapping[str, AssignedUnit], left: Collection[str]
) -> tuple[Leaving, ...]:
    """Return, per arm but the control, whether units leave it at another rate."""

    def counts(arm: str) -> tuple[int, int]:
        units = [r.unit for r in rows.values() if r.arm == arm]
        return sum(u in left for u in units), len(units)

    base_left, base = counts(plan.control)
    results = []
    for arm in plan.arms:
        if arm.name == plan.control:
            continue
        gone, units = counts(arm.name)
        table = [[gone, units - gone], [base_left, base - base_left]]
        p = float(fisher_exact(table).pvalue) if units and base else 1.0
        results.append(
            Leaving(
                arm=arm.name,
                left=gone,
                units=units,
                control_left=base_left,
                control_units=base,
                p=p,
            )
        )
    return tuple(results)
