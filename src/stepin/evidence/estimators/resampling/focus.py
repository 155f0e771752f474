"""One treatment effect in a form that takes another assignment or another error for nothing.

Let e_i be the treatment pattern of unit i over its days if it were treated. Everything else in the
model (unit and day effects, controls) is taken out once. Under any assignment a the regressor is
the sum of a_i e_i, and by Frisch, Waugh and Lovell its residual is

    x_i = a_i e_i - F_i g,    g = sum over j of a_j F_j' e_j,

with F orthonormal columns for all that is taken out. The coefficient, each unit's score and its
leverage are then bilinear in a and g with a few numbers a unit, whatever the number of chats.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stepin.errors import Refused
from stepin.evidence.estimators.least_squares.absorb import Effects
from stepin.evidence.estimators.least_squares.fit import Fit, fit
from stepin.evidence.estimators.least_squares.leverage import coordinates, regressor_moments
from stepin.evidence.estimators.least_squares.panel import UnitDayPanel, over_strata
from stepin.evidence.estimators.least_squares.variance import few
from stepin.evidence.estimators.moments.cells import Reals

Truths = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class FocusedEffect:
    """What is left of a model once all but the treatment is taken out; W units, q coordinates.

    Attributes
    ----------
    nuisance : the fit without the treatment.
    reward : float64[W], pattern times residual outcome.
    size : float64[W], the pattern's squared length within the unit.
    overlap : float64[W, q], pattern in the coordinates of what was taken out.
    residual : float64[W, q], the residual outcome in the same coordinates.
    n : float64[W, D], chats.
    basis, root : from coordinates to days and to nuisance regressors.
    cross, own : moments of the nuisance regressors by unit and day, and by unit.
    demeaned : whether unit effects were taken out.
    factor : the small-sample factor of CR1.
    """

    nuisance: Fit
    reward: Reals
    size: Reals
    overlap: Reals
    residual: Reals
    n: Reals
    basis: Reals
    root: Reals
    cross: Reals
    own: Reals
    demeaned: bool
    factor: float

    @property
    def units(self) -> NDArray[np.str_]:
        """str[W], the units in order."""
        return self.nuisance.absorbed.panel.units

    def spread(self, g: Reals) -> Reals:
        """Return float64[R, W], the squared length of F_i g for each row g of float64[R, q]."""
        days = self.basis.shape[1]
        by_day = g[:, :days] @ self.basis.T
        by_term = g[:, days:] @ self.root.T
        out = (by_day**2) @ self.n.T
        if self.demeaned:
            out -= (by_day @ self.n.T) ** 2 / self.n.sum(axis=1)
        if by_term.shape[1]:
            mixed = (2 * by_term[:, None] * by_day[:, :, None]).reshape(len(g), -1)
            out += mixed @ self.cross.reshape(len(self.cross), -1).T
            squared = (by_term[:, :, None] * by_term[:, None]).reshape(len(g), -1)
            out += squared @ self.own.reshape(len(self.own), -1).T
        return out

    def through(self, g: Reals) -> Reals:
        """Return float64[W, q], F_i'F_i g for one g of float64[q]."""
        days = self.basis.shape[1]
        by_day, by_term = self.basis @ g[:days], self.root @ g[days:]
        along = self.n * by_day + self.cross @ by_term
        if self.demeaned:
            share = self.n / self.n.sum(axis=1, keepdims=True)
            along = along - share * (self.n @ by_day)[:, None]
        own = np.einsum("wdz,d->wz", self.cross, by_day) + self.own @ by_term
        return np.concatenate([along @ self.basis, own @ self.root], axis=1)


def focus(
    panel: UnitDayPanel,
    pattern: Reals,
    nuisance: Reals | None = None,
    names: Sequence[str] = (),
    effects: Effects = "unit+day",
) -> FocusedEffect:
    """Return the focus on a treatment.

    Parameters
    ----------
    panel : the outcome first, then the controls.
    pattern : float64[W, D, E], the treatment of every unit if it were treated.
    nuisance : float64[W, D, E, m], further design columns, named by `names`.
    effects : ``unit+day`` or ``day``.

    Raises
    ------
    Refused
        ``not_identified``: no unit's pattern is left once the rest is taken out.
    """
    more = np.zeros((*pattern.shape, 0)) if nuisance is None else nuisance
    both = np.concatenate([more, pattern[..., None]], axis=3)
    with_pattern = fit(panel, both, (*names, "pattern"), effects).absorbed
    kept, e = with_pattern.panel, with_pattern.design[..., -1]
    rest = fit(kept, with_pattern.design[..., :-1], names, effects)
    a = rest.absorbed
    c = coordinates(a, rest.bread, rest.kept)
    cross, own = regressor_moments(c)
    n = over_strata(kept.n)
    demeaned = "unit" in effects
    along, size = _along(kept, e, n, demeaned=demeaned)
    if not (size > 0).any():
        raise Refused("No unit has chats both treated and untreated.", code="not_identified")
    return FocusedEffect(
        nuisance=rest,
        reward=(rest.residuals * e).sum(axis=(1, 2)),
        size=size,
        overlap=np.concatenate([along @ a.basis, _pattern_by_regressor(rest, e) @ c.root], axis=1),
        residual=np.concatenate(
            [over_strata(rest.residuals) @ a.basis, rest.scores.sum(axis=1) @ c.root], axis=1
        ),
        n=n,
        basis=a.basis,
        root=c.root,
        cross=cross,
        own=own,
        demeaned=demeaned,
        factor=_factor(rest, kept),
    )


def _factor(rest: Fit, kept: UnitDayPanel) -> float:
    """Return the correction of CR1 for the nuisance and the treatment; units nest in clusters."""
    units, days = rest.absorbed.count
    coefficients = rest.beta.size + 1 + (days if units else max(days, 1))
    return few((kept.chats - 1) / (kept.chats - coefficients), kept.units.size)


def _along(kept: UnitDayPanel, e: Reals, n: Reals, *, demeaned: bool) -> tuple[Reals, Reals]:
    """Return float64[W, D] of chats times the pattern, and float64[W] of its squared length.

    Where units are absorbed, the mean of the unit is taken out of both.
    """
    mass = over_strata(kept.n * e)
    size = (kept.n * e**2).sum(axis=(1, 2))
    if not demeaned:
        return mass, size
    mean = mass.sum(axis=1) / n.sum(axis=1)
    return mass - n * mean[:, None], size - mean * mass.sum(axis=1)


def _pattern_by_regressor(rest: Fit, e: Reals) -> Reals:
    """Return float64[W, r], sums over chats of pattern times residual nuisance regressor."""
    a, k = rest.absorbed, len(rest.absorbed.panel.names)
    p = a.panel
    out = np.empty((p.units.size, len(rest.kept)))
    for j, column in enumerate(rest.kept):
        effect = p.n * a.fitted[:, :, None, column]
        total = p.sums[..., column] if column < k else p.n * a.design[..., column - k]
        out[:, j] = ((total - effect) * e).sum(axis=(1, 2))
    return out
