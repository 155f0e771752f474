"""Pairs of alike chats: nearest neighbour on the propensity, within a caliper.

A path exists only under the AI, so its chats are compared with chats of the control arm that
looked the same at opening. This adjusts for what was recorded; it is not randomized.
"""

from __future__ import annotations

import msgspec
import numpy as np

from stepin.errors import Refused
from stepin.evidence.base.arrays import Bools, Floats, Ints
from stepin.evidence.estimators.row_level.propensity import logit

CALIPER_SD = 0.2


class MatchBalance(msgspec.Struct, frozen=True, kw_only=True):
    """The standardized mean difference of one covariate, before and after matching."""

    covariate: str
    before: float
    after: float


class Pairs(msgspec.Struct, frozen=True, kw_only=True):
    """Matched pairs of rows.

    Attributes
    ----------
    focal, partner : (m,) row numbers of the pairs; each row at most once.
    unmatched : focal rows without a partner inside the caliper.
    caliper : the largest allowed distance on the logit of the propensity.
    balance : one entry per covariate, for the love plot.
    """

    focal: Ints
    partner: Ints
    unmatched: int
    caliper: float
    balance: tuple[MatchBalance, ...]


def standardized_difference(x: Floats, focal: Bools, rows: Ints | None = None) -> Floats:
    """Return per column the difference of means over the pooled SD of the unmatched sample.

    Source: Austin (2009), "Balance diagnostics for comparing the distribution of baseline
    covariates", eq. 1. ``rows`` restricts the means, never the SD.
    """
    spread = np.sqrt((x[focal].var(axis=0) + x[~focal].var(axis=0)) / 2)
    kept = x if rows is None else x[rows]
    side = focal if rows is None else focal[rows]
    gap = kept[side].mean(axis=0) - kept[~side].mean(axis=0)
    return np.asarray(np.divide(gap, spread, out=np.zeros_like(gap), where=spread > 0))


def _find(parent: list[int], i: int) -> int:
    root = i
    while parent[root] != root:
        root = parent[root]
    while parent[i] != root:
        parent[i], i = root, parent[i]
    return root


def _greedy(score: Floats, pool: Floats, caliper: float, order: Ints) -> Ints:
    """Return for each focal score its nearest unused place in the sorted pool, or -1."""
    size = pool.size
    # Two forests of free places: the next free to the right, and to the left (shifted by one).
    right, left = list(range(size + 1)), list(range(size + 1))
    chosen = np.full(score.size, -1, dtype=np.int64)
    start = np.searchsorted(pool, score)
    values, targets, starts = pool.tolist(), score.tolist(), start.tolist()
    for i in order.tolist():
        up, down = _find(right, starts[i]), _find(left, starts[i])
        above = values[up] - targets[i] if up < size else np.inf
        below = targets[i] - values[down - 1] if down > 0 else np.inf
        if min(above, below) > caliper:
            continue
        place = up if above < below else down - 1
        chosen[i] = place
        right[place] = place + 1
        left[place + 1] = place
    return chosen


def match(
    focal: Bools,
    x: Floats,
    names: tuple[str, ...],
    *,
    caliper_sd: float = CALIPER_SD,
) -> Pairs:
    """Return 1:1 pairs without replacement, the hardest to match first.

    Parameters
    ----------
    focal : (n,) rows to find a partner for; the other rows are the pool.
    x : (n, k) covariates known before anyone acted.
    names : the k names.
    caliper_sd : the caliper in standard deviations of the logit of the propensity
        (0.2 after Austin 2011, "Optimal caliper widths").

    Raises
    ------
    Refused
        ``no_pairs`` when no focal row has a partner inside the caliper.
    """
    probability = np.clip(logit(focal, x).probability, 1e-9, 1 - 1e-9)
    score = np.log(probability / (1 - probability))
    caliper = float(caliper_sd * score.std())
    inside, outside = np.flatnonzero(focal), np.flatnonzero(~focal)
    outside = outside[np.argsort(score[outside], kind="stable")]
    order = np.argsort(-score[inside], kind="stable")
    chosen = _greedy(score[inside], score[outside], caliper, order)
    found = chosen >= 0
    if not found.any():
        raise Refused("No chat has a partner inside the caliper.", code="no_pairs")
    first, second = inside[found], outside[chosen[found]]
    after = standardized_difference(x, focal, np.concatenate([first, second]))
    balance = tuple(
        MatchBalance(covariate=name, before=float(b), after=float(a))
        for name, b, a in zip(names, standardized_difference(x, focal), after, strict=True)
    )
    return Pairs(
        focal=first,
        partner=second,
        unmatched=int((~found).sum()),
        caliper=caliper,
        balance=balance,
    )
