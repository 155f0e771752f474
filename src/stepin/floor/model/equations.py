"""The equations, one function each. They know no arm and no label of an escalation.

Every function takes plain numbers and calls nothing but `math`, so that the fast engine can compile
the very same text. `c` is always the scenario's `Coefficients`; `u` is a uniform number. The
logistic function is written as a hyperbolic tangent, which no argument is too large for.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stepin.floor.model.coefficients import Coefficients as Numbers


def normal(u: float, v: float) -> float:
    """Return the first of two independent normal numbers (Box and Muller 1958)."""
    return math.sqrt(-2.0 * math.log(u)) * math.cos(2.0 * math.pi * v)


def other_normal(u: float, v: float) -> float:
    """Return the second of two independent normal numbers."""
    return math.sqrt(-2.0 * math.log(u)) * math.sin(2.0 * math.pi * v)


def exponential(mean: float, u: float) -> float:
    """Return an exponential time."""
    return -mean * math.log(u)


def effort(
    c: Numbers, trait: float, watched: float, frustration: float, ai_turns: float, waiting: float
) -> float:
    """Return the effort of a worker's turn, between 0 and 1."""
    x = (
        c.effort_base
        + trait
        - c.effort_frustration * frustration
        - c.effort_ai_turn * ai_turns
        - c.effort_waiting * waiting
        + c.learning * (1.0 - math.exp(-watched / c.learning_chats))
    )
    return 0.5 + 0.5 * math.tanh(0.5 * x)


def turn_time(c: Numbers, speed: float, care: float, u: float, v: float) -> float:
    """Return the minutes that a turn takes: exponential stages whose mean grows with care."""
    mean = c.turn_min * speed * (1.0 - c.effort_share + 1.2 * c.effort_share * care)
    if c.stages == 1.0:
        return -mean * math.log(u)
    return -0.5 * mean * math.log(u * v)


def avoidance(c: Numbers, care: float, u: float) -> float:
    """Return the minutes for which a message is left alone; they take no attention."""
    return -c.avoidance_min * (1.0 - care) * math.log(u)


def patience(c: Numbers, irritability: float, u: float) -> float:
    """Return after how many minutes of waiting a customer leaves."""
    if c.patience_min == 0.0:
        return math.inf
    return -c.patience_min / irritability * math.log(u)


def waited(c: Numbers, irritability: float, wait_min: float) -> float:
    """Return the frustration that a wait adds."""
    return irritability * c.wait_min * max(0.0, wait_min - c.wait_free_min)


def resolves(c: Numbers, care: float, difficulty: float) -> float:
    """Return the probability that a worker's turn resolves the chat."""
    return min(
        1.0, (c.success + c.success_effort * care) * math.exp(-c.success_difficulty * difficulty)
    )


def leaves(c: Numbers, frustration: float) -> float:
    """Return the probability that a customer leaves after an unresolved turn."""
    return 0.5 + 0.5 * math.tanh(0.5 * (c.leave + c.leave_frustration * frustration))


def can_solve(c: Numbers, difficulty: float) -> float:
    """Return the probability that the AI is able to solve an issue."""
    return 0.5 + 0.5 * math.tanh(0.5 * (c.can - c.can_difficulty * difficulty))


def ai_resolves(c: Numbers, difficulty: float) -> float:
    """Return the probability that a turn of an AI that is able to solves the issue."""
    return c.ai_success * math.exp(-c.ai_difficulty * max(0.0, difficulty))


def failed(c: Numbers, irritability: float, failures: float) -> float:
    """Return the frustration that a failed turn of the AI adds after that many earlier ones."""
    return irritability * (c.failure + c.failure_again * failures)


def looks(c: Numbers, waiting: float, difficulty: float) -> float:
    """Return the probability that the owner looks at a chat of the AI."""
    return c.look * math.exp(-c.look_waiting * waiting + c.look_difficulty * difficulty)


def stars(
    c: Numbers, resolved: float, end: float, worst: float, care: float, worker: float, noise: float
) -> float:
    """Return the rating that a customer would give, 1 to 5; `resolved` is 1 or -1."""
    x = (
        c.rating
        + c.rating_resolved * resolved
        - c.rating_frustration * (c.rating_end * end + (1.0 - c.rating_end) * worst)
        + c.care * (1.0 - math.exp(-care / c.care_scale))
        + worker
        + c.rating_sd * noise
    )
    return max(1.0, min(5.0, math.floor(x + 0.5)))


def answers(c: Numbers, rating: float) -> float:
    """Return the probability that an invited customer gives the rating."""
    return min(1.0, c.answered * math.exp(c.answered_star * abs(rating - 3.0)))


def comes_back(c: Numbers, resolved: bool, frustration: float) -> float:
    """Return the probability that a customer comes back with the same issue."""
    if resolved:
        return c.back_resolved
    return c.back_unresolved * math.exp(-c.back_frustration * frustration)


def back_after(c: Numbers, u: float) -> float:
    """Return after how many days: exponential, cut off at the longest."""
    most = 1.0 - math.exp(-c.back_most_days / c.back_mean_days)
    return -c.back_mean_days * math.log(1.0 - u * most)


def time_of_day(clock: Sequence[float], u: float) -> float:
    """Return the minute of the day at which a returning customer writes."""
    x = u * 1024.0
    n = int(x)
    return clock[n] + (x - n) * (clock[n + 1] - clock[n])
