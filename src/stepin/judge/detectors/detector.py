"""A detector: a pure fold over the turns of one chat, with a name, a version and a cause."""

from __future__ import annotations

from typing import Any, Protocol

import msgspec

from stepin.core.events.base import Cause
from stepin.judge.chat import Turn
from stepin.judge.models.chat_features import Shape


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """The score of one detector after a turn.

    Attributes
    ----------
    cause : the cause that a score above the threshold raises; None raises nothing.
    reasons : names of signs or rules, if the detector has any.
    """

    detector: str
    version: str
    score: float
    threshold: float
    cause: Cause | None = None
    reasons: tuple[str, ...] = ()

    @property
    def flagged(self) -> bool:
        """Whether the score reaches the threshold."""
        return self.score >= self.threshold


class Detector(Protocol):
    """One detector of a panel.

    A detector is deterministic and has no memory of its own: all that it knows of a chat is in the
    state, which is replaced and never changed. It is asked in every arm alike, also where its
    score has no consequence.
    """

    @property
    def name(self) -> str:
        """The name that the log and the facts give it; unique in a panel."""
        ...

    @property
    def version(self) -> str:
        """Changes whenever a score could; every member's version is hashed into the panel's."""
        ...

    @property
    def cause(self) -> Cause | None:
        """The cause that it raises, None if it only reports."""
        ...

    @property
    def threshold(self) -> float:
        """The score from which on the cause is raised, 0 … 1."""
        ...

    def start(self) -> Any:
        """Return the state of a chat in which nothing has been said."""
        ...

    def update(self, state: Any, turn: Turn, shape: Shape) -> Any:
        """Return the state after a turn of a customer, the AI or a worker.

        `shape` holds what can be counted of the chat up to this turn, the turn included.
        """
        ...

    def score(self, state: Any) -> tuple[float, tuple[str, ...]]:
        """Return the score, 0 … 1, and its reasons."""
        ...
