"""Workers' days: what they did, and how long they were on, held chats and looked at them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stepin.evidence.data.facts.arrays import (
    DAY_US,
    CodedText,
    Reals,
    Truths,
    Wholes,
    day_array,
)
from stepin.evidence.data.facts.cross_chat.before import Groups

_AT_ONCE = 1_000_000


@dataclass(frozen=True, slots=True)
class Stretches:
    """Stretches of time of workers."""

    worker: Groups
    from_us: Wholes
    until_us: Wholes

    def only(self, chosen: Truths | slice) -> Stretches:
        """Return some of them."""
        return Stretches(self.worker[chosen], self.from_us[chosen], self.until_us[chosen])

    @property
    def span(self) -> Wholes:
        """Return the first and the last day; none of no stretch."""
        if not self.worker.size:
            return np.zeros(0, dtype=np.int64)
        return np.array([self.from_us.min(), self.until_us.max()]) // DAY_US


def worker_days(
    names: pa.Array, *, opened: tuple[Groups, Groups, Truths], taken: tuple[Groups, Groups],
    left: tuple[Groups, Groups, Wholes], on: Stretches, held: Stretches, supervised: Stretches,
    focus: Stretches | None, forgotten: tuple[Groups, Groups],
) -> dict[str, pa.Array]:  # fmt: skip
    """Return the columns of the table `worker_days`.

    Parameters
    ----------
    names : the workers, by code.
    opened : the first owner of every chat, its day and whether it was eligible.
    taken : the worker and the day of every takeover.
    left : the worker and the day of every wait, and how often it was left.
    on, held, supervised, focus : stretches of presence, of holding and of focus.
    forgotten : the worker and the day of every stretch of focus that has been forgotten.
    """
    parts = {"on": on, "held": held, "supervised": supervised}
    parts |= {} if focus is None else {"focus": focus}
    owners = opened[0] >= 0
    spans = [part.span for part in parts.values()]
    grid = _Grid(names, [opened[1], taken[1], left[1], forgotten[1], *spans])
    chats = grid.at(opened[0][owners], opened[1][owners])
    takeovers = grid.at(*taken)
    spent = {name: grid.spent(part) for name, part in parts.items()}
    cells = _inhabited(spent, chats, takeovers)

    def total(at: Wholes, values: NDArray[np.generic] | None = None) -> Reals:
        weights = None if values is None else values.astype(np.float64)
        return np.bincount(at, weights, grid.size)[cells].astype(np.float64)

    seconds = {name: s[cells] for name, s in spent.items()}
    on_s = seconds["on"]

    def mean(name: str) -> pa.Array:
        return pa.array(np.divide(seconds[name], on_s, out=np.zeros(cells.size), where=on_s > 0))

    unknown = total(grid.at(*forgotten)) > 0 if focus is not None else np.ones(cells.size, np.bool_)
    switches = total(grid.at(left[0], left[1]), left[2]).astype(np.int64)
    return {
        "worker_id": CodedText((cells // grid.days).astype(np.int32), names).arrow(),
        "day": day_array(cells % grid.days + grid.first),
        "chats": pa.array(total(chats).astype(np.int64)),
        "eligible_chats": pa.array(total(chats, opened[2][owners]).astype(np.int64)),
        "takeovers": pa.array(total(takeovers).astype(np.int64)),
        "on_s": pa.array(on_s),
        "focus_s": pa.array(seconds.get("focus", np.zeros(cells.size)), mask=unknown),
        "switch_aways": pa.array(switches, mask=unknown),
        "mean_concurrency": mean("held"),
        "mean_supervised_concurrency": mean("supervised"),
    }


def _inhabited(spent: dict[str, Reals], chats: Wholes, takeovers: Wholes) -> Wholes:
    """Return the days of workers on which anything was."""
    there = np.any([s > 0 for s in spent.values()], axis=0)
    there[chats] = there[takeovers] = True
    return np.flatnonzero(there)


class _Grid:
    """Every worker on every day from the first to the last."""

    def __init__(self, names: pa.Array, days: Sequence[Groups]) -> None:
        known = [part for part in days if part.size]
        self.first = min((int(part.min()) for part in known), default=0)
        self.days = max((int(part.max()) for part in known), default=0) - self.first + 1
        self.size = len(names) * self.days

    def at(self, worker: Groups, day: Groups) -> Wholes:
        """Return the places of workers' days."""
        return worker.astype(np.int64) * self.days + (day - self.first)

    def spent(self, part: Stretches) -> Reals:
        """Return the seconds of stretches by worker and day, some stretches at a time."""
        found = np.zeros(self.size)
        for start in range(0, part.worker.size, _AT_ONCE):
            worker, day, seconds = _cut(part.only(slice(start, start + _AT_ONCE)))
            found += np.bincount(self.at(worker, day), seconds, self.size)
        return found


def _cut(part: Stretches) -> tuple[Groups, Wholes, Reals]:
    """Cut stretches at midnight; return their workers, days and seconds."""
    first, last = part.from_us // DAY_US, part.until_us // DAY_US
    days = np.maximum(last - first + 1, 0)
    row = np.repeat(np.arange(days.size), days)
    day = np.arange(row.size) - np.repeat(np.cumsum(days) - days, days) + first[row]
    until = np.minimum(part.until_us[row], (day + 1) * DAY_US)
    begin = np.maximum(part.from_us[row], day * DAY_US)
    return part.worker[row], day, (until - begin) / 1e6
