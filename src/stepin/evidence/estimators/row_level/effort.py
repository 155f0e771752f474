"""How workers worked after taking over, by path: a description, never an effect.

A chat is in this table because a worker took it over, which is itself an outcome.
"""

from __future__ import annotations

import msgspec
import numpy as np

from stepin.evidence.base.arrays import Floats, Ints, columns
from stepin.evidence.base.estimate import Estimate
from stepin.evidence.estimators.row_level.least_squares import fit

REFERENCE = "technical"


class EffortRow(msgspec.Struct, frozen=True, kw_only=True):
    """One path against technical takeovers, for one measure of effort."""

    path: str
    chats: int
    mean: float
    difference: Estimate | None


def effort_by_path(
    y: Floats,
    path: list[str],
    x: Floats,
    *,
    unit: Ints,
    day: Ints,
    paths: tuple[str, ...],
) -> tuple[EffortRow, ...]:
    """Return the mean of ``y`` by path and its difference from technical takeovers.

    With worker and day absorbed and the opening covariates held, so a worker is compared
    with themselves. Rows are taken-over chats; paths with fewer than 30 of them are left out.

    Parameters
    ----------
    y : (n,) measure of effort, finite. path : the n paths. x : (n, k) known at opening.
    paths : the paths to report, in order; technical is the reference and has no difference.
    """
    labels = np.asarray(path)
    present = [p for p in paths if (labels == p).sum() >= 30]
    others = [p for p in present if p != REFERENCE]
    kept = np.isin(labels, present)
    differences: dict[str, Estimate] = {}
    if REFERENCE in present and others:
        dummies = [(labels[kept] == p).astype(np.float64) for p in others]
        design = columns(*dummies, x[kept])
        found = fit(
            y[kept],
            design,
            (*others, *(f"x{i}" for i in range(x.shape[1]))),
            cluster=unit[kept],
            factors=(unit[kept], day[kept]),
        )
        differences = {p: found.estimate(p) for p in others}
    return tuple(
        EffortRow(
            path=p,
            chats=int((labels == p).sum()),
            mean=float(y[labels == p].mean()),
            difference=differences.get(p),
        )
        for p in present
    )
