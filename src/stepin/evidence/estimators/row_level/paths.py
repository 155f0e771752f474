"""Each path of escalation against human service, two ways, and what each adds to the whole.

By matching: chats that took the path, each beside a control chat that looked alike at
opening. By prediction: all chats of both arms, weighted by the probability, scored at
opening, that they would take the path. Neither is randomized; they lean on different
assumptions, so their agreement is worth more than either.
"""

from __future__ import annotations

import msgspec
import numpy as np

from stepin.errors import Refused
from stepin.evidence.base.arrays import Bools, Floats, Ints, columns
from stepin.evidence.base.estimate import Estimate, from_se
from stepin.evidence.estimators.row_level.contrast import arm_difference
from stepin.evidence.estimators.row_level.least_squares import fit
from stepin.evidence.estimators.row_level.matching import Pairs
from stepin.evidence.estimators.row_level.sensitivity import rosenbaum_gamma


class MatchedPairs(msgspec.Struct, frozen=True, kw_only=True):
    """One path against its matched control chats.

    Attributes
    ----------
    pairs : pairs in which both chats have the outcome.
    gamma : Rosenbaum's Γ of the pair differences.
    """

    estimate: Estimate
    pairs: int
    gamma: float


def matched_difference(
    y: Floats, pairs: Pairs, x: Floats, *, unit: Ints, day: Ints
) -> MatchedPairs:
    """Return the difference between focal chats and their partners.

    A regression on the matched rows with the covariates and the day; errors clustered two
    ways, by worker and by pair.

    Parameters
    ----------
    y : (n,) outcome of all rows, NaN where unknown; pairs with an unknown are left out.
    x : (n, k) the covariates matched on.

    Raises
    ------
    Refused
        ``few_pairs`` when fewer than 30 pairs have the outcome.
    """
    known = np.isfinite(y[pairs.focal]) & np.isfinite(y[pairs.partner])
    first, second = pairs.focal[known], pairs.partner[known]
    if first.size < 30:
        raise Refused(
            f"Only {first.size} pairs have the outcome; 30 are needed.",
            code="few_pairs",
            pairs=int(first.size),
        )
    rows = np.concatenate([first, second])
    side = np.repeat([1.0, 0.0], first.size)
    pair = np.tile(np.arange(first.size), 2)
    spread = x[rows].std(axis=0)
    design = columns(side, x[rows][:, spread > 0])
    found = fit(
        y[rows],
        design,
        ("path", *(f"x{i}" for i in range(1, design.shape[1]))),
        cluster=(unit[rows], pair),
        factors=(day[rows],),
    )
    return MatchedPairs(
        estimate=found.estimate("path"),
        pairs=int(first.size),
        gamma=rosenbaum_gamma(y[first] - y[second]),
    )


def principal_difference(
    y: Floats,
    treated: Bools,
    took: Bools,
    score: Floats,
    *,
    unit: Ints,
    day: Ints,
    controls: Floats | None = None,
) -> Estimate:
    """Return the difference between chats that took a path and the controls that would have.

    Treated chats that took the path, against control chats weighted by their score for it.
    Under principal ignorability (given the score, whether a chat would take the path says no
    more about its outcome under human service) this is the effect of the AI on chats that take
    the path (Ding and Lu 2017, "Principal stratification analysis using principal scores",
    theorem 1).

    Parameters
    ----------
    y : (n,) outcome, finite. took : (n,) whether a treated chat took the path.
    score : (n,) probability of the path, scored at opening.
    """
    weights = np.where(treated, took.astype(np.float64), score)
    rows = weights > 0
    return arm_difference(
        y[rows],
        treated[rows],
        unit=unit[rows],
        day=day[rows],
        weights=weights[rows],
        controls=None if controls is None else controls[rows],
    ).estimate("treated")


def predicted_difference(
    y: Floats,
    treated: Bools,
    score: Floats,
    *,
    unit: Ints,
    day: Ints,
    controls: Floats | None = None,
) -> Estimate:
    """Return the randomized arm difference among chats weighted by their score for one path.

    The score is known at opening in both arms, so this is an effect of the arm, on chats to
    the degree that they looked likely to take the path. It is not the effect on those that
    did: where scores tell paths apart badly, it is near the effect on all chats.

    Parameters
    ----------
    y : (n,) outcome, finite. score : (n,) probability of the path, scored at opening.
    """
    return arm_difference(
        y, treated, unit=unit, day=day, weights=score, controls=controls
    ).estimate("treated")


class Contribution(msgspec.Struct, frozen=True, kw_only=True):
    """How much of the whole one path carries: its share times its difference."""

    path: str
    share: float
    difference: Estimate
    contribution: Estimate


def contributions(
    shares: dict[str, float], differences: dict[str, Estimate], chats: int
) -> tuple[Contribution, ...]:
    """Return the paths' contributions, which add up to the effect on all AI chats.

    The error of a product by the delta method, with the share's own binomial error; the
    covariance between share and difference is left out, so it is an approximation.
    """
    found = []
    for path, share in shares.items():
        d = differences.get(path)
        if d is None:
            continue
        se_share = np.sqrt(share * (1 - share) / max(1, chats))
        se = float("nan")
        if d.se is not None:
            se = float(np.hypot(share * d.se, d.value * se_share))
        found.append(
            Contribution(
                path=path,
                share=share,
                difference=d,
                contribution=from_se(share * d.value, se, clusters=d.clusters, rows=d.rows),
            )
        )
    return tuple(found)
