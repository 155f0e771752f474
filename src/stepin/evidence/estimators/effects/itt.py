"""The effect of being assigned, by two-way fixed effects, by analysis of covariance, by CUPED.

All three answer the same question, what the arm did to an average chat of the treatment period,
for all chats or one stratum. They differ in what they do with the pre-period: difference it away
(DiD), or use it as far as it predicts (ANCOVA, CUPED), which is never less precise in a large
randomized trial (McKenzie 2012; Lin 2013; Deng, Xu, Kohavi and Walker 2013).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from stepin.evidence.base.estimate import Estimate, from_se
from stepin.evidence.estimators.effects.arms import Arms
from stepin.evidence.estimators.effects.compared import (
    among,
    any_before,
    interacted,
    outcome_alone,
    panel_of,
    pre_means,
    shifted,
    strata_column,
    treatment_period,
)
from stepin.evidence.estimators.least_squares import (
    Effects,
    Fit,
    Kind,
    UnitDayPanel,
    Variance,
    adjusted,
    by_unit,
    by_unit_and_day,
    fit,
)
from stepin.evidence.estimators.moments import Cube
from stepin.evidence.estimators.moments.cells import Reals
from stepin.evidence.estimators.resampling.focus import FocusedEffect, focus

Estimator = Literal["did", "ancova", "cuped", "lin"]


@dataclass(frozen=True, slots=True)
class Model:
    """One comparison, ready to be fitted, permuted or bootstrapped.

    Attributes
    ----------
    estimator, outcome : what it is.
    panel : the outcome first, then the controls.
    arms : who is treated.
    nuisance, names : float64[W, D, E, m] design columns besides the treatment.
    effects : what is taken out.
    """

    estimator: Estimator
    outcome: str
    panel: UnitDayPanel
    arms: Arms
    nuisance: Reals
    names: tuple[str, ...]
    effects: Effects

    def fit(self) -> Fit:
        """Return the fit; the first regressor is ``treated``."""
        design = np.concatenate([self.arms.treatment(self.panel)[..., None], self.nuisance], axis=3)
        return fit(self.panel, design, ("treated", *self.names), self.effects)

    def focus(self) -> FocusedEffect:
        """Return the form that resampling takes."""
        pattern = self.arms.late(self.panel)
        return focus(self.panel, pattern, self.nuisance, self.names, self.effects)


@dataclass(frozen=True, slots=True)
class Itt:
    """An intention-to-treat effect with every variance.

    Attributes
    ----------
    estimator, outcome : what it is.
    estimate : with the CR2 variance and its degrees of freedom.
    by_kind : the same effect with each other variance.
    chats, units : behind it.
    dropped : controls that the other terms explain.
    """

    estimator: Estimator
    outcome: str
    estimate: Estimate
    by_kind: dict[Kind, Estimate]
    chats: int
    units: int
    dropped: tuple[str, ...]


def did(
    cube: Cube,
    arms: Arms,
    outcome: str,
    *,
    stratum: int | None = None,
    controls: Sequence[str] = (),
) -> Model:
    """Return the two-way fixed-effects model on both periods.

    Y = treated x late + controls + eligible + unit + day; with both strata, eligibility is a
    control of its own.
    """
    p = panel_of(cube, arms, outcome, stratum, controls)
    nuisance, names = strata_column(p)
    return Model("did", outcome, p, arms, nuisance, names, "unit+day")


def ancova(
    cube: Cube,
    arms: Arms,
    outcome: str,
    *,
    stratum: int | None = None,
    controls: Sequence[str] = (),
) -> Model:
    """Return the analysis of covariance on the treatment period.

    Y = treated + unit's pre-period mean + controls + eligible + day. A unit without a pre-period
    chat takes the mean of the others beside an indicator, so that no unit is lost. Where no unit
    has one, nothing of the past is held, and the arms' days are compared.
    """
    whole = panel_of(cube, arms, outcome, stratum, controls)
    p = treatment_period(whole, arms)
    if not any_before(whole, arms):
        nuisance, names = strata_column(p)
        return Model("ancova", outcome, p, arms, nuisance, names, "day")
    before, absent = pre_means(whole, arms)
    rows = [among(whole, p, before), among(whole, p, absent)]
    nuisance, names = strata_column(p)
    more = [np.broadcast_to(r[:, None, None], p.n.shape) for r in rows]
    nuisance = np.concatenate([nuisance, np.stack(more, axis=3)], axis=3)
    return Model("ancova", outcome, p, arms, nuisance, (*names, "before", "no_before"), "day")


def cuped(
    cube: Cube,
    arms: Arms,
    outcome: str,
    *,
    stratum: int | None = None,
    controls: Sequence[str] = (),
) -> Model:
    """Return the comparison of outcomes less what the pre-period predicts (CUPED).

    The slope is that of the late outcome on the unit's pre-period mean over both arms, fixed
    before arms are compared (Deng et al. 2013, equation 2).
    """
    whole = panel_of(cube, arms, outcome, stratum, controls)
    before, _ = pre_means(whole, arms)
    p = treatment_period(whole, arms)
    mean = among(whole, p, before)
    pattern = np.broadcast_to(mean[:, None, None, None], (*p.n.shape, 1))
    slope_fit = fit(outcome_alone(p), pattern, ("before",), "day")
    slope = float(slope_fit.beta[0]) if slope_fit.names else 0.0
    late = shifted(p, -slope * (mean - mean.mean()))
    nuisance, names = strata_column(late)
    return Model("cuped", outcome, late, arms, nuisance, names, "day")


def lin(
    cube: Cube,
    arms: Arms,
    outcome: str,
    *,
    stratum: int | None = None,
    controls: Sequence[str] = (),
) -> Model:
    """Return the analysis of covariance with every covariate interacted with the arm.

    Y = treated + x + treated x (x - mean of x) + day, for the pre-period mean, eligibility and each
    control: never less precise than no adjustment in a large trial, however unequal the arms (Lin
    2013). Its terms hold the arm, so it can't be permuted; `fit` alone is for it.
    """
    plain = ancova(cube, arms, outcome, stratum=stratum, controls=controls)
    p, n = plain.panel, plain.panel.n
    own = plain.arms.own(p).astype(np.float64)[:, None, None, None]
    mean = np.einsum("wde,wdem->m", n, plain.nuisance) / n.sum()
    nuisance = np.concatenate([plain.nuisance, own * (plain.nuisance - mean)], axis=3)
    names = (*plain.names, *(f"treated:{name}" for name in plain.names))
    return Model("lin", outcome, interacted(p, own[:, 0, 0, 0]), arms, nuisance, names, "day")


ESTIMATORS = {"did": did, "ancova": ancova, "cuped": cuped, "lin": lin}


def itt(model: Model) -> Itt:
    """Return the effect of a model; refuses p-values where units are too few.

    Raises
    ------
    Refused
        ``not_identified``: the treatment can't be told from the other terms.
    """
    f = model.fit()
    at = f.at("treated")
    per_arm = model.arms.per_arm(f.absorbed.panel)
    first, jackknife = adjusted(f, [at])
    others = (by_unit(f), jackknife, by_unit_and_day(f))
    return Itt(
        model.estimator,
        model.outcome,
        estimate(f, first, at, per_arm),
        {v.kind: estimate(f, v, at, per_arm) for v in (first, *others)},
        f.n,
        f.clusters,
        f.dropped,
    )


def estimate(f: Fit, variance: Variance, at: int, per_arm: tuple[int, ...] = ()) -> Estimate:
    """Return one coefficient with its interval under a variance.

    Errors clustered two ways count the days where these are fewer than the units.
    """
    two_ways = variance.kind == "two-way"
    return from_se(
        float(f.beta[at]),
        float(variance.se[at]),
        clusters=int(variance.df[at]) + 1 if two_ways else f.clusters,
        rows=f.n,
        df=float(variance.df[at]),
        per_arm=per_arm,
    )
