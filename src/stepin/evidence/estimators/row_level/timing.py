"""When workers step in: how often, round by round, and what early stepping in goes with.

Comparing chats by when they *were* taken over is wrong by construction: to be taken over late
a chat must have lasted long, and it lasts long because it goes badly (immortal time). The
landmark comparison starts a clock at each round, among chats still with the AI, and looks
forward only. Severity that nobody recorded still confounds it: it is adjusted, not causal.
"""

from __future__ import annotations

import msgspec
import numpy as np

from stepin.evidence.base.arrays import Floats, Ints, columns
from stepin.evidence.base.estimate import Estimate
from stepin.evidence.estimators.row_level.least_squares import RowFit, fit

NEVER = 0


class Hazard(msgspec.Struct, frozen=True, kw_only=True):
    """One round: chats still with the AI, how many were then taken over, and the sum so far.

    Attributes
    ----------
    hazard : taken over in this round over those at risk.
    cumulative : share of all chats taken over by the end of it (closing competes).
    """

    round: int
    at_risk: int
    taken: int
    hazard: float
    cumulative: float


def hazard_by_round(takeover_round: Ints, rounds: Ints, *, last: int) -> tuple[Hazard, ...]:
    """Return the discrete-time hazard of takeover for rounds 1 … ``last``.

    Parameters
    ----------
    takeover_round : (n,) round of the first takeover, 0 for never.
    rounds : (n,) rounds of the whole chat. A chat is at risk until taken over or closed.
    """
    leaves = np.where(takeover_round > NEVER, takeover_round, rounds)
    found, cumulative = [], 0
    for k in range(1, last + 1):
        at_risk = int((leaves >= k).sum())
        taken = int((takeover_round == k).sum())
        cumulative += taken
        found.append(
            Hazard(
                round=k,
                at_risk=at_risk,
                taken=taken,
                hazard=taken / at_risk if at_risk else 0.0,
                cumulative=cumulative / max(1, rounds.size),
            )
        )
    return tuple(found)


def naive_early_late(
    y: Floats, takeover_round: Ints, x: Floats, *, unit: Ints, day: Ints, early_to: int
) -> Estimate:
    """Return the biased early-minus-late difference, to be shown only as a warning.

    Taken-over chats alone, early being round ``early_to`` or before.
    """
    rows = takeover_round > NEVER
    early = (takeover_round[rows] <= early_to).astype(np.float64)
    design = columns(early, x[rows])
    terms = ("early", *(f"x{i}" for i in range(x.shape[1])))
    return fit(y[rows], design, terms, cluster=unit[rows], factors=(day[rows],)).estimate("early")


class Landmark(msgspec.Struct, frozen=True, kw_only=True):
    """The landmark comparison at one round, or pooled over all (round 0)."""

    round: int
    taken: int
    waiting: int
    difference: Estimate


def _trial(takeover_round: Ints, rounds: Ints, k: int, window: int) -> tuple[Ints, Floats]:
    """Return the rows at risk at round k and who of them is taken over within the window."""
    leaves = np.where(takeover_round > NEVER, takeover_round, rounds)
    at_risk = np.flatnonzero(leaves >= k)
    taken = takeover_round[at_risk]
    return at_risk, ((taken > NEVER) & (taken < k + window)).astype(np.float64)


def landmark(
    y: Floats,
    takeover_round: Ints,
    rounds: Ints,
    x: Floats,
    *,
    unit: Ints,
    day: Ints,
    last: int,
    window: int = 1,
) -> tuple[Landmark, ...]:
    """Return, at each round, chats taken over now against chats that go on with the AI.

    The comparison group may be taken over later: the question is "now, or wait?". The last
    entry (round 0) pools the rounds as sequential trials with a level for each round
    (Hernán, Alonso, Logan et al. 2008; van Houwelingen 2007), errors clustered by worker, who
    may hold the same chat in several rounds.

    Parameters
    ----------
    y : (n,) outcome measured after every landmark, such as rating or retrial; finite.
    x : (n, k) covariates known at opening.
    window : rounds from the landmark within which a takeover counts as now.
    """
    found: list[Landmark] = []
    pool: list[tuple[Ints, Floats, Ints]] = []
    terms = ("now", *(f"x{i}" for i in range(x.shape[1])))
    for k in range(1, last + 1):
        rows, now = _trial(takeover_round, rounds, k, window)
        taken = int(now.sum())
        if min(taken, now.size - taken) < 30:
            continue
        pool.append((rows, now, np.full(rows.size, k, dtype=np.int64)))
        one = fit(y[rows], columns(now, x[rows]), terms, cluster=unit[rows], factors=(day[rows],))
        found.append(_landmark(k, now, one))
    if len(pool) > 1:
        # A chat stands in the pool once for every round that it reached.
        rows, now, level = (np.concatenate(parts) for parts in zip(*pool, strict=True))
        whole = fit(
            y[rows], columns(now, x[rows]), terms, cluster=unit[rows], factors=(day[rows], level)
        )
        found.append(_landmark(0, now, whole))
    return tuple(found)


def _landmark(k: int, now: Floats, found: RowFit) -> Landmark:
    taken = int(now.sum())
    return Landmark(
        round=k, taken=taken, waiting=now.size - taken, difference=found.estimate("now")
    )
