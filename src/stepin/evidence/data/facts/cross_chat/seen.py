"""What workers looked at: the table `focus`, and what it says of each chat."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stepin.core.facts import Focus
from stepin.evidence.data.facts.arrays import (
    DAY_US,
    CodedText,
    Codes,
    Reals,
    Wholes,
    day_array,
    moment_array,
)
from stepin.evidence.data.facts.cross_chat.focus import attention, away
from stepin.evidence.data.facts.gathered import Gathered
from stepin.evidence.data.facts.writing import Writing


@dataclass(slots=True)
class FocusIntervals:
    """Focus intervals with their chats' numbers, and what follows from them for each chat."""

    chat: Wholes
    ids: pa.Array
    attention_s: Reals
    by_chat_s: Reals
    away_s: Reals
    switch_aways: Wholes
    waits_left: Wholes


def seen(gathered: Gathered, ids: pa.Array, number_of: Wholes) -> FocusIntervals:
    """Return what workers looked at; `number_of` gives the row of a chat by its number."""
    focus, waited = gathered.focus, gathered.waited
    chat, ids, row = _named(focus.wholes("chat"), gathered, ids, number_of)
    worker, left = focus.codes("worker"), focus.truths("left")
    from_us, until_us = focus.wholes("from_us"), focus.wholes("until_us")
    seconds = attention(worker, from_us, until_us)
    closed = np.flatnonzero(row >= 0)
    n = waited.wholes("n")
    away_us, leavings = away(
        n, waited.codes("worker"), waited.wholes("from_us"), waited.wholes("until_us"),
        row, worker, from_us, until_us, left,
    )  # fmt: skip
    size = gathered.size
    return FocusIntervals(
        chat=chat, ids=ids, attention_s=seconds,
        by_chat_s=np.bincount(row[closed], seconds[closed], size).astype(np.float64),
        away_s=np.bincount(n, away_us / 1e6, size).astype(np.float64),
        switch_aways=np.bincount(n, leavings, size).astype(np.int64),
        waits_left=leavings,
    )  # fmt: skip


def _named(
    chat: Wholes, gathered: Gathered, ids: pa.Array, number_of: Wholes
) -> tuple[Wholes, pa.Array, Codes]:
    """Return focus intervals' chats by number, all ids, and the chats' rows; -1 without one."""
    unknown = pa.concat_arrays([pa.array([], pa.string()), *gathered.unknown])
    if len(unknown):
        found = pc.index_in(unknown, ids).fill_null(-1).to_numpy(zero_copy_only=False)
        strange = unknown.filter(pa.array(found < 0)).dictionary_encode()
        numbers = found.astype(np.int64)
        numbers[found < 0] = len(ids) + strange.indices.to_numpy()
        ids = pa.concat_arrays([ids, strange.dictionary])
        chat = np.array(chat)
        late = chat < 0
        chat[late] = numbers[-1 - chat[late]]
    rows = np.append(number_of, np.full(len(ids) - number_of.size, -1)).astype(np.int32)
    return chat, ids, rows[chat] if chat.size else rows[:0]


def write_focus(gathered: Gathered, seen: FocusIntervals, out: Writing) -> None:
    """Write the table `focus`, day by day."""
    focus = gathered.focus
    from_us, until_us, worker = (
        focus.wholes("from_us"),
        focus.wholes("until_us"),
        focus.codes("worker"),
    )
    names = gathered.workers.array()
    rank = np.argsort(np.array(names.to_pylist(), dtype=object), kind="stable")
    rank = np.argsort(rank, kind="stable")
    day = from_us // DAY_US
    order = np.argsort(day, kind="stable")
    for today, rows in _runs(day[order], order):
        keys = rank[worker[rows]] * DAY_US + from_us[rows] % DAY_US
        chosen = rows[np.argsort(keys, kind="stable")]
        chats, places = np.unique(seen.chat[chosen], return_inverse=True)
        columns = {
            "worker_id": CodedText(worker[chosen], names).arrow(),
            "day": day_array(day[chosen]),
            "chat_id": pa.DictionaryArray.from_arrays(
                pa.array(places.astype(np.int32)), seen.ids.take(pa.array(chats))
            ),
            "from_at": moment_array(from_us[chosen]),
            "focus_s": pa.array((until_us[chosen] - from_us[chosen]) / 1e6),
            "attention_s": pa.array(seen.attention_s[chosen]),
        }
        out.day(Focus, columns, today)


def _runs(days: Wholes, order: Wholes) -> list[tuple[int, Wholes]]:
    bounds = [0, *(np.flatnonzero(np.diff(days)) + 1).tolist(), days.size]
    return [(int(days[a]), order[a:b]) for a, b in pairwise(bounds) if a < b]
