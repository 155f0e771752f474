"""Curves of the smallest effect that a trial would see, by its length and its size."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np

from stepin.errors import Refused
from stepin.evidence.analysis.power.simulate import (
    Kind,
    Trials,
    halves,
    past,
    pool_trials,
    resampled,
    switchback_trials,
    unit_trials,
)
from stepin.evidence.base.arrays import Bools, Ints
from stepin.evidence.estimators.row_level.cells import Cells

PANELS = 4


class CurvePoint(msgspec.Struct, frozen=True, kw_only=True):
    """One design at one length and size.

    Attributes
    ----------
    minimum : smallest effect seen in 80 % of trials, in the unit of the outcome (a difference
        of logarithms for a log outcome); None when refused.
    power : share of trials that would see the effect asked for, None without one.
    size : share of trials without any effect that would see one: near the level.
    """

    kind: Kind
    units: int
    days: int
    clusters: int
    minimum: float | None
    power: float | None
    size: float | None
    refused: str | None = None


Draw = Callable[[int, np.random.Generator], Bools]


def _point(
    kind: Kind, units: int, days: int, run: Callable[[], Trials], effect: float | None
) -> CurvePoint:
    try:
        found = run()
        minimum = found.minimum_detectable()
    except Refused as why:
        return CurvePoint(
            kind=kind,
            units=units,
            days=days,
            clusters=int(why.fields.get("clusters") or 0),
            minimum=None,
            power=None,
            size=None,
            refused=why.message,
        )
    return CurvePoint(
        kind=kind,
        units=units,
        days=days,
        clusters=found.clusters,
        minimum=minimum,
        power=None if effect is None else found.power(effect),
        size=found.power(0.0),
    )


def quarters(days: int) -> tuple[int, tuple[int, ...]]:
    """Return how many days of a past are its own pre-period, and the lengths to try on the rest.

    A third stands for the days before treatment; trials of one to four quarters of the rest fit.
    """
    history = max(1, days // 3)
    return history, tuple(sorted({max(1, (days - history) * k // 4) for k in (1, 2, 3, 4)}))


def by_length(
    cells: Cells,
    pool: Ints,
    assignments: Bools,
    rng: np.random.Generator,
    *,
    lengths: tuple[int, ...],
    history: int,
    effect: float | None = None,
    period_days: int = 1,
) -> tuple[CurvePoint, ...]:
    """Return for each length what the three designs would see.

    Parameters
    ----------
    cells : cells of days without treatment. pool : (units,) pools for the other designs.
    assignments : (reps, units) draws of the trial's own randomizer.
    """
    found = []
    for days in lengths:
        window = past(cells, days=days, history=history)
        reps = assignments.shape[0]

        def pools(window: Cells = window, reps: int = reps) -> Trials:
            return pool_trials(window, pool, reps, rng)

        def switch(window: Cells = window, reps: int = reps) -> Trials:
            return switchback_trials(window, pool, reps, rng, period_days=period_days)

        def units(window: Cells = window) -> Trials:
            return unit_trials(window, assignments)

        found += [
            _point("unit", cells.units, days, units, effect),
            _point("pool", cells.units, days, pools, effect),
            _point("switchback", cells.units, days, switch, effect),
        ]
    return tuple(found)


def by_units(
    cells: Cells,
    rng: np.random.Generator,
    *,
    sizes: tuple[int, ...],
    days: int,
    history: int,
    reps: int = 400,
    effect: float | None = None,
) -> tuple[CurvePoint, ...]:
    """Return for each number of units what a trial of so many would see.

    Units are drawn with replacement from the past, half of them treated.
    """
    window = past(cells, days=days, history=history)
    found = []
    for units in sizes:

        def run(units: int = units) -> Trials:
            parts = [
                unit_trials(resampled(window, units, rng), halves(units, reps, rng))
                for _ in range(PANELS)
            ]
            return Trials(
                beta=np.concatenate([p.beta for p in parts]),
                se=np.concatenate([p.se for p in parts]),
                clusters=min(p.clusters for p in parts),
            )

        found.append(_point("unit", units, days, run, effect))
    return tuple(found)
