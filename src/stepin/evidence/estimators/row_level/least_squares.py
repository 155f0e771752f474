"""Weighted least squares on rows: two absorbed factors, errors clustered one or two ways.

Both factors are absorbed exactly: the first by group means, the second through its normal
equations after the first is gone. No iteration, so no tolerance.
"""

from __future__ import annotations

import msgspec
import numpy as np

from stepin.errors import Invalid
from stepin.evidence.base.arrays import Bools, Floats, Ints, codes, group_sums
from stepin.evidence.base.estimate import Estimate, from_se

EXACT = 1e-9
"""Residuals below this share of the outcome are rounding, not chance."""


class RowFit(msgspec.Struct, frozen=True, kw_only=True):
    """A fitted linear model.

    Attributes
    ----------
    terms : names of the coefficients, k of them.
    coef : (k,) coefficients; 0 for a term that the absorbed factors already hold.
    cov : (k, k) cluster-robust covariance.
    clusters : the smaller number of clusters over the ways of clustering.
    rows : rows used.
    per_arm : clusters that hold each value of the first term when it is 0/1, else empty.
    """

    terms: tuple[str, ...]
    coef: Floats
    cov: Floats
    clusters: int
    rows: int
    per_arm: tuple[int, ...]

    def estimate(self, term: str) -> Estimate:
        """Return one coefficient with its interval."""
        i = self.terms.index(term)
        return self.contrast(np.eye(len(self.terms))[i])

    def contrast(self, weights: Floats) -> Estimate:
        """Return a linear combination of the coefficients with its interval."""
        return from_se(
            float(weights @ self.coef),
            float(np.sqrt(max(0.0, float(weights @ self.cov @ weights)))),
            clusters=self.clusters,
            rows=self.rows,
            per_arm=self.per_arm,
        )


def absorb(z: Floats, factors: tuple[Ints, ...], weights: Floats) -> Floats:
    """Return ``z`` (n, k) with the weighted means of up to two factors taken out exactly."""
    if not factors:
        return z
    if len(factors) > 2:
        raise Invalid("At most two factors can be absorbed.", code="too_many_factors")
    first = factors[0]
    n_first = int(first.max()) + 1
    mass = np.bincount(first, weights=weights, minlength=n_first)
    mass[mass == 0] = 1.0
    within = z - (group_sums(z * weights[:, None], first, n_first) / mass[:, None])[first]
    if len(factors) == 1:
        return within
    second = factors[1]
    n_second = int(second.max()) + 1
    crossed = np.bincount(
        first * n_second + second, weights=weights, minlength=n_first * n_second
    ).reshape(n_first, n_second)
    shares = crossed / mass[:, None]
    gram = np.diag(crossed.sum(axis=0)) - crossed.T @ shares
    target = group_sums(within * weights[:, None], second, n_second)
    level = np.linalg.lstsq(gram, target, rcond=1e-12)[0]
    return within - level[second] + (shares @ level)[first]


def _nested(factor: Ints, cluster: Ints) -> bool:
    pairs = np.unique(factor * (int(cluster.max()) + 1) + cluster).size
    return bool(pairs == np.unique(factor).size)


def _meat(scores: Floats, cluster: Ints) -> Floats:
    summed = group_sums(scores, cluster, int(cluster.max()) + 1)
    return summed.T @ summed


def fit(
    y: Floats,
    x: Floats,
    terms: tuple[str, ...],
    *,
    cluster: Ints | tuple[Ints, Ints],
    factors: tuple[Ints, ...] = (),
    weights: Floats | None = None,
    correction: Floats | None = None,
) -> RowFit:
    """Return the weighted least-squares fit with CR1 errors, one- or two-way clustered.

    Parameters
    ----------
    y : (n,) outcome; every value finite.
    x : (n, k) regressors. A constant is added when no factor is absorbed.
    terms : the k names of the regressors.
    cluster : codes of the clusters; two arrays for two-way clustering.
    factors : up to two factors to absorb, as codes.
    weights : (n,) non-negative weights, taken as precision weights.
    correction : (n, m) scores of an estimated weight model; the scores of the fit are
        projected off them, so that the error knows that the weights were estimated.

    Raises
    ------
    Invalid
        ``rows_missing`` when a value isn't finite, ``too_few_rows`` when n ≤ k.

    Notes
    -----
    A fit without residuals has no error: its covariance is zero, and `from_se` then refuses an
    interval, instead of one as narrow as rounding.

    K of CR1 counts the terms and the levels of factors that are not nested in the cluster; G is
    the smaller number of clusters of two ways.
    """
    n = y.size
    w = np.ones(n) if weights is None else weights.astype(np.float64)
    _check(y, x, w)
    ways = tuple(codes(c) for c in (cluster if isinstance(cluster, tuple) else (cluster,)))
    factors = tuple(codes(f) for f in factors)
    design, names = x.astype(np.float64).reshape(n, -1), terms
    if not factors:
        design, names = np.column_stack([design, np.ones(n)]), (*terms, "(constant)")
    if n <= design.shape[1]:
        raise Invalid(f"{n} rows can't carry {design.shape[1]} terms.", code="too_few_rows", rows=n)
    # Frisch, Waugh and Lovell: absorbing the factors from both sides leaves the coefficients as
    # they are in the regression with a dummy a level.
    both = absorb(np.column_stack([design, y]), factors, w)
    z, r = both[:, :-1], both[:, -1]
    bread, alive = _bread(z, design, w)
    coef = bread @ (z.T @ (w * r))
    left = r - z @ coef
    if float(w @ left**2) <= (EXACT * EXACT) * float(w @ y**2):
        left = np.zeros(n)
    scores = z * (w * left)[:, None]
    if correction is not None:
        scores = _projected_off(scores, correction)
    k = int(alive.sum()) + _absorbed_levels(factors, ways)
    clusters = min(int(c.max()) + 1 for c in ways)
    return RowFit(
        terms=names,
        coef=coef,
        cov=_cr1(n, k, clusters) * bread @ _clustered(scores, ways) @ bread,
        clusters=clusters,
        rows=n,
        per_arm=_per_arm(design[:, 0], ways),
    )


def _check(y: Floats, x: Floats, w: Floats) -> None:
    if not y.size:
        raise Invalid("There are no rows to fit.", code="too_few_rows", rows=0)
    if not (np.isfinite(y).all() and np.isfinite(x).all() and np.isfinite(w).all()):
        raise Invalid("A row of the regression has a missing value.", code="rows_missing")


def _bread(z: Floats, design: Floats, w: Floats) -> tuple[Floats, Bools]:
    """Return the inverse of the absorbed Gram matrix, and the terms that the factors left.

    Each term is scaled to length one first, so that one cut-off tells collinear terms whatever
    their units. A term that all but vanished when the factors were absorbed is constant within
    them, and what is left of it is rounding.
    """
    gram = (z * w[:, None]).T @ z
    size = np.sqrt(np.maximum(np.diag(gram), 0.0))
    raw = np.sqrt((w[:, None] * design**2).sum(axis=0))
    alive: Bools = size > 1e-9 * np.maximum(raw, 1e-300)
    size[~alive] = 1.0
    scaled = gram / np.outer(size, size)
    scaled[~alive, :] = 0.0
    scaled[:, ~alive] = 0.0
    return np.linalg.pinv(scaled, rcond=1e-11, hermitian=True) / np.outer(size, size), alive


def _projected_off(scores: Floats, correction: Floats) -> Floats:
    slope = np.linalg.lstsq(correction.T @ correction, correction.T @ scores, rcond=1e-12)[0]
    return scores - correction @ slope


def _cr1(n: int, k: int, clusters: int) -> float:
    """Return the factor (n-1)/(n-K)·G/(G-1) by which CR1 widens errors in a small sample."""
    return (n - 1) / max(1, n - k) * clusters / max(1, clusters - 1)


def _absorbed_levels(factors: tuple[Ints, ...], ways: tuple[Ints, ...]) -> int:
    """Return the degrees of freedom of the absorbed factors; nested in a cluster they cost none."""
    outer = [f for f in factors if not any(_nested(f, c) for c in ways)]
    levels = sum(int(f.max()) + 1 for f in outer)
    return max(1, levels) if factors else 0


def _clustered(scores: Floats, ways: tuple[Ints, ...]) -> Floats:
    """Return the sum of outer products of the scores by cluster, over one way or two.

    Two ways by inclusion and exclusion (Cameron, Gelbach and Miller 2011, eq. 2.13).
    """
    meat = _meat(scores, ways[0])
    if len(ways) == 2:
        crossed = codes(ways[0] * (int(ways[1].max()) + 1) + ways[1])
        meat = meat + _meat(scores, ways[1]) - _meat(scores, crossed)
        # The difference may be no variance: negative eigenvalues are set to zero.
        value, vector = np.linalg.eigh(meat)
        meat = (vector * np.maximum(value, 0.0)) @ vector.T
    return meat


def _per_arm(first: Floats, ways: tuple[Ints, ...]) -> tuple[int, ...]:
    if not np.isin(first, (0.0, 1.0)).all():
        return ()
    on = first == 1.0
    return tuple(min(int(np.unique(c[side]).size) for c in ways) for side in (~on, on))
