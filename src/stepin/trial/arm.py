"""The arm of one unit by itself: customers, chats, and workers who join late.

Nothing is remembered between calls and nothing but the plan's seed, shares and the unit's id
matters, so that every process, now and in a replay, says the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import accumulate

from stepin.trial.draw import draw, key
from stepin.trial.plan import Plan

UNIT = "unit"
LATE = "late"


def edges(shares: Sequence[float]) -> tuple[int, ...]:
    """Return, per arm but the last, the 64-bit draw from which the next arm begins."""
    whole = sum(Fraction(s) for s in shares)
    ends = list(accumulate(Fraction(s) / whole for s in shares))[:-1]
    return tuple(int(end * 2**64) for end in ends)


def arm_of(plan: Plan, unit: str) -> str:
    """Return the arm of a customer or a chat: drawn alone, with the arms' shares."""
    return _alone(plan, UNIT, unit)


def late_arm(plan: Plan, worker: str) -> str | None:
    """Return the arm of a worker who joins after the lock, or None if kept out of the trial."""
    rule = plan.randomization.late_joiners
    if rule == "exclude":
        return None
    return plan.control if rule == "control" else _alone(plan, LATE, worker)


def _alone(plan: Plan, purpose: str, unit: str) -> str:
    drawn = draw(key(plan.seed, purpose, unit))
    past = sum(drawn >= edge for edge in edges([a.share for a in plan.arms]))
    return plan.arms[past].name
