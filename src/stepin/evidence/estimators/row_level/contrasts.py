"""The effect of randomized alerts and prompts inside chats: weighted, centred least squares.

Decisions that were drawn with logged probabilities are experiments of their own. Here alone
is *when to step in* answered by randomization.
"""

from __future__ import annotations

import msgspec
import numpy as np

from stepin.errors import Invalid, Refused
from stepin.evidence.base.arrays import Bools, Floats, Ints, columns
from stepin.evidence.base.estimate import Estimate
from stepin.evidence.estimators.row_level.least_squares import fit


class Micro(msgspec.Struct, frozen=True, kw_only=True):
    """The effect of drawing the option at a decision, averaged over available decisions."""

    effect: Estimate
    decisions: int
    drawn_share: float
    mean_probability: float


def micro_randomized(
    y: Floats,
    drawn: Bools,
    probability: Floats,
    available: Bools,
    x: Floats,
    *,
    unit: Ints,
) -> Micro:
    """Return the marginal effect of drawing the option, among available decisions.

    Weighted and centred least squares (Boruvka, Almirall, Witkiewitz and Murphy 2018,
    "Assessing time-varying causal effect moderation in mobile health", eq. 7) with a constant
    numerator probability: consistent whatever the form of the controls.

    Parameters
    ----------
    y : (n,) outcome after the decision, finite.
    drawn : (n,) whether the option was drawn.
    probability : (n,) the probability of drawing it (not of what was drawn).
    available : (n,) whether anything could be offered; others don't count.
    x : (n, k) controls known at the decision.
    unit : (n,) codes to cluster by: the unit.

    Raises
    ------
    Refused
        ``not_randomized`` when no available decision had a probability inside (0, 1).
    Invalid
        ``impossible_draw`` when something was drawn against its probability.
    """
    if ((probability <= 0) & drawn).any() or ((probability >= 1) & ~drawn).any():
        raise Invalid("A draw contradicts its logged probability.", code="impossible_draw")
    rows = available & (probability > 0) & (probability < 1)
    if not rows.any() or drawn[rows].all() or not drawn[rows].any():
        raise Refused("No decision here was left to chance.", code="not_randomized")
    a, p = drawn[rows].astype(np.float64), probability[rows]
    numerator = float(p.mean())
    weights = np.where(a == 1, numerator / p, (1 - numerator) / (1 - p))
    spread = x[rows].std(axis=0) if x.size else np.zeros(0)
    controls = x[rows][:, spread > 0] if x.size else np.zeros((a.size, 0))
    design = columns(a - numerator, controls)
    terms = ("drawn", *(f"x{i}" for i in range(controls.shape[1])))
    found = fit(y[rows], design, terms, cluster=unit[rows], weights=weights)
    return Micro(
        effect=found.estimate("drawn"),
        decisions=int(a.size),
        drawn_share=float(a.mean()),
        mean_probability=float(p.mean()),
    )
