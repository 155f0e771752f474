"""The event study: the difference between arms day by day, with a band for all days at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from stepin.errors import Refused
from stepin.evidence.base.level import alpha
from stepin.evidence.estimators.effects.arms import Arms
from stepin.evidence.estimators.effects.compared import panel_of, strata_column
from stepin.evidence.estimators.effects.split import Joint, joint
from stepin.evidence.estimators.effects.waves import waves_of
from stepin.evidence.estimators.least_squares import by_unit, fit
from stepin.evidence.estimators.moments import Cube
from stepin.evidence.estimators.moments.cells import Reals, Wholes

DRAWS = 20_000


@dataclass(frozen=True, slots=True)
class EventStudy:
    """Differences by day against the last day before treatment; K days, that one among them.

    Attributes
    ----------
    outcome : what is explained.
    days : int64[K], days since treatment began; -1 is the reference or the day nearest to it.
    value : float64[K], 0 on the reference day.
    low, high : float64[K], pointwise intervals.
    band_low, band_high : float64[K], a band that holds the whole path at once.
    reach : the band's critical value, in standard errors.
    before : the joint test that all days before are equal; None with fewer than two such days.
    clusters : units.
    """

    outcome: str
    days: Wholes
    value: Reals
    low: Reals
    high: Reals
    band_low: Reals
    band_high: Reals
    reach: float
    before: Joint | None
    clusters: int


@dataclass(frozen=True, slots=True)
class _Path:
    """Differences against the base day of one wave; treated chats by day are its weights."""

    days: Wholes
    base: int
    beta: Reals
    matrix: Reals
    weight: Reals
    clusters: int


def event_study(
    cube: Cube,
    arms: Arms,
    outcome: str,
    *,
    stratum: int | None = None,
    controls: Sequence[str] = (),
    seed: int = 0,
) -> EventStudy:
    """Return the event study with unit and day effects, clustered by unit (CR1).

    Units of a ramp start in waves: days are counted from each wave's own start, every wave is
    compared within itself, and days are averaged over waves by treated chats (Sun and Abraham
    2021). The band is the sup-t band of Montiel Olea and Plagborg-Moller (2019, algorithm 1), with
    draws from the estimated normal distribution, never narrower than the pointwise interval.

    Raises
    ------
    Refused
        ``no_pre_period``: there is no day before treatment to refer to.
    """
    paths = _paths(cube, arms, outcome, stratum, controls)
    days, base, beta, matrix, clusters = _pooled(paths)
    se = np.sqrt(np.maximum(np.diag(matrix), 1e-300))
    point = float(stats.t.ppf(1 - alpha() / 2, clusters - 1))
    reach = max(point, sup_t(matrix / np.outer(se, se), seed, 1 - alpha()))
    past = days < 0
    order = np.argsort(np.append(days, base))

    def path(values: Reals) -> Reals:
        return np.append(values, 0.0)[order]

    return EventStudy(
        outcome,
        np.append(days, base)[order],
        path(beta),
        path(beta - point * se),
        path(beta + point * se),
        path(beta - reach * se),
        path(beta + reach * se),
        reach,
        joint(beta[past], matrix[np.ix_(past, past)], clusters) if past.any() else None,
        clusters,
    )


def _paths(
    cube: Cube, arms: Arms, outcome: str, stratum: int | None, controls: Sequence[str]
) -> list[_Path]:
    """Return the path of every wave that has one."""
    paths: list[_Path] = []
    waves = waves_of(arms, int(cube.days.max()))
    for wave in waves:
        try:
            paths.append(_path(cube, wave.arms, outcome, stratum, controls))
        except Refused:
            if len(waves) == 1:
                raise
    if not paths:
        raise Refused("No wave has a day before treatment began.", code="no_pre_period")
    return paths


def _path(
    cube: Cube, arms: Arms, outcome: str, stratum: int | None, controls: Sequence[str]
) -> _Path:
    p = panel_of(cube, arms, outcome, stratum, controls)
    relative = p.days - arms.start[0]
    early = relative[relative < 0]
    if not early.size:
        raise Refused("There is no day before treatment began.", code="no_pre_period")
    base = int(early.max())
    others = relative[relative != base]
    treated = arms.own(p).astype(np.float64)
    here = (relative[:, None] == others).astype(np.float64)
    steps = np.einsum("w,dk->wdk", treated, here)[:, :, None]
    design = np.broadcast_to(steps, (*p.n.shape, others.size))
    nuisance, names = strata_column(p)
    labels = [f"day{k}" for k in others]
    f = fit(p, np.concatenate([design, nuisance], axis=3), [*labels, *names])
    kept = [i for i, label in enumerate(labels) if label in f.names]
    at = [f.at(labels[i]) for i in kept]
    chats = np.einsum("w,wde->d", treated, p.n)[relative != base]
    return _Path(
        others[kept], base, f.beta[at], by_unit(f).matrix[np.ix_(at, at)], chats[kept], f.clusters
    )


def _pooled(paths: list[_Path]) -> tuple[Wholes, int, Reals, Reals, int]:
    """Return days, base, differences and their variance, averaged over waves."""
    if len(paths) == 1:
        one = paths[0]
        return one.days, one.base, one.beta, one.matrix, one.clusters
    base = max(p.base for p in paths)
    days = np.unique(np.concatenate([p.days for p in paths]))
    days = days[days != base]
    total = np.zeros(days.size)
    for p in paths:
        keep = np.flatnonzero(np.isin(p.days, days))
        total[np.searchsorted(days, p.days[keep])] += p.weight[keep]
    beta, matrix = np.zeros(days.size), np.zeros((days.size, days.size))
    for p in paths:
        keep = np.flatnonzero(np.isin(p.days, days))
        at = np.searchsorted(days, p.days[keep])
        share = p.weight[keep] / total[at]
        beta[at] += share * p.beta[keep]
        matrix[np.ix_(at, at)] += np.outer(share, share) * p.matrix[np.ix_(keep, keep)]
    return days, base, beta, matrix, sum(p.clusters for p in paths)


def sup_t(correlation: Reals, seed: int, share: float = 0.95) -> float:
    """Return the critical value of the largest of several correlated normal statistics."""
    values, vectors = np.linalg.eigh(correlation)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    normal = np.random.default_rng(seed).standard_normal((DRAWS, len(values)))
    return float(np.quantile(np.abs(normal @ root.T).max(axis=1), share))
