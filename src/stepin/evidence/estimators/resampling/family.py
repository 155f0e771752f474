"""Adjusting p-values for a family of outcomes tested with the same draws."""

from __future__ import annotations

import numpy as np

from stepin.errors import Invalid
from stepin.evidence.estimators.moments.cells import Reals
from stepin.evidence.estimators.resampling.permute import TIE


def step_down(observed: Reals, drawn: Reals) -> Reals:
    """Return float64[H], p-values adjusted for testing H hypotheses, step-down maxT.

    The draws must come from the same assignments for every hypothesis, so that the dependence of
    the statistics is theirs. Under permutation this is Westfall and Young (1993, algorithm 2.8)
    and, with studentized statistics, the procedure of Romano and Wolf (2005, 2016) at once: the
    chance of any false rejection is at most the level.

    Parameters
    ----------
    observed : float64[H]
    drawn : float64[R, H]

    Raises
    ------
    Invalid
        ``family``: the shapes don't fit.
    """
    if drawn.ndim != 2 or observed.shape != (drawn.shape[1],):
        raise Invalid("A family needs a draw of every statistic.", code="family")
    size = np.abs(observed)
    order = np.argsort(-size, kind="stable")
    filled = np.where(np.isnan(drawn), np.inf, np.abs(drawn))[:, order]
    highest = np.maximum.accumulate(filled[:, ::-1], axis=1)[:, ::-1]
    extreme = (highest >= size[order] * (1 - TIE)).sum(axis=0)
    p = np.maximum.accumulate((1 + extreme) / (1 + len(drawn)))
    out = np.empty(observed.size)
    out[order] = p
    return out
