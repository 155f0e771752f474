"""Variances for few or uneven clusters: CR2 with Satterthwaite degrees of freedom, and CR3.

Both correct each unit's score for the unit's own leverage (Bell and McCaffrey 2002; Pustejovsky and
Tipton 2018; MacKinnon, Nielsen and Webb 2023). With H_g = F K-form F', F orthonormal columns,

    F' f(F F') = f(F'F) F',

so that what looks like a chats-by-chats root is one root of a small matrix per unit. Day effects
are part of F; unit effects are nested in clusters and drop out (Pustejovsky and Tipton, theorem 2).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from stepin.errors import Unsupported
from stepin.evidence.estimators.least_squares.absorb import Absorbed
from stepin.evidence.estimators.least_squares.fit import Fit
from stepin.evidence.estimators.least_squares.panel import over_strata
from stepin.evidence.estimators.least_squares.variance import Variance
from stepin.evidence.estimators.moments.cells import Reals

FULL_LEVERAGE = 1e-9
"""A direction that one unit alone determines gets no weight, as a pseudo-inverse would give."""
SMALL_LEVERAGE = 0.3
CHUNK = 64


@dataclass(frozen=True, slots=True)
class Coordinates:
    """Orthonormal coordinates of days and regressors together; q of them.

    Attributes
    ----------
    root : float64[r, s], with root @ root.T the bread.
    columns : indices of the r regressors among terms and design columns.
    """

    absorbed: Absorbed
    root: Reals
    columns: tuple[int, ...]


def coordinates(absorbed: Absorbed, bread: Reals, columns: tuple[int, ...]) -> Coordinates:
    """Return the coordinates of a fit, or of the nuisance part of one.

    Raises
    ------
    Unsupported
        ``leverage``: neither day effects nor unit and day effects were taken out.
    """
    if absorbed.effects not in ("day", "unit+day"):
        raise Unsupported("Leverage needs day effects.", code="leverage")
    root: Reals = np.linalg.cholesky(bread).astype(np.float64) if columns else bread
    return Coordinates(absorbed, root, columns)


def unit_grams(c: Coordinates) -> Iterator[tuple[slice, Reals]]:
    """Yield some units with float64[units, q, q], their Gram matrices in orthonormal coordinates.

    They add up to the identity over all units.
    """
    a = c.absorbed
    n, basis = over_strata(a.panel.n), a.basis
    q = basis.shape[1]
    total, along = n.sum(axis=1), n @ basis
    pairs = (basis[:, :, None] * basis[:, None]).reshape(-1, q * q)
    cross, own = regressor_moments(c)
    mixed = basis.T @ cross
    if "unit" in a.effects:
        sums = cross.sum(axis=1)
        mixed -= along[:, :, None] * (sums / total[:, None])[:, None]
        own -= sums[:, :, None] * (sums / total[:, None])[:, None]
    mixed, own = mixed @ c.root, c.root.T @ own @ c.root
    size = q + c.root.shape[1]
    for start in range(0, len(n), CHUNK):
        units = slice(start, min(start + CHUNK, len(n)))
        some = n[units]
        out = np.empty((len(some), size, size))
        out[:, :q, :q] = (some @ pairs).reshape(-1, q, q)
        if "unit" in a.effects:
            share = along[units] / total[units, None]
            out[:, :q, :q] -= along[units, :, None] * share[:, None]
        out[:, :q, q:] = mixed[units]
        out[:, q:, :q] = mixed[units].transpose(0, 2, 1)
        out[:, q:, q:] = own[units]
        yield units, out


def regressor_moments(c: Coordinates) -> tuple[Reals, Reals]:
    """Return float64[W, D, r] sums and float64[W, r, r] products of residual regressors."""
    a = c.absorbed
    p, k = a.panel, len(a.panel.names)
    at = np.array(c.columns, dtype=np.int64)
    terms, designs = at[at < k], at[at >= k] - k
    flat = a.design[..., designs] - a.fitted[:, :, None, k + designs]
    ft = a.fitted[..., terms]
    of_terms = p.sums[..., terms]
    rest = of_terms - p.n[..., None] * ft[:, :, None]
    weighted = p.n[..., None] * flat
    s = over_strata(of_terms)
    cross = s.transpose(0, 2, 1) @ ft
    nff = ft.transpose(0, 2, 1) @ (ft * over_strata(p.n)[..., None])
    tt = p.products.sum(axis=(1, 2))[:, terms][:, :, terms]
    tt = tt - cross - cross.transpose(0, 2, 1) + nff
    grid = (p.units.size, p.days.size * p.strata.size)
    wide = flat.reshape(*grid, designs.size)
    td = rest.reshape(*grid, terms.size).transpose(0, 2, 1) @ wide
    dd = weighted.reshape(*grid, designs.size).transpose(0, 2, 1) @ wide
    top = np.concatenate([tt, td], axis=2)
    low = np.concatenate([td.transpose(0, 2, 1), dd], axis=2)
    sums = np.concatenate([over_strata(rest), over_strata(weighted)], axis=2)
    own = np.concatenate([top, low], axis=1)
    back = np.argsort(np.concatenate([np.flatnonzero(at < k), np.flatnonzero(at >= k)]))
    return sums[..., back], own[:, back][:, :, back]


def cr2(fit: Fit) -> Variance:
    """Return the bias-reduced variance clustered by unit, each coefficient with its own df.

    The degrees of freedom are Satterthwaite's under independent errors of equal variance. With
    v_g = F'A F c and l_g the squared length of A F c, the matrix whose moments they match is
    diag(l) - v v' (Pustejovsky and Tipton 2018, section 3.1).
    """
    return adjusted(fit)[0]


def cr3(fit: Fit) -> Variance:
    """Return the jackknife variance clustered by unit, scaled by (G - 1)/G."""
    return adjusted(fit)[1]


def leave_one_out(fit: Fit) -> Reals:
    """Return float64[W, r], the coefficients of the fit without each unit in turn."""
    out: Reals = fit.beta - np.concatenate([p.jackknife for p in _parts(fit, ())])
    return out


def adjusted(fit: Fit, of: Sequence[int] | None = None) -> tuple[Variance, Variance]:
    """Return CR2 and CR3 at the cost of one.

    Parameters
    ----------
    fit : the fit.
    of : the regressors whose degrees of freedom under CR2 are wanted, which cost most; by default
        all. Those of the others are nan.
    """
    g, r = fit.clusters, fit.beta.size
    at = list(range(r)) if of is None else list(of)
    parts = list(_parts(fit, at))
    root, jackknife, length, own = (
        np.concatenate([getattr(p, name) for p in parts])
        for name in ("root", "jackknife", "length", "own")
    )
    squares = sum((p.squares for p in parts), np.zeros((len(at), 1, 1)))
    trace = length.sum(axis=0) - own.sum(axis=0)
    square = (length**2 - 2 * length * own).sum(axis=0) + (squares**2).sum(axis=(1, 2))
    df = np.full(r, np.nan)
    df[at] = trace**2 / square
    return (
        Variance("CR2", root.T @ root, df),
        Variance("CR3", (g - 1) / g * (jackknife.T @ jackknife), np.full(r, g - 1.0)),
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """Some units' adjusted moves of the coefficients, [w, r], and the moments of the df."""

    root: Reals
    jackknife: Reals
    length: Reals
    own: Reals
    squares: Reals


def _parts(fit: Fit, of: Sequence[int]) -> Iterator[_Part]:
    """Yield the units' parts; the moments of the df for the regressors that are named."""
    c = coordinates(fit.absorbed, fit.bread, fit.kept)
    q = c.absorbed.basis.shape[1]
    by_day = over_strata(fit.residuals) @ c.absorbed.basis
    by_regressor = fit.scores.sum(axis=1) @ c.root
    focus = np.zeros((q + c.root.shape[1], len(of)))
    focus[q:] = c.root[list(of)].T
    for units, gram in unit_grams(c):
        both = np.empty((len(gram), len(focus), 1 + len(of)))
        both[:, :q, 0], both[:, q:, 0] = by_day[units], by_regressor[units]
        both[:, :, 1:] = focus
        root, whole = roots(gram, both)
        pull = gram @ root[:, :, 1:]
        turned = pull.transpose(2, 1, 0)
        yield _Part(
            root[:, q:, 0] @ c.root.T,
            whole[:, q:, 0] @ c.root.T,
            np.einsum("ir,wir->wr", focus, gram @ whole[:, :, 1:]),
            np.einsum("wir,wir->wr", pull, pull),
            turned @ turned.transpose(0, 2, 1),
        )


def roots(gram: Reals, vectors: Reals) -> tuple[Reals, Reals]:
    """Return (I - K)^(-1/2) v and (I - K)^(-1) v for each Gram matrix K and its columns v.

    Where K is small, by the power series to the last digit; elsewhere by eigenvalues, giving
    directions of full leverage no weight.

    Parameters
    ----------
    gram : float64[w, q, q], symmetric, eigenvalues in [0, 1].
    vectors : float64[w, q, m]
    """
    bound = np.abs(gram).sum(axis=2).max(axis=1, initial=0.0)
    small = bound < SMALL_LEVERAGE
    half, whole = np.empty_like(vectors), np.empty_like(vectors)
    if small.any():
        k = gram[small]
        term = vectors[small]
        h, u = term.copy(), term.copy()
        terms = int(np.ceil(np.log(1e-17) / np.log(max(bound[small].max(), 1e-12)))) + 1
        weight = 1.0
        for i in range(1, terms):
            term = k @ term
            weight *= (2 * i - 1) / (2 * i)
            h += weight * term
            u += term
        half[small], whole[small] = h, u
    if not small.all():
        values, basis = np.linalg.eigh(gram[~small])
        left = 1 - np.clip(values, 0.0, 1.0)
        inverse = np.where(left > FULL_LEVERAGE, 1 / np.maximum(left, FULL_LEVERAGE), 0.0)
        inside = basis.transpose(0, 2, 1) @ vectors[~small]
        half[~small] = basis @ (np.sqrt(inverse)[:, :, None] * inside)
        whole[~small] = basis @ (inverse[:, :, None] * inside)
    return half, whole
