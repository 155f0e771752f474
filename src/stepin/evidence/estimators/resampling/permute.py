"""Randomization inference: the same statistic under the assignments that could have been drawn.

Under the hypothesis that treatment moved nobody's outcome, the outcomes are what they are whatever
was drawn, and the trial's own assignment is one of equally likely ones (Fisher 1935). Comparing
studentized statistics makes the test right, in large trials, for the average effect too (Wu and
Ding 2021). Any blocks, fixed counts or re-randomization are in the draws.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from stepin.errors import Invalid
from stepin.evidence.estimators.moments.cells import Reals
from stepin.evidence.estimators.resampling.focus import FocusedEffect, Truths

ROWS = 256
TIE = 1e-9
"""Statistics closer than this, relatively, count as equal, against the last bit of rounding."""


@dataclass(frozen=True, slots=True)
class Permuted:
    """A statistic and what it would have been; R draws.

    Attributes
    ----------
    effect, statistic : the coefficient and its studentized value under the own assignment.
    effects, statistics : float64[R], under the draws; nan where a draw identifies nothing.
    p : the share of assignments, the own one among them, at least as extreme.
    """

    effect: float
    statistic: float
    effects: Reals
    statistics: Reals
    p: float


def stack(draw: Callable[[int], Truths], repetitions: int) -> Truths:
    """Return bool[R, W], one row per call of `draw` with 0, 1, ...; the trial's own left out."""
    return np.stack([np.asarray(draw(i), dtype=np.bool_) for i in range(repetitions)])


def aligned(focus: FocusedEffect, units: Sequence[str], assignments: Truths) -> Truths:
    """Return bool[R, W] for the units of `focus` out of columns for `units`.

    Raises
    ------
    Invalid
        ``units_differ``: a unit has chats but no assignment.
    """
    place = {name: i for i, name in enumerate(units)}
    unknown = [str(u) for u in focus.units if str(u) not in place]
    if unknown:
        raise Invalid(
            f"{len(unknown)} units have chats but no arm, such as {unknown[0]}.",
            code="units_differ",
            hint="Leave units outside the trial out of the panel.",
        )
    return assignments[:, [place[str(u)] for u in focus.units]]


def permute(focus: FocusedEffect, own: Truths, assignments: Truths) -> Permuted:
    """Return the randomization test of no effect on anybody.

    Parameters
    ----------
    focus : the effect.
    own : bool[W], the trial's assignment, in the order of ``focus.units``.
    assignments : bool[R, W], alternatives drawn by the trial's own randomizer.
    """
    effect, statistic = studentized(focus, own[None])
    parts = [
        studentized(focus, assignments[i : i + ROWS]) for i in range(0, len(assignments), ROWS)
    ]
    effects = np.concatenate([p[0] for p in parts]) if parts else np.empty(0)
    statistics = np.concatenate([p[1] for p in parts]) if parts else np.empty(0)
    observed = float(statistic[0])
    return Permuted(float(effect[0]), observed, effects, statistics, p_value(observed, statistics))


def p_value(observed: float, statistics: Reals) -> float:
    """Return the two-sided p-value with the own assignment counted; nan counts as extreme."""
    less = np.abs(statistics) < abs(observed) * (1 - TIE)
    return float((1 + np.count_nonzero(~less)) / (1 + statistics.size))


def studentized(focus: FocusedEffect, assignments: Truths) -> tuple[Reals, Reals]:
    """Return float64[R] coefficients and float64[R] CR1 t statistics under assignments."""
    a = assignments.astype(np.float64)
    g = a @ focus.overlap
    length = a @ focus.size - (g**2).sum(axis=1)
    good = length > 1e-9 * focus.size.sum()
    length = np.where(good, length, np.nan)
    effect = (a @ focus.reward) / length
    bend = focus.spread(g)
    bend *= -effect[:, None]
    bend -= g @ focus.residual.T
    own = (2 * effect[:, None] * g) @ focus.overlap.T
    own -= effect[:, None] * focus.size
    own += focus.reward
    own *= a
    bend += own
    square = np.einsum("rw,rw->r", bend, bend)
    return effect, effect * length / np.sqrt(focus.factor * square)
