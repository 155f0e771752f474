"""The randomized difference between two arms, from rows of the treatment period.

The default estimator is the analysis of covariance on chats: the outcome on the arm, the
unit's own mean before treatment and the day. It uses what the unit was like before, without
paying the price of differencing (McKenzie 2012, "Beyond baseline and follow-up").
"""

from __future__ import annotations

import numpy as np

from stepin.evidence.base.arrays import Bools, Floats, Ints, columns
from stepin.evidence.estimators.row_level.least_squares import RowFit, fit


def unit_means(y: Floats, unit: Ints, units: int) -> Floats:
    """Return each unit's mean of ``y`` over its finite values; NaN for a unit without one."""
    known = np.isfinite(y)
    count = np.bincount(unit[known], minlength=units)
    total = np.bincount(unit[known], weights=y[known], minlength=units)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def baseline(before_mean: Floats, unit: Ints) -> Floats:
    """Return two controls for each row: the unit's mean before (0 if unknown), and unknown.

    Units that joined after the start have no mean before; they keep their rows and get their
    own level instead of being dropped.
    """
    own = before_mean[unit]
    unknown = ~np.isfinite(own)
    centre = float(np.nanmean(before_mean)) if np.isfinite(before_mean).any() else 0.0
    return columns(np.where(unknown, 0.0, own - centre), unknown)


def arm_difference(
    y: Floats,
    treated: Bools,
    *,
    unit: Ints,
    day: Ints,
    before_mean: Floats | None = None,
    controls: Floats | None = None,
    weights: Floats | None = None,
    correction: Floats | None = None,
) -> RowFit:
    """Return the fit whose term ``treated`` is the difference between the arms.

    Parameters
    ----------
    y : (n,) outcome of the treatment period; finite.
    treated : (n,) the arm of the row's unit.
    unit : (n,) codes of the randomized unit; errors are clustered by it.
    day : (n,) codes of the day; absorbed.
    before_mean : (units,) each unit's mean of the outcome before treatment, NaN if unknown.
    controls : (n, m) further columns known before treatment.
    weights, correction : see `stepin.evidence.estimators.row_level.least_squares.fit`.
    """
    parts = [treated.astype(np.float64)]
    if before_mean is not None:
        parts.append(baseline(before_mean, unit))
    if controls is not None and controls.size:
        parts.append(controls)
    x = columns(*parts)
    terms = ("treated", *(f"control_{i}" for i in range(1, x.shape[1])))
    return fit(y, x, terms, cluster=unit, factors=(day,), weights=weights, correction=correction)
