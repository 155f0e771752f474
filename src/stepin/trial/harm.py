"""The harm rule: the machine alone looks, and says only go on or stop.

At every planned look the arms' shares of low ratings and of abandoned chats are compared by a
studentized difference, on the units' running totals. The boundary comes from the design: the same
path of statistics is computed for replayed assignments, and what the spending function (Lan &
DeMets 1983) allows by that look may have crossed it. Under the sharp null of no effect on anybody,
the path seen is one of the equally likely ones, so the chance of ever stopping is at most alpha,
whatever the number of looks, the clustering or the shape of the outcomes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from stepin.errors import Invalid
from stepin.trial.design import Design, replay
from stepin.trial.plan import Harm, Plan
from stepin.trial.screen import Arms, Floats

Verdict = Literal["go", "stop"]
Spending = Literal["pocock", "obrien_fleming"]

_ROWS = 500
_TIE = 1e-9


def look_days(plan: Plan) -> tuple[dt.date, ...]:
    """Return the dates after which the machine looks, up to the last day of treatment."""
    rule, start = plan.harm, plan.dates.treatment_from
    days = range(rule.first_after_days, plan.days + 1, rule.every_days)
    return tuple(start + dt.timedelta(days=d - 1) for d in days)


def look_ends_us(plan: Plan) -> tuple[int, ...]:
    """Return the moments, UTC µs, at which the days of the looks are over and the machine looks."""
    return tuple(midnight_us(day + dt.timedelta(days=1)) for day in look_days(plan))


def midnight_us(day: dt.date) -> int:
    """Return the first moment of a UTC date, µs."""
    return (day - dt.date(1970, 1, 1)).days * 86_400_000_000


def spent(spending: Spending, alpha: float, fraction: float) -> float:
    """Return how much of a one-sided `alpha` may be used up at a fraction of the trial's days."""
    if not 0 < fraction <= 1:
        raise Invalid(f"A fraction of the trial lies above 0 and at most at 1, not at {fraction}.")
    if spending == "pocock":
        return float(alpha * np.log(1 + (np.e - 1) * fraction))
    return float(2 * ndtr(ndtri(alpha / 2) / np.sqrt(fraction)))


def verdict(
    plan: Plan,
    of: Design,
    events: NDArray[np.float64],
    counts: NDArray[np.float64],
    *,
    arms: NDArray[np.int8] | None = None,
) -> Verdict:
    """Return whether the AI may go on after the last of the looks given.

    Parameters
    ----------
    events, counts : shape (looks, units, outcomes): per look of `look_days`, in order, each unit's
        running number of bad events (low ratings, abandoned chats) and of what they are counted
        among (ratings, chats), since the start of treatment.
    arms : shape (units,), the recorded arm of each unit; the design's own by default.

    Raises
    ------
    Invalid
        ``harm_shape``: the totals don't fit the design, or more looks than were planned.
    """
    days = look_days(plan)
    shape = (len(events), len(of.units), len(plan.harm.outcomes))
    if events.shape != counts.shape or events.shape != shape or not 0 < len(events) <= len(days):
        raise Invalid(
            f"Totals of shape {events.shape} and {counts.shape} don't fit {len(of.units)} units, "
            f"{len(plan.harm.outcomes)} outcomes and {len(days)} looks.",
            code="harm_shape",
        )
    drawn = replay(of, plan.harm.repetitions + 1).arms
    if arms is not None:
        drawn = np.concatenate([arms[None], drawn[1:]])
    base = of.arms.index(plan.control)
    path = paths(plan.harm, drawn, base, len(of.arms), events, counts)
    levels = [
        spent(plan.harm.spending, plan.harm.alpha, _fraction(plan, day))
        for day in days[: len(events)]
    ]
    return "stop" if crossed(path, levels)[0] else "go"


def paths(
    rule: Harm, drawn: Arms, base: int, arm_count: int, events: Floats, counts: Floats
) -> Floats:
    """Return the largest statistic over outcomes and arms, shape (looks, rows of `drawn`).

    A look at which both arms together hold fewer than `least_count` is -inf for every row.
    """
    path = np.full((len(events), len(drawn)), -np.inf)
    for look in range(len(events)):
        for k in range(events.shape[2]):
            n, y = counts[look, :, k], events[look, :, k]
            if n.sum() < rule.least_count:
                continue
            residual = y - n * (y.sum() / n.sum())
            stacked = np.column_stack([residual, n, residual**2])
            for first in range(0, len(drawn), _ROWS):
                rows = slice(first, first + _ROWS)
                own = (drawn[rows] == base).astype(np.float64) @ stacked
                for a in range(arm_count):
                    if a != base:
                        other = (drawn[rows] == a).astype(np.float64) @ stacked
                        np.maximum(path[look, rows], _statistic(own, other), out=path[look, rows])
    return path


def crossed(path: Floats, levels: Sequence[float]) -> NDArray[np.bool_]:
    """Return which columns of `path` have crossed the boundary by the last look.

    By look l at most `levels[l]` of the columns have crossed; ties never cross together beyond it.
    """
    gone = np.zeros(path.shape[1], dtype=bool)
    for statistics, level in zip(path, levels, strict=True):
        room = int(np.floor(level * path.shape[1] + _TIE)) - int(gone.sum())
        alive = np.sort(statistics[~gone])[::-1]
        if room <= 0 or not len(alive) or alive[0] == -np.inf:
            continue
        bound = float(alive[room]) if room < len(alive) else -np.inf
        slack = _TIE * max(1.0, abs(bound)) if np.isfinite(bound) else 0.0
        gone |= statistics > bound + slack
    return gone


def _statistic(own: Floats, other: Floats) -> Floats:
    """Return (excess share in `other` over `own`) over its cluster-robust error; 0 if undefined."""
    n0, n1 = np.maximum(own[:, 1], 1e-300), np.maximum(other[:, 1], 1e-300)
    variance = own[:, 2] / n0**2 + other[:, 2] / n1**2
    usable = (variance > 0) & (own[:, 1] > 0) & (other[:, 1] > 0)
    excess = other[:, 0] / n1 - own[:, 0] / n0
    result: Floats = np.where(usable, excess / np.sqrt(np.where(usable, variance, 1.0)), 0.0)
    return result


def _fraction(plan: Plan, day: dt.date) -> float:
    return ((day - plan.dates.treatment_from).days + 1) / plan.days
