"""The planned looks, each against the boundary that the trial's own assignments give it."""

from __future__ import annotations

import msgspec
import numpy as np

from stepin.errors import Refused
from stepin.evidence.analysis.context import Context
from stepin.evidence.analysis.fitter import Result
from stepin.evidence.analysis.results import Core
from stepin.evidence.base.estimate import bare
from stepin.evidence.base.finding import Finding
from stepin.evidence.base.labels import SAMPLES
from stepin.evidence.estimators.effects import ESTIMATORS
from stepin.evidence.estimators.moments import Cube
from stepin.evidence.estimators.resampling import (
    aligned,
    looks,
    obrien_fleming,
    pocock,
    studentized,
)
from stepin.evidence.estimators.resampling.looks import LookBoundary

ROWS = 256
"""Assignments that are studentized at once: enough for one matrix product, and little memory."""
STRATA: dict[str, int | None] = {"all": None, "eligible": 1, "ineligible": 0}


class PlannedLooks(msgspec.Struct, frozen=True, kw_only=True):
    """The looks at one outcome.

    Attributes
    ----------
    days : days of treatment at each look, the plan's end last. looks : what each look saw.
    """

    result: Result
    days: tuple[int, ...]
    looks: tuple[LookBoundary, ...]

    @property
    def passed(self) -> int | None:
        """The first look that passed its boundary; later ones decide nothing."""
        return next((i for i, look in enumerate(self.looks) if look.stops), None)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The statistic of every look, with its boundary as a note."""
        r = self.result
        return tuple(
            Finding(
                analysis="look",
                outcome=r.measure.name,
                label=r.measure.label,
                sample=SAMPLES[r.chats],
                term=f"look {i}, after {days} days: the effect over its error",
                design="randomized",
                scale="count",
                basis="cube",
                note=f"Boundary \u00b1{look.boundary:.6g}; level spent so far {look.spent:.6g}.",
                estimate=bare(
                    look.statistic,
                    "Judged by its boundary, not by an interval.",
                    clusters=r.finding.estimate.clusters,
                    rows=r.finding.estimate.rows,
                ),
            )
            for i, (days, look) in enumerate(zip(self.days, self.looks, strict=True), start=1)
        )


def planned(context: Context, core: Core) -> tuple[PlannedLooks, ...]:
    """Return the looks at every primary outcome, on the plan's days and at its end.

    Raises
    ------
    Refused
        ``no_primary`` when no primary outcome can be tested.
    """
    plan = context.plan
    days = (*plan.looks.days, *((plan.days,) if plan.looks.days[-1] < plan.days else ()))
    tested = [r for r in core.primary() if r.finding.estimate.refused is None]
    if not tested:
        raise Refused("No primary outcome can be tested.", code="no_primary")
    return tuple(
        PlannedLooks(result=r, days=days, looks=path(context, core, r, days)) for r in tested
    )


def until(cube: Cube, day: int) -> Cube:
    """Return the cube of the days up to one, as days since 1970."""
    keep = (cube.days <= day)[cube.keys[:, 1]]
    moments = {name: m[keep] for name, m in cube.moments.items()}
    return Cube(cube.spec, cube.units, cube.days, cube.keys[keep], moments)


def path(
    context: Context, core: Core, r: Result, days: tuple[int, ...]
) -> tuple[LookBoundary, ...]:
    """Return the looks at one outcome after these days of treatment, the last one at the end.

    Every look studentizes the same effect on the days so far, for the trial's own assignment and
    for its replayed ones. The level is shared evenly among the primary outcomes.
    """
    plan, arms = context.plan, core.arms
    ramp = np.unique(arms.start).size > 1
    # In a ramp by two-way fixed effects, as the replayed test: right under no effect on anybody,
    # which is the case that a boundary is about.
    model_of = ESTIMATORS["did" if ramp else plan.analysis.estimator]
    controls = tuple(t.name for t in core.cube.spec.controls)
    assignments = context.draws.assignments(plan.analysis.repetitions)
    first = int(np.datetime64(plan.dates.treatment_from, "D").astype(np.int64))
    own, drawn, shares = [], [], []
    for count in days:
        seen = until(core.cube, first + count - 1)
        model = model_of(seen, arms, r.measure.term, stratum=STRATA[r.chats], controls=controls)
        focus = model.focus()
        here = model.arms.own(focus.nuisance.absorbed.panel)
        others = aligned(focus, context.sample.units.ids, assignments)
        own.append(studentized(focus, here[None])[1][0])
        parts = [studentized(focus, others[i : i + ROWS])[1] for i in range(0, len(others), ROWS)]
        drawn.append(np.concatenate(parts))
        shares.append(count / plan.days)
    spending = {"pocock": pocock, "obrien_fleming": obrien_fleming}[plan.looks.spending]
    alpha = plan.analysis.alpha / max(1, len(core.primary()))
    return looks(np.array(own), np.stack(drawn, axis=1), shares, spending(alpha))
