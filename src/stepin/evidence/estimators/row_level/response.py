"""Who answers the rating: the test that the arms answer alike, and weights where they don't."""

from __future__ import annotations

import msgspec
import numpy as np

from stepin.evidence.base.arrays import Bools, Floats, Ints
from stepin.evidence.base.estimate import Estimate
from stepin.evidence.estimators.row_level.contrast import arm_difference
from stepin.evidence.estimators.row_level.propensity import logit

WEIGHT_CAP_QUANTILE = 0.99


class Response(msgspec.Struct, frozen=True, kw_only=True):
    """How often customers rate, by arm, and the randomized difference (a share)."""

    control_share: float
    treated_share: float
    difference: Estimate


def response_difference(
    given: Bools,
    treated: Bools,
    *,
    unit: Ints,
    day: Ints,
    before_mean: Floats | None = None,
) -> Response:
    """Return the effect of the arm on giving a rating at all, over the chats invited to.

    Parameters
    ----------
    given : (n,) whether the chat was rated.
    before_mean : (units,) each unit's share of rated chats before treatment.
    """
    found = arm_difference(
        given.astype(np.float64), treated, unit=unit, day=day, before_mean=before_mean
    )
    return Response(
        control_share=float(given[~treated].mean()),
        treated_share=float(given[treated].mean()),
        difference=found.estimate("treated"),
    )


class Weighted(msgspec.Struct, frozen=True, kw_only=True):
    """The difference in rating after weighting by the inverse chance to be rated.

    Attributes
    ----------
    plain, weighted : the difference among raters, without and with the weights.
    effective_share : effective sample size over raters, (Σw)²/Σw²/n.
    """

    plain: Estimate
    weighted: Estimate
    effective_share: float


def inverse_probability(
    rating: Floats,
    treated: Bools,
    before: Floats,
    *,
    unit: Ints,
    day: Ints,
    before_mean: Floats | None = None,
) -> Weighted:
    """Return the effect on ratings as if every chat had been rated.

    It holds if, within an arm, chats that look alike in ``before`` are rated or not by chance.
    The chance to be rated is fitted apart in each arm; weights are capped at their 99th
    percentile; the error accounts for the weights being estimated by projecting the scores
    off those of the response model (Wooldridge 2007, "Inverse probability weighted
    estimation for general missing data problems", theorem 3.1).

    Parameters
    ----------
    rating : (n,) 1 to 5, NaN where not given.
    before : (n, m) columns known before treatment.
    """
    given = np.isfinite(rating)
    weights, scores = _response_weights(given, treated, before)
    plain = arm_difference(
        rating[given],
        treated[given],
        unit=unit[given],
        day=day[given],
        before_mean=before_mean,
    )
    full = arm_difference(
        rating[given],
        treated[given],
        unit=unit[given],
        day=day[given],
        before_mean=before_mean,
        weights=weights[given],
        correction=scores[given],
    )
    w = weights[given]
    return Weighted(
        plain=plain.estimate("treated"),
        weighted=full.estimate("treated"),
        effective_share=float(w.sum() ** 2 / (w**2).sum() / w.size),
    )


def _response_weights(given: Bools, treated: Bools, before: Floats) -> tuple[Floats, Floats]:
    """Return (n,) capped inverse chances of an answer, 0 without one, and the models' scores.

    The two arms share no parameter, so the scores of one are zero on the rows of the other.
    """
    weights = np.zeros(given.size)
    parts: list[Floats] = []
    for arm in (False, True):
        rows = treated == arm
        model = logit(given[rows], before[rows])
        weights[rows] = np.where(given[rows], 1.0 / np.maximum(model.probability, 1e-6), 0.0)
        block = np.zeros((given.size, model.scores.shape[1]))
        block[rows] = model.scores
        parts.append(block)
    cap = float(np.quantile(weights[given], WEIGHT_CAP_QUANTILE))
    return np.minimum(weights, cap), np.column_stack(parts)
