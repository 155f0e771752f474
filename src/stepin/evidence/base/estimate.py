"""One estimated number with its uncertainty, and the rule for when a test is refused.

A test on very few clusters is worse than none: its error rates are unknown and always too
optimistic. Below the floors here the value is given and the interval and p-value are not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec
import numpy as np
from scipy import stats

from stepin.evidence.base.level import alpha as in_force

Design = Literal["randomized", "adjusted", "described"]

CLUSTERS_FLOOR = 10
CLUSTERS_FLOOR_PER_ARM = 5


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """A value, its standard error and its interval.

    Attributes
    ----------
    value : the estimate, in the unit of the outcome.
    se : its standard error; None where it can't be told.
    low, high : the interval; None when the test is refused.
    p : the two-sided p-value of no difference; None when the test is refused.
    refused : why no test is given; None when one is.
    clusters : number of independent units behind the standard error.
    rows : number of chats (or decisions) used.
    alpha : the level of the test: the interval holds the truth but for this chance.
    """

    value: float
    se: float | None
    low: float | None
    high: float | None
    p: float | None
    refused: str | None
    clusters: int
    rows: int
    alpha: float = msgspec.field(default_factory=in_force)


def refusal(clusters: int, per_arm: tuple[int, ...] = ()) -> str | None:
    """Return why a test on so few clusters is refused, or None when it is allowed.

    The floor of ten clusters follows the review of MacKinnon, Nielsen and Webb (2023,
    "Cluster-robust inference: a guide to empirical practice"), who show that no asymptotic
    correction is reliable below it; five an arm keeps a single unit from driving a whole arm.
    """
    if clusters < CLUSTERS_FLOOR:
        return (
            f"No p-value: {_units(clusters)} {'is' if clusters == 1 else 'are'} too few to tell it "
            f"from chance (at least {CLUSTERS_FLOOR} are needed)."
        )
    if per_arm and min(per_arm) < CLUSTERS_FLOOR_PER_ARM:
        return (
            f"No p-value: the smaller arm has {_units(min(per_arm))}, too few to tell "
            f"it from chance (at least {CLUSTERS_FLOOR_PER_ARM} are needed)."
        )
    return None


def _units(count: int) -> str:
    return f"{count} independent unit{'' if count == 1 else 's'}"


def from_se(
    value: float,
    se: float,
    *,
    clusters: int,
    rows: int,
    df: float | None = None,
    per_arm: tuple[int, ...] = (),
) -> Estimate:
    """Return the estimate with its t interval on ``df`` (default clusters - 1) degrees.

    Its level is the one in force (see `stepin.evidence.base.level`).
    """
    why = refusal(clusters, per_arm)
    if why is None and not (np.isfinite(se) and se > 0):
        why = "No p-value: nothing here varies by chance, so there is no error to tell."
    if why is not None:
        known = float(se) if np.isfinite(se) and se > 0 else None
        return Estimate(
            value=float(value),
            se=known,
            low=None,
            high=None,
            p=None,
            refused=why,
            clusters=clusters,
            rows=rows,
        )
    degrees = float(clusters - 1 if df is None else df)
    reach = float(stats.t.ppf(1 - in_force() / 2, degrees)) * se
    return Estimate(
        value=float(value),
        se=float(se),
        low=float(value - reach),
        high=float(value + reach),
        p=float(2 * stats.t.sf(abs(value / se), degrees)),
        refused=None,
        clusters=clusters,
        rows=rows,
    )


def bare(value: float, why: str, *, clusters: int, rows: int) -> Estimate:
    """Return a value that has no interval, with the reason."""
    return Estimate(
        value=float(value),
        se=None,
        low=None,
        high=None,
        p=None,
        refused=why,
        clusters=clusters,
        rows=rows,
    )


def holm(found: Sequence[Estimate | float | None]) -> list[float | None]:
    """Return Holm's family-wise p-values of estimates or p-values, None where there is none.

    Source: Holm (1979), "A simple sequentially rejective multiple test procedure".
    """
    ps = [e.p if isinstance(e, Estimate) else e for e in found]
    known = sorted((p, i) for i, p in enumerate(ps) if p is not None)
    adjusted: list[float | None] = [None] * len(ps)
    running = 0.0
    for rank, (p, i) in enumerate(known):
        running = max(running, min(1.0, p * (len(known) - rank)))
        adjusted[i] = running
    return adjusted
