"""Whether the arms were alike before treatment: the balance table, a joint test, the love plot."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr

from stepin.errors import Invalid
from stepin.trial.design import Design, replay
from stepin.trial.pool import Pool
from stepin.trial.screen import Arms, Floats, between, differences, matrix, whiten


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One covariate, one arm against the control arm.

    Attributes
    ----------
    means, count : of the known values, per arm in the order (control, arm).
    difference, standard_error, p : of the arm's indicator in a least-squares fit with block
        effects and HC2 errors (MacKinnon & White 1985). NaN where it can't be computed.
    standardized : the difference over the pooled standard deviation.
    band : the largest standardized difference, in size, of 95 % of the design's own assignments.
    missing : units without a value; they stand at the mean in the joint test and the band.
    """

    covariate: str
    arm: str
    means: tuple[float, float]
    count: tuple[int, int]
    difference: float
    standard_error: float
    p: float
    standardized: float
    band: float
    missing: int


class Balance(msgspec.Struct, frozen=True, kw_only=True):
    """The balance table.

    Attributes
    ----------
    distance : how far apart the arms are on all covariates together (Mahalanobis).
    joint_p : the share of the design's own assignments that are as far apart, or farther.
    repetitions : assignments replayed for `joint_p` and the bands.
    """

    rows: tuple[Row, ...]
    distance: float
    joint_p: float
    repetitions: int


def balance(
    of: Design,
    pool: Pool,
    covariates: Sequence[str],
    *,
    control: str,
    arms: NDArray[np.int8] | None = None,
    repetitions: int = 2000,
) -> Balance:
    """Return the balance of an assignment, judged by the design that drew it.

    Parameters
    ----------
    arms : shape (units,), the arm number of each unit; the design's own assignment by default.

    Raises
    ------
    Invalid
        ``balance``: no covariate was named, or the pool isn't the design's.
    """
    if not covariates or pool.units != of.units:
        raise Invalid("A balance table needs covariates of the design's own units.", code="balance")
    drawn = replay(of, repetitions + 1).arms
    own, others = drawn[0] if arms is None else arms, drawn[1:]
    base = of.arms.index(control)
    x = matrix(pool, covariates)
    scores = whiten(x, of.block)
    distance = float(between(scores, own[None], len(of.arms))[0])
    # Equal assignments may differ by rounding, and count as at least as far apart.
    farther = int((between(scores, others, len(of.arms)) >= distance * (1 - 1e-12)).sum())
    spread = x.std(axis=0, ddof=1) if len(x) > 1 else np.zeros(len(covariates))
    bands = _bands(x, others, len(of.arms), base)
    return Balance(
        rows=tuple(
            _row(
                name,
                of.arms[arm],
                np.array([np.nan if v is None else v for v in pool.numbers(name)], dtype=float),
                own,
                (base, arm),
                of.block,
                band=float(bands[place, j] / spread[j]) if spread[j] > 0 else math.nan,
            )
            for j, name in enumerate(covariates)
            for place, arm in enumerate(a for a in range(len(of.arms)) if a != base)
        ),
        distance=distance,
        joint_p=(1 + farther) / (1 + repetitions),
        repetitions=repetitions,
    )


def hc2(y: Floats, x: Floats) -> tuple[Floats, Floats]:
    """Return least-squares coefficients and their HC2 standard errors.

    The errors are NaN where an observation is fitted exactly by its own regressor.
    """
    inverse = np.linalg.pinv(x.T @ x)
    coefficients: Floats = inverse @ x.T @ y
    residuals = y - x @ coefficients
    leverage = np.einsum("ij,jk,ik->i", x, inverse, x)
    exact = leverage > 1 - 1e-10
    weights = np.where(exact, 0.0, residuals**2 / np.where(exact, 1.0, 1 - leverage))
    variances = np.diag(inverse @ ((x * weights[:, None]).T @ x) @ inverse)
    # Nothing varies where rounding leaves a little less than nothing.
    errors = np.sqrt(np.maximum(variances, 0.0))
    return coefficients, errors


def _row(
    name: str,
    arm: str,
    values: Floats,
    own: Arms,
    pair: tuple[int, int],
    block: NDArray[np.int64],
    *,
    band: float,
) -> Row:
    known = ~np.isnan(values) & np.isin(own, pair)
    y, treated = values[known], (own[known] == pair[1]).astype(np.float64)
    groups = np.unique(block[known], return_inverse=True)[1]
    counts = (int((1 - treated).sum()), int(treated.sum()))
    means = tuple(float(y[treated == t].mean()) if counts[t] else math.nan for t in (0, 1))
    freedom = len(y) - int(groups.max(initial=-1)) - 2
    difference = error = p = standardized = math.nan
    if min(counts) > 1 and freedom > 0:
        dummies = np.eye(int(groups.max()) + 1)[groups]
        coefficients, errors = hc2(y, np.column_stack([treated, dummies]))
        difference, error = float(coefficients[0]), float(errors[0])
        p = float(2 * stdtr(freedom, -abs(difference / error))) if error > 0 else math.nan
        pooled = math.sqrt((y[treated == 0].var(ddof=1) + y[treated == 1].var(ddof=1)) / 2)
        standardized = (means[1] - means[0]) / pooled if pooled > 0 else math.nan
    return Row(
        covariate=name,
        arm=arm,
        means=(means[0], means[1]),
        count=counts,
        difference=difference,
        standard_error=error,
        p=p,
        standardized=standardized,
        band=band,
        missing=int(np.isnan(values).sum()),
    )


def _bands(x: Floats, others: Arms, arm_count: int, base: int) -> Floats:
    sizes = np.abs(differences(x, others, arm_count, base))
    band: Floats = np.quantile(sizes, 0.95, axis=0)
    return band
