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
    """The chats of one day, sorted by worker; every array has one entry per chat.

    ``path`` indexes ``list(world.paths)``; ``scores`` has one column per path, rows of ineligible
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opened:
    """The chats of a day as they open; fields as in `Chatter`.

    ``severity`` is how far the score of the emotional path lies above its share.
    """

    worker: Wholes
    opened_us: Wholes
    eligible: Truths
    treated: Truths
    held: Truths
    path: Wholes
    scores: Reals
    severity: Reals
    queue_wait_s: Reals
    open_nudge: Truths
    nudged: Truths

    @property
    def pull(self) -> Reals:
        """Half a nudge more or less where it was left to chance, so that the mean stays."""
        return np.where(self.open_nudge, self.nudged - 0.5, 0.0)

    def effect(self, world: World, kind: str, spill: float) -> Reals:
        """Return the planted effect on each chat: of its path, or the spillover."""
        direct = np.array([getattr(p, kind) for p in world.paths.values()])[self.path]
        out: Reals = np.where(self.held, direct, np.where(self.treated, spill, 0.0))
        return out


def talk(world: World, staff: SyntheticStaff, day: int, seed: int) -> Chatter:
    """Return the chats of day number `day`; the same arguments give the same chats."""
    # One generator in one order: a draw that moves changes every later one of the day.
    rng = np.random.default_rng([seed, 2, day])
    o = _open(rng, world, staff, day)
    names, worker, n = list(world.paths), o.worker, o.worker.size
    duration = np.exp(np.clip(_log_duration(rng, world, staff, day, o), 1.0, 12.5))
    rounds = 1 + rng.poisson(np.minimum(duration / 90.0, 25.0))
    take = _takeovers(rng, names, o.path, o.held, rounds, o.severity)
    share = np.where(o.path == names.index("emotional"), 0.6, 0.85)
    after = rng.binomial(np.where(take > 0, rounds - take + 1, 0), share)
    response = (
        world.response_share + staff.reach[worker] + np.where(o.held, world.response_shift, 0)
    )
    return Chatter(
        worker=worker,
        opened_us=o.opened_us,
        eligible=o.eligible,
        held=o.held,
        treated=o.treated,
        path=o.path,
        scores=o.scores,
        queue_wait_s=o.queue_wait_s,
        duration_s=duration,
        rounds=rounds,
        take_round=take,
        human_rounds=np.where(o.held, after, rounds),
        rating=_ratings(rng, _mood(world, staff, o)),
        invited=rng.random(n) < 0.8,
        answered=rng.random(n) < response / 0.8,
        retrial_draw=rng.random(n),
        retrial_p=_retrial(world, staff, o),
        nudged=o.nudged,
        open_nudge=o.open_nudge,
    )


def _open(rng: np.random.Generator, world: World, staff: SyntheticStaff, day: int) -> _Opened:
    worker = np.repeat(np.arange(world.workers), staff.counts[:, day])
    n, names = worker.size, list(world.paths)
    eligible = rng.random(n) < world.eligible_share
    treated = staff.treated[worker] & (day >= world.pre_days)
    held = treated & eligible
    opening = _time_of_day(rng, n) + day * DAY_US + _epoch_us(world)
    scores, path = _paths(rng, world, eligible)
    severity = np.zeros(n)
    emotional = names.index("emotional")
    severity[eligible] = scores[eligible, emotional] - world.paths["emotional"].share
    queue = rng.exponential(30.0, n)
    nudge = held & (rng.random(n) < 0.8)
    return _Opened(
        worker=worker,
        opened_us=opening,
        eligible=eligible,
        treated=treated,
        held=held,
        path=path,
        scores=scores,
        severity=severity,
        queue_wait_s=queue,
        open_nudge=nudge,
        nudged=nudge & (rng.random(n) < 0.5),
    )


def _paths(rng: np.random.Generator, world: World, eligible: Truths) -> tuple[Reals, Wholes]:
    """Return the scores of the paths at opening, and the path that is drawn from them."""
    names = list(world.paths)
    shares = np.array([world.paths[p].share for p in names])
    scores = np.full((eligible.size, len(names)), np.nan)
    who = np.flatnonzero(eligible)
    # Gammas over their sum are a Dirichlet draw, whose mean is the shares.
    gammas = rng.standard_gamma(np.broadcast_to(4 * shares, (who.size, len(names)))) + 1e-12
    scores[who] = gammas / gammas.sum(axis=1, keepdims=True)
    path = np.full(eligible.size, names.index("none"), dtype=np.int64)
    cuts = np.cumsum(scores[who], axis=1)[:, :-1]
    path[who] = (rng.random(who.size)[:, None] > cuts).sum(axis=1)
    return scores, path


def _log_duration(
    rng: np.random.Generator, world: World, staff: SyntheticStaff, day: int, o: _Opened
) -> Reals:
    n = o.worker.size
    cell = rng.normal(0, world.worker_day_sd, world.workers)
    out: Reals = (
        6.15
        + staff.speed[o.worker]
        + cell[o.worker]
        + 0.05 * np.sin(day)
        + 0.15 * o.eligible
        + 0.001 * o.queue_wait_s
        + 0.6 * o.severity
        + rng.normal(0, world.chat_sd, n) * np.where(rng.random(n) < world.tail_share, 3.0, 1.0)
        + o.effect(world, "log_duration", world.spill_log_duration)
        + np.where(o.held, staff.effect[o.worker], 0.0)
        + world.nudge_log_duration * o.pull
    )
    return out


def _mood(world: World, staff: SyntheticStaff, o: _Opened) -> Reals:
    out: Reals = (
        staff.warmth[o.worker]
        + o.effect(world, "rating", world.spill_rating)
        + world.nudge_rating * o.pull
        - 0.8 * o.severity
        - 0.05 * np.where(o.eligible, 1.0, 0.0)
    )
    return out


def _retrial(world: World, staff: SyntheticStaff, o: _Opened) -> Reals:
    effect = o.effect(world, "retrial", world.spill_retrial)
    return np.clip(0.43 + staff.skill[o.worker] + effect + 0.3 * o.severity, 0, 1)


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
