"""Whether the AI is stuck, from what can be counted: no training, and a reason for the score.

Signs: the customer or the AI repeats itself, tools fail or return nothing in a row, the brain
isn't sure, a question stays unanswered over several customer turns. Each adds evidence; the
score is 1 - Π (1 - weight), so that more signs never lower it.
"""

from __future__ import annotations

from typing import Final

import msgspec

from stepin.core.events.base import Cause
from stepin.judge.chat import Turn
from stepin.judge.models.chat_features import START, Shape


class Sign(msgspec.Struct, frozen=True, kw_only=True):
    """One sign that is present, and its weight, 0 … 1."""

    name: str
    weight: float


def signs(shape: Shape) -> list[Sign]:
    """Return the signs after the last turn, the heaviest first."""
    found: list[tuple[str, float]] = []
    if shape.other_repeats:
        found.append(("ai_repeats", min(0.35 * shape.other_repeats, 0.8)))
    if shape.customer_repeats:
        found.append(("customer_repeats", min(0.3 * shape.customer_repeats, 0.8)))
    if shape.failed_in_row:
        found.append(("tools_fail", min(0.3 * shape.failed_in_row, 0.9)))
    if shape.confidence_low > 0.5:
        found.append(("low_confidence", shape.confidence_low - 0.3))
    if shape.by_customer and shape.run_turns >= 3 and shape.open_question:
        found.append(("unanswered", min(0.15 * (shape.run_turns - 1), 0.6)))
    ordered = sorted(found, key=lambda sign: (-sign[1], sign[0]))
    return [Sign(name=name, weight=weight) for name, weight in ordered]


def stuck_score(shape: Shape) -> float:
    """Return how sure the signs are that the AI is stuck, 0 … 1."""
    free = 1.0
    for sign in signs(shape):
        free *= 1.0 - sign.weight
    return 1.0 - free


class Stuck:
    """Scores the counted signs after every turn.

    Parameters
    ----------
    threshold : where the signs become a flag, 0 … 1.
    """

    name: Final = "stuck"
    version: Final = "stuck-1"
    cause: Final[Cause] = "technical"

    def __init__(self, threshold: float) -> None:
        self.threshold = threshold

    def start(self) -> Shape:
        """Return the shape of a chat in which nothing has been said."""
        return START

    def update(self, state: Shape, turn: Turn, shape: Shape) -> Shape:
        """Return the shape after the turn."""
        return shape

    def score(self, state: Shape) -> tuple[float, tuple[str, ...]]:
        """Return how sure the signs are that the AI is stuck, and their names."""
        return stuck_score(state), tuple(sign.name for sign in signs(state))
