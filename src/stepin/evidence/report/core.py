"""The core results: the randomized effect on every outcome and sample, on the moment cube."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np

from stepin.core.facts import Chats, Column, before
from stepin.errors import Refused
from stepin.evidence.cube import Cube, CubeSpec, build, control, counted
from stepin.evidence.effects import (
    ESTIMATORS,
    Arms,
    Estimator,
    Event,
    Itt,
    Model,
    Waves,
    event_study,
    itt,
    over_waves,
)
from stepin.evidence.report.context import Context
from stepin.evidence.report.finding import Finding
from stepin.evidence.report.labels import SAMPLES, Measure, measure
from stepin.evidence.resample import Permuted, Signs, aligned, permute, signs, step_down, wild
from stepin.evidence.rows.arrays import Floats
from stepin.evidence.rows.cells import Cells
from stepin.evidence.rows.estimate import holm
from stepin.evidence.rows.sample import Chosen, Frame
from stepin.evidence.solve import leave_one_out
from stepin.trial.plan import Plan

ROLES = {"all": "net", "eligible": "direct", "ineligible": "spillover"}
STRATA: dict[Chosen, int | None] = {"all": None, "eligible": 1, "ineligible": 0}
FEW_UNITS = 50
UNHELD = " There are no chats before treatment, so nothing of the past is held."


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """One outcome on one sample.

    Attributes
    ----------
    finding : the effect by the plan's primary estimator.
    twins : by the other estimators, those that these data carry.
    ways : of a primary outcome, the same effect by name of another error or adjustment.
    control_mean : the control arm's mean in the treatment period, in the outcome's own unit.
    """

    measure: Measure
    chats: Chosen
    finding: Finding
    twins: tuple[Finding, ...]
    ways: tuple[Finding, ...]
    control_mean: float


class Core(msgspec.Struct, frozen=True, kw_only=True):
    """All core results.

    Attributes
    ----------
    results : outcomes times samples, outcomes in the plan's order.
    family : how family-wise p-values were made. basis : what the numbers were read from.
    absent : primary outcomes without a result, each with the reason.
    cube, arms : the moments and the comparison behind them.
    events : per primary outcome and sample name, the event study.
    replays : the same, randomization inference. left_out : the same, leave-one-out values.
    """

    results: tuple[Result, ...]
    family: str
    basis: str
    absent: tuple[tuple[str, str], ...]
    cube: Cube
    arms: Arms
    events: dict[str, Event]
    replays: dict[str, Permuted]
    left_out: dict[str, Floats]

    def find(self, name: str, chats: str) -> Result | None:
        """Return the result of an outcome on a sample, if there is one."""
        return next((r for r in self.results if r.measure.name == name and r.chats == chats), None)

    def primary(self) -> list[Result]:
        """Return the plan's primary outcomes, each on the chats that the plan names."""
        return [r for r in self.results if _primary(r.measure, r.chats)]


def _primary(m: Measure, chats: Chosen) -> bool:
    return m.primary and chats == m.chats


def key(m: Measure, chats: str) -> str:
    """Return the name under which the extras of a result are kept."""
    return f"{m.term}/{chats}"


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


def moments(context: Context) -> Cube:
    """Return the cube of the plan's outcomes within the plan's dates.

    Raises
    ------
    Invalid
        ``not_before`` when the plan names a control that treatment could have moved.
    """
    terms = (*(m.of for m in context.measures), counted())
    columns: list[Column[Any]] = [Chats.column(n) for n in context.plan.analysis.controls]
    controls = tuple(c for column in columns for c in control(before(column)))
    found = build(context.sample.folder, CubeSpec(outcomes=terms, controls=controls))
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


def first_day(plan: Plan) -> int:
    """Return the first day of treatment, counted from 1970."""
    return int(np.datetime64(plan.dates.treatment_from, "D").astype(np.int64))


def comparison(context: Context) -> Arms:
    """Return the arms of the comparison, each unit's in force from its own first day."""
    units = context.sample.units
    start = first_day(context.plan)
    return Arms(np.asarray(units.ids, dtype=np.str_), units.treated, start + units.start)


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


def _ways(m: Measure, chats: Chosen, effect: Itt, cuped: Itt | None) -> tuple[Finding, ...]:
    """Return the effect with its other errors, and less what the past predicts (CUPED).

    An error by another way of clustering that its clusters can't carry is left out.
    """
    found = [_finding(m, chats, f"error_{k}", estimate=e) for k, e in effect.by_kind.items()]
    if cuped is not None:
        found.append(_finding(m, chats, "itt_cuped", estimate=cuped.estimate))
    return tuple(found)


class _Inference(msgspec.Struct, frozen=True, kw_only=True):
    permuted: Permuted
    bootstrap_p: float


def _infer(
    context: Context, model: Model, waves: Waves | None, assignments: np.ndarray, name: str
) -> _Inference:
    """Return the replayed and the bootstrapped test of one effect.

    In a ramp the replayed statistic is that of two-way fixed effects: under no effect on anybody
    every statistic is a right one. The bootstrap is that of the average over waves.
    """
    focus = model.focus()
    own = model.arms.own(focus.nuisance.absorbed.panel)
    permuted = permute(focus, own, aligned(focus, context.sample.units.ids, assignments))
    seed = int(context.rng(f"signs {name}").integers(2**62))
    kind: Signs = "webb" if own.size < FEW_UNITS else "rademacher"
    repetitions = context.plan.analysis.bootstrap
    if waves is None:
        turned = wild(focus, own, signs(own.size, repetitions, seed, kind)).test()
    else:
        turned = waves.bootstrap(repetitions, seed, kind)
    return _Inference(permuted=permuted, bootstrap_p=turned.p)


def core(context: Context, tick: Callable[[str], None]) -> Core:
    """Return the core results, calling ``tick`` with a few words at each step."""
    plan = context.plan
    arms, cube = comparison(context), moments(context)
    controls = tuple(t.name for t in cube.spec.controls)
    ramp = np.unique(arms.start).size > 1
    main_name = plan.analysis.estimator
    others: tuple[Estimator, ...] = ("did" if main_name == "ancova" else "ancova", "lin")
    assignments = context.draws.assignments(plan.analysis.repetitions)
    known = {m.name for m in context.measures}
    absent = [
        (measure(o).title, "The facts have no such column.")
        for o in plan.primary
        if o.name not in known
    ]
    results: list[Result] = []
    events: dict[str, Event] = {}
    replays: dict[str, Permuted] = {}
    left: dict[str, Floats] = {}

    def over(estimator: Estimator, m: Measure, chosen: dict[str, Any]) -> Waves:
        return over_waves(cube, arms, m.term, estimator=estimator, **chosen)

    def by(estimator: Estimator, m: Measure, chosen: dict[str, Any]) -> Itt | None:
        with contextlib.suppress(Refused):
            if ramp:
                return over(estimator, m, chosen).effect
            return itt(ESTIMATORS[estimator](cube, arms, m.term, **chosen))
        return None

    for chats, stratum in STRATA.items():
        for m in context.measures:
            tick(f"{m.title}, {SAMPLES[chats]}")
            chosen: dict[str, Any] = {"stratum": stratum, "controls": controls}
            try:
                main = ESTIMATORS["did" if ramp else main_name](cube, arms, m.term, **chosen)
                waves = over(main_name, m, chosen) if ramp else None
                effect = itt(main) if waves is None else waves.effect
            except Refused as error:
                if _primary(m, chats):
                    absent.append((m.title, error.message))
                continue
            twins: list[Finding] = []
            for kind in others:
                if (other := by(kind, m, chosen)) is not None:
                    twins.append(_finding(m, chats, f"itt_{kind}", estimate=other.estimate))
            found, ways = None, tuple[Finding, ...]()
            if _primary(m, chats) and effect.estimate.refused is None:
                name = key(m, chats)
                ways = _ways(m, chats, effect, by("cuped", m, chosen))
                found = _infer(context, main, waves, assignments, name)
                replays[name] = found.permuted
                seed = int(context.rng(f"sup-t {name}").integers(2**62))
                with contextlib.suppress(Refused):
                    events[name] = event_study(cube, arms, m.term, stratum=stratum, seed=seed)
                left[name] = _without_each(main) if waves is None else waves.leave_one_out()
            results.append(
                Result(
                    measure=m,
                    chats=chats,
                    finding=_finding(
                        m,
                        chats,
                        f"itt_{main_name}",
                        estimate=effect.estimate,
                        randomization_p=None if found is None else found.permuted.p,
                        bootstrap_p=None if found is None else found.bootstrap_p,
                    ),
                    twins=tuple(twins),
                    ways=ways,
                    control_mean=_control_mean(cube, main, m),
                )
            )
    return Core(
        results=_adjusted(results, replays),
        family="Westfall and Young for primary outcomes, Holm for the others",
        basis="Exact on the moment cube, errors CR2."
        + (
            " Units start in waves: every wave is compared with its own control units alone, and "
            "waves are averaged by treated chats."
            if ramp
            else ""
        )
        + ("" if (cube.days < first_day(plan)).any() else UNHELD),
        absent=tuple(absent),
        cube=cube,
        arms=arms,
        events=events,
        replays=replays,
        left_out=left,
    )


def _without_each(model: Model) -> Floats:
    """Return the effect of a model without each unit in turn."""
    f = model.fit()
    found: Floats = leave_one_out(f)[:, f.at("treated")]
    return found


def _control_mean(cube: Cube, model: Model, m: Measure) -> float:
    p = model.panel
    late = model.arms.late(p) * ~model.arms.own(p)[:, None, None]
    centred = float((p.sums[..., 0] * late).sum() / (p.n * late).sum())
    mean = centred + cube.spec.origins.get(m.term, 0.0)
    return float(np.exp(mean)) if m.log else mean


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
    rest = [i for i, r in enumerate(results) if not _primary(r.measure, r.chats)]
    adjusted.update(zip(rest, holm([results[i].finding.estimate for i in rest]), strict=True))
    return tuple(
        msgspec.structs.replace(
            r, finding=msgspec.structs.replace(r.finding, family_p=adjusted.get(i))
        )
        for i, r in enumerate(results)
    )
