"""Section: the planned looks, each against the boundary that its own assignments give it."""

from __future__ import annotations

import numpy as np

from stepin.evidence.analysis.context import Context
from stepin.evidence.analysis.looks import PlannedLooks, planned
from stepin.evidence.analysis.results import Core
from stepin.evidence.base.labels import SAMPLES
from stepin.evidence.base.scale import level
from stepin.evidence.report.document import Block, Callout, Cell, Section, Tone, grid
from stepin.evidence.report.spec import SectionSpec, from_core
from stepin.trial.plan import Plan

ID, TITLE = "looks", "The planned looks"
LEAD = (
    "Who looks often finds something by chance. The plan fixed when effects may be looked at; the "
    "chance of ever passing a boundary, if the arm does nothing to anybody, is the plan's level."
)
ONE = Callout(
    tone="plain",
    title="One look.",
    text="The plan names no look before its end, so the level is spent once, at the end.",
)
SPENT = {"pocock": "nearly evenly", "obrien_fleming": "nearly all at the end"}
_TONES: dict[str, Tone] = {"good": "good", "bad": "bad"}


def section(context: Context, core: Core) -> Section:
    """Return the section on the planned looks.

    Raises
    ------
    Refused
        ``no_primary`` when no primary outcome can be tested.
    """
    if not context.plan.looks.days:
        return Section(id=ID, title=TITLE, lead=LEAD, blocks=(ONE,))
    found, shared_by = planned(context, core), len(core.primary())
    return Section(
        id=ID,
        title=TITLE,
        lead=LEAD,
        blocks=tuple(_table(o, context.plan, shared_by) for o in found),
        findings=tuple(f for o in found for f in o.findings),
    )


def _table(o: PlannedLooks, plan: Plan, shared_by: int) -> Block:
    r = o.result
    return grid(
        f"{r.measure.title}, {SAMPLES[r.chats]}",
        ("Look", "After days", "Statistic", "Boundary", "Level spent so far", ""),
        [
            (
                str(i),
                str(days),
                f"{look.statistic:+.2f}".replace("-", "\u2212"),
                f"\u00b1{look.boundary:.2f}" if np.isfinite(look.boundary) else "none yet",
                level(look.spent, "share"),
                Cell("passed", _TONES.get(r.finding.verdict, "plain")) if look.stops else "",
            )
            for i, (days, look) in enumerate(zip(o.days, o.looks, strict=True), start=1)
        ],
        note=f"{_reading(o)} Statistic: the effect on the days so far over its error. "
        f"Boundary: from {plan.analysis.repetitions:,} replayed assignments; the level of "
        f"{plan.analysis.alpha:g} is shared by {shared_by} primary outcomes and "
        f"spent {SPENT[plan.looks.spending]}.",
    )


def _reading(o: PlannedLooks) -> str:
    title = o.result.measure.title
    if o.passed is None:
        return f"{title}: no look passed its boundary."
    return (
        f"{title} passed its boundary at look {o.passed + 1}, after "
        f"{o.days[o.passed]} days; later looks are shown but decide nothing."
    )


SPEC = SectionSpec(id=ID, title=TITLE, lead=LEAD, make=from_core(section))
