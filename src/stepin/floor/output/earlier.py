"""What earlier chats of a worker and of a customer tell at an opening."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stepin.floor.engine.trace import Run

Reals = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """Per chat of a run, what the first owner's chats that had closed before it tell.

    ``rating`` and ``duration_s`` are means, nan without one; ``customer_rating`` is the mean of the
    customer's own earlier ratings.
    """

    chats: NDArray[np.int64]
    rating: Reals
    duration_s: Reals
    customer_rating: Reals


def earlier(run: Run) -> Earlier:
    """Return what earlier chats tell, for every chat of a run."""
    c = run.chats
    owner, opened, closed = c["owner"], c["opened"], c["closed"]
    given = (c["invited"] > 0) & (c["answered"] > 0) & (owner >= 0)
    duration = np.where(owner >= 0, (closed - opened) * 60, 0.0)
    everybody = owner >= 0
    count = _before(owner, opened, owner, opened, everybody, np.ones(owner.size))
    done = _before(owner, opened, owner, closed, everybody, np.ones(owner.size))
    length = _before(owner, opened, owner, closed, everybody, duration)
    rated = _before(owner, opened, owner, closed, given, np.ones(owner.size))
    stars = _before(owner, opened, owner, closed, given, c["stars"].astype(np.float64))
    return Earlier(
        chats=count.astype(np.int64),
        rating=_mean(stars, rated),
        duration_s=_mean(length, done),
        customer_rating=_customers(c, given),
    )


def _before(
    who: NDArray[np.int64],
    at: Reals,
    of: NDArray[np.int64],
    until: Reals,
    counts: NDArray[np.bool_],
    values: Reals,
) -> Reals:
    """Return the sum of `values` of the same worker that are due strictly before each moment."""
    span = float(max(np.nanmax(until, initial=0.0), np.nanmax(at, initial=0.0))) + 1.0
    keys = of[counts] * span + until[counts]
    order = np.argsort(keys, kind="stable")
    sums = np.append(0.0, np.cumsum(values[counts][order]))
    keys = keys[order]
    found = sums[np.searchsorted(keys, who * span + at)] - sums[np.searchsorted(keys, who * span)]
    return np.where(who >= 0, found, 0.0)


def _mean(total: Reals, count: Reals) -> Reals:
    return np.where(count > 0.5, total / np.maximum(count, 1.0), np.nan)


def _customers(c: dict[str, NDArray[np.float64]], given: NDArray[np.bool_]) -> Reals:
    """Return the mean of a customer's earlier ratings; parents come before their children."""
    parent, stars = c["parent"].astype(np.int64), c["stars"].astype(np.float64)
    total, count = np.zeros(parent.size), np.zeros(parent.size)
    for generation in range(1, int(c["generation"].max(initial=0)) + 1):
        rows = np.flatnonzero(c["generation"] == generation)
        of = parent[rows]
        total[rows] = total[of] + np.where(given[of], stars[of], 0.0)
        count[rows] = count[of] + given[of]
    return _mean(total, count)
