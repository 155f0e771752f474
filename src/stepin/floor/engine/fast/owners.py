"""The desk's rules of assignment and of the ladder, compiled to numbers and tables.

Under `uniform` a Fenwick tree counts who is below the cap, so that the k-th of them by id is found
in a few steps; it changes only when somebody comes, goes, or reaches the cap.
"""

from __future__ import annotations

from typing import Any

from stepin.floor.engine.fast.compiling import compiled, small


@small
def recount(s: Any, workers: Any, tree: Any, n: int) -> None:
    """Count a worker as free, or not, if that has changed."""
    w = workers[n]
    if n >= s.owners or s.least_loaded:
        return
    free = 1 if w.on and not w.away and w.held + w.supervised < s.cap else 0
    if free == w.counted:
        return
    by = free - w.counted
    w.counted = free
    s.free += by
    at = n + 1
    while at < tree.size:
        tree[at] += by
        at += at & -at


@small
def change_load(s: Any, workers: Any, tree: Any, n: int, held: int, by: int) -> None:
    """Change how many chats a worker holds, or watches."""
    w = workers[n]
    if held:
        w.held += by
    else:
        w.supervised += by
    recount(s, workers, tree, n)


@small
def free_owners(s: Any, workers: Any) -> int:
    """Return how many workers have the same chance of becoming an owner."""
    if not s.least_loaded:
        return s.free
    return _least(s, workers, -1)


@compiled
def _least(s: Any, workers: Any, wanted: int) -> int:
    """Return how many share the least load, or the one of that place among them."""
    least = 1 << 60
    for n in range(s.owners):
        w = workers[n]
        if w.on and not w.away and w.held < s.cap:
            least = min(least, w.held + w.supervised)
    count = 0
    for n in range(s.owners):
        w = workers[n]
        if w.on and not w.away and w.held < s.cap and w.held + w.supervised == least:
            if count == wanted:
                return n
            count += 1
    return count


@small
def owner_at(s: Any, workers: Any, tree: Any, place: int) -> int:
    """Return the free worker of that place, by id, counted from 0."""
    if s.least_loaded:
        return _least(s, workers, place)
    at, left = 0, place + 1
    size = 1
    while size * 2 < tree.size:
        size *= 2
    while size:
        next_at = at + size
        if next_at < tree.size and tree[next_at] < left:
            at = next_at
            left -= tree[next_at]
        size >>= 1
    return at


@compiled
def asked_in_pool(s: Any, workers: Any, owner: int, pooled: int) -> int:
    """Return whom the pool's step asks, -1 for nobody: the one with the fewest messages."""
    best, fewest = -1, 1 << 60
    low = s.owners if pooled else 0
    high = workers.size if pooled else s.owners
    for n in range(low, high):
        w = workers[n]
        if not w.on or w.away or n == owner:
            continue
        if not pooled and w.arm != workers[owner].arm:
            continue
        load = w.waiting + (1 if w.current >= 0 else 0)
        if load < fewest:
            best, fewest = n, load
    return best
