"""Attention: where workers looked, and where they looked away while a customer waited."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from stepin.evidence.data.facts.arrays import Reals, Truths, Wholes
from stepin.evidence.data.facts.cross_chat.before import Groups

_CHUNK_ROWS = 2_000_000
_KEY_BITS = 62


def attention(worker: Groups, from_us: Wholes, until_us: Wholes) -> Reals:
    """Return each interval's seconds after splitting what overlaps.

    Where k intervals of a worker overlap, each gets 1/k of the time.
    """
    found = np.zeros(worker.size)
    order = np.argsort(worker, kind="stable").astype(np.int32)
    for rows, group, span, base in _chunks(worker[order], from_us, until_us):
        at = order[rows]
        size = at.size
        keys = np.concatenate(
            [group * span + from_us[at] - base, group * span + until_us[at] - base]
        )
        by_time = np.argsort(keys, kind="stable")
        depth = np.cumsum(np.where(by_time < size, 1, -1))
        length = np.diff(keys[by_time], append=keys[by_time[-1:]])
        shares = np.where(depth > 0, length / np.maximum(depth, 1), 0.0)
        shared = np.empty(2 * size)
        shared[by_time] = np.append(0.0, np.cumsum(shares)[:-1])
        found[at] = (shared[size:] - shared[:size]) / 1e6
    return found


def away(
    chat: Wholes, worker: Groups, asked_us: Wholes, answered_us: Wholes,
    seen_chat: Groups, seen_worker: Groups, from_us: Wholes, until_us: Wholes,
    left: Truths,
) -> tuple[Wholes, Wholes]:  # fmt: skip
    """Return for each wait the µs that its worker spent elsewhere, and how often it was left.

    Parameters
    ----------
    chat, worker, asked_us, answered_us : the waits that a worker's answer ended.
    seen_chat, seen_worker, from_us, until_us, left : intervals of focus, and whether the worker
        went elsewhere at their end; -1 is a chat that nobody waited in.
    """
    workers = int(max(worker.max(initial=0), seen_worker.max(initial=0))) + 1
    pairs = seen_chat.astype(np.int64) * workers + seen_worker
    order = np.argsort(pairs, kind="stable").astype(np.int32)
    pairs = pairs[order]
    waits = chat * workers + worker
    by_pair = np.argsort(waits, kind="stable").astype(np.int32)
    waits = waits[by_pair]
    away_us, leavings = answered_us - asked_us, np.zeros(chat.size, dtype=np.int64)
    for rows, group, span, base in _chunks(pairs, from_us, until_us):
        inside = slice(
            np.searchsorted(waits, pairs[rows.start]),
            np.searchsorted(waits, pairs[rows.stop - 1], side="right"),
        )
        wait, seen = by_pair[inside], order[rows]
        place = np.searchsorted(pairs[rows], waits[inside])
        met = pairs[rows][np.minimum(place, group.size - 1)] == waits[inside]
        wait, place = wait[met], place[met]
        of = group[place] * span
        begun = np.sort(group * span + from_us[seen] - base)
        ended = np.sort(group * span + until_us[seen] - base)
        asked, answered = (
            of + np.clip(moment[wait] - base, 0, span - 1) for moment in (asked_us, answered_us)
        )
        watched = _watched(begun, ended, answered) - _watched(begun, ended, asked)
        away_us[wait] = np.maximum(away_us[wait] - watched, 0)
        gone = np.sort((group * span + until_us[seen] - base)[left[seen]])
        times = np.searchsorted(gone, answered) - np.searchsorted(gone, asked, side="right")
        leavings[wait] = np.maximum(times, 0)
    return away_us, leavings


def _watched(begun: Wholes, ended: Wholes, at: Wholes) -> Wholes:
    """Return the time for which intervals had lasted up to each moment, up to a group's constant.

    Sums wrap around, and so do their differences, which come out right.
    """
    before, over = np.searchsorted(begun, at), np.searchsorted(ended, at)
    sums = [np.append(0, np.cumsum(keys)) for keys in (begun, ended)]
    found: Wholes = at * (before - over) - (sums[0][before] - sums[1][over])
    return found


def _chunks(
    groups: Groups, from_us: Wholes, until_us: Wholes
) -> Iterator[tuple[slice, Wholes, int, int]]:
    """Cut sorted groups into runs of whole groups.

    Yields the run, each row's group counted from 0, and the length and begin of the time line.
    """
    if not groups.size:
        return
    base = int(from_us.min()) - 1
    span = int(until_us.max()) - base + 2
    most = max(1, (1 << _KEY_BITS) // span)
    begins = np.flatnonzero(np.append(True, groups[1:] != groups[:-1]))
    start = 0
    while start < begins.size:
        far = int(np.searchsorted(begins, begins[start] + _CHUNK_ROWS))
        stop = min(max(far, start + 1), start + most)
        end = int(begins[stop]) if stop < begins.size else int(groups.size)
        rows = slice(int(begins[start]), end)
        number = np.zeros(end - rows.start, dtype=np.int64)
        number[begins[start + 1 : stop] - rows.start] = 1
        yield rows, np.cumsum(number), span, base
        start = stop
