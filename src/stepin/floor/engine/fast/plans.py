"""The calendar: a heap of what comes soon, and another of who comes back in days."""

from __future__ import annotations

from typing import Any

from stepin.floor.engine.fast.compiling import small


@small
def push(heap: Any, size: int, at: float, place: int, kind: int, whom: int, token: int) -> None:
    """Add a plan to a heap of four children per node that holds `size`."""
    n = size
    while n > 0:
        up = (n - 1) >> 2
        if heap[up].at < at or (heap[up].at == at and heap[up].place < place):
            break
        heap[n] = heap[up]
        n = up
    row = heap[n]
    row.at = at
    row.place = place
    row.kind = kind
    row.whom = whom
    row.token = token


@small
def pop(heap: Any, size: int) -> None:
    """Take the first plan out of a heap that holds `size`."""
    last = size - 1
    at, place = heap[last].at, heap[last].place
    n = 0
    while True:
        child = 4 * n + 1
        if child >= last:
            break
        best = child
        for other in range(child + 1, min(child + 4, last)):
            if heap[other].at < heap[best].at or (
                heap[other].at == heap[best].at and heap[other].place < heap[best].place
            ):
                best = other
        if heap[best].at > at or (heap[best].at == at and heap[best].place > place):
            break
        heap[n] = heap[best]
        n = best
    if n != last:
        heap[n] = heap[last]


@small
def plan(s: Any, near: Any, at: float, kind: int, whom: int, token: int) -> None:
    """Plan a moment that comes soon."""
    if s.near >= near.size:
        s.full = 1
        return
    push(near, s.near, at, s.place, kind, whom, token)
    s.near += 1
    s.place += 1


@small
def plan_return(s: Any, far: Any, at: float, kind: int, whom: int) -> None:
    """Plan that a customer comes back."""
    if s.far >= far.size:
        s.full = 2
        return
    push(far, s.far, at, s.place, kind, whom, 0)
    s.far += 1
    s.place += 1


@small
def tell(s: Any, told: Any, at: float, code: int, chat: int, worker: int, x: float) -> None:
    """Add a moment to the trace, if one is kept."""
    if s.tells == 0:
        return
    if s.told >= told.size:
        s.full = 3
        return
    row = told[s.told]
    row.at = at
    row.code = code
    row.chat = chat
    row.worker = worker
    row.x = x
    s.told += 1
