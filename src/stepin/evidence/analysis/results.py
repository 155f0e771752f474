"""The core results: the randomized effect on every outcome and sample, on the moment cube."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np

from stepin.core.facts import Chats, Column, before
from stepin.errors import Missing, StepinError
from stepin.evidence.analysis.context import Context
from stepin.evidence.analysis.faults import told
from stepin.evidence.analysis.fitter import STRATA, Fitter, Result, key, primary_on
from stepin.evidence.base.arrays import Floats
from stepin.evidence.base.estimate import holm
from stepin.evidence.base.labels import SAMPLES, measure
from stepin.evidence.data.sample import SampleRows
from stepin.evidence.estimators.effects import Arms, EventStudy
from stepin.evidence.estimators.moments import Control, Cube, CubeSpec, build, control, counted
from stepin.evidence.estimators.resampling import Permuted, step_down
from stepin.evidence.estimators.row_level.cells import Cells
from stepin.trial.plan import Plan

IN_WAVES = (
    " Units start in waves: every wave is compared with its own control units alone, and "
    "waves are averaged by treated chats."
)
UNHELD = " There are no chats before treatment, so nothing of the past is held."


class Core(msgspec.Struct, frozen=True, kw_only=True):
    """All core results.

    Attributes
    ----------
    results : outcomes times samples, outcomes in the plan's order.
    family : how family-wise p-values were made. basis : what the numbers were read from.
    absent : primary outcomes without a result, each with the reason.
    refused : every outcome and sample without a result, with the reason.
    failures : what broke, and how: never something that the data merely don't carry.
    cube, arms : the moments and the comparison behind them.
    events : per primary outcome and sample name, the event study.
    replays : the same, randomization inference. left_out : the same, leave-one-out values.
    """

    results: tuple[Result, ...]
    family: str
    basis: str
    absent: tuple[tuple[str, str], ...]
    refused: tuple[tuple[str, str, str], ...]
    failures: tuple[tuple[str, str], ...]
    cube: Cube
    arms: Arms
    events: dict[str, EventStudy]
    replays: dict[str, Permuted]
    left_out: dict[str, Floats]

    def find(self, name: str, chats: str) -> Result | None:
        """Return the result of an outcome on a sample, if there is one."""
        return next((r for r in self.results if r.measure.name == name and r.chats == chats), None)

    def primary(self) -> list[Result]:
        """Return the plan's primary outcomes, each on the chats that the plan names."""
        return [r for r in self.results if primary_on(r.measure, r.chats)]


def cells_of(frame: SampleRows, name: str, units: int) -> Cells:
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


def moments(context: Context) -> Cube:
    """Return the cube of the plan's outcomes within the plan's dates.

    Raises
    ------
    Invalid
        ``not_before`` when the plan names a control that treatment could have moved.
    """
    of = {m.term: m.of for m in context.measures}
    of |= {m.level.name: m.level for m in context.measures if m.primary and m.log}
    columns: list[Column[Any]] = [Chats.column(n) for n in context.plan.analysis.controls]
    controls = tuple(c for column in columns for c in _control(context, column))
    stratum = Chats.eligible.name if context.strata_known else "false"
    found = build(
        context.sample.folder,
        CubeSpec(outcomes=(*of.values(), counted()), controls=controls, stratum=stratum),
    )
    dates = context.plan.dates
    first, last = (
        np.datetime64(d, "D").astype(np.int64) for d in (dates.pre_from, dates.treatment_until)
    )
    inside = (found.days >= first) & (found.days <= last)
    keep = inside[found.keys[:, 1]]
    return Cube(
        found.spec,
        found.units,
        found.days,
        found.keys[keep],
        {name: m[keep] for name, m in found.moments.items()},
    )


def _control(context: Context, column: Column[Any]) -> tuple[Control, ...]:
    """Return a control of the plan; with an indicator where its value is missing in some chats."""
    total, filled = context.sample.filled(column)
    if not filled:
        raise Missing(
            f"The chats hold no {column.name}, a control of the plan.",
            code="no_column",
            hint="Record it, or leave it out of analysis.controls before the trial.",
            column=column.name,
        )
    return control(before(column), gaps=column.optional or filled < total)


def first_day(plan: Plan) -> int:
    """Return the first day of treatment, counted from 1970."""
    return int(np.datetime64(plan.dates.treatment_from, "D").astype(np.int64))


def comparison(context: Context) -> Arms:
    """Return the arms of the comparison, each unit's in force from its own first day."""
    units = context.sample.units
    start = first_day(context.plan)
    return Arms(np.asarray(units.ids, dtype=np.str_), units.treated, start + units.start)


def core(context: Context, tick: Callable[[str], None]) -> Core:
    """Return the core results, calling ``tick`` with a few words at each step.

    An outcome that these data don't carry is refused by name, and one whose arithmetic breaks is
    noted as a failure; neither takes the others along.
    """
    plan = context.plan
    arms, cube = comparison(context), moments(context)
    fitter = Fitter(context, cube, arms)
    assignments = context.draws.assignments(plan.analysis.repetitions)
    known = {m.name for m in context.measures}
    absent = [
        (measure(o).title, "The facts have no such column.")
        for o in plan.primary
        if o.name not in known
    ]
    refused = fitter.refused
    results: list[Result] = []
    for chats in STRATA:
        for m in context.measures:
            tick(f"{m.title}, {SAMPLES[chats]}")
            try:
                results.append(fitter.result(m, chats, assignments))
            except StepinError as error:
                why = error.message
            except Exception as error:  # noqa: BLE001 - one outcome must not end the report
                why = told(error)
                fitter.failures.append((f"{m.title}, {SAMPLES[chats]}", why))
            else:
                continue
            refused.append((m.title, SAMPLES[chats], why))
            if primary_on(m, chats):
                absent.append((m.title, why))
    return Core(
        results=_adjusted(results, fitter.replays),
        family="Westfall and Young for primary outcomes, Holm for the others",
        basis="Exact on the moment cube, errors CR2."
        + (IN_WAVES if fitter.ramp else "")
        + ("" if (cube.days < first_day(plan)).any() else UNHELD),
        absent=tuple(absent),
        refused=tuple(refused),
        failures=tuple(fitter.failures),
        cube=cube,
        arms=arms,
        events=fitter.events,
        replays=fitter.replays,
        left_out=fitter.left,
    )


def _adjusted(results: list[Result], replays: dict[str, Permuted]) -> tuple[Result, ...]:
    """Return the results with family-wise p-values.

    Primary outcomes share the replayed assignments (step-down maxT); the rest are one family
    by Holm.
    """
    adjusted: dict[int, float | None] = {}
    tested = [i for i, r in enumerate(results) if key(r.measure, r.chats) in replays]
    if tested:
        found = [replays[key(results[i].measure, results[i].chats)] for i in tested]
        drawn = np.stack([f.statistics for f in found], axis=1)
        ps = step_down(np.asarray([f.statistic for f in found]), drawn)
        adjusted.update(zip(tested, ps.tolist(), strict=True))
    rest = [i for i, r in enumerate(results) if not primary_on(r.measure, r.chats)]
    adjusted.update(zip(rest, holm([results[i].finding.estimate for i in rest]), strict=True))
    return tuple(
        msgspec.structs.replace(
            r, finding=msgspec.structs.replace(r.finding, family_p=adjusted.get(i))
        )
        for i, r in enumerate(results)
    )
