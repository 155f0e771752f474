"""How chats, workers, plans and the trace lie in memory."""

from __future__ import annotations

from typing import Final

import numpy as np

from stepin.floor.engine.trace import REAL_COLUMNS, WHOLE_COLUMNS
from stepin.floor.model.coefficients import Coefficients

_INSIDE: Final = (
    "token", "state", "server", "step", "failures", "before", "after", "can", "ai_held",
    "escalated", "approval", "joined", "in_first", "unread",
)  # fmt: skip
_HOT: Final = (
    "token", "state", "server", "escalated", "approval", "ai_held", "joined", "in_first", "base",
    "generation", "human_turns", "ai_turns", "asked", "frustration", "irritability", "worst",
    "u", "v", "before", "after", "worker", "unread", "ai", "customer_messages", "care_now", "left",
    "attention", "pickup_wait", "waited", "care", "difficulty", "first_answer", "first_human",
    "worker_messages", "worker_chars", "seeking", "proposing", "initiative", "empathy",
)  # fmt: skip
"""What nearly every moment of a chat touches: it lies together, in few lines of the cache."""


def _chat() -> np.dtype:
    wholes = dict.fromkeys((*_INSIDE, *WHOLE_COLUMNS), np.int32)
    reals = dict.fromkeys(("asked", "left", "care_now", "u", "v", *REAL_COLUMNS), np.float64)
    kinds = {**wholes, **reals}
    names = [*_HOT, *(name for name in kinds if name not in _HOT)]
    return np.dtype([(name, kinds[name]) for name in names], align=True)


CHAT: Final = _chat()
WORKER: Final = np.dtype(
    [
        ("arm", np.int32), ("on", np.int32), ("away", np.int32), ("current", np.int32),
        ("token", np.int32), ("held", np.int32), ("supervised", np.int32),
        ("watched", np.int32), ("numbered", np.int32), ("last", np.int32),
        ("waiting", np.int32), ("first_head", np.int32), ("first_tail", np.int32),
        ("other_head", np.int32), ("other_tail", np.int32), ("counted", np.int32),
        ("trait", np.float64), ("speed", np.float64), ("busy", np.float64), ("debt", np.float64),
        ("ends", np.float64), ("started", np.float64),
    ],
    align=True,
)  # fmt: skip
PLANNED: Final = np.dtype(
    [("at", np.float64), ("place", np.int64), ("kind", np.int32), ("whom", np.int32),
     ("token", np.int64)],
    align=True,
)  # fmt: skip
MOMENT: Final = np.dtype(
    [("at", np.float64), ("code", np.int32), ("chat", np.int32), ("worker", np.int32),
     ("x", np.float32)],
    align=True,
)  # fmt: skip
STAFFING: Final = np.dtype(
    [("at", np.float64), ("worker", np.int32), ("code", np.int32)], align=True
)
ISSUE: Final = np.dtype(
    [("until", np.float64), ("difficulty", np.float64), ("eligible", np.int64)], align=True
)
COEFFICIENTS: Final = np.dtype([(name, np.float64) for name in Coefficients._fields])
FLOOR: Final = np.dtype(
    [
        ("seed", np.uint64), ("seed2", np.uint64), ("replication", np.uint64),
        ("chats", np.int64), ("near", np.int64), ("far", np.int64), ("place", np.int64),
        ("told", np.int64), ("events", np.int64), ("full", np.int64), ("queue_head", np.int64),
        ("queue_tail", np.int64), ("queued", np.int64), ("free", np.int64),
        ("owners", np.int64), ("cap", np.int64), ("least_loaded", np.int64),
        ("preempt", np.int64), ("always", np.int64), ("tells", np.int64), ("days", np.int64),
        ("treated_from", np.float64), ("end", np.float64),
        ("fresh_at", np.float64), ("fresh_place", np.int64), ("fresh", np.int64),
        ("staff_at", np.float64), ("staff_place", np.int64), ("staff", np.int64),
        ("graver_technical", np.int64),
        *[(f"{name}{arm}", np.float64) for arm in (0, 1) for name in ("cut", "owner_min",
          "pool_min")],
        *[(f"{name}{arm}", np.int64) for arm in (0, 1) for name in ("ai", "technical",
          "emotional", "pooled")],
    ],
    align=True,
)  # fmt: skip
"""The one row of what everybody shares: counters, and the policies compiled to numbers."""
