"""Writing a planted trial as a data set of Parquet files, one file per table and day."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from stepin.evidence.data.synthetic.chats import Chatter, talk
from stepin.evidence.data.synthetic.per_chat import (
    days_tables,
    decisions_table,
    flags_table,
    takeovers_table,
    turns_table,
)
from stepin.evidence.data.synthetic.staff import Assign, Reals, SyntheticStaff, hire
from stepin.evidence.data.synthetic.tables import chats_table, workers_table
from stepin.evidence.data.synthetic.world import World

CORE_COLUMNS = (
    "chat_id",
    "first_owner_id",
    "day",
    "eligible",
    "queue_wait_s",
    "duration_s",
    "rating_invited",
    "rating",
    "retrial_7d",
    "close_reason",
    "customer_tenure_days",
    "customer_prior_chats",
    "opening_chars",
)
"""What the core report reads; writing these alone is several times faster."""
ALL_TABLES = frozenset(
    {"chats", "workers", "flags", "takeovers", "turns", "decisions", "worker_days", "shifts"}
)


def plant(
    world: World,
    folder: Path,
    seed: int,
    *,
    tables: Collection[str] = ALL_TABLES,
    chat_columns: Collection[str] | None = None,
    assign: Assign | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> SyntheticStaff:
    """Write the facts of `world` into `folder`; the same arguments write the same facts.

    Parameters
    ----------
    world : the trial.
    folder : where; made if needed.
    seed : of every draw; a day's draws depend on the seed and the day alone.
    tables : which tables to write; `workers` and `chats` are always written.
    chat_columns : which columns of `chats`; all by default.
    assign : the randomizer, from blocks to treatment; see `hire`.
    progress : called with days done and days in all.

    Returns
    -------
    Staff
        The workers, with what only the planter knows about them.
    """
    staff = hire(world, seed, assign)
    names = None if chat_columns is None else list(chat_columns)
    pre = {k: np.zeros(world.workers) for k in ("chats", "duration_s", "rated", "rating")}
    pre["retrial_7d"] = np.zeros(world.workers)
    for day in range(world.days):
        chats = talk(world, staff, day, seed)
        if day < world.pre_days:
            _count(pre, world, chats)
        written = {
            "chats": chats_table(world, staff, day, chats, seed, names),
            **_others(world, staff, day, chats, seed, tables),
        }
        stamp = f"{np.datetime64(world.first_day, 'D') + day}.parquet"
        for name, rows in written.items():
            _write(folder / name / stamp, rows)
        if progress is not None:
            progress(day + 1, world.days)
    _write(folder / "workers.parquet", workers_table(world, staff, pre))
    return staff


def _others(
    world: World,
    staff: SyntheticStaff,
    day: int,
    chats: Chatter,
    seed: int,
    tables: Collection[str],
) -> dict[str, pa.Table]:
    """Return the tables of a day that are wanted beside its chats."""
    written: dict[str, pa.Table] = {}
    if "flags" in tables:
        written["flags"] = flags_table(world, staff, day, chats, seed)
    if "takeovers" in tables:
        written["takeovers"] = takeovers_table(world, staff, day, chats)
    if "decisions" in tables:
        written["decisions"] = decisions_table(world, staff, day, chats)
    if "turns" in tables:
        written["turns"] = turns_table(world, staff, day, chats, seed)
    if {"worker_days", "shifts"} & set(tables):
        days, shifts = days_tables(world, staff, day, chats, seed)
        written |= {"worker_days": days, "shifts": shifts}
    return written


def _count(pre: dict[str, Reals], world: World, c: Chatter) -> None:
    given = c.invited & c.answered
    sums = {
        "chats": np.ones(c.worker.size),
        "duration_s": c.duration_s,
        "rated": given.astype(np.float64),
        "rating": np.where(given, c.rating, 0.0),
        "retrial_7d": (c.retrial_draw < c.retrial_p).astype(np.float64),
    }
    for name, values in sums.items():
        pre[name] += np.bincount(c.worker, values, minlength=world.workers)


def _write(path: Path, rows: pa.Table) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(rows, path, compression="zstd", use_dictionary=True)
