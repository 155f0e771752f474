"""The facts: typed tables that analyses read, whoever wrote the log behind them."""

from __future__ import annotations

from typing import Final

from stepin.core.facts.chats import CLOSE_REASONS, PATHS, Chats
from stepin.core.facts.column import (
    DAY,
    MOMENT,
    REAL,
    TEXT,
    TRUTH,
    WHOLE,
    After,
    Assigned,
    AtOpening,
    Before,
    Column,
    Kind,
    Stage,
    Table,
    at_opening,
    before,
)
from stepin.core.facts.handling import (
    ACTION_ENDS,
    APPROVALS,
    AUTHORS,
    CAUSES,
    ESCALATION_ENDS,
    Actions,
    Decisions,
    Flags,
    Takeovers,
    Turns,
)
from stepin.core.facts.work import Focus, Shifts, WorkerDays, Workers

TABLES: Final[tuple[type[Table], ...]] = (
    Chats,
    Flags,
    Takeovers,
    Turns,
    Decisions,
    Actions,
    Workers,
    Shifts,
    WorkerDays,
    Focus,
)

__all__ = [
    "ACTION_ENDS",
    "APPROVALS",
    "AUTHORS",
    "CAUSES",
    "CLOSE_REASONS",
    "DAY",
    "ESCALATION_ENDS",
    "MOMENT",
    "PATHS",
    "REAL",
    "TABLES",
    "TEXT",
    "TRUTH",
    "WHOLE",
    "Actions",
    "After",
    "Assigned",
    "AtOpening",
    "Before",
    "Chats",
    "Column",
    "Decisions",
    "Flags",
    "Focus",
    "Kind",
    "Shifts",
    "Stage",
    "Table",
    "Takeovers",
    "Turns",
    "WorkerDays",
    "Workers",
    "at_opening",
    "before",
]
