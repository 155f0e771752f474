"""Whether eligibility and routing moved with treatment: the sample ratio of chats.

Eligibility is assessed before anyone acts and owners are drawn without looking at arms, so neither
the eligible share nor the volume may differ by arm. Chats of one worker aren't independent, so the
error is clustered; a plain chi-square over chats would cry wolf.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from stepin.evidence.estimators.effects.arms import Arms
from stepin.evidence.estimators.effects.compared import pre_means, treatment_period
from stepin.evidence.estimators.effects.itt import Itt, Model, itt
from stepin.evidence.estimators.least_squares import UnitDayPanel, panel
from stepin.evidence.estimators.moments import ALL, Cube


@dataclass(frozen=True, slots=True)
class ChatRatio:
    """Differences that should be nothing.

    Attributes
    ----------
    eligible : in the share of chats that are eligible.
    volume : in chats per unit and day worked.
    """

    eligible: Itt
    volume: Itt


def chat_ratio(cube: Cube, arms: Arms) -> ChatRatio:
    """Return how eligible share and volume differ by arm in the treatment period.

    Both are adjusted for the unit's own pre-period value where there is one, as in ANCOVA.
    """
    whole = panel(cube, _some(cube), units=arms.units.tolist())
    return ChatRatio(
        itt(_compared(_eligibility(whole), arms, "eligible_share")),
        itt(_compared(_volume(whole), arms, "chats_per_day")),
    )


def _some(cube: Cube) -> str:
    every = next(s for s in cube.spec.samples if s.name == ALL)
    names = {t.name for t in cube.spec.outcomes}
    return next(n for n in every.terms if n in names)


def _eligibility(p: UnitDayPanel) -> UnitDayPanel:
    """Return the panel whose outcome is eligibility, with the strata joined."""
    n = p.n.sum(axis=2, keepdims=True)
    chosen = (p.n * p.strata).sum(axis=2, keepdims=True)
    return _of(p, "eligible_share", n, chosen, chosen)


def _volume(p: UnitDayPanel) -> UnitDayPanel:
    """Return the panel of one row per unit and day worked, whose outcome is its chats."""
    chats = p.n.sum(axis=2, keepdims=True)
    return _of(p, "chats_per_day", (chats > 0).astype(np.float64), chats, chats**2)


def _of(
    p: UnitDayPanel, name: str, n: np.ndarray, sums: np.ndarray, squares: np.ndarray
) -> UnitDayPanel:
    return UnitDayPanel(
        p.units,
        p.days,
        np.zeros(1, np.int64),
        (name,),
        n,
        sums[..., None],
        squares[..., None, None],
    )


def _compared(whole: UnitDayPanel, arms: Arms, name: str) -> Model:
    p = treatment_period(whole, arms)
    early = (whole.n * (1 - arms.late(whole))).sum()
    model = Model("ancova", name, p, arms, np.zeros((*p.n.shape, 0)), (), "day")
    if not early:
        return model
    at = np.searchsorted(whole.units, p.units)
    rows = [np.broadcast_to(v[at][:, None, None], p.n.shape) for v in pre_means(whole, arms)]
    return replace(model, nuisance=np.stack(rows, axis=3), names=("before", "no_before"))
