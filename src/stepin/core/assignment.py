"""Who becomes the owner of a chat: a draw that is keyed, logged and can be repeated."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from hashlib import sha256
from typing import Literal

import msgspec

from stepin.core.policy import AssignmentPolicy
from stepin.core.presence import Presence

Slot = Literal["held", "supervised"]


class Load(msgspec.Struct, frozen=True, gc=False):
    """How many open chats a worker owns: held by the worker, and held by the AI."""

    held: int = 0
    supervised: int = 0


class Draw(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What was drawn, from whom, with which probabilities (same order)."""

    drawn: str | None
    candidates: tuple[str, ...]
    probabilities: tuple[float, ...]
    rule: str
    key: str


def uniform_from(key: str) -> float:
    """Return a number in [0, 1) that depends on the key alone (53 bits of its SHA-256)."""
    return int.from_bytes(sha256(key.encode()).digest()[:7], "big") / 2**56


def candidates(
    signed_on: Mapping[str, Presence],
    loads: Mapping[str, Load],
    policy: AssignmentPolicy,
    *,
    group: str | None = None,
    among: Collection[str] | None = None,
    slot: Slot = "held",
) -> list[str]:
    """Return who has the same chance of becoming the owner, by id; parameters as `draw_owner`."""
    load = {w: loads.get(w, Load()) for w in signed_on}
    free = sorted(
        w
        for w, p in signed_on.items()
        if not p.away
        and (group is None or group in p.groups)
        and (among is None or w in among)
        and has_room(p, load[w], policy, slot)
    )
    if policy.rule == "least_loaded" and free:
        share = {w: _in_use(signed_on[w], load[w]) for w in free}
        least = min(share.values())
        free = [w for w in free if share[w] == least]
    return free


def draw_owner(
    signed_on: Mapping[str, Presence],
    loads: Mapping[str, Load],
    policy: AssignmentPolicy,
    *,
    key: str,
    group: str | None = None,
    among: Collection[str] | None = None,
    slot: Slot = "held",
) -> Draw:
    """Draw the owner of a chat.

    Under `uniform` every signed-on worker below the policy's cap has the same chance: the cap
    counts all open chats that a worker owns, so it does not depend on the arm. Under
    `least_loaded` the workers with the smallest share of their capacity in use share the chance,
    and what counts is what their account says that they may hold and supervise.

    Parameters
    ----------
    signed_on, loads : the floor now.
    policy : rule and cap.
    key : names the draw; the same key on the same floor draws the same.
    group : only workers of this group.
    among : only these workers (an arm, at a reassignment inside a trial).
    slot : which capacity the chat will use, under `least_loaded`.
    """
    free = candidates(signed_on, loads, policy, group=group, among=among, slot=slot)
    if not free:
        return Draw(drawn=None, candidates=(), probabilities=(), rule=policy.rule, key=key)
    drawn = free[int(uniform_from(key) * len(free))]
    return Draw(
        drawn=drawn,
        candidates=tuple(free),
        probabilities=tuple(1 / len(free) for _ in free),
        rule=policy.rule,
        key=key,
    )


def hidden_by_cap(policy: AssignmentPolicy, capacities: Mapping[str, tuple[int, int]]) -> list[str]:
    """Return the workers whose account says more than a uniform draw's cap will give them.

    Parameters
    ----------
    capacities : of each account, the chats that it may hold and those that it may supervise.
    """
    if policy.rule != "uniform":
        return []
    return [w for w, (holds, watches) in capacities.items() if max(holds, watches) > policy.cap]


def _in_use(presence: Presence, load: Load) -> float:
    capacity = presence.capacity + presence.supervised_capacity
    return (load.held + load.supervised) / capacity if capacity else 1.0


def has_room(presence: Presence, load: Load, policy: AssignmentPolicy, slot: Slot) -> bool:
    """Return whether a worker may be given one more chat."""
    if policy.rule == "uniform":
        return load.held + load.supervised < policy.cap
    if slot == "supervised":
        return load.supervised < presence.supervised_capacity
    return load.held < presence.capacity
