"""Durable work: AI turns, timers and effects, due at a time, leased by one process at a time.

A piece of work is put or dropped in the same transaction as the events that ask for it. Its id
is never used twice; its attempt is raised at every claim, and the fence compares it. Due times
follow the log's clock, leases follow real time.

A claim counts as *unended* until the work is given back or dropped. So whatever ends a process or
holds it for longer than its lease (a hang, a kill, no memory left) leaves a count in the database,
and work that does so again and again is not claimed for ever.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

WorkKind = Literal["turn", "timer", "effect", "score", "dispatch"]

CLAIMS_AT_MOST = 3
"""The claim without an end before it at which work is not done again: two have hung or died."""


class PutWork(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Ask for work. An id that is already there keeps its row unless `replace`."""

    work_id: str
    kind: WorkKind
    stream: str
    due_us: int = 0
    body: dict[str, Any] = {}
    replace: bool = False


class DropWork(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The work is done, or no longer wanted. Dropping what is not there is no error."""

    work_id: str


WorkChange = PutWork | DropWork


class Claimed(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Work that this process may do until its lease ends.

    `unended` counts the claims that were neither given back nor dropped, this one included.
    """

    work_id: str
    kind: WorkKind
    stream: str
    due_us: int
    attempt: int
    body: dict[str, Any] = {}
    unended: int = 1

    @property
    def poisonous(self) -> bool:
        """Whether doing it has so often not come to an end that it must not be begun again."""
        return self.unended >= CLAIMS_AT_MOST
