"""The table `chats`: what chats say themselves, joined with what needs other chats."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from stepin.core.facts import Chats
from stepin.evidence.data.facts.arrays import (
    NONE,
    Reals,
    Truths,
    Wholes,
    day_array,
    moment_array,
    real_array,
    whole_array,
)
from stepin.evidence.data.facts.gathered import Gathered

HOUR_US = 3_600_000_000
WINDOWS_US = {
    "10m": 600_000_000,
    "24h": 86_400_000_000,
    "3d": 259_200_000_000,
    "7d": 604_800_000_000,
}
_PRIOR = (
    "customer_prior_chats",
    "customer_prior_retrials",
    "customer_prior_rating",
    "worker_prior_chats",
    "worker_prior_rating",
    "worker_prior_duration_s",
)


@dataclass(frozen=True, slots=True)
class Joined:
    """Columns of every closed chat that need more than the chat.

    Attributes
    ----------
    wholes, reals : by name, as in `Chats`; `NONE` and NaN are empty.
    gap_us : from the close to the customer's next chat about the issue; `NONE` without one.
    previous : the number of the earlier chat; -1 without one.
    crossed : whether a worker of another arm held it; `in_trial` whether its owner has an arm.
    ids : all chats, by number.
    """

    wholes: Mapping[str, Wholes]
    reals: Mapping[str, Reals]
    gap_us: Wholes
    previous: Wholes
    invited: Truths
    crossed: Truths
    in_trial: Truths
    ids: pa.Array


def retried(gap_us: Wholes, closed_us: Wholes, window_us: int, until_us: int) -> pa.Array:
    """Return whether the customer came back within a window; empty until it has matured."""
    matured = closed_us + window_us <= until_us
    again = (gap_us != NONE) & (gap_us <= window_us)
    return pa.array(again, mask=~matured)


def days(
    gathered: Gathered, joined: Joined, until_us: int
) -> Iterator[tuple[int, Mapping[str, pa.Array]]]:
    """Yield the columns of `chats` day by day of opening, in order of opening and id."""
    opened, closed = gathered.slim.whole("opened"), gathered.slim.whole("closed")
    place = joined.wholes["place"]
    for day in sorted(gathered.ranges):
        held = gathered.ranges[day]
        parts = [gathered.chats.read(number).slice(a, b - a) for number, a, b, _ in held]
        rows = np.concatenate([np.arange(base + a, base + b) for _, a, b, base in held])
        table = parts[0] if len(parts) == 1 else pa.concat_tables(parts)
        if len(parts) > 1:
            order = np.argsort(place[rows])
            rows = rows[order]
            table = table.unify_dictionaries().take(pa.array(order))
        yield day, _columns(table.combine_chunks(), rows, joined, opened, closed, until_us)


def _columns(
    table: pa.Table, rows: NDArray[np.integer], joined: Joined, opened: Wholes, closed: Wholes,
    until_us: int,
) -> dict[str, pa.Array]:  # fmt: skip
    at, end, gap = opened[rows], closed[rows], joined.gap_us[rows]
    found = {
        name: table[name].chunk(0) if table[name].num_chunks else table[name]
        for name in table.column_names
    }
    found |= {name: whole_array(v[rows]) for name, v in joined.wholes.items() if name != "place"}
    found |= {name: real_array(v[rows]) for name, v in joined.reals.items()}
    for name in _PRIOR:
        told = found.pop(f"_{name}")
        if told.null_count < len(told):
            kind = found[name].type
            told = pc.round(told).cast(kind) if pa.types.is_integer(kind) else told
            found[name] = pc.coalesce(told, found[name])
    found["previous_chat_id"] = _previous(found.pop("_previous_chat_id"), joined, rows)
    found |= {
        "opened_at": moment_array(at),
        "day": day_array(at // (24 * HOUR_US)),
        "hour": pa.array(at // HOUR_US % 24),
        "closed_at": moment_array(end),
        "rating_invited": pa.array(joined.invited[rows]),
        "crossed_arm": pa.array(joined.crossed[rows], mask=~joined.in_trial[rows]),
    }
    for name, window_us in WINDOWS_US.items():
        found[f"retrial_{name}"] = retried(gap, end, window_us, until_us)
    empty = pa.nulls(rows.size, pa.float64())
    for column in Chats.columns:
        found.setdefault(column.name, empty)
    return found


def _previous(told: pa.Array, joined: Joined, rows: NDArray[np.integer]) -> pa.Array:
    number = joined.previous[rows]
    derived = joined.ids.take(pa.array(number, mask=number < 0))
    if told.null_count == len(told):
        return derived
    return pc.coalesce(told.cast(pa.string()), derived)
