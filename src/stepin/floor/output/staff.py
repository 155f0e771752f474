"""The tables of workers, their days and their shifts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stepin.core.facts import Shifts, WorkerDays, Workers
from stepin.floor.engine.inputs import DAY_MIN, OFF, ON
from stepin.floor.engine.trace import Run
from stepin.floor.output.tables import DAY_US, MINUTE_US, moments, optional, table_of, words
from stepin.floor.trial import ARMS

Reals = NDArray[np.float64]


def workers_table(run: Run, start_us: int) -> pa.Table:
    """Return the workers with their arms and the means of the days before treatment."""
    given, c = run.inputs, run.chats
    n = given.arm.size
    burnt = given.scenario.size.burn_in_days * DAY_MIN
    early = (c["opened"] >= burnt) & (c["opened"] < given.treated_from_min) & (c["owner"] >= 0)
    rated = early & (c["invited"] > 0) & (c["answered"] > 0)
    owner = c["owner"]

    def sums(which: NDArray[np.bool_], values: Reals) -> Reals:
        return np.bincount(owner[which], values[which], n).astype(np.float64)

    ones = np.ones(owner.size)
    chats, ratings = sums(early, ones), sums(rated, ones)
    treated_us = np.full(n, start_us + given.treated_from_min * MINUTE_US)
    return table_of(
        Workers,
        {
            "worker_id": given.names,
            "block": words(["all"], np.zeros(n, dtype=np.int64)),
            "joined_at": moments(np.full(n, start_us + burnt * MINUTE_US)),
            "tenure_days": given.tenure_days,
            "pre_chats": chats.astype(np.int64),
            "pre_duration_s": _mean(sums(early, (c["closed"] - c["opened"]) * 60), chats),
            "pre_rating": _mean(sums(rated, c["stars"].astype(np.float64)), ratings),
            "pre_retrial_7d": _mean(sums(early, c["comes_back"].astype(np.float64)), chats),
            "arm": words(ARMS, given.arm),
            "treated_from": moments(np.where(given.arm >= 0, treated_us, np.nan)),
        },
    )


def _mean(total: Reals, count: Reals) -> pa.Array:
    return optional(total / np.maximum(count, 1.0), count > 0)


def shifts_table(run: Run, start_us: int) -> pa.Table:
    """Return the shifts after the burn-in."""
    rows = _shifts(run)
    return table_of(
        Shifts,
        {
            "worker_id": words(run.inputs.names, rows["worker"]),
            "day": _days(rows["on"], start_us),
            "on_at": moments(rows["on"] * MINUTE_US + start_us),
            "off_at": moments(rows["off"] * MINUTE_US + start_us),
        },
    )


def _days(at_min: Reals, start_us: int) -> pa.Array:
    days = (at_min * MINUTE_US + start_us) // DAY_US
    return pa.array(days.astype(np.int32)).cast(pa.date32())


def _shifts(run: Run) -> dict[str, Any]:
    given = run.inputs
    on, off = given.staff_code == ON, given.staff_code == OFF
    by = [np.lexsort((given.staff_min[k], given.staff_worker[k])) for k in (on, off)]
    begun, worker = given.staff_min[on][by[0]], given.staff_worker[on][by[0]]
    ended = np.full(begun.size, np.nan)
    ended[: int(off.sum())] = given.staff_min[off][by[1]]
    kept = begun >= given.scenario.size.burn_in_days * DAY_MIN
    return {"worker": worker[kept], "on": begun[kept], "off": ended[kept]}


def worker_days_table(run: Run, chosen: NDArray[np.int64], start_us: int) -> pa.Table:
    """Return one row per worker and day of presence."""
    given = run.inputs
    chosen = chosen[run.chats["owner"][chosen] >= 0]
    c = {name: values[chosen] for name, values in run.chats.items()}
    n, days = given.arm.size, given.days + 1
    cell = c["owner"] * days + (c["opened"] // DAY_MIN).astype(np.int64)

    def sums(values: Any, where: NDArray[np.int64] = cell) -> Reals:
        return np.bincount(where, np.asarray(values, np.float64), n * days).astype(np.float64)

    shifts = _shifts(run)
    end = np.where(np.isfinite(shifts["off"]), shifts["off"], given.end_min)
    at = shifts["worker"] * days + (shifts["on"] // DAY_MIN).astype(np.int64)
    on_min = np.bincount(at, end - shifts["on"], n * days)
    eligible = given.issue_eligible[c["issue"]]
    taken = np.isfinite(c["taken"])
    by = c["worker"] * days + (c["opened"] // DAY_MIN).astype(np.int64)
    until_ai = np.where(taken, c["taken"], c["closed"])
    watched = np.where(c["ai"] > 0, until_ai - c["owned"], 0.0)
    held = c["closed"] - c["owned"] - watched
    kept = np.flatnonzero(on_min > 0)
    share = np.maximum(on_min, 1.0)
    return table_of(
        WorkerDays,
        {
            "worker_id": words(given.names, kept // days),
            "day": _days((kept % days).astype(np.float64) * DAY_MIN, start_us),
            "chats": sums(np.ones(cell.size))[kept].astype(np.int64),
            "eligible_chats": sums(eligible)[kept].astype(np.int64),
            "takeovers": sums(taken, by)[kept].astype(np.int64),
            "on_s": on_min[kept] * 60,
            "focus_s": sums(c["attention"])[kept] * 60,
            "switch_aways": sums(c["switches"])[kept].astype(np.int64),
            "mean_concurrency": (sums(held) / share)[kept],
            "mean_supervised_concurrency": (sums(watched) / share)[kept],
        },
    )
