"""Re-randomization: which draws are too lopsided to be used.

Mahalanobis: Morgan & Rubin (2012), "Rerandomization to improve covariate balance in experiments",
Annals of Statistics 40(2), equation 3 of section 3 for two arms; for more arms the between-arm
sum of squares, which is the same number when there are two. Covariates are centred within blocks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtri

from stepin.trial.plan import Rerandomize
from stepin.trial.pool import Pool

Floats = NDArray[np.float64]
Arms = NDArray[np.int8]

_RANK_TOLERANCE = 1e-10


@dataclass(frozen=True, slots=True, eq=False)
class Screen:
    """A rule that accepts or rejects drawn assignments.

    Attributes
    ----------
    rule : `mahalanobis` or `threshold`.
    scores : shape (units, k): whitened for `mahalanobis`, standardized for `threshold`.
    limit : the largest distance that is accepted.
    """

    rule: str
    scores: Floats
    limit: float

    def distances(self, arms: Arms, arm_count: int) -> Floats:
        """Return the distance between the arms of each row of `arms`, shape (rows, units)."""
        if self.rule == "mahalanobis":
            return between(self.scores, arms, arm_count)
        largest: Floats = np.abs(differences(self.scores, arms, arm_count)).max(axis=(1, 2))
        return largest

    def accepts(self, arms: Arms, arm_count: int) -> NDArray[np.bool_]:
        """Return which rows of `arms` may be used."""
        return self.distances(arms, arm_count) <= self.limit


def screen(pool: Pool, block: NDArray[np.int64], arms: int, rule: Rerandomize) -> Screen:
    """Return the screen that a plan asks for.

    Raises
    ------
    Invalid
        ``pool_covariate``: the pool lacks a covariate, or it isn't a number.
    """
    x = matrix(pool, rule.covariates)
    if rule.rule == "threshold":
        spread = x.std(axis=0, ddof=1) if len(x) > 1 else np.ones(x.shape[1])
        scores = (x - x.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
        return Screen("threshold", scores, rule.largest_difference)
    scores = whiten(x, block)
    limit = float(chdtri(max(scores.shape[1], 1) * (arms - 1), 1 - rule.acceptance))
    return Screen("mahalanobis", scores, limit if rule.acceptance < 1 else np.inf)


def matrix(pool: Pool, covariates: Sequence[str]) -> Floats:
    """Return covariates as columns; an unknown value counts as the mean of the known ones."""
    columns = []
    for name in covariates:
        values = np.array([np.nan if v is None else v for v in pool.numbers(name)], dtype=float)
        known = values[~np.isnan(values)]
        columns.append(np.where(np.isnan(values), known.mean() if len(known) else 0.0, values))
    return np.column_stack(columns) if columns else np.zeros((len(pool.units), 0))


def whiten(x: Floats, block: NDArray[np.int64]) -> Floats:
    """Return `x` centred within blocks, with unit covariance; collinear columns drop out."""
    groups = int(block.max()) + 1
    sizes = np.bincount(block, minlength=groups)
    means = np.stack([np.bincount(block, c, groups) for c in x.T], axis=1) / sizes[:, None]
    centred = x - means[block]
    spread = np.sqrt((centred**2).mean(axis=0))
    centred = centred[:, spread > 0] / spread[spread > 0]
    freedom = max(len(x) - groups, 1)
    values, vectors = np.linalg.eigh(centred.T @ centred / freedom)
    kept = values > _RANK_TOLERANCE * max(values.max(initial=0.0), 1e-300)
    whitened: Floats = centred @ (vectors[:, kept] / np.sqrt(values[kept]))
    return whitened


def between(scores: Floats, arms: Arms, arm_count: int) -> Floats:
    """Return, per row of `arms`, the sum over arms of n_a · |mean_a - mean|² of whitened scores."""
    grand = scores.mean(axis=0)
    total = np.zeros(len(arms))
    for a in range(arm_count):
        member = (arms == a).astype(np.float64)
        count = member.sum(axis=1)
        means = member @ scores / np.maximum(count, 1)[:, None] - grand
        total += count * (means**2).sum(axis=1)
    return total


def differences(x: Floats, arms: Arms, arm_count: int, control: int = 0) -> Floats:
    """Return mean differences to arm `control`, shape (rows, arms - 1, columns)."""
    means = []
    for a in range(arm_count):
        member = (arms == a).astype(np.float64)
        means.append(member @ x / np.maximum(member.sum(axis=1), 1)[:, None])
    others = [m - means[control] for a, m in enumerate(means) if a != control]
    return np.stack(others, axis=1)
