"""How chats, workers, plans and the trace lie in memory."""

from __future__ import annotations

from typing import Final

import numpy as np

from stepin.floor.engine.trace import REAL_COLUMNS, WHOLE_COLUMNS
from stepin.floor.model.coefficients import Coefficients

CHAT: Final = np.dtype(
    [
        ("token", np.int32), ("state", np.int32), ("server", np.int32), ("step", np.int32),
        ("failures", np.int32), ("before", np.int32), ("after", np.int32), ("can", np.int32),
        ("ai_held", np.int32), ("escalated", np.int32), ("approval", np.int32),
        ("joined", np.int32), ("in_first", np.int32), ("unread", np.int32),
        ("asked", np.float64), ("left", np.float64), ("care_now", np.float64),
        *[(name, np.int32) for name in WHOLE_COLUMNS],
        *[(name, np.float64) for name in REAL_COLUMNS],
    ],
    align=True,
)  # fmt: skip
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
    [("at", np.float64), ("code", np.int32), ("chat", np.int32), ("worker", np.int64),
     ("x", np.float64)],
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
