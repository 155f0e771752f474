"""The check of the facts before a report: every column that it reads, whoever wrote the files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from stepin.core.facts import (
    Chats,
    Column,
    Decisions,
    Shifts,
    Table,
    Takeovers,
    WorkerDays,
    Workers,
)
from stepin.evidence.data.covariates import KINDS, MATCHED_ON
from stepin.evidence.data.facts.value_check import faults, gaps, refuse
from stepin.evidence.data.storage import files, require, source
from stepin.trial.plan import Plan

HINT = (
    "Correct the source and build the facts again; with a mapping, say there what such values mean."
)


def check(folder: Path, plan: Plan, needed: Sequence[Column[Any]]) -> None:
    """Refuse facts with values that no analysis could use rightly.

    Parameters
    ----------
    needed : columns of the chats that the report reads besides the plan's own.

    Raises
    ------
    Missing
        ``no_facts``: there are no chats.
    Invalid
        ``wrong_type``, ``facts_value``: a column has values of another kind, or such that can't be,
        or doesn't say of some chats whether they are eligible.
    """
    source(folder, Chats)
    names = {c.name for c in (*needed, *MATCHED_ON, *KINDS)}
    names |= {o.name for o in plan.outcomes} | {*plan.analysis.controls, *plan.analysis.splits}
    names |= {"day", "eligible", "opened_at"}
    wanted: list[tuple[type[Table], list[Column[object]]]] = [
        (Chats, [c for c in Chats.columns if c.name in names])
    ]
    others: tuple[type[Table], ...] = (Workers, WorkerDays, Decisions, Takeovers, Shifts)
    wanted += [(other, list(other.columns)) for other in others]
    with duckdb.connect(":memory:") as con:
        con.execute("SET TimeZone = 'UTC'")
        for table, columns in wanted:
            if not files(folder, table):
                continue
            relation = source(folder, table)
            described = con.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()  # noqa: S608
            there = {str(row[0]) for row in described}
            if not set(table.key) <= there:
                continue
            own = [c for c in columns if c.name in there]
            require(con, relation, own)
            refuse(faults(con, relation, table, own), code="facts_value", hint=HINT)
            if table is Chats and "eligible" in there:
                refuse(gaps(con, relation, table, (Chats.eligible,)), code="facts_value", hint=HINT)
