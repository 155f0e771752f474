"""A power study: a plan's design on the facts of the days before it."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np

from stepin.errors import Missing
from stepin.evidence.analysis.draws import draws
from stepin.evidence.analysis.power.curve import CurvePoint, by_length, by_units, quarters
from stepin.evidence.analysis.results import cells_of
from stepin.evidence.base.arrays import Bools, Ints, codes
from stepin.evidence.base.labels import SAMPLES, Measure, measures
from stepin.evidence.base.level import at_level
from stepin.evidence.base.scale import Scale, amount
from stepin.evidence.data.sample import Sample
from stepin.evidence.estimators.row_level.cells import Cells
from stepin.trial.plan import Plan


class Study(msgspec.Struct, frozen=True, kw_only=True):
    """What designs of a trial would see.

    Attributes
    ----------
    label, sample, scale : the outcome and its chats, in words, and how its numbers are written.
    minimal : the plan's smallest effect worth knowing, if it names one.
    history_days : days before the pretended start that served as pre-period.
    """

    label: str
    sample: str
    scale: Scale
    minimal: float | None
    history_days: int
    points: tuple[CurvePoint, ...]

    @classmethod
    def of(cls, m: Measure, history_days: int, points: tuple[CurvePoint, ...]) -> Study:
        """Return the study of an outcome from its points."""
        return cls(
            label=m.title,
            sample=SAMPLES[m.chats],
            scale=m.scale,
            minimal=m.minimal,
            history_days=history_days,
            points=points,
        )

    @property
    def worth(self) -> str:
        """The smallest effect worth knowing, in words."""
        return "not named in the plan" if self.minimal is None else self.shown(self.minimal)

    @property
    def enough(self) -> bool:
        """Whether some design sees what is worth knowing; true if the plan names nothing."""
        if self.minimal is None:
            return True
        return any(p.minimum is not None and p.minimum <= abs(self.minimal) for p in self.points)

    def shown(self, effect: float) -> str:
        """Return an effect as readers see it."""
        return amount(effect, self.scale)


def study(
    folder: Path,
    plan: Plan,
    *,
    outcome: str | None = None,
    lengths: tuple[int, ...] = (),
    sizes: tuple[int, ...] = (),
    repetitions: int = 1000,
    period_days: int = 1,
) -> Study:
    """Return the power study of one outcome of a plan.

    Raises
    ------
    Missing
        ``unknown_outcome`` when the plan doesn't name it.
    Refused
        ``short_past`` when the days before treatment are too few.
    """
    m = _chosen(plan, outcome)
    past = _past(folder, plan, m, repetitions)
    history, quarterly = quarters(int(np.unique(past.cells.day).size))
    wanted, rng = lengths or quarterly, np.random.default_rng([plan.seed, 17])
    with at_level(plan.analysis.alpha):
        points = by_length(
            past.cells,
            past.teams,
            past.assignments,
            rng,
            lengths=wanted,
            history=history,
            effect=m.minimal,
            period_days=period_days,
        )
        if sizes:
            points += by_units(
                past.cells,
                rng,
                sizes=sizes,
                days=max(wanted),
                history=history,
                reps=max(50, repetitions // 4),
                effect=m.minimal,
            )
    return Study.of(m, history, points)


def _chosen(plan: Plan, outcome: str | None) -> Measure:
    chosen = [m for m in measures(plan) if outcome in (None, m.name)]
    if not chosen:
        raise Missing(
            f"The plan names no outcome {outcome!r}.", code="unknown_outcome", outcome=outcome
        )
    return chosen[0]


class _Past(msgspec.Struct, frozen=True, kw_only=True):
    """The days before treatment: cells of one outcome, the units' teams, possible draws."""

    cells: Cells
    teams: Ints
    assignments: Bools


def _past(folder: Path, plan: Plan, m: Measure, repetitions: int) -> _Past:
    sample = Sample(folder, plan)
    try:
        frame = sample.daily({m.name: m.sql}, chats=m.chats)
        return _Past(
            cells=cells_of(frame.where(~frame.after), m.name, len(sample.units.ids)),
            teams=codes(list(sample.teams())),
            assignments=draws(sample).assignments(repetitions),
        )
    finally:
        sample.close()
