"""What an engine tells of a run: a trace of moments, and one row per closed chat."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from stepin.floor.engine.inputs import FloorInputs

OPENED, OWNED, HELD, CUSTOMER, AI_SAID, WORKER_SAID, FLAG, ALERT, TAKEN, EXPIRED = range(10)
FOCUS, APPROVED, CLOSED, STAFFED, WITHDRAWN = range(10, 15)
"""The kinds of a trace's rows; `CODES` says what each of them tells."""
CODES: Final = (
    "opened", "owned", "held", "customer", "ai_said", "worker_said", "flag", "alert", "taken",
    "expired", "focus", "approved", "closed", "staffed", "withdrawn",
)  # fmt: skip

ASSIGNED, TAKEOVER, HAND_BACK = range(3)
"""Why the holder changed (`x` of a row `HELD`; its worker is -1 for the AI)."""
NO_PATH, TECHNICAL, EMOTIONAL, HUMAN = range(4)
PATH_WORDS: Final = ("none", "technical", "emotional", "human_initiated")
RESOLVED, ABANDONED, TIMED_OUT = range(3)
CLOSE_WORDS: Final = ("resolved", "abandoned", "timed_out")
OWNER_STEP, POOL_STEP, LEAD_STEP = range(3)

WHOLE_COLUMNS: Final = (
    "base", "generation", "parent", "owner", "worker", "issue", "ai", "arm", "path", "reason",
    "resolved", "ai_turns", "human_turns", "customer_messages", "worker_messages", "seeking",
    "proposing", "initiative", "empathy", "takeover_round", "concurrency", "supervised",
    "queue_length", "stars", "invited", "answered", "comes_back", "switches", "takeovers",
    "worker_chars", "flag_cause", "flag_round",
)  # fmt: skip
REAL_COLUMNS: Final = (
    "opened", "owned", "closed", "first_answer", "flag", "alert", "taken", "first_human",
    "handed_back", "attention", "waited", "waited_owner", "frustration", "worst", "opening_mood",
    "care", "difficulty", "irritability", "back", "pickup_wait", "owner_probability",
)  # fmt: skip
"""Columns of a run's chats; moments are minutes, and nan where something didn't happen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """Every moment of a run, in order: when, what, in which chat, by whom, and a number."""

    at_min: NDArray[np.float64]
    code: NDArray[Any]
    chat: NDArray[Any]
    worker: NDArray[Any]
    x: NDArray[Any]

    def __len__(self) -> int:
        return int(self.code.size)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A finished run.

    Attributes
    ----------
    chats : `WHOLE_COLUMNS` and `REAL_COLUMNS`, one entry per chat in order of opening.
    busy_min : attention that each worker spent.
    events : how many moments the engine handled.
    waiting_min : time that messages spent ready and not picked up, all together.
    trace : every moment, if it was asked for.
    """

    inputs: FloorInputs
    chats: dict[str, NDArray[Any]]
    busy_min: NDArray[np.float64]
    events: int
    engine: str
    trace: Trace | None = None
    notes: dict[str, float] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """The number of chats."""
        return int(self.chats["base"].size)
