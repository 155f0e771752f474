"""A cube as dense arrays by unit, day and stratum, ready for least squares.

A `UnitDayPanel` holds the terms of one outcome's sample that vary from chat to chat; what is
constant in a cell (treatment, event time, eligibility) is a `design` array laid over the same grid.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stepin.errors import Invalid, Refused
from stepin.evidence.estimators.moments import Cube
from stepin.evidence.estimators.moments.cells import Reals, Texts, Wholes
from stepin.evidence.estimators.moments.spec import SampleSpec


@dataclass(frozen=True, slots=True)
class UnitDayPanel:
    """Moments on a grid of W units, D days and E strata; k terms, the outcome first.

    Attributes
    ----------
    units, days : labels of the axes, none without a chat.
    strata : int64[E], the strata kept.
    names : the terms.
    n : float64[W, D, E], chats.
    sums : float64[W, D, E, k]
    products : float64[W, D, E, k, k]
    """

    units: Texts
    days: Wholes
    strata: Wholes
    names: tuple[str, ...]
    n: Reals
    sums: Reals
    products: Reals

    @property
    def chats(self) -> int:
        """Chats in all."""
        return int(self.n.sum())

    def select(self, *, units: Wholes | None = None, days: Wholes | None = None) -> UnitDayPanel:
        """Return the panel of these units and days, by index, without empty ones."""
        u = np.arange(self.units.size) if units is None else units
        d = np.arange(self.days.size) if days is None else days
        n = self.n[u][:, d]
        u, d = u[n.sum(axis=(1, 2)) > 0], d[n.sum(axis=(0, 2)) > 0]
        at = np.ix_(u, d)
        return UnitDayPanel(
            self.units[u],
            self.days[d],
            self.strata,
            self.names,
            self.n[at],
            self.sums[at],
            self.products[at],
        )


def panel(
    cube: Cube,
    outcome: str,
    *,
    controls: Sequence[str] = (),
    stratum: int | None = None,
    days: tuple[int, int] | None = None,
    units: Sequence[str] | None = None,
) -> UnitDayPanel:
    """Return the grid of one outcome and some controls.

    Parameters
    ----------
    cube : the moments.
    outcome : its sample is used.
    controls : names of terms of the sample.
    stratum : 0 or 1 to keep one, None for both.
    days : first and last day to keep, as days since 1970.
    units : those to keep; by default all.

    Raises
    ------
    Invalid
        ``not_in_cube``: the cube lacks a term.
    Refused
        ``no_chats``: nothing is left.
    """
    sample = cube.spec.sample_of(outcome)
    names = (outcome, *controls)
    place = [1 + _place(sample, outcome, name) for name in names]
    moments = cube.moments[sample.name]
    rows = _kept(cube, moments, outcome, stratum, days, units)
    (units_kept, u), (days_kept, d), (strata, e) = (_used(axis) for axis in cube.keys[rows].T)
    shape = (units_kept.size, days_kept.size, strata.size)
    cells = np.ravel_multi_index((u, d, e), shape)
    width = len(sample.terms) + 1

    def laid(columns: Sequence[int]) -> Reals:
        return _laid(shape, cells, moments[rows[:, None], columns])

    both = [_packed(min(a, b), max(a, b), width) for a in place for b in place]
    return UnitDayPanel(
        cube.units[units_kept],
        cube.days[days_kept],
        strata,
        names,
        laid([0])[..., 0],
        laid(place),
        laid(both).reshape(*shape, len(place), len(place)),
    )


def _place(sample: SampleSpec, outcome: str, name: str) -> int:
    if name not in sample.terms:
        raise Invalid(f"The cube holds no {name!r} for {outcome!r}.", code="not_in_cube")
    return sample.terms.index(name)


def _laid(shape: tuple[int, int, int], cells: Wholes, values: Reals) -> Reals:
    """Return the grid with a row of values in each of these cells, and zeros in the others."""
    out = np.zeros((*shape, values.shape[1]))
    out.reshape(-1, values.shape[1])[cells] = values
    return out


def _kept(
    cube: Cube,
    moments: Reals,
    outcome: str,
    stratum: int | None,
    days: tuple[int, int] | None,
    units: Sequence[str] | None,
) -> Wholes:
    """Return the cells with chats that are asked for, by their row in the cube."""
    keep = moments[:, 0] > 0
    if stratum is not None:
        keep &= cube.keys[:, 2] == stratum
    if days is not None:
        at = cube.days[cube.keys[:, 1]]
        keep &= (at >= days[0]) & (at <= days[1])
    if units is not None:
        keep &= np.isin(cube.units, np.asarray(units, dtype=np.str_))[cube.keys[:, 0]]
    if not keep.any():
        raise Refused(f"No chat is left to estimate {outcome} on.", code="no_chats")
    return np.flatnonzero(keep)


def over_strata(values: Reals) -> Reals:
    """Return the sum of float64[W, D, E, ...] over strata, which are few."""
    out: Reals = sum((values[:, :, e] for e in range(1, values.shape[2])), values[:, :, 0])
    return out


def _used(codes: Wholes) -> tuple[Wholes, Wholes]:
    """Return the codes that occur, which are small, and where each one stands among them."""
    there = np.bincount(codes) > 0
    return np.flatnonzero(there), (np.cumsum(there) - 1)[codes]


def _packed(i: int, j: int, width: int) -> int:
    """Return where product (i, j), i <= j, of (1, terms) stands in a row of moments."""
    if i == 0:
        return j
    before = width + sum(width - a for a in range(1, i))
    return before + j - i
