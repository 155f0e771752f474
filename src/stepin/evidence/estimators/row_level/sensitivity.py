"""How strong a hidden cause would have to be to explain a matched difference away."""

from __future__ import annotations

import numpy as np
from scipy import optimize, stats

from stepin.evidence.base.arrays import Floats
from stepin.evidence.base.level import alpha as in_force

GAMMA_MOST = 20.0


def _worst_p(difference: Floats, gamma: float) -> float:
    """Return the largest one-sided p of Wilcoxon's signed rank under a bias of ``gamma``."""
    ranks = stats.rankdata(np.abs(difference))
    positive = float(ranks[difference > 0].sum())
    chance = gamma / (1 + gamma)
    mean = chance * ranks.sum()
    spread = np.sqrt(chance * (1 - chance) * (ranks**2).sum())
    return float(stats.norm.sf((positive - mean) / spread))


def rosenbaum_gamma(difference: Floats, *, alpha: float | None = None) -> float:
    """Return the smallest Γ at which the matched difference is no longer significant.

    Γ is the factor by which a hidden cause may change the odds that, of two chats that look
    alike, this one took the path. 1 means that the difference isn't significant even
    without a hidden cause; 20 is returned for "20 or more". Two-sided at ``alpha``, by
    default the level in force.

    Parameters
    ----------
    difference : (m,) focal minus partner; zeros are left out, as Wilcoxon does.

    Notes
    -----
    Rosenbaum (2002), Observational Studies, section 4.3.3, normal approximation. Pairs are
    taken as independent: chats of one worker aren't quite, so Γ is a description.
    """
    moved = difference[difference != 0]
    if moved.size < 10:
        return 1.0
    side = moved if np.median(moved) >= 0 and moved.sum() >= 0 else -moved
    if _worst_p(side, 1.0) > _worst_p(-side, 1.0):
        side = -side
    level = (in_force() if alpha is None else alpha) / 2

    def gap(gamma: float) -> float:
        return _worst_p(side, gamma) - level

    if gap(1.0) >= 0:
        return 1.0
    if gap(GAMMA_MOST) < 0:
        return GAMMA_MOST
    return float(optimize.brentq(gap, 1.0, GAMMA_MOST, xtol=1e-6))
