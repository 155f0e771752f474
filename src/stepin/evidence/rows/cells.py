"""The randomized effect from means by worker and day, and what surrounds it.

With controls that are fixed within worker and day, least squares on the weighted means has the
same coefficients and clustered scores as least squares on the chats themselves.
"""

from __future__ import annotations

import msgspec
import numpy as np
from scipy import stats

from stepin.evidence.rows.arrays import Bools, Floats, Ints, codes, columns, group_sums
from stepin.evidence.rows.contrast import arm_difference, baseline
from stepin.evidence.rows.estimate import Estimate
from stepin.evidence.rows.least_squares import absorb, fit

SUP_T_DRAWS = 20_000


class Cells(msgspec.Struct, frozen=True, kw_only=True):
    """One outcome by worker and day; cells without the outcome are left out.

    Attributes
    ----------
    mean, chats : (n,) the cell's mean and the chats behind it.
    unit, day : (n,) codes of the worker, days since the start.
    treated : (n,) arm of the worker. units : number of workers.
    """

    mean: Floats
    chats: Floats
    unit: Ints
    day: Ints
    treated: Bools
    units: int

    @property
    def after(self) -> Bools:
        """Whether each cell lies in the treatment period."""
        return self.day >= 0

    def before_mean(self) -> Floats:
        """Return (units,) each worker's mean over chats before treatment, NaN if none."""
        rows = ~self.after
        weight = np.bincount(self.unit[rows], self.chats[rows], self.units)
        total = np.bincount(self.unit[rows], (self.mean * self.chats)[rows], self.units)
        return np.where(weight > 0, total / np.maximum(weight, 1e-300), np.nan)


def ancova(cells: Cells) -> Estimate:
    """Return the effect by analysis of covariance on the treatment period."""
    late = cells.after
    return arm_difference(
        cells.mean[late],
        cells.treated[late],
        unit=cells.unit[late],
        day=cells.day[late],
        before_mean=cells.before_mean(),
        weights=cells.chats[late],
    ).estimate("treated")


def did(cells: Cells) -> Estimate:
    """Return the effect by two-way fixed effects (worker and day) on both periods."""
    treated = (cells.treated & cells.after).astype(np.float64)
    return fit(
        cells.mean,
        treated,
        ("treated",),
        cluster=cells.unit,
        factors=(cells.unit, cells.day),
        weights=cells.chats,
    ).estimate("treated")


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """Randomization inference: the studentized statistic under replayed assignments.

    Attributes
    ----------
    statistic : of the trial itself. draws : (reps,) of the replayed assignments.
    p : share of assignments, the trial's own among them, that are as extreme or more.
    """

    statistic: float
    draws: Floats
    p: float


def replayed(cells: Cells, own: Bools, assignments: Bools) -> Replayed:
    """Return the randomization test of no effect on anybody, by ANCOVA's studentized t.

    Parameters
    ----------
    own : (units,) the trial's assignment. assignments : (reps, units) alternatives.

    Notes
    -----
    Exact in size for the sharp null whatever the number of workers (Wu and Ding 2021,
    "Randomization tests for weak null hypotheses in randomized experiments").
    """
    late = cells.after
    y, w = cells.mean[late], cells.chats[late]
    unit, day = cells.unit[late], codes(cells.day[late])
    z = absorb(columns(baseline(cells.before_mean(), unit), y), (day,), w)
    control, target = z[:, :-1], z[:, -1]
    gram = np.linalg.pinv((control * w[:, None]).T @ control)
    target = target - control @ (gram @ (control.T @ (w * target)))

    def statistics(arms: Bools) -> Floats:
        x = absorb(arms[:, unit].T.astype(np.float64), (day,), w)
        x = x - control @ (gram @ ((control * w[:, None]).T @ x))
        size = (x * x * w[:, None]).sum(axis=0)
        beta = (x * (w * target)[:, None]).sum(axis=0) / size
        score = x * w[:, None] * (target[:, None] - x * beta)
        spread = np.sqrt((group_sums(score, unit, cells.units) ** 2).sum(axis=0)) / size
        return np.asarray(beta / spread)

    observed = float(statistics(own[None, :])[0])
    batch = max(1, 4_000_000 // max(1, y.size))
    drawn = np.concatenate(
        [statistics(assignments[i : i + batch]) for i in range(0, assignments.shape[0], batch)]
    )
    extreme = int((np.abs(drawn) >= abs(observed) - 1e-12).sum())
    return Replayed(statistic=observed, draws=drawn, p=(1 + extreme) / (1 + assignments.shape[0]))


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """The event study: effects by day against the last day before the start.

    Attributes
    ----------
    days : relative days. value, low, high : (d,) with pointwise 95 % intervals.
    band_low, band_high : (d,) simultaneous 95 % band.
    trend_p : joint test that all days before the start are zero; None when refused.
    """

    days: Ints
    value: Floats
    low: Floats
    high: Floats
    band_low: Floats
    band_high: Floats
    trend_p: float | None


def event_study(cells: Cells, rng: np.random.Generator) -> Event:
    """Return effects by day, worker and day absorbed, errors clustered by worker.

    The band is the sup-t band (Montiel Olea and Plagborg-Moller 2019, algorithm 1); the joint
    test is Wald's with an F reference on clusters - 1 degrees.
    """
    days = np.unique(cells.day)
    base = int(days[days < 0].max())
    others = [int(d) for d in days if d != base]
    x = np.column_stack([(cells.treated & (cells.day == d)).astype(np.float64) for d in others])
    found = fit(
        cells.mean,
        x,
        tuple(str(d) for d in others),
        cluster=cells.unit,
        factors=(cells.unit, cells.day),
        weights=cells.chats,
    )
    se = np.sqrt(np.maximum(np.diag(found.cov), 1e-300))
    scale = found.cov / np.outer(se, se)
    normal = rng.multivariate_normal(np.zeros(se.size), scale, SUP_T_DRAWS, method="eigh")
    widest = float(np.quantile(np.abs(normal).max(axis=1), 0.95))
    reach = float(stats.t.ppf(0.975, found.clusters - 1))
    early = np.asarray([d < 0 for d in others])
    trend: float | None = None
    if early.any() and found.clusters > early.sum() + 1:
        part = found.coef[early]
        wald = part @ np.linalg.pinv(found.cov[np.ix_(early, early)], hermitian=True) @ part
        q, g = int(early.sum()), found.clusters
        trend = float(stats.f.sf(wald * (g - q) / (q * (g - 1)), q, g - q))
    place = others.index(max(d for d in others if d < base)) + 1 if min(others) < base else 0

    def with_base(values: Floats) -> Floats:
        return np.insert(values, place, 0.0)

    return Event(
        days=np.asarray(sorted([*others, base]), dtype=np.int64),
        value=with_base(found.coef),
        low=with_base(found.coef - reach * se),
        high=with_base(found.coef + reach * se),
        band_low=with_base(found.coef - max(widest, reach) * se),
        band_high=with_base(found.coef + max(widest, reach) * se),
        trend_p=trend,
    )


def leave_one_out(cells: Cells) -> Floats:
    """Return (units,) the ANCOVA effect with each worker left out; NaN for one without cells."""
    late = cells.after
    y, w = cells.mean[late], cells.chats[late]
    unit, day = cells.unit[late], codes(cells.day[late])
    own = baseline(cells.before_mean(), unit)
    days = np.eye(int(day.max()) + 1)[day]
    x = columns(cells.treated[late].astype(np.float64), own, days)
    gram = (x * w[:, None]).T @ x
    moment = x.T @ (w * y)
    found = np.full(cells.units, np.nan)
    for u in np.unique(unit):
        rows = unit == u
        part = x[rows] * w[rows, None]
        coef = np.linalg.pinv(gram - part.T @ x[rows], hermitian=True) @ (moment - part.T @ y[rows])
        found[u] = coef[0]
    return found
