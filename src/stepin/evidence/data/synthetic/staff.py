"""The workers of a planted trial: their arms, traits and days at work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from stepin.evidence.data.synthetic.world import World

Reals: TypeAlias = NDArray[np.float64]
Wholes: TypeAlias = NDArray[np.int64]
Truths: TypeAlias = NDArray[np.bool_]
Assign: TypeAlias = Callable[[Wholes], Truths]
"""From the block of every worker to whether the worker is treated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntheticStaff:
    """The workers, one entry each; `counts` has one row per worker and one column per day.

    Attributes
    ----------
    treated : bool[workers]
    block : int64[workers], by quantile of tenure.
    tenure_days : float64[workers]
    speed, warmth, skill, reach : float64[workers], what a worker adds to log duration, mean rating,
        retrial probability and response probability.
    effect : float64[workers], what a worker adds to the effect on log duration.
    counts : int64[workers, days], chats; it adds up to ``world.chats``.
    """

    treated: Truths
    block: Wholes
    tenure_days: Reals
    speed: Reals
    warmth: Reals
    skill: Reals
    reach: Reals
    effect: Reals
    counts: Wholes


def hire(world: World, seed: int, assign: Assign | None = None) -> SyntheticStaff:
    """Return the workers of `world`; the same seed gives the same ones.

    Parameters
    ----------
    world : the trial.
    seed : of everything drawn here.
    assign : from blocks to treatment; by default complete randomization within blocks of exactly
        ``world.treated`` workers in all.
    """
    rng = np.random.default_rng([seed, 1])
    n = world.workers
    tenure = rng.gamma(2.0, 190.0, n)
    rank = np.argsort(np.argsort(tenure))
    block = (rank * world.blocks // n).astype(np.int64)
    treated = assign(block) if assign else complete(block, world.treated, rng)
    rates = rng.gamma(6.0, 1 / 6.0, n)
    present = rng.random((n, world.days)) < world.work_share
    joined = np.where(rng.random(n) < 0.03, rng.integers(0, world.days, n), 0)
    left = np.where(rng.random(n) < 0.03, rng.integers(1, world.days + 1, n), world.days)
    day = np.arange(world.days)
    present &= (day >= joined[:, None]) & (day < np.maximum(left, joined + 1)[:, None])
    busy = rng.gamma(60.0, 1 / 60.0, world.days)
    weight = np.where(present, rates[:, None] * busy, 0.0).ravel()
    idle = np.flatnonzero(~present.any(axis=1))
    weight[idle * world.days] = rates[idle]
    spread = rng.multinomial(world.chats, weight / weight.sum())
    return SyntheticStaff(
        treated=treated,
        block=block,
        tenure_days=tenure,
        speed=rng.normal(0, world.worker_sd, n) - 0.0002 * (tenure - tenure.mean()),
        warmth=rng.normal(0, world.rating_worker_sd, n),
        skill=rng.normal(0, world.retrial_worker_sd, n),
        reach=rng.normal(0, 0.02, n),
        effect=rng.normal(0, world.effect_sd, n),
        counts=spread.reshape(n, world.days).astype(np.int64),
    )


def complete(block: Wholes, treated: int, rng: np.random.Generator) -> Truths:
    """Return a complete randomization within blocks that treats exactly `treated` units.

    Each block treats its share of `treated`, rounded; what rounding leaves goes to blocks drawn at
    random.
    """
    out = np.zeros(block.size, dtype=np.bool_)
    names, sizes = np.unique(block, return_counts=True)
    quota = sizes * treated / block.size
    fixed = np.floor(quota).astype(np.int64)
    rest = treated - int(fixed.sum())
    if rest:
        fixed[rng.choice(names.size, rest, replace=False)] += 1
    for name, k in zip(names, fixed, strict=True):
        out[rng.permutation(np.flatnonzero(block == name))[:k]] = True
    return out
