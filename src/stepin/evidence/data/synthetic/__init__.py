"""A finished trial with known effects, written as facts.

For tests, for benchmarks and for the demonstration's past trial: whatever an analysis claims, here
the truth is known. It is independent of the floor simulator, which writes a log instead.
"""

from __future__ import annotations

from stepin.evidence.data.synthetic.chats import Chatter, talk
from stepin.evidence.data.synthetic.staff import SyntheticStaff, hire
from stepin.evidence.data.synthetic.world import NULL_PATHS, PAPER_PATHS, PathEffect, World
from stepin.evidence.data.synthetic.write import ALL_TABLES, CORE_COLUMNS, plant

__all__ = [
    "ALL_TABLES",
    "CORE_COLUMNS",
    "NULL_PATHS",
    "PAPER_PATHS",
    "Chatter",
    "PathEffect",
    "SyntheticStaff",
    "World",
    "hire",
    "plant",
    "talk",
]
