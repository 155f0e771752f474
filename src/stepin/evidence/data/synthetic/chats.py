"""The chats of one day of a planted trial, as arrays.

A chat's path is latent: it is drawn from the scores of its opening message in both arms and both
periods, and shows only where the AI held the chat. So the effect of a path is defined, and the
scores at opening identify it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stepin.evidence.data.synthetic.staff import Reals, SyntheticStaff, Truths, Wholes
from stepin.evidence.data.synthetic.world import World

DAY_US = 86_400_000_000
RATING_STEPS = (0.22, 0.28, 0.38, 0.55)
"""Cumulative shares of 1 to 4: mean 3.57, standard deviation 1.6."""
LATEST = {"technical": 2.0, "emotional": 5.0, "requested": 2.0, "human_initiated": 2.0}
"""Shape of the moment of a takeover: the larger, the later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chatter:
    """The chats of one day, sorted by worker; every array has one entry a chat.

    ``path`` indexes ``list(world.paths)``; ``scores`` has a column a path, rows of ineligible
    chats being nan. ``held`` says where the AI held the chat. ``rating`` is what the customer
    would give, ``answered`` whether it was given. ``take_round`` is 0 without a takeover.
    """

    worker: Wholes
    opened_us: Wholes
    eligible: Truths
    held: Truths
    treated: Truths
    path: Wholes
    scores: Reals
    queue_wait_s: Reals
    duration_s: Reals
    rounds: Wholes
    take_round: Wholes
    human_rounds: Wholes
    rating: Wholes
    invited: Truths
    answered: Truths
    retrial_draw: Reals
    retrial_p: Reals
    nudged: Truths
    open_nudge: Truths


def talk(world: World, staff: SyntheticStaff, day: int, seed: int) -> Chatter:
    """Return the chats of day number `day`; the same arguments give the same chats."""
    rng = np.random.default_rng([seed, 2, day])
    worker = np.repeat(np.arange(world.workers), staff.counts[:, day])
    n = worker.size
    post = day >= world.pre_days
    eligible = rng.random(n) < world.eligible_share
    treated = staff.treated[worker] & post
    held = treated & eligible
    opening = _time_of_day(rng, n) + day * DAY_US + _epoch_us(world)

    names = list(world.paths)
    shares = np.array([world.paths[p].share for p in names])
    scores = np.full((n, len(names)), np.nan)
    who = np.flatnonzero(eligible)
    gammas = rng.standard_gamma(np.broadcast_to(4 * shares, (who.size, len(names)))) + 1e-12
    scores[who] = gammas / gammas.sum(axis=1, keepdims=True)
    path = np.full(n, names.index("none"), dtype=np.int64)
    cuts = np.cumsum(scores[who], axis=1)[:, :-1]
    path[who] = (rng.random(who.size)[:, None] > cuts).sum(axis=1)
    severity = np.zeros(n)
    severity[who] = scores[who, names.index("emotional")] - shares[names.index("emotional")]

    queue = rng.exponential(30.0, n)
    nudge = held & (rng.random(n) < 0.8)
    nudged = nudge & (rng.random(n) < 0.5)
    pull = np.where(nudge, nudged - 0.5, 0.0)

    def effect(kind: str, spill: float) -> Reals:
        direct = np.array([getattr(world.paths[p], kind) for p in names])[path]
        out: Reals = np.where(held, direct, np.where(treated, spill, 0.0))
        return out

    cell = rng.normal(0, world.worker_day_sd, world.workers)
    log_duration = (
        6.15
        + staff.speed[worker]
        + cell[worker]
        + 0.05 * np.sin(day)
        + 0.15 * eligible
        + 0.001 * queue
        + 0.6 * severity
        + rng.normal(0, world.chat_sd, n) * np.where(rng.random(n) < world.tail_share, 3.0, 1.0)
        + effect("log_duration", world.spill_log_duration)
        + np.where(held, staff.effect[worker], 0.0)
        + world.nudge_log_duration * pull
    )
    duration = np.exp(np.clip(log_duration, 1.0, 12.5))
    rounds = 1 + rng.poisson(np.minimum(duration / 90.0, 25.0))
    mood = (
        staff.warmth[worker]
        + effect("rating", world.spill_rating)
        + world.nudge_rating * pull
        - 0.8 * severity
        - 0.05 * np.where(eligible, 1.0, 0.0)
    )
    retrial_p = np.clip(
        0.43 + staff.skill[worker] + effect("retrial", world.spill_retrial) + 0.3 * severity, 0, 1
    )
    response = world.response_share + staff.reach[worker] + np.where(held, world.response_shift, 0)
    take = _takeovers(rng, names, path, held, rounds, severity)
    share = np.where(path == names.index("emotional"), 0.6, 0.85)
    after = rng.binomial(np.where(take > 0, rounds - take + 1, 0), share)
    return Chatter(
        worker=worker,
        opened_us=opening,
        eligible=eligible,
        held=held,
        treated=treated,
        path=path,
        scores=scores,
        queue_wait_s=queue,
        duration_s=duration,
        rounds=rounds,
        take_round=take,
        human_rounds=np.where(held, after, rounds),
        rating=_ratings(rng, mood),
        invited=rng.random(n) < 0.8,
        answered=rng.random(n) < response / 0.8,
        retrial_draw=rng.random(n),
        retrial_p=retrial_p,
        nudged=nudged,
        open_nudge=nudge,
    )


def _epoch_us(world: World) -> int:
    return int(np.datetime64(world.first_day, "us").astype(np.int64))


def _time_of_day(rng: np.random.Generator, n: int) -> Wholes:
    hour = 24 * rng.beta(3.0, 2.2, n)
    return (hour * 3.6e9).astype(np.int64)


def _ratings(rng: np.random.Generator, mood: Reals) -> Wholes:
    draw = rng.random(mood.size)
    shift = np.clip(mood, -1.75, 0.85) / 4
    return 1 + sum(((draw > step - shift) for step in RATING_STEPS), np.zeros(mood.size, np.int64))


def _takeovers(
    rng: np.random.Generator,
    names: list[str],
    path: Wholes,
    held: Truths,
    rounds: Wholes,
    severity: Reals,
) -> Wholes:
    late = np.array([LATEST.get(p, 1.0) for p in names])[path]
    moment = rng.beta(late * np.exp(severity), np.where(late > 3, 2.0, 4.0))
    taken = held & (path != names.index("none"))
    return np.where(taken, 1 + np.floor(moment * rounds).astype(np.int64), 0)
