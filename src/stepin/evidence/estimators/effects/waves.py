"""A ramp: units start in waves, and every wave is a trial of its own.

Two-way fixed effects over waves compare units that start late with units that have started
already, and are wrong where effects change with time (Goodman-Bacon 2021). A ramp gives control
units a place in the queue too. So each wave is compared with the control units of the same wave
alone, and the waves' effects are averaged by the chats that treated units had once started, as
Sun and Abraham (2021) weigh cohorts. Nothing that has started ever serves as a comparison.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stepin.errors import Invalid, Refused
from stepin.evidence.base.arrays import Bools
from stepin.evidence.base.estimate import Estimate, from_se
from stepin.evidence.estimators.effects.arms import Arms
from stepin.evidence.estimators.effects.itt import ESTIMATORS, Estimator, Itt, Model, itt
from stepin.evidence.estimators.least_squares import leave_one_out
from stepin.evidence.estimators.moments import Cube
from stepin.evidence.estimators.moments.cells import Reals
from stepin.evidence.estimators.resampling import Bootstrapped, Signs, average, signs, wild

LEAST_UNITS = 2
"""Fewer units of an arm in a wave give that wave no error of its own."""


@dataclass(frozen=True, slots=True)
class Wave:
    """The units that start on one day; `treated`, `control` count them."""

    start: int
    arms: Arms
    treated: int
    control: int


@dataclass(frozen=True, slots=True)
class Waves:
    """An effect over waves.

    Attributes
    ----------
    effect : the average, with CR2 errors and Welch's degrees of freedom.
    each : by first day, the wave's own effect.
    models : by first day, what it was fitted by.
    weights : by first day, the chats that treated units had once started.
    left_out : units of waves that could not be compared.
    """

    effect: Itt
    each: dict[int, Itt]
    models: dict[int, Model]
    weights: dict[int, float]
    left_out: int

    def bootstrap(self, repetitions: int, seed: int, kind: Signs) -> Bootstrapped:
        """Return the wild cluster bootstrap test that the average effect is nothing.

        Weights are held; an effect that differs between waves is no part of the error.
        """
        focused = [model.focus() for model in self.models.values()]
        ends = np.cumsum([f.units.size for f in focused])
        every = signs(int(ends[-1]), repetitions, seed, kind)
        parts = [
            wild(f, model.arms.own(f.nuisance.absorbed.panel), every[:, end - f.units.size : end])
            for f, model, end in zip(focused, self.models.values(), ends, strict=True)
        ]
        weights = np.array(list(self.weights.values()))
        return average(parts, weights / weights.sum())

    def leave_one_out(self) -> Reals:
        """Return the average effect without each unit in turn, wave by wave.

        A unit takes its chats from its wave's weight, and the wave along if too few are left; nan
        if that was the only wave.
        """
        total = sum(self.weights.values())
        whole = total * self.effect.estimate.value
        out: list[Reals] = []
        for start, model in self.models.items():
            f = model.fit()
            p, weight = f.absorbed.panel, self.weights[start]
            rest, others = whole - weight * self.each[start].estimate.value, total - weight
            own = model.arms.own(p)
            enough = np.where(own, own.sum(), (~own).sum()) > LEAST_UNITS
            left = enough * (weight - (p.n * model.arms.treatment(p)).sum(axis=(1, 2)))
            alone = leave_one_out(f)[:, f.at("treated")]
            with np.errstate(invalid="ignore"):
                out.append((rest + left * alone) / (others + left))
        return np.concatenate(out)


def waves_of(arms: Arms, last_day: int) -> tuple[Wave, ...]:
    """Return the waves that have started by a day, in order; both arms may not be in each."""
    out = []
    for start in np.unique(arms.start[arms.start <= last_day]).tolist():
        inside = arms.start == start
        treated = int(arms.treated[inside].sum())
        control = int(inside.sum()) - treated
        if not treated or not control:
            continue
        wave = Arms(arms.units[inside], arms.treated[inside], arms.start[inside])
        out.append(Wave(int(start), wave, treated, control))
    return tuple(out)


def uncompared(arms: Arms, last_day: int, seen: Bools) -> Bools:
    """Return which units leave every comparison, as their wave has too few of an arm.

    Parameters
    ----------
    seen : (u,) whether a unit has a chat once it has started; others count for nothing.
    """
    left = np.zeros(arms.start.size, dtype=np.bool_)
    starts = np.unique(arms.start[arms.start <= last_day])
    if np.unique(arms.start).size < 2:
        return left
    for start in starts.tolist():
        inside = (arms.start == start) & seen
        treated = int(arms.treated[inside].sum())
        if min(treated, int(inside.sum()) - treated) < LEAST_UNITS:
            left |= inside
    return left


def over_waves(
    cube: Cube,
    arms: Arms,
    outcome: str,
    *,
    estimator: Estimator,
    stratum: int | None = None,
    controls: Sequence[str] = (),
) -> Waves:
    """Return the effect averaged over the waves of a ramp.

    Within a wave the estimator is the one that is named, with the wave's own first day.

    Raises
    ------
    Refused
        ``no_waves``: no wave has units of both arms, and chats before and after its start.
    """
    each: dict[int, Itt] = {}
    models: dict[int, Model] = {}
    weights: dict[int, float] = {}
    units = [0, 0]
    last = int(cube.days.max())
    for wave in waves_of(arms, last):
        fitted = _fitted(cube, wave, outcome, estimator, stratum, controls)
        if fitted is None:
            continue
        model, each[wave.start], per_arm = fitted
        models[wave.start] = model
        weights[wave.start] = float((model.panel.n * wave.arms.treatment(model.panel)).sum())
        units = [units[0] + per_arm[0], units[1] + per_arm[1]]
    if not each:
        raise Refused(
            f"No wave can be compared on {outcome}: {_composed(arms, last)}.",
            code="no_waves",
            hint="Only units that begin on the same day are compared, so each day of "
            "workers.treated_from needs two units or more of both arms, with chats before and "
            "after it: give control units the day on which they would have begun.",
        )
    share = {start: weight / sum(weights.values()) for start, weight in weights.items()}
    effect = _average(each, share, (units[0], units[1]), estimator, outcome)
    begun = int((arms.start <= last).sum())
    return Waves(effect, each, models, weights, begun - sum(w for w in units))


def _fitted(
    cube: Cube,
    wave: Wave,
    outcome: str,
    estimator: Estimator,
    stratum: int | None,
    controls: Sequence[str],
) -> tuple[Model, Itt, tuple[int, ...]] | None:
    """Return one wave's model, effect and units an arm; None where it can't be compared."""
    if min(wave.treated, wave.control) < LEAST_UNITS:
        return None
    try:
        model = ESTIMATORS[estimator](cube, wave.arms, outcome, stratum=stratum, controls=controls)
        found = itt(model)
    except (Refused, Invalid):
        return None
    per_arm = wave.arms.per_arm(model.panel)
    if found.estimate.se is None or min(per_arm) < LEAST_UNITS:
        return None
    return model, found, per_arm


def _average(
    each: dict[int, Itt],
    share: dict[int, float],
    per_arm: tuple[int, int],
    estimator: Estimator,
    outcome: str,
) -> Itt:
    """Return the effect over waves; a kind of error is given where every wave has it."""
    kinds = set.intersection(*(set(i.by_kind) for i in each.values()))
    return Itt(
        estimator,
        outcome,
        _averaged([(share[s], i.estimate) for s, i in each.items()], per_arm),
        {
            kind: _averaged([(share[s], i.by_kind[kind]) for s, i in each.items()], per_arm)
            for kind in sorted(kinds)
        },
        sum(i.chats for i in each.values()),
        sum(i.units for i in each.values()),
        tuple(sorted({name for i in each.values() for name in i.dropped})),
    )


def _composed(arms: Arms, last: int) -> str:
    """Return how many units of either arm begin on each day, in words."""
    told = []
    for start in np.unique(arms.start[arms.start <= last]).tolist():
        inside = arms.start == start
        treated = int(arms.treated[inside].sum())
        day = np.datetime64(start, "D")
        told.append(f"{treated} treated and {int(inside.sum()) - treated} control units on {day}")
    some = "; ".join(told[:3]) + (f"; and {len(told) - 3} more days" if len(told) > 3 else "")
    return f"there begin {some}" if told else "no unit begins within these days"


def _averaged(parts: list[tuple[float, Estimate]], per_arm: tuple[int, int]) -> Estimate:
    """Return the weighted sum of estimates on different units, with Welch's degrees of freedom."""
    pieces = [(share * (e.se or np.nan)) ** 2 for share, e in parts]
    variance = float(np.sum(pieces))
    freedom = [max(e.clusters - 1, 1) for _, e in parts]
    df = variance**2 / float(np.sum([v**2 / f for v, f in zip(pieces, freedom, strict=True)]))
    return from_se(
        float(sum(share * e.value for share, e in parts)),
        float(np.sqrt(variance)),
        clusters=sum(e.clusters for _, e in parts),
        rows=sum(e.rows for _, e in parts),
        df=df,
        per_arm=per_arm,
    )
