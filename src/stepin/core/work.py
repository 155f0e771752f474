"""Durable work: AI turns, timers and effects, due at a time, leased by one process at a time.

A piece of work is put or dropped in the same transaction as the events that ask for it. Its id
is never used twice; its attempt is raised at every claim, and the fence compares it. Due times
follow the log's clock, leases follow real time.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

WorkKind = Literal["turn", "timer", "effect", "score", "dispatch"]


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
    """Work that this process may do until its lease ends."""

    work_id: str
    kind: WorkKind
    stream: str
    due_us: int
    attempt: int
    body: dict[str, Any] = {}
