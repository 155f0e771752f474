"""Variances for few or uneven clusters: CR2 with Satterthwaite degrees of freedom, and CR3.

Both correct each unit's score for the unit's own leverage (Bell and McCaffrey 2002; Pustejovsky and
Tipton 2018; MacKinnon, Nielsen and Webb 2023). With H_g = F K-form F', F orthonormal columns,

    F' f(F F') = f(F'F) F',

so that what looks like a chats-by-chats root is one root of a small matrix per unit. Day effects
are part of F; unit effects are nested in clusters and drop out (Pustejovsky and Tipton, theorem 2).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from stepin.errors import Unsupported
from stepin.evidence.cube.cells import Reals
from stepin.evidence.solve.absorb import Absorbed
from stepin.evidence.solve.fit import Fit
from stepin.evidence.solve.variance import Variance

FULL_LEVERAGE = 1e-9
"""A direction that one unit alone determines gets no weight, as a pseudo-inverse would give."""
SMALL_LEVERAGE = 0.3
CHUNK = 256


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


def unit_grams(c: Coordinates, units: slice) -> Reals:
    """Return float64[units, q, q], each unit's Gram matrix in orthonormal coordinates.

    They add up to the identity over all units.
    """
    a = c.absorbed
    p = a.panel
    n = p.n[units].sum(axis=2)
    demean = "unit" in a.effects
    basis = a.basis
    within = (basis.T[None] * n[:, None]) @ basis
    along = n @ basis
    total = n.sum(axis=1)
    cross, own = regressor_moments(c, units)
    mixed = np.einsum("dq,wdr->wqr", basis, cross, optimize=True)
    if demean:
        within -= along[:, :, None] * along[:, None] / total[:, None, None]
        sums = cross.sum(axis=1)
        mixed -= along[:, :, None] * sums[:, None] / total[:, None, None]
        own = own - sums[:, :, None] * sums[:, None] / total[:, None, None]
    mixed = mixed @ c.root
    own = c.root.T @ own @ c.root
    top = np.concatenate([within, mixed], axis=2)
    low = np.concatenate([mixed.transpose(0, 2, 1), own], axis=2)
    out: Reals = np.concatenate([top, low], axis=1)
    return out


def regressor_moments(c: Coordinates, units: slice) -> tuple[Reals, Reals]:
    """Return float64[units, D, r] sums and float64[units, r, r] products of residual regressors."""
    a = c.absorbed
    p, k = a.panel, len(a.panel.names)
    at = np.array(c.columns, dtype=np.int64)
    terms, designs = at[at < k], at[at >= k] - k
    f = a.fitted[units]
    n = p.n[units]
    flat = a.design[units][..., designs] - f[:, :, None, k:][..., designs]
    ft = f[..., terms]
    rest = p.sums[units][..., terms] - n[..., None] * ft[:, :, None]
    weighted = n[..., None] * flat
    sums = np.concatenate([rest, weighted], axis=3).sum(axis=2)
    s = p.sums[units].sum(axis=2)[..., terms]
    tt = p.products[units].sum(axis=(1, 2))[:, terms][:, :, terms]
    cross = np.einsum("wdi,wdj->wij", s, ft, optimize=True)
    nff = np.einsum("wd,wdi,wdj->wij", n.sum(axis=2), ft, ft, optimize=True)
    tt = tt - cross - cross.transpose(0, 2, 1) + nff
    td = np.einsum("wdei,wdej->wij", rest, flat, optimize=True)
    dd = np.einsum("wdei,wdej->wij", weighted, flat, optimize=True)
    top = np.concatenate([tt, td], axis=2)
    low = np.concatenate([td.transpose(0, 2, 1), dd], axis=2)
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
    c = coordinates(fit.absorbed, fit.bread, fit.kept)
    out: Reals = fit.beta - np.concatenate([p.jackknife for p in _parts(fit, c)])
    return out


def adjusted(fit: Fit) -> tuple[Variance, Variance]:
    """Return CR2 and CR3 at the cost of one."""
    c = coordinates(fit.absorbed, fit.bread, fit.kept)
    g, r = fit.clusters, fit.beta.size
    parts = list(_parts(fit, c))
    root, jackknife, length, own = (
        np.concatenate([getattr(p, name) for p in parts])
        for name in ("root", "jackknife", "length", "own")
    )
    squares = sum((p.squares for p in parts), np.zeros((r, 1, 1)))
    trace = length.sum(axis=0) - own.sum(axis=0)
    square = (length**2 - 2 * length * own).sum(axis=0) + (squares**2).sum(axis=(1, 2))
    return (
        Variance("CR2", root.T @ root, trace**2 / square),
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


def _parts(fit: Fit, c: Coordinates) -> Iterator[_Part]:
    q = c.absorbed.basis.shape[1]
    for start in range(0, fit.clusters, CHUNK):
        units = slice(start, min(start + CHUNK, fit.clusters))
        by_day = fit.residuals[units].sum(axis=2) @ c.absorbed.basis
        by_regressor = fit.scores[units].sum(axis=1) @ c.root
        scores = np.concatenate([by_day, by_regressor], axis=1)[:, :, None]
        focus = np.zeros((len(scores), scores.shape[1], fit.beta.size))
        focus[:, q:] = c.root.T
        gram = unit_grams(c, units)
        root, whole = roots(gram, np.concatenate([scores, focus], axis=2))
        pull = gram @ root[:, :, 1:]
        turned = pull.transpose(2, 1, 0)
        yield _Part(
            root[:, q:, 0] @ c.root.T,
            whole[:, q:, 0] @ c.root.T,
            np.einsum("wir,wir->wr", focus, gram @ whole[:, :, 1:]),
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
