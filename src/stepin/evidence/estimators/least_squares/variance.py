"""Variances of a fit that need no more than its scores: iid, by unit, by unit and day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from stepin.evidence.estimators.least_squares.fit import Fit
from stepin.evidence.estimators.moments.cells import Reals

Kind = Literal["iid", "CR1", "CR2", "CR3", "two-way"]


@dataclass(frozen=True, slots=True)
class Variance:
    """A variance matrix with the degrees of freedom of its t statistics.

    Attributes
    ----------
    kind : which one.
    matrix : float64[r, r]
    df : float64[r], by coefficient.
    """

    kind: Kind
    matrix: Reals
    df: Reals

    @property
    def se(self) -> Reals:
        """float64[r], standard errors; nan where there is no variance, or a negative one."""
        diagonal = np.diag(self.matrix)
        out: Reals = np.sqrt(np.where(diagonal >= 0, diagonal, np.nan))
        return out


def iid(fit: Fit) -> Variance:
    """Return the variance under independent errors of equal variance."""
    units, days = fit.absorbed.count
    both = 1 if units and days else 0
    constant = 1 if not units and not days else 0
    df = fit.n - fit.beta.size - units - days + both - constant
    return Variance("iid", fit.bread * (fit.rss / df), np.full(fit.beta.size, float(df)))


def by_unit(fit: Fit) -> Variance:
    """Return the variance clustered by unit with the usual small-sample factor (CR1).

    The factor is (N - 1)/(N - K) * G/(G - 1); K counts regressors and the effects that aren't
    nested in units, as fixest and pyfixest do.
    """
    units, days = fit.absorbed.count
    nested = days if units and days else (1 if units else max(days, 1))
    g = fit.clusters
    factor = few(_factor(fit, fit.beta.size + nested), g)
    matrix = factor * sandwich(fit.bread, fit.scores.sum(axis=1))
    return Variance("CR1", matrix, np.full(fit.beta.size, g - 1.0))


def by_unit_and_day(fit: Fit) -> Variance:
    """Return the variance clustered by unit and by day (Cameron, Gelbach and Miller 2011).

    Adds the two one-way variances and subtracts that of their intersection; all three use the
    smaller number of clusters.
    """
    units, days = fit.absorbed.count
    nested = max((units > 0) + (days > 0) - (1 if units and days else 0), 1)
    g = min(fit.clusters, fit.absorbed.panel.days.size)
    factor = few(_factor(fit, fit.beta.size + nested), g)
    scores = fit.scores
    meat = [scores.sum(axis=1), scores.sum(axis=0)]
    cells = scores.reshape(-1, scores.shape[2])
    matrix = sum((sandwich(fit.bread, m) for m in meat), -sandwich(fit.bread, cells))
    return Variance("two-way", factor * matrix, np.full(fit.beta.size, g - 1.0))


def few(factor: float, clusters: int) -> float:
    """Return a factor times G/(G - 1), for few clusters; nan for one, which has no variance."""
    return factor * clusters / (clusters - 1) if clusters > 1 else float("nan")


def sandwich(bread: Reals, scores: Reals) -> Reals:
    """Return bread times the sum of squared cluster scores times bread."""
    half = scores @ bread
    out: Reals = half.T @ half
    return out


def _factor(fit: Fit, coefficients: int) -> float:
    return (fit.n - 1) / (fit.n - coefficients)
