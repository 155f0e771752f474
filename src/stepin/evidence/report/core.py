"""The core results: the randomized effect on every outcome and sample, and its checks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np

from stepin.evidence.report.context import Context
from stepin.evidence.report.finding import Finding
from stepin.evidence.report.labels import SAMPLES, Measure
from stepin.evidence.rows.arrays import Floats
from stepin.evidence.rows.cells import (
    Cells,
    Event,
    Replayed,
    ancova,
    did,
    event_study,
    leave_one_out,
    replayed,
)
from stepin.evidence.rows.estimate import holm
from stepin.evidence.rows.sample import Chosen, Frame

ROLES = {"all": "net", "eligible": "direct", "ineligible": "spillover"}


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """One outcome on one sample.

    Attributes
    ----------
    finding : the effect by the plan's primary estimator.
    twin : by the other estimator.
    control_mean : the control arm's mean in the treatment period, in the outcome's own unit.
    """

    measure: Measure
    chats: Chosen
    finding: Finding
    twin: Finding
    control_mean: float


class Core(msgspec.Struct, frozen=True, kw_only=True):
    """All core results.

    Attributes
    ----------
    results : outcomes times samples, outcomes in the plan's order.
    family : how family-wise p-values were made. basis : what the numbers were read from.
    events : per primary outcome and sample name, the event study.
    replays : the same, randomization inference. left_out : the same, leave-one-out values.
    """

    results: tuple[Result, ...]
    family: str
    basis: str
    events: dict[str, Event]
    replays: dict[str, Replayed]
    left_out: dict[str, Floats]

    def find(self, name: str, chats: str) -> Result | None:
        """Return the result of an outcome on a sample, if there is one."""
        return next((r for r in self.results if r.measure.name == name and r.chats == chats), None)

    def primary(self) -> list[Result]:
        """Return the plan's primary outcomes, each on the chats that the plan names."""
        return [r for r in self.results if r.measure.primary and r.chats == r.measure.chats]


def key(m: Measure, chats: str) -> str:
    """Return the name under which the extras of a result are kept."""
    return f"{m.name}/{chats}"


def cells_of(frame: Frame, name: str, units: int) -> Cells:
    """Return the cells of one measure out of daily means."""
    mean, chats = frame.values[name], frame.values[f"n:{name}"]
    keep = np.isfinite(mean) & (chats > 0)
    return Cells(
        mean=mean[keep],
        chats=chats[keep],
        unit=frame.unit[keep],
        day=frame.day[keep],
        treated=frame.treated[keep],
        units=units,
    )


def _finding(m: Measure, chats: Chosen, analysis: str, **fields: Any) -> Finding:
    return Finding(
        analysis=analysis,
        outcome=m.name,
        label=m.label,
        sample=SAMPLES[chats],
        term=ROLES[chats],
        design="randomized",
        scale=m.scale,
        better=m.better,
        minimal=m.minimal,
        basis="cube",
        **fields,
    )


def core(context: Context, tick: Callable[[str], None]) -> Core:
    """Return the core results, calling ``tick`` with a few words at each step."""
    plan, sample = context.plan, context.sample
    units = len(sample.units.ids)
    main, other = (ancova, did) if plan.analysis.estimator == "ancova" else (did, ancova)
    main_name = plan.analysis.estimator
    other_name = "did" if main_name == "ancova" else "ancova"
    assignments = context.draws.assignments(plan.analysis.repetitions)
    results: list[Result] = []
    events: dict[str, Event] = {}
    replays: dict[str, Replayed] = {}
    left: dict[str, Floats] = {}
    samples: tuple[Chosen, ...] = ("all", "eligible", "ineligible")
    for chats in samples:
        frame = sample.daily({m.name: m.sql for m in context.measures}, chats=chats)
        for m in context.measures:
            tick(f"{m.title}, {SAMPLES[chats]}")
            cells = cells_of(frame, m.name, units)
            if not cells.after.any():
                continue
            primary = m.primary and chats == m.chats
            inference = None
            if primary:
                inference = replayed(cells, sample.units.treated, assignments)
                replays[key(m, chats)] = inference
                events[key(m, chats)] = event_study(cells, context.rng(f"sup-t {m.name}"))
                left[key(m, chats)] = leave_one_out(cells)
            control = cells.after & ~cells.treated
            mean = float(np.average(cells.mean[control], weights=cells.chats[control]))
            results.append(
                Result(
                    measure=m,
                    chats=chats,
                    finding=_finding(
                        m,
                        chats,
                        f"itt_{main_name}",
                        estimate=main(cells),
                        randomization_p=None if inference is None else inference.p,
                    ),
                    twin=_finding(m, chats, f"itt_{other_name}", estimate=other(cells)),
                    control_mean=float(np.exp(mean)) if m.log else mean,
                )
            )
    return Core(
        results=_adjusted(results),
        family="Holm",
        basis="Exact on means by worker and day.",
        events=events,
        replays=replays,
        left_out=left,
    )


def _adjusted(results: list[Result]) -> tuple[Result, ...]:
    """Return the results with family-wise p-values: the primaries one family, the rest another."""
    found = list(results)
    for primary in (True, False):
        place = [
            i
            for i, r in enumerate(results)
            if (r.measure.primary and r.chats == r.measure.chats) == primary
        ]
        for i, p in zip(place, holm([results[i].finding.estimate for i in place]), strict=True):
            finding = msgspec.structs.replace(results[i].finding, family_p=p)
            found[i] = msgspec.structs.replace(results[i], finding=finding)
    return tuple(found)


def eligible_share_cells(context: Context) -> Cells:
    """Return the cells of being eligible, for the chat-level sample-ratio test."""
    frame = context.sample.daily({"eligible": "t.eligible::DOUBLE"}, chats="all")
    return cells_of(frame, "eligible", len(context.sample.units.ids))
