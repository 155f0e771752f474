"""The panel of a comparison and what its pre-period says about each unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from stepin.errors import Refused
from stepin.evidence.estimators.effects.arms import Arms
from stepin.evidence.estimators.least_squares import UnitDayPanel, panel
from stepin.evidence.estimators.moments import Cube
from stepin.evidence.estimators.moments.cells import Reals


def pre_means(p: UnitDayPanel, arms: Arms) -> tuple[Reals, Reals]:
    """Return float64[W] pre-period means of the outcome, and 1 where there was no chat.

    A missing mean is that of the other units.
    """
    early = 1 - arms.late(p)
    chats = (p.n * early).sum(axis=(1, 2))
    total = (p.sums[..., 0] * early).sum(axis=(1, 2))
    if not chats.any():
        raise Refused(
            f"{p.names[0]} has no chat before treatment began.",
            code="no_pre_period",
            hint="Compare the treatment period alone, or name an earlier first day.",
        )
    mean = np.where(chats > 0, total / np.maximum(chats, 1), total.sum() / chats.sum())
    return mean, (chats == 0).astype(np.float64)


def any_before(p: UnitDayPanel, arms: Arms) -> bool:
    """Return whether any unit has a chat before its arm is in force."""
    return bool((p.n * (1 - arms.late(p))).any())


def panel_of(
    cube: Cube, arms: Arms, outcome: str, stratum: int | None, controls: Sequence[str]
) -> UnitDayPanel:
    """Return the panel of a comparison: the units that have an arm, and no other."""
    units = arms.units.tolist()
    return panel(cube, outcome, controls=controls, stratum=stratum, units=units)


def treatment_period(p: UnitDayPanel, arms: Arms) -> UnitDayPanel:
    """Return the days on which every unit's arm is in force."""
    days = np.flatnonzero(p.days >= arms.start[arms.place(p)].max())
    if not days.size:
        raise Refused(
            f"{p.names[0]} has no chat in the treatment period.",
            code="no_treatment_period",
            hint="Wait for the first days of treatment.",
        )
    return p.select(days=days)


def strata_column(p: UnitDayPanel) -> tuple[Reals, tuple[str, ...]]:
    """Return eligibility as a design column with its name; no column for a single stratum."""
    if p.strata.size < 2:
        return np.zeros((*p.n.shape, 0)), ()
    column = np.broadcast_to(p.strata.astype(np.float64), p.n.shape)
    return column[..., None].copy(), ("eligible",)


def among(whole: UnitDayPanel, part: UnitDayPanel, values: Reals) -> Reals:
    """Return the values of `part`'s units out of float64[W] values of `whole`'s."""
    out: Reals = values[np.searchsorted(whole.units, part.units)]
    return out


def outcome_alone(p: UnitDayPanel) -> UnitDayPanel:
    """Return the panel without its controls."""
    return replace(p, names=p.names[:1], sums=p.sums[..., :1], products=p.products[..., :1, :1])


def interacted(p: UnitDayPanel, by: Reals) -> UnitDayPanel:
    """Return the panel with every control once more, centred and times float64[W] `by`."""
    k = len(p.names)
    if k < 2:
        return p
    mean = p.sums[..., 1:].sum(axis=(0, 1, 2)) / p.n.sum()
    turn = np.zeros((p.units.size, k + 1, 2 * k))
    turn[:, np.arange(k) + 1, np.arange(k) + 1] = 1.0
    turn[:, 0, 0] = 1.0
    for j in range(1, k):
        turn[:, j + 1, k + j] = by
        turn[:, 0, k + j] = -by * mean[j - 1]
    whole = np.zeros((*p.n.shape, k + 1, k + 1))
    whole[..., 0, 0], whole[..., 0, 1:], whole[..., 1:, 0] = p.n, p.sums, p.sums
    whole[..., 1:, 1:] = p.products
    made = np.einsum("wai,wdeab,wbj->wdeij", turn, whole, turn, optimize=True)
    names = (*p.names, *(f"treated:{name}" for name in p.names[1:]))
    return replace(p, names=names, sums=made[..., 0, 1:], products=made[..., 1:, 1:])


def shifted(p: UnitDayPanel, by: Reals) -> UnitDayPanel:
    """Return the panel whose outcome has float64[W] `by` added."""
    by = by[:, None, None]
    sums, products = p.sums.copy(), p.products.copy()
    products[..., 0, :] += by[..., None] * p.sums
    products[..., :, 0] += by[..., None] * p.sums
    products[..., 0, 0] += by**2 * p.n
    sums[..., 0] += by * p.n
    return replace(p, sums=sums, products=products)
