"""The wild cluster bootstrap of one coefficient, with the null imposed.

Residuals under the null are turned by a random sign per unit and the model is fitted again
(Cameron, Gelbach and Miller 2008; the restricted "WCR" of MacKinnon, Nielsen and Webb 2023). Each
repetition is a few products of vectors over units, because a fit is linear in the signs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from stepin.evidence.estimators.moments.cells import Reals
from stepin.evidence.estimators.resampling.focus import FocusedEffect, Truths
from stepin.evidence.estimators.resampling.permute import p_value

Signs = Literal["rademacher", "webb"]
ROWS = 256
Weights: TypeAlias = NDArray[np.int8] | NDArray[np.float64]
WEBB = np.sqrt(np.array([1.5, 1.0, 0.5]))


@dataclass(frozen=True, slots=True)
class Bootstrapped:
    """A t statistic and its bootstrap distribution under a null.

    Attributes
    ----------
    effect, statistic : the coefficient and its t for the null that was imposed.
    statistics : float64[B]
    p : two-sided.
    """

    effect: float
    statistic: float
    statistics: Reals
    p: float


@dataclass(frozen=True, slots=True)
class _Held:
    """A focus under its own assignment: `score` and `tie` have a slope in the null."""

    length: float
    effect: float
    bend: Reals
    score: Reals
    pull: Reals
    tie: Reals
    factor: float

    @property
    def variance(self) -> float:
        """Of the coefficient, clustered by unit (CR1)."""
        rest = self.score - self.effect * self.bend
        return self.factor * float(rest @ rest) / self.length**2


@dataclass(frozen=True, slots=True)
class _Lines:
    """Bootstrap statistics as functions of the null: both parts of each are linear in it."""

    gap: Reals
    gap_slope: Reals
    square: Reals
    tilt: Reals
    curve: Reals

    def at(self, null: float) -> tuple[Reals, Reals]:
        """Return each repetition's coefficient less the null, and its variance."""
        variance = self.square - 2 * null * self.tilt + null**2 * self.curve
        return self.gap - null * self.gap_slope, variance


def signs(units: int, repetitions: int, seed: int, kind: Signs = "rademacher") -> Weights:
    """Return [B, W] random weights with mean 0 and variance 1.

    Webb's six points serve where units are so few that signs repeat (Webb 2023).
    """
    rng = np.random.default_rng(seed)
    sign = 2 * rng.integers(0, 2, (repetitions, units), dtype=np.int8) - 1
    if kind == "rademacher":
        return sign
    points: Reals = WEBB[rng.integers(0, 3, (repetitions, units))] * sign
    return points


@dataclass(frozen=True, slots=True)
class Wild:
    """The bootstrap of one coefficient with fixed signs, for any null; made by `wild`."""

    held: _Held
    lines: _Lines

    def test(self, null: float = 0.0) -> Bootstrapped:
        """Return the test that the coefficient is `null`."""
        return average([self], np.ones(1), null)

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Return the set of nulls that the test doesn't reject, as an interval.

        Inverts the test by bisection on each side to 1e-4 of a standard error, with the same
        signs throughout (Davidson and MacKinnon 2010).
        """
        se = float(np.sqrt(self.held.variance))

        def excess(steps: float) -> float:
            return self.test(self.held.effect + steps * se).p - (1 - level)

        ends = []
        for side in (-1.0, 1.0):
            reach = 2.5
            while excess(side * reach) > 0 and reach < 1e3:
                reach *= 2
            steps = optimize.bisect(lambda r, s=side: excess(s * r), 0.0, reach, xtol=1e-4)
            ends.append(self.held.effect + side * float(steps) * se)
        return ends[0], ends[1]


def wild(focus: FocusedEffect, own: Truths, weights: Weights) -> Wild:
    """Return the wild cluster bootstrap of a treatment.

    Parameters
    ----------
    focus : the effect.
    own : bool[W], the trial's assignment in the order of ``focus.units``.
    weights : [B, W], from `signs`.
    """
    held = _hold(focus, own)
    return Wild(held, _lines(held, weights))


def average(parts: Sequence[Wild], shares: Reals, null: float = 0.0) -> Bootstrapped:
    """Return the test that a weighted sum of coefficients, each of other units, is `null`.

    Only the sum is held at the null, by least squares over all units together: every coefficient
    gives way as far as its own precision lets it, so that the coefficients may differ.

    Parameters
    ----------
    parts : the bootstraps of the coefficients.
    shares : float64[parts], the weights.
    null : of the sum.
    """
    held = [part.held for part in parts]
    values = np.array([h.effect for h in held])
    give = shares / np.array([h.length for h in held])
    gap = float(shares @ values) - null
    nulls = values - give * (gap / float(shares @ give))
    drawn = [part.lines.at(float(x)) for part, x in zip(parts, nulls, strict=True)]
    moved = shares @ np.stack([move for move, _ in drawn])
    statistics = moved / np.sqrt(shares**2 @ np.stack([variance for _, variance in drawn]))
    statistic = gap / float(np.sqrt(shares**2 @ np.array([h.variance for h in held])))
    return Bootstrapped(gap + null, statistic, statistics, p_value(statistic, statistics))


def _hold(focus: FocusedEffect, own: Truths) -> _Held:
    a = own.astype(np.float64)
    g = a @ focus.overlap
    length = float(a @ focus.size - g @ g)
    score = a * focus.reward - focus.residual @ g
    bend = a * focus.size - 2 * a * (focus.overlap @ g) + focus.spread(g[None])[0]
    pull = a[:, None] * focus.overlap - focus.through(g)
    return _Held(
        length, float(score.sum()) / length, bend, score, pull, focus.residual, focus.factor
    )


def _lines(held: _Held, weights: Weights) -> _Lines:
    """Return the lines; a turned residual is v x - Q c with c linear in the signs v.

    So its squares and products need no more than v times a few columns.
    """
    solved = np.column_stack([held.pull, held.bend])
    gram = solved.T @ solved
    columns = np.column_stack(
        [
            *(held.tie, held.score / held.length, held.pull, held.bend / held.length),
            *(x[:, None] * solved for x in (held.score, held.bend)),
        ]
    )
    products = np.column_stack([held.score**2, held.score * held.bend, held.bend**2])
    parts: list[tuple[Reals, ...]] = []
    for start in range(0, len(weights), ROWS):
        v = weights[start : start + ROWS].astype(np.float64)
        level, tilt, on_score, on_bend = np.split(v @ columns, 4, axis=1)
        square, cross, curve = (v**2 @ products).T
        square += _dot(level, level @ gram - 2 * on_score)
        cross += _dot(tilt, level @ gram - on_score) - _dot(level, on_bend)
        curve += _dot(tilt, tilt @ gram - 2 * on_bend)
        parts.append((level[:, -1], tilt[:, -1], square, cross, curve))
    gap, slope, square, cross, curve = (np.concatenate(x) for x in zip(*parts, strict=True))
    scale = held.factor / held.length**2
    return _Lines(gap, slope, scale * square, scale * cross, scale * curve)


def _dot(left: Reals, right: Reals) -> Reals:
    out: Reals = np.einsum("bq,bq->b", left, right)
    return out
