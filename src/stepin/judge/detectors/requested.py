"""The detector `requested`: whether the customer asks for a person, by the rules of `language`."""

from __future__ import annotations

from typing import Final

from stepin.core.events.base import Cause
from stepin.judge.chat import Turn
from stepin.judge.models.chat_features import Shape
from stepin.language.person import asks_for_person


class Requested:
    """Speaks of the last turn alone and scores 0 or 1."""

    name: Final = "requested"
    version: Final = "requested-3"
    cause: Final[Cause] = "requested"
    threshold: Final = 1.0

    def start(self) -> bool:
        """Return that nothing was asked for."""
        return False

    def update(self, state: bool, turn: Turn, shape: Shape) -> bool:
        """Return whether this turn asks for a person."""
        return turn.role == "customer" and asks_for_person(turn.text)

    def score(self, state: bool) -> tuple[float, tuple[str, ...]]:
        """Return 1 if a person was asked for."""
        return float(state), ()
