"""The detector `safety`: whether the customer's last turn tells of danger, by `language.safety`."""

from __future__ import annotations

from typing import Final

from stepin.judge.chat import Turn
from stepin.judge.models.chat_features import Shape
from stepin.language import safety


class Endangered:
    """Names the kinds of danger in the last turn and scores 0 or 1.

    It raises no cause: the desk has acted on a danger where the message was appended.
    """

    name: Final = "safety"
    cause: Final = None
    threshold: Final = 1.0

    @property
    def version(self) -> str:
        """The version of the rules."""
        return safety.version()

    def start(self) -> tuple[str, ...]:
        """Return that there is no danger."""
        return ()

    def update(self, state: tuple[str, ...], turn: Turn, shape: Shape) -> tuple[str, ...]:
        """Return the kinds of danger in this turn, the gravest first."""
        if turn.role != "customer":
            return ()
        return tuple(one.kind for one in safety.dangers(turn.text))

    def score(self, state: tuple[str, ...]) -> tuple[float, tuple[str, ...]]:
        """Return 1 and the kinds if there are any."""
        return float(bool(state)), state
