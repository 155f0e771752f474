"""Direct, spillover and net: what treatment does to eligible chats, to the others, to the whole.

One model holds both strata, so that the difference and the weighted sum have their own errors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from stepin.evidence.base.estimate import Estimate, from_se
from stepin.evidence.estimators.effects.arms import Arms
from stepin.evidence.estimators.effects.compared import among, panel_of, pre_means, treatment_period
from stepin.evidence.estimators.least_squares import Fit, by_unit, fit
from stepin.evidence.estimators.least_squares.panel import UnitDayPanel
from stepin.evidence.estimators.moments import Cube
from stepin.evidence.estimators.moments.cells import Reals


@dataclass(frozen=True, slots=True)
class Split:
    """An effect by stratum and what it adds up to.

    Attributes
    ----------
    outcome : what is explained.
    direct, spillover : on eligible and on ineligible chats.
    net : on all chats, at the eligible share of the treatment period.
    difference : direct minus spillover.
    share : of chats that are eligible, in the treatment period and both arms.
    from_eligible : the part of the net effect that eligible chats contribute.
    """

    outcome: str
    direct: Estimate
    spillover: Estimate
    net: Estimate
    difference: Estimate
    share: float
    from_eligible: float


def split(
    cube: Cube,
    arms: Arms,
    outcome: str,
    *,
    estimator: str = "ancova",
    controls: Sequence[str] = (),
) -> Split:
    """Return the decomposition of an effect.

    ``did`` has unit and day effects; ``ancova`` day effects and the unit's own pre-period mean of
    either stratum. The days and the eligibility are common to both strata. Errors are clustered by
    unit (CR1).
    """
    p = panel_of(cube, arms, outcome, None, controls)
    if estimator == "ancova":
        p, more = _with_means(p, arms)
    else:
        more = np.zeros((*p.n.shape, 0))
    eligible = np.broadcast_to(p.strata.astype(np.float64), p.n.shape)
    treated = arms.treatment(p)
    design = np.stack([treated * eligible, treated * (1 - eligible), eligible], axis=3)
    design = np.concatenate([design, more], axis=3)
    names = ["direct", "spillover", "eligible", *(f"before{i}" for i in range(more.shape[3]))]
    f = fit(p, design, names, "day" if estimator == "ancova" else "unit+day")
    late = arms.late(p) * p.n
    share = float((late * eligible).sum() / late.sum())
    place = [f.at("direct"), f.at("spillover")]
    beta = f.beta[place]
    matrix = by_unit(f).matrix[np.ix_(place, place)]
    per_arm = arms.per_arm(f.absorbed.panel)

    def combined(a: float, b: float) -> Estimate:
        return _combined(f, beta, matrix, np.array([a, b]), per_arm)

    return Split(
        outcome,
        combined(1.0, 0.0),
        combined(0.0, 1.0),
        combined(share, 1 - share),
        combined(1.0, -1.0),
        share,
        share * float(beta[0]),
    )


def _combined(
    f: Fit, beta: Reals, matrix: Reals, weight: Reals, per_arm: tuple[int, int]
) -> Estimate:
    variance = float(weight @ matrix @ weight)
    return from_se(
        float(weight @ beta),
        float(np.sqrt(max(variance, 0.0))),
        clusters=f.clusters,
        rows=f.n,
        per_arm=per_arm,
    )


def _with_means(whole: UnitDayPanel, arms: Arms) -> tuple[UnitDayPanel, Reals]:
    late = treatment_period(whole, arms)
    columns = []
    for i, stratum in enumerate(whole.strata):
        part = UnitDayPanel(
            whole.units,
            whole.days,
            whole.strata[i : i + 1],
            whole.names,
            whole.n[:, :, i : i + 1],
            whole.sums[:, :, i : i + 1],
            whole.products[:, :, i : i + 1],
        )
        inside = (late.strata == stratum).astype(np.float64)
        for values in pre_means(part, arms):
            columns.append(
                among(whole, late, values)[:, None, None] * inside * np.ones(late.n.shape)
            )
    return late, np.stack(columns, axis=3)


@dataclass(frozen=True, slots=True)
class Joint:
    """A Wald test that several coefficients are all zero.

    Attributes
    ----------
    statistic : the F statistic. restrictions, df : its degrees of freedom.
    p : None where clusters are too few for as many restrictions.
    """

    statistic: float
    restrictions: int
    df: float
    p: float | None


def joint(beta: Reals, matrix: Reals, clusters: int) -> Joint:
    """Return the test that float64[q] `beta` is zero, by Hotelling's T-squared.

    Source: the reference of Pustejovsky and Tipton (2018, section 3.2) with G - 1 degrees for the
    variance: F = (G - q) / (q (G - 1)) times the Wald statistic on q and G - q degrees.
    """
    q = beta.size
    df = clusters - q
    wald = float(beta @ np.linalg.pinv(matrix, hermitian=True) @ beta)
    if df < 1 or clusters < 10:
        return Joint(float("nan"), q, df, None)
    statistic = wald * df / (q * (clusters - 1))
    return Joint(statistic, q, df, float(stats.f.sf(statistic, q, df)))
