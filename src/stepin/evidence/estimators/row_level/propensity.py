"""Logistic regression by Newton's method, for propensities and response weights."""

from __future__ import annotations

import msgspec
import numpy as np

from stepin.errors import Refused
from stepin.evidence.base.arrays import Bools, Floats

RIDGE = 1e-6
STEPS = 60


class Logit(msgspec.Struct, frozen=True, kw_only=True):
    """A fitted logistic regression.

    Attributes
    ----------
    probability : (n,) fitted probability of each row.
    scores : (n, k) derivative of each row's log likelihood, on standardized columns.
    """

    probability: Floats
    scores: Floats


def logit(outcome: Bools, x: Floats) -> Logit:
    """Return the maximum-likelihood logistic fit of ``outcome`` on ``x`` and a constant.

    Columns are standardized inside; a ridge of 1e-6 per row keeps separated data finite.

    Raises
    ------
    Refused
        ``one_class`` when all outcomes are equal; ``not_converged`` after 60 steps.
    """
    y = outcome.astype(np.float64)
    if y.min() == y.max():
        raise Refused("A propensity needs both outcomes in the data.", code="one_class")
    spread = x.std(axis=0)
    kept = spread > 0
    z = np.column_stack([np.ones(y.size), (x[:, kept] - x[:, kept].mean(axis=0)) / spread[kept]])
    beta = np.zeros(z.shape[1])
    beta[0] = np.log(y.mean() / (1 - y.mean()))
    penalty = np.full(z.shape[1], RIDGE * y.size)
    penalty[0] = 0.0
    for _ in range(STEPS):
        p = 1.0 / (1.0 + np.exp(-np.clip(z @ beta, -35, 35)))
        gradient = z.T @ (y - p) - penalty * beta
        hessian = (z * (p * (1 - p))[:, None]).T @ z + np.diag(penalty)
        step = np.linalg.lstsq(hessian, gradient, rcond=1e-12)[0]
        beta = beta + step * min(1.0, 5.0 / max(1e-12, float(np.abs(step).max())))
        if float(np.abs(step).max()) < 1e-9:
            break
    else:
        raise Refused("The propensity model did not converge.", code="not_converged")
    p = 1.0 / (1.0 + np.exp(-np.clip(z @ beta, -35, 35)))
    return Logit(probability=p, scores=z * (y - p)[:, None])
