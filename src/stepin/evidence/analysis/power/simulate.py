"""Trials that never happened, drawn on days without treatment, and what they would have seen.

Nothing is assumed about variances: the past days keep their own noise, and only the arms are
drawn, by the very rule of the design. A constant effect shifts the estimate and leaves its error
as it is, so one set of draws gives power at every effect.
"""

from __future__ import annotations

from typing import Literal

import msgspec
import numpy as np
from scipy import optimize, stats

from stepin.errors import Refused
from stepin.evidence.base.arrays import Bools, Floats, Ints, codes, columns, group_sums
from stepin.evidence.base.estimate import refusal
from stepin.evidence.base.level import alpha
from stepin.evidence.estimators.row_level.cells import Cells
from stepin.evidence.estimators.row_level.contrast import baseline
from stepin.evidence.estimators.row_level.least_squares import absorb

Kind = Literal["unit", "pool", "switchback"]
POWER = 0.8
DOUBLINGS = 40
EXACT = 1e-9
"""What is left of an outcome below this share of it is rounding, not chance."""


class Trials(msgspec.Struct, frozen=True, kw_only=True):
    """The estimates of many drawn trials without any effect.

    Attributes
    ----------
    beta, se : (reps,) estimate and clustered error of each.
    clusters : independent units of the design.
    """

    beta: Floats
    se: Floats
    clusters: int

    def power(self, effect: float) -> float:
        """Return the share of trials that would see a constant ``effect`` at the level in force."""
        reach = float(stats.t.ppf(1 - alpha() / 2, self.clusters - 1))
        up = (np.abs(self.beta + effect) > reach * self.se).mean()
        down = (np.abs(self.beta - effect) > reach * self.se).mean()
        return float((up + down) / 2)

    def minimum_detectable(self, power: float = POWER) -> float:
        """Return the smallest constant effect that is seen in this share of trials.

        Raises
        ------
        Refused
            ``no_variation`` when no effect is, because most trials have no error.
        """
        high = 10 * float(np.median(self.se))
        # Where most trials have no error at all, each sees every effect, nothing included.
        start = DOUBLINGS if self.power(0.0) >= power or not np.isfinite(high) else 0
        for _ in range(start, DOUBLINGS):
            if self.power(high) >= power:
                break
            high *= 2
        else:
            raise Refused(
                "No error can be told from these days.",
                code="no_variation",
                clusters=self.clusters,
            )
        return float(optimize.brentq(lambda e: self.power(e) - power - 1e-9, 0.0, high, xtol=1e-6))


def past(cells: Cells, *, days: int, history: int) -> Cells:
    """Return a stretch of days without treatment as if a trial had begun in it.

    Parameters
    ----------
    days : length of the pretended treatment period, at the end of the days given.
    history : days before it that serve as the pre-period.

    Raises
    ------
    Refused
        ``short_past`` when there aren't that many days.
    """
    seen = np.unique(cells.day)
    if seen.size < days + history:
        raise Refused(
            f"The past holds {seen.size} days; {days + history} are needed.",
            code="short_past",
            hint="Shorten the trial or give a longer pre-period.",
            days=int(seen.size),
        )
    start = int(seen[-days])
    first = int(seen[-days - history])
    keep = cells.day >= first
    return Cells(
        mean=cells.mean[keep],
        chats=cells.chats[keep],
        unit=cells.unit[keep],
        day=cells.day[keep] - start,
        treated=cells.treated[keep],
        units=cells.units,
    )


def resampled(cells: Cells, units: int, rng: np.random.Generator) -> Cells:
    """Return the cells of ``units`` units drawn with replacement, each a unit of its own."""
    drawn = rng.integers(0, cells.units, size=units)
    order = np.argsort(cells.unit, kind="stable")
    edges = np.searchsorted(cells.unit[order], np.arange(cells.units + 1))
    rows = [order[edges[u] : edges[u + 1]] for u in drawn]
    place = np.concatenate(rows)
    return Cells(
        mean=cells.mean[place],
        chats=cells.chats[place],
        unit=np.repeat(np.arange(units), [r.size for r in rows]),
        day=cells.day[place],
        treated=cells.treated[place],
        units=units,
    )


def trials(cells: Cells, arms: Bools, cluster: Ints, *, by_day: bool = True) -> Trials:
    """Return the estimates of trials with these arms on the cells after the pretended start.

    Parameters
    ----------
    arms : (reps, n) arm of each late cell. cluster : (n,) independent unit of each late cell.
    by_day : whether days are absorbed; not where whole days are treated.

    Raises
    ------
    Refused
        ``few_clusters`` when the design has too few independent units for any test;
        ``no_variation`` when the outcome doesn't vary on these days.
    """
    late = cells.after
    cluster = codes(cluster)
    count = int(cluster.max()) + 1
    why = refusal(count)
    if why is not None:
        raise Refused(why, code="few_clusters", clusters=count)
    y, w = cells.mean[late], cells.chats[late]
    factor = codes(cells.day[late]) if by_day else np.zeros(y.size, dtype=np.int64)
    z = absorb(columns(baseline(cells.before_mean(), cells.unit[late]), y), (factor,), w)
    control, target = z[:, :-1], z[:, -1]
    gram = np.linalg.pinv((control * w[:, None]).T @ control)
    target = target - control @ (gram @ (control.T @ (w * target)))
    if w @ target**2 <= (EXACT * EXACT) * (w @ y**2):
        raise Refused(
            "The outcome doesn't vary on these days.", code="no_variation", clusters=count
        )
    betas, errors = [], []
    batch = max(1, 4_000_000 // max(1, y.size))
    for i in range(0, arms.shape[0], batch):
        x = absorb(arms[i : i + batch].T.astype(np.float64), (factor,), w)
        x = x - control @ (gram @ ((control * w[:, None]).T @ x))
        size = np.maximum((x * x * w[:, None]).sum(axis=0), 1e-300)
        beta = (x * (w * target)[:, None]).sum(axis=0) / size
        score = x * w[:, None] * (target[:, None] - x * beta)
        spread = np.sqrt((group_sums(score, cluster, count) ** 2).sum(axis=0)) / size
        betas.append(beta)
        errors.append(spread * np.sqrt(count / (count - 1)))
    return Trials(beta=np.concatenate(betas), se=np.concatenate(errors), clusters=count)


def unit_trials(cells: Cells, assignments: Bools) -> Trials:
    """Return trials that assign units; ``assignments`` is (reps, units)."""
    unit = cells.unit[cells.after]
    return trials(cells, assignments[:, unit], unit)


def halves(count: int, reps: int, rng: np.random.Generator) -> Bools:
    """Return (reps, count) assignments of half of the units, each equally likely."""
    arms = np.zeros((reps, count), dtype=np.bool_)
    arms[:, : count // 2] = True
    return np.asarray(rng.permuted(arms, axis=1))


def pool_trials(cells: Cells, pool: Ints, reps: int, rng: np.random.Generator) -> Trials:
    """Return trials that assign whole pools of units; ``pool`` is (units,) codes.

    Raises
    ------
    Refused
        ``few_clusters`` below ten pools.
    """
    own = codes(pool)
    late = own[cells.unit[cells.after]]
    arms = halves(int(own.max()) + 1, reps, rng)
    return trials(cells, arms[:, late], late)


def switchback_trials(
    cells: Cells, pool: Ints, reps: int, rng: np.random.Generator, *, period_days: int = 1
) -> Trials:
    """Return trials that switch each pool on and off by periods of days, half of them on.

    Errors are clustered by pool and period. It measures effects that need less than a period
    to come and go; carry-over is not modelled.

    Raises
    ------
    Refused
        ``few_clusters`` below ten pool periods.
    """
    own = codes(pool)[cells.unit[cells.after]]
    period = cells.day[cells.after] // period_days
    slot = codes(own * (int(period.max()) + 1) + period)
    arms = halves(int(slot.max()) + 1, reps, rng)
    alone = np.unique(own).size == 1
    return trials(cells, arms[:, slot], slot, by_day=not alone)
