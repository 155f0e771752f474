"""Taking unit and day effects out of moments, exactly.

Unit effects are eliminated first, which leaves one equation per day (Frisch, Waugh 1933; the sweep
of Abowd, Creecy and Kramarz 2002 solved directly, since days are few). A residual is a number minus
its fitted effects, which are constant in a unit-day; so residual moments follow from the moments.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from stepin.evidence.estimators.least_squares.panel import UnitDayPanel, over_strata
from stepin.evidence.estimators.moments.cells import Reals

Effects = Literal["unit+day", "unit", "day", "none"]
RANK_TOLERANCE = 1e-11


@dataclass(frozen=True, slots=True)
class Absorbed:
    """A panel and a design without unit and day effects; K = k terms and p design columns.

    Attributes
    ----------
    panel : the moments as they were, singletons dropped.
    design : float64[W, D, E, p], as it was.
    effects : what was taken out; ``none`` still takes out the mean.
    fitted : float64[W, D, K], the effects of every term, then of every design column.
    basis : float64[D, q], orthonormalizes what days span once units are out; empty without days.
    """

    panel: UnitDayPanel
    design: Reals
    effects: Effects
    fitted: Reals
    basis: Reals

    @property
    def flat_design(self) -> Reals:
        """float64[W, D, E, p], design columns minus their effects."""
        k = len(self.panel.names)
        out: Reals = self.design - self.fitted[:, :, None, k:]
        return out

    @property
    def count(self) -> tuple[int, int]:
        """The numbers of unit and of day effects."""
        units, days = self.panel.n.shape[:2]
        has_unit, has_day = "unit" in self.effects, "day" in self.effects
        return (units if has_unit else 0, days if has_day else 0)


def absorb(panel: UnitDayPanel, design: Reals, effects: Effects) -> Absorbed:
    """Return `panel` and `design` with these effects taken out.

    Units and days with a single chat carry no information once their own effect is out; they are
    dropped, again and again until none is left.

    Parameters
    ----------
    panel : W units, D days, E strata.
    design : float64[W, D, E, p]
    effects : which to take out.
    """
    panel, design = _without_singletons(panel, design, effects)
    n = over_strata(panel.n)
    of_terms = over_strata(panel.sums)
    of_design = np.einsum("wde,wdep->wdp", panel.n, design)
    sums = np.concatenate([of_terms, of_design], axis=2)
    by_unit, by_day = n.sum(axis=1), n.sum(axis=0)
    basis = np.zeros((panel.days.size, 0))
    if effects == "none":
        mean = sums.sum(axis=(0, 1)) / n.sum()
        fitted = np.broadcast_to(mean, sums.shape)
    elif effects == "unit":
        fitted = np.broadcast_to((sums.sum(axis=1) / by_unit[:, None])[:, None], sums.shape)
    elif effects == "day":
        fitted = np.broadcast_to((sums.sum(axis=0) / by_day[:, None])[None], sums.shape)
        basis = np.diag(1 / np.sqrt(by_day))
    else:
        within = np.diag(by_day) - n.T @ (n / by_unit[:, None])
        right = sums.sum(axis=0) - n.T @ (sums.sum(axis=1) / by_unit[:, None])
        values, vectors = np.linalg.eigh(within)
        keep = values > RANK_TOLERANCE * values.max(initial=1.0)
        basis = vectors[:, keep] / np.sqrt(values[keep])
        day = basis @ (basis.T @ right)
        day += basis @ (basis.T @ (right - within @ day))
        unit = (sums.sum(axis=1) - n @ day) / by_unit[:, None]
        fitted = unit[:, None] + day[None]
    return Absorbed(panel, design, effects, fitted, basis)


def _without_singletons(
    panel: UnitDayPanel, design: Reals, effects: Effects
) -> tuple[UnitDayPanel, Reals]:
    units = np.arange(panel.units.size)
    days = np.arange(panel.days.size)
    n = over_strata(panel.n)
    while True:
        kept = n[np.ix_(units, days)]
        u = kept.sum(axis=1) > (1 if "unit" in effects else 0)
        d = kept.sum(axis=0) > (1 if "day" in effects else 0)
        if u.all() and d.all():
            break
        units, days = units[u], days[d]
    if units.size == panel.units.size and days.size == panel.days.size:
        return panel, design
    return panel.select(units=units, days=days), design[np.ix_(units, days)]
