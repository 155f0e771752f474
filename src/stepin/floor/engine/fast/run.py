"""Fills the arrays of the fast engine, runs it, and reads the results."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stepin.core.escalation import gravity
from stepin.errors import Invalid
from stepin.floor.engine.fast.layout import (
    CHAT,
    COEFFICIENTS,
    FLOOR,
    ISSUE,
    MOMENT,
    PLANNED,
    STAFFING,
    WORKER,
)
from stepin.floor.engine.fast.loop import run_until
from stepin.floor.engine.inputs import DAY_MIN, FloorInputs
from stepin.floor.engine.reference import Progress
from stepin.floor.engine.trace import REAL_COLUMNS, WHOLE_COLUMNS, Run, Trace
from stepin.floor.randomness.philox import MASK

_MOST_TRIES = 12
_AT_ONCE = 2048
_FULL = {1: "near", 2: "far", 3: "told", 4: "chats"}


def run_fast(given: FloorInputs, *, trace: bool = False, progress: Progress | None = None) -> Run:
    """Run one replication on the fast engine; parameters as `run_reference`."""
    rooms = _first_guess(given, trace=trace)
    for _ in range(_MOST_TRIES):
        memory = _Memory(given, rooms, trace=trace)
        full = memory.run(progress)
        if not full:
            return memory.result(trace=trace)
        rooms[_FULL[full]] *= 2
    raise Invalid(
        "The run needs more memory than can be set aside.", code="floor_too_large",
        hint="Simulate fewer days or workers.",
    )  # fmt: skip


def _first_guess(given: FloorInputs, *, trace: bool) -> dict[str, int]:
    always = given.scenario.arrivals.always_open
    fresh = given.fresh_min.size
    if always:
        fresh = int(given.workers * given.days * DAY_MIN * always / 8.0)
    share = min(0.9, 0.25 * given.c.back_unresolved + 0.75 * given.c.back_resolved)
    chats = int(1.15 * fresh / (1.0 - (0.0 if always else share))) + 1024
    return {
        "chats": chats,
        "near": 64 * given.arm.size + 4096,
        "far": 1024 if always else chats // 2 + 1024,
        "told": 40 * chats if trace else 1,
    }


class _Memory:
    """The arrays of one run."""

    def __init__(self, given: FloorInputs, rooms: dict[str, int], *, trace: bool) -> None:
        self._given = given
        self.s = np.zeros(1, dtype=FLOOR)
        self.c = np.array([tuple(given.c)], dtype=COEFFICIENTS)
        self.chats = np.zeros(rooms["chats"], dtype=CHAT)
        self.near = np.zeros(rooms["near"], dtype=PLANNED)
        self.far = np.zeros(rooms["far"], dtype=PLANNED)
        self.told = np.zeros(rooms["told"], dtype=MOMENT)
        self.workers = _workers(given)
        self.tree = np.zeros(given.workers + 1, dtype=np.int64)
        self.issues = _rows(
            ISSUE,
            until=given.issue_share,
            difficulty=given.issue_difficulty,
            eligible=given.issue_eligible,
        )
        self.staff = _rows(
            STAFFING, at=given.staff_min, worker=given.staff_worker, code=given.staff_code
        )
        self._fill(self.s[0], trace=trace)

    def _fill(self, s: Any, *, trace: bool) -> None:
        given, arms = self._given, self._given.scenario.arms
        s["seed"], s["seed2"] = given.seed & MASK, (given.seed >> 32) & MASK
        s["replication"] = given.replication
        s["queue_head"] = s["queue_tail"] = -1
        s["owners"], s["days"] = given.workers, given.days
        s["cap"] = arms.control.assignment.cap
        s["least_loaded"] = arms.control.assignment.rule == "least_loaded"
        s["preempt"] = given.scenario.staff.preempt
        s["always"], s["tells"] = given.scenario.arrivals.always_open, trace
        s["treated_from"], s["end"] = given.treated_from_min, given.end_min
        s["graver_technical"] = gravity("technical") <= gravity("emotional")
        for arm, policy in enumerate((arms.control, arms.treated)):
            s[f"ai{arm}"] = policy.ai.enabled
            s[f"technical{arm}"] = policy.alerts.names("technical")
            s[f"emotional{arm}"] = policy.alerts.names("emotional")
            s[f"pooled{arm}"] = policy.ai.supervision == "pooled"
            s[f"cut{arm}"] = given.cut[arm]
            s[f"owner_min{arm}"] = policy.ladder.owner_s / 60.0
            s[f"pool_min{arm}"] = policy.ladder.pool_s / 60.0
        if self.staff.size:
            s["staff_at"] = given.staff_min[0]
            s["place"] += 1
        if given.fresh_min.size:
            s["fresh_at"], s["fresh_place"] = given.fresh_min[0], s["place"]
            s["place"] += 1

    def run(self, progress: Progress | None) -> int:
        """Run to the end; return what was too small, 0 if nothing was."""
        days = self._given.days
        stops = [DAY_MIN * (n + 1) for n in range(days)] if progress is not None else []
        for n, until in enumerate([*stops, math.inf]):
            run_until(
                self.s[0], self.c[0], self.chats, self.workers, self.tree, self.near, self.far,
                self.issues, self.told, self._given.clock, self._given.rating_effect,
                self._given.fresh_min, self.staff, until,
            )  # fmt: skip
            if self.s[0]["full"]:
                return int(self.s[0]["full"])
            if progress is not None and n < days:
                progress(n + 1, days)
        return 0

    def result(self, *, trace: bool) -> Run:
        """Return what has happened."""
        columns = _columns(self.chats[: int(self.s[0]["chats"])])
        told = self.told[: int(self.s[0]["told"])]
        return Run(
            inputs=self._given,
            chats=columns,
            busy_min=self.workers["busy"].copy(),
            events=int(self.s[0]["events"]),
            engine="fast",
            trace=Trace(
                at_min=told["at"],
                code=told["code"],
                chat=told["chat"],
                worker=told["worker"],
                x=told["x"],
            )
            if trace
            else None,
        )


def _columns(chats: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """Return the results by column: rows are turned into columns a few at a time."""
    found: dict[str, NDArray[Any]] = {}
    for names, kind, into in (
        (WHOLE_COLUMNS, np.int32, np.int32),
        (REAL_COLUMNS, np.float64, np.float64),
    ):
        size = np.dtype(kind).itemsize
        places = [int(CHAT.fields[name][1]) // size for name in names]  # type: ignore[index]
        cells = chats.view(kind).reshape(chats.size, CHAT.itemsize // size)
        out = np.empty((len(names), chats.size), dtype=into)
        for a in range(0, chats.size, _AT_ONCE):
            some = cells[a : a + _AT_ONCE]
            for row, place in zip(out, places, strict=True):
                row[a : a + _AT_ONCE] = some[:, place]
        found |= dict(zip(names, out, strict=True))
    return found


def _rows(kind: np.dtype[Any], **columns: NDArray[Any]) -> NDArray[Any]:
    rows = np.zeros(next(iter(columns.values())).size, dtype=kind)
    for name, values in columns.items():
        rows[name] = values
    return rows


def _workers(given: FloorInputs) -> NDArray[Any]:
    rows = _rows(WORKER, arm=given.arm, trait=given.effort_trait, speed=given.speed)
    for name in ("current", "last", "first_head", "first_tail", "other_head", "other_tail"):
        rows[name] = -1
    return rows
