"""Workers' days: what they did, and how long they were on, held chats and looked at them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stepin.evidence.facts.across.before import Groups
from stepin.evidence.facts.arrays import (
    DAY_US,
    Reals,
    Truths,
    Wholes,
    Words,
    day_array,
    real_array,
)

_EPOCH_DAYS = 1 << 20


@dataclass(frozen=True, slots=True)
class Stretches:
    """Stretches of time of workers."""

    worker: Groups
    from_us: Wholes
    until_us: Wholes

    def only(self, chosen: Truths) -> Stretches:
        """Return some of them."""
        return Stretches(self.worker[chosen], self.from_us[chosen], self.until_us[chosen])


def worker_days(
    names: pa.Array, *, opened: tuple[Groups, Groups, Truths], taken: tuple[Groups, Groups],
    left: tuple[Groups, Groups, Wholes], on: Stretches, held: Stretches, supervised: Stretches,
    focus: Stretches | None,
) -> dict[str, pa.Array]:  # fmt: skip
    """Return the columns of the table `worker_days`.

    Parameters
    ----------
    names : the workers, by code.
    opened : the first owner of every chat, its day and whether it was eligible.
    taken : the worker and the day of every takeover.
    left : the worker and the day of every wait, and how often it was left.
    on, held, supervised, focus : stretches of presence, of holding and of focus.
    """
    parts = {"on": on, "held": held, "supervised": supervised}
    if focus is not None:
        parts["focus"] = focus
    cut = {name: _cut(part) for name, part in parts.items()}
    owners = opened[0] >= 0
    chats = _day(opened[0][owners], opened[1][owners])
    takeovers = _day(*taken)
    cells = np.unique(np.concatenate([chats, takeovers, *(at[s > 0] for at, s in cut.values())]))

    def total(at: Wholes, values: NDArray[np.generic] | None = None) -> Reals:
        place = np.searchsorted(cells, at)
        inside = np.append(cells, -1)[place] == at
        weights = None if values is None else values[inside].astype(np.float64)
        return np.bincount(place[inside], weights, cells.size).astype(np.float64)

    seconds = {name: total(*part) for name, part in cut.items()}
    on_s = seconds["on"]

    def mean(name: str) -> pa.Array:
        return pa.array(np.divide(seconds[name], on_s, out=np.zeros(cells.size), where=on_s > 0))

    recorded = focus is not None
    switches = total(_day(left[0], left[1]), left[2]).astype(np.int64)
    return {
        "worker_id": Words((cells // _EPOCH_DAYS).astype(np.int32), names).arrow(),
        "day": day_array(cells % _EPOCH_DAYS),
        "chats": pa.array(total(chats).astype(np.int64)),
        "eligible_chats": pa.array(total(chats, opened[2][owners]).astype(np.int64)),
        "takeovers": pa.array(total(takeovers).astype(np.int64)),
        "on_s": pa.array(on_s),
        "focus_s": real_array(seconds["focus"]) if recorded else pa.nulls(cells.size, pa.float64()),
        "switch_aways": pa.array(switches) if recorded else pa.nulls(cells.size, pa.int64()),
        "mean_concurrency": mean("held"),
        "mean_supervised_concurrency": mean("supervised"),
    }


def _day(worker: Groups, day: Groups) -> Wholes:
    return worker.astype(np.int64) * _EPOCH_DAYS + day


def _cut(part: Stretches) -> tuple[Wholes, Reals]:
    """Cut stretches at midnight; return their worker and day, and seconds."""
    first, last = part.from_us // DAY_US, part.until_us // DAY_US
    days = np.maximum(last - first + 1, 0)
    row = np.repeat(np.arange(days.size), days)
    day = np.arange(row.size) - np.repeat(np.cumsum(days) - days, days) + first[row]
    until = np.minimum(part.until_us[row], (day + 1) * DAY_US)
    begin = np.maximum(part.from_us[row], day * DAY_US)
    return _day(part.worker[row], day), (until - begin) / 1e6
