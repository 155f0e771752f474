"""What the arm does to how workers divide their attention, on chats that the AI never touches."""

from __future__ import annotations

import msgspec
import numpy as np

from stepin.evidence.base.arrays import Bools, Floats, Ints
from stepin.evidence.base.estimate import Estimate
from stepin.evidence.estimators.row_level.contrast import arm_difference, unit_means


class Attention(msgspec.Struct, frozen=True, kw_only=True):
    """The control mean of one measure and the randomized difference."""

    measure: str
    control_mean: float
    difference: Estimate


def attention_difference(
    measure: str,
    y: Floats,
    treated: Bools,
    after_start: Bools,
    *,
    unit: Ints,
    day: Ints,
    weights: Floats | None = None,
) -> Attention:
    """Return the randomized effect on one measure of dividing attention.

    Parameters
    ----------
    y : (n,) measure of both periods; rows with NaN are left out.
    treated : (n,) arm of the row's worker.
    after_start : (n,) whether the row is of the treatment period.
    """
    known = np.isfinite(y)
    units = int(unit.max()) + 1
    early, late = known & ~after_start, known & after_start
    before = unit_means(y[early], unit[early], units) if early.any() else None
    found = arm_difference(
        y[late],
        treated[late],
        unit=unit[late],
        day=day[late],
        before_mean=before,
        weights=None if weights is None else weights[late],
    )
    control = late & ~treated
    return Attention(
        measure=measure,
        control_mean=float(
            np.average(y[control], weights=None if weights is None else weights[control])
        ),
        difference=found.estimate("treated"),
    )
