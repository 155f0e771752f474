"""Least squares on an absorbed panel: coefficients and what every variance needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stepin.errors import Refused
from stepin.evidence.estimators.least_squares.absorb import Absorbed, Effects, absorb
from stepin.evidence.estimators.least_squares.panel import UnitDayPanel, over_strata
from stepin.evidence.estimators.moments.cells import Reals

COLLINEAR = 1e-9
"""A regressor is dropped if the others explain all but this share of its variance."""


@dataclass(frozen=True, slots=True)
class Fit:
    """Coefficients with their scores; r regressors, design columns first, then controls.

    Attributes
    ----------
    outcome : what is explained.
    names : of the regressors that were kept.
    dropped : names of those that the others explain.
    beta : float64[r]
    bread : float64[r, r], the inverse of the residual Gram matrix.
    scores : float64[W, D, r], sums over chats of residual regressor times residual.
    residuals : float64[W, D, E], sums of residuals.
    rss : the sum of squared residuals.
    absorbed : the panel and design behind it; `kept` are its regressors as K indices.
    """

    outcome: str
    names: tuple[str, ...]
    dropped: tuple[str, ...]
    beta: Reals
    bread: Reals
    scores: Reals
    residuals: Reals
    rss: float
    absorbed: Absorbed
    kept: tuple[int, ...]

    @property
    def n(self) -> int:
        """Chats."""
        return self.absorbed.panel.chats

    @property
    def clusters(self) -> int:
        """Units."""
        return int(self.absorbed.panel.units.size)

    def at(self, name: str) -> int:
        """Return the place of a regressor.

        Raises
        ------
        Refused
            ``not_identified``: it was dropped, or never there.
        """
        if name not in self.names:
            raise Refused(
                f"The effect {name!r} on {self.outcome} can't be told from the other terms.",
                code="not_identified",
                hint="Check that both arms have chats before and after treatment begins.",
                term=name,
            )
        return self.names.index(name)


def fit(
    panel: UnitDayPanel,
    design: Reals,
    names: Sequence[str],
    effects: Effects = "unit+day",
) -> Fit:
    """Return the least-squares fit of a panel's outcome on design columns and controls.

    The numbers equal those of a regression on the chats themselves, whatever varies from chat to
    chat, because the moments are sufficient for them.

    Parameters
    ----------
    panel : the outcome first, then the controls.
    design : float64[W, D, E, p], constant in a cell.
    names : of the p design columns.
    effects : taken out before.

    Raises
    ------
    Refused
        ``no_freedom``: there are no more chats than coefficients.
    """
    a = absorb(panel, design, effects)
    k = len(panel.names)
    order = (*range(k, k + len(names)), *range(1, k))
    labels = (*names, *panel.names[1:])
    gram = residual_gram(a)
    kept = independent(gram[np.ix_(order, order)])
    columns = tuple(order[i] for i in kept)
    at = np.array(columns, dtype=np.int64)
    bread, beta = _solved(gram[np.ix_(at, at)], gram[at, 0])
    if a.panel.chats <= at.size + sum(a.count):
        raise Refused("There are no more chats than coefficients.", code="no_freedom")
    scores, residuals = _scores(a, at, beta)
    return Fit(
        panel.names[0],
        tuple(labels[i] for i in kept),
        tuple(labels[i] for i in range(len(labels)) if i not in kept),
        beta,
        bread,
        scores,
        residuals,
        float(gram[0, 0] - beta @ gram[at, 0]),
        a,
        columns,
    )


def _solved(gram: Reals, target: Reals) -> tuple[Reals, Reals]:
    """Return the inverse of a Gram matrix and the solution for a target.

    Columns are scaled to length one before, and the solution is refined once by its own residual,
    which takes back most of what the inverse lost to rounding (Higham 2002, chapter 12).
    """
    scale = 1 / np.sqrt(np.diag(gram))
    inverse = np.linalg.inv(gram * scale * scale[:, None])
    bread = inverse * scale * scale[:, None]
    beta = bread @ target
    beta += bread @ (target - gram @ beta)
    return bread, beta


def residual_gram(a: Absorbed) -> Reals:
    """Return float64[K, K], products of all terms and design columns without their effects."""
    p, k = a.panel, len(a.panel.names)
    flat = a.flat_design
    f = a.fitted[..., :k]
    n, s = over_strata(p.n), over_strata(p.sums)
    long = f.reshape(-1, k)
    cross = s.reshape(-1, k).T @ long
    own = p.products.reshape(-1, k * k).sum(axis=0).reshape(k, k) - cross - cross.T
    own += long.T @ (long * n.reshape(-1, 1))
    rest = p.sums - p.n[..., None] * f[:, :, None]
    m = flat.shape[-1]
    wide = flat.reshape(p.n.size, m)
    mixed = rest.reshape(-1, k).T @ wide
    designs = wide.T @ (wide * p.n.reshape(-1, 1))
    out: Reals = np.block([[own, mixed], [mixed.T, designs]])
    return out


def independent(gram: Reals) -> tuple[int, ...]:
    """Return the indices of columns that earlier ones don't explain, by Gram-Schmidt."""
    scale = np.sqrt(np.maximum(np.diag(gram), 0))
    kept: list[int] = []
    for j in range(len(gram)):
        if scale[j] == 0 or scale[j] <= 1e-12 * scale.max():
            continue
        left = 1.0
        if kept:
            at = np.array(kept)
            g = gram[np.ix_(at, at)] / np.outer(scale[at], scale[at])
            c = gram[at, j] / (scale[at] * scale[j])
            left = 1 - float(c @ np.linalg.solve(g, c))
        if left > COLLINEAR:
            kept.append(j)
    return tuple(kept)


def _scores(a: Absorbed, at: np.ndarray, beta: Reals) -> tuple[Reals, Reals]:
    p, k = a.panel, len(a.panel.names)
    weight = np.zeros(a.fitted.shape[2])
    weight[at] = -beta
    weight[0] = 1.0
    effect = a.fitted @ weight
    steady = np.tensordot(a.design, weight[k:], 1) - effect[:, :, None]
    total = np.tensordot(p.sums, weight[:k], 1) + p.n * steady
    by_day = over_strata(total)[..., None]
    terms = over_strata(np.tensordot(p.products, weight[:k], 1) + p.sums * steady[..., None])
    terms -= a.fitted[..., :k] * by_day
    designs = np.einsum("wdep,wde->wdp", a.design, total, optimize=True)
    designs -= a.fitted[..., k:] * by_day
    scores = np.concatenate([terms, designs], axis=2)[..., at]
    return scores, total
