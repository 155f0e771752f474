"""The detector `chasing`: whether the customer has to ask after a parcel again and again."""

from __future__ import annotations

from stepin import Cause, Shape, Turn

_CHASES = ("where is", "where's", "still waiting", "still hasn't", "any news", "not arrived")


class Chasing:
    """Counts the customer's messages that ask after something; the second one raises a flag."""

    name = "chasing"
    version = "chasing-1"
    cause: Cause | None = "technical"
    threshold = 0.7

    def start(self) -> int:
        """Return that nothing was asked after."""
        return 0

    def update(self, state: int, turn: Turn, shape: Shape) -> int:
        """Return how many of the customer's messages have asked, this one included."""
        if turn.role != "customer":
            return state
        text = turn.text.lower().replace("\u2019", "'")
        return state + any(phrase in text for phrase in _CHASES)

    def score(self, state: int) -> tuple[float, tuple[str, ...]]:
        """Return 0 without such a message, 0.5 with one, 0.75 with two, and so on."""
        return 1.0 - 0.5**state, ("chases_parcel",) if state else ()
