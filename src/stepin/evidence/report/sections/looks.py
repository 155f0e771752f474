"""Section: the planned looks, each against the boundary that its own assignments give it."""

from __future__ import annotations

import numpy as np

from stepin.errors import Refused
from stepin.evidence.analysis.context import Context
from stepin.evidence.analysis.fitter import Result
from stepin.evidence.analysis.results import Core
from stepin.evidence.base.estimate import bare
from stepin.evidence.base.finding import Finding
from stepin.evidence.base.labels import SAMPLES
from stepin.evidence.base.scale import level
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
from stepin.evidence.report.document import Block, Callout, Cell, Section, Tone, grid
from stepin.evidence.report.spec import SectionSpec, from_core

ID, TITLE = "looks", "The planned looks"
LEAD = (
    "Who looks often finds something by chance. The plan fixed when effects may be looked at; the "
    "chance of ever passing a boundary, if the arm does nothing to anybody, is the plan's level."
)
ROWS = 256
STRATA: dict[str, int | None] = {"all": None, "eligible": 1, "ineligible": 0}

_TONES: dict[str, Tone] = {"good": "good", "bad": "bad"}


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


def section(context: Context, core: Core) -> Section:
    """Return the section on the planned looks.

    Raises
    ------
    Refused
        ``no_primary`` when no primary outcome can be tested.
    """
    plan = context.plan
    if not plan.looks.days:
        text = "The plan names no look before its end, so the level is spent once, at the end."
        return Section(
            id=ID,
            title=TITLE,
            lead=LEAD,
            blocks=(Callout(tone="plain", title="One look.", text=text),),
        )
    days = (*plan.looks.days, *((plan.days,) if plan.looks.days[-1] < plan.days else ()))
    tested = [r for r in core.primary() if r.finding.estimate.refused is None]
    if not tested:
        raise Refused("No primary outcome can be tested.", code="no_primary")
    blocks: list[Block] = []
    findings: list[Finding] = []
    spending = {"pocock": "nearly evenly", "obrien_fleming": "nearly all at the end"}
    for r in tested:
        found = path(context, core, r, days)
        findings += [
            Finding(
                analysis="look",
                outcome=r.measure.name,
                label=r.measure.label,
                sample=SAMPLES[r.chats],
                term=f"look {i + 1}, after {days[i]} days: the effect over its error",
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
            for i, look in enumerate(found)
        ]
        passed = next((i for i, look in enumerate(found) if look.stops), None)
        reading = (
            f"{r.measure.title}: no look passed its boundary."
            if passed is None
            else f"{r.measure.title} passed its boundary at look {passed + 1}, after "
            f"{days[passed]} days; later looks are shown but decide nothing."
        )
        blocks.append(
            grid(
                f"{r.measure.title}, {SAMPLES[r.chats]}",
                ("Look", "After days", "Statistic", "Boundary", "Level spent so far", ""),
                [
                    (
                        str(i + 1),
                        str(days[i]),
                        f"{look.statistic:+.2f}".replace("-", "\u2212"),
                        f"\u00b1{look.boundary:.2f}" if np.isfinite(look.boundary) else "none yet",
                        level(look.spent, "share"),
                        Cell("passed", _TONES.get(r.finding.verdict, "plain"))
                        if look.stops
                        else "",
                    )
                    for i, look in enumerate(found)
                ],
                note=f"{reading} Statistic: the effect on the days so far over its error. "
                f"Boundary: from {plan.analysis.repetitions:,} replayed assignments; the level of "
                f"{plan.analysis.alpha:g} is shared by {len(core.primary())} primary outcomes and "
                f"spent {spending[plan.looks.spending]}.",
            )
        )
    return Section(id=ID, title=TITLE, lead=LEAD, blocks=tuple(blocks), findings=tuple(findings))


SPEC = SectionSpec(id=ID, title=TITLE, lead=LEAD, make=from_core(section))
