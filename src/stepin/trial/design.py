"""The one randomizer: a sequence of candidate assignments that anybody can draw again.

Candidate c gives every unit the arm of its rank, inside its block, among the keyed draws at index
c. Those that the re-randomization rule rejects are passed over. The trial uses the first that is
accepted; the next ones are the alternatives of randomization inference, power and the sample-ratio
test. So every accepted candidate was equally likely to be the one in use, rejections included.

Seats of a block that shares don't divide evenly are rounded by systematic sampling over the blocks
in a drawn order, which keeps every unit's probability exactly at the arm's share.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Philox
from numpy.typing import NDArray

from stepin.errors import Refused
from stepin.trial.arm import LATE, UNIT, edges
from stepin.trial.blocks import blocks
from stepin.trial.draw import streams
from stepin.trial.plan import Plan
from stepin.trial.pool import Pool
from stepin.trial.screen import Arms, Screen, screen

FIXED = "fixed"
ORDER = "order"
SEATS = "seats"

_BATCH_CELLS = 4_000_000
_MOST_CANDIDATES = 20_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """Everything that the draw depends on.

    Attributes
    ----------
    units : ids, sorted.
    block : shape (units,), the number of each unit's block.
    block_names : the names of the blocks, by number.
    arms, shares : the arms and their shares, in the plan's order.
    fixed : whether counts are fixed inside blocks; otherwise every unit is drawn alone.
    purpose : the name under which the units' keys are made.
    screen : the re-randomization rule, if there is one.
    """

    seed: int
    units: tuple[str, ...]
    block: NDArray[np.int64]
    block_names: tuple[str, ...]
    arms: tuple[str, ...]
    shares: tuple[float, ...]
    fixed: bool = True
    purpose: str = FIXED
    screen: Screen | None = None

    def with_seed(self, seed: int) -> Design:
        """Return the same design under another seed, as a power simulation needs."""
        return replace(self, seed=seed)


@dataclass(frozen=True, slots=True, eq=False)
class Replay:
    """Assignments drawn again. Row 0 of a replay from 0 is the trial's own.

    Attributes
    ----------
    arms : shape (rows, units), the number of the arm of each unit.
    candidates : shape (rows,), the place of each row in the sequence of candidates.
    """

    arms: Arms
    candidates: NDArray[np.int64]


def design(plan: Plan, pool: Pool) -> Design:
    """Return the design of a plan over a pool of units.

    Workers are drawn with fixed counts in blocks; customers and chats alone.

    Raises
    ------
    Invalid
        ``pool_covariate``: the pool lacks a covariate that the plan blocks or screens on.
    """
    arms = tuple(a.name for a in plan.arms)
    shares = tuple(a.share for a in plan.arms)
    if plan.unit != "worker":
        return alone(plan, pool.units, purpose=UNIT)
    names = blocks(pool, plan.randomization.blocks, least=plan.randomization.least_block)
    known = tuple(sorted(set(names)))
    number = {name: i for i, name in enumerate(known)}
    block = np.array([number[n] for n in names], dtype=np.int64)
    again = plan.randomization.rerandomize
    return Design(
        seed=plan.seed,
        units=pool.units,
        block=block,
        block_names=known,
        arms=arms,
        shares=shares,
        screen=None if again is None else screen(pool, block, len(arms), again),
    )


def alone(plan: Plan, units: tuple[str, ...], *, purpose: str = LATE) -> Design:
    """Return the design of units that are each drawn alone: customers, chats, late joiners."""
    return Design(
        seed=plan.seed,
        units=tuple(sorted(units)),
        block=np.zeros(len(units), dtype=np.int64),
        block_names=("alone",),
        arms=tuple(a.name for a in plan.arms),
        shares=tuple(a.share for a in plan.arms),
        fixed=False,
        purpose=purpose,
    )


def replay(of: Design, rows: int) -> Replay:
    """Return the first `rows` accepted assignments: the trial's own, then its alternatives.

    Raises
    ------
    Refused
        ``rerandomization_too_strict``: nearly every candidate is rejected.
    """
    parts: list[Arms] = []
    places: list[NDArray[np.int64]] = []
    missing, seen = rows, 0
    for batch in candidates(of, rows):
        good = (
            np.ones(len(batch), dtype=bool)
            if of.screen is None
            else of.screen.accepts(batch, len(of.arms))
        )
        found = np.flatnonzero(good)[:missing]
        parts.append(batch[found])
        places.append(found + seen)
        missing, seen = missing - len(found), seen + len(batch)
        if not missing:
            return Replay(np.concatenate(parts), np.concatenate(places))
        if seen >= _MOST_CANDIDATES or (seen >= 200_000 and missing == rows):
            break
    raise Refused(
        f"Only {rows - missing} of {seen} candidate assignments pass the re-randomization rule.",
        code="rerandomization_too_strict",
        hint="Raise the acceptance or the largest difference, or name fewer covariates.",
        accepted=rows - missing,
        drawn=seen,
    )


def candidates(of: Design, wanted: int) -> Iterator[Arms]:
    """Yield the sequence of candidates in batches, shape (rows, units), without end."""
    units = streams(of.seed, of.purpose, of.units)
    order = streams(of.seed, ORDER, of.block_names)
    seats = streams(of.seed, SEATS, of.arms[:-1])
    most = max(1, _BATCH_CELLS // max(len(of.units), 1))
    rows = max(1, min(most, wanted))
    while True:
        drawn = _draws(units, rows)
        yield _by_rank(of, drawn, order, seats) if of.fixed else _by_share(of, drawn)
        rows = min(most, max(rows * 2, 64))


def _draws(of: list[Philox], rows: int) -> NDArray[np.uint64]:
    return np.ascontiguousarray(np.stack([stream.random_raw(rows) for stream in of]).T)


def _by_share(of: Design, drawn: NDArray[np.uint64]) -> Arms:
    arms = np.zeros(drawn.shape, dtype=np.int8)
    for edge in edges(of.shares):
        arms += drawn >= np.uint64(edge)
    return arms


def _by_rank(
    of: Design, drawn: NDArray[np.uint64], order: list[Philox], seats: list[Philox]
) -> Arms:
    """Give the lowest draws of a block the first arm, and so on; a unit's place breaks a tie."""
    bits = np.uint64(max(len(of.units).bit_length(), 1))
    places = np.arange(1, len(of.units) + 1, dtype=np.uint64)
    drawn = (drawn >> bits << bits) | places
    ends = _seat_ends(of, _draws(order, len(drawn)), _draws(seats, len(drawn)))
    arms = np.zeros(drawn.shape, dtype=np.int8)
    for b in range(len(of.block_names)):
        inside = np.flatnonzero(of.block == b)
        part = drawn[:, inside]
        ranked = np.concatenate(
            [np.zeros((len(part), 1), dtype=np.uint64), np.sort(part, axis=1)], axis=1
        )
        for end in ends[:, b, :].T:
            last = np.take_along_axis(ranked, end[:, None], axis=1)
            arms[:, inside] += part > last
    return arms


def _seat_ends(
    of: Design, order: NDArray[np.uint64], start: NDArray[np.uint64]
) -> NDArray[np.int64]:
    """Return, per candidate and block, how many seats the first 1, 2, ... arms have together."""
    rows = len(start)
    sizes = np.bincount(of.block, minlength=len(of.block_names))
    turn = np.argsort(order, axis=1, kind="stable")
    back = np.argsort(turn, axis=1, kind="stable")
    left = np.take_along_axis(np.broadcast_to(sizes, turn.shape), turn, axis=1)
    offset = (start >> np.uint64(32)).astype(np.float64) * 2.0**-32
    ends = np.zeros((rows, len(sizes), len(of.arms) - 1), dtype=np.int64)
    taken = np.zeros_like(left)
    rest = 1.0
    for a, share in enumerate(of.shares[:-1]):
        target = np.cumsum(left, axis=1) * (share / rest)
        target = np.where(np.abs(target - np.rint(target)) < 1e-9, np.rint(target), target)
        upto = np.floor(target + offset[:, a, None]).astype(np.int64)
        won = np.diff(upto, axis=1, prepend=0)
        taken = taken + won
        left = left - won
        ends[:, :, a] = np.take_along_axis(taken, back, axis=1)
        rest -= share
    return ends
