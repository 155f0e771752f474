"""Looking at a running trial without spending more than its level.

The units of a trial are fixed and days arrive, so information grows along a path of statistics,
one a look. The trial's own path is one of those that its assignments could have given: at each
look the boundary lets through at most the share of paths that the spending function allows so
far (Lan and DeMets 1983, with the permutation distribution in place of Brownian motion). The
boundary of a look needs no later day.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from stepin.errors import Invalid
from stepin.evidence.estimators.moments.cells import Reals

Spending = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class LookBoundary:
    """One look.

    Attributes
    ----------
    information : the share of the final information, in (0, 1].
    statistic : of the trial.
    boundary : the absolute value from which the look stops; inf where nothing may be spent.
    spent : the level spent so far.
    stops : whether the trial's path is at or over the boundary, here for the first time.
    """

    information: float
    statistic: float
    boundary: float
    spent: float
    stops: bool


def obrien_fleming(level: float) -> Spending:
    """Return the spending that keeps nearly all of the level for the end."""
    reach = float(stats.norm.ppf(1 - level / 2))
    return lambda t: float(2 * stats.norm.sf(reach / np.sqrt(t)))


def pocock(level: float) -> Spending:
    """Return the spending that is nearly even over looks."""
    return lambda t: float(level * np.log1p((np.e - 1) * t))


def looks(
    observed: Reals, drawn: Reals, information: Sequence[float], spending: Spending
) -> tuple[LookBoundary, ...]:
    """Return the looks up to now.

    Parameters
    ----------
    observed : float64[L], the trial's studentized statistics.
    drawn : float64[R, L], those of the same draws at every look.
    information : shares of the final information, increasing, at most 1.
    spending : from a share of information to the level spent by then.

    Raises
    ------
    Invalid
        ``looks``: shapes or shares don't fit.
    """
    shares = list(information)
    if drawn.shape[1:] != observed.shape or len(shares) != observed.size:
        raise Invalid("Looks need a statistic and a share of information each.", code="looks")
    if shares != sorted(set(shares)) or not 0 < shares[0] <= shares[-1] <= 1:
        raise Invalid("Shares of information must increase within (0, 1].", code="looks")
    paths = np.abs(np.vstack([observed, drawn]))
    paths[np.isnan(paths)] = np.inf
    alive = np.ones(len(paths), dtype=np.bool_)
    out: list[LookBoundary] = []
    for i, share in enumerate(shares):
        allowed = int(np.floor(spending(share) * len(paths) + 1e-9)) - int((~alive).sum())
        values = np.sort(paths[alive, i])[::-1]
        boundary = np.inf
        if allowed > 0 and values.size:
            boundary = _boundary(values, min(allowed, values.size))
        over = alive & (paths[:, i] >= boundary)
        out.append(
            LookBoundary(
                share,
                float(observed[i]),
                float(boundary),
                float((~alive | over).sum() / len(paths)),
                bool(over[0]),
            )
        )
        alive &= ~over
    return tuple(out)


def _boundary(values: Reals, allowed: int) -> float:
    """Return the least boundary that at most `allowed` of the descending `values` reach."""
    if allowed == values.size:
        return float(values[-1])
    distinct = values[:allowed][values[:allowed] > values[allowed]]
    return float(distinct[-1]) if distinct.size else np.inf
