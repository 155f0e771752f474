"""The base of every event and the kinds of value that events share."""

from __future__ import annotations

from typing import ClassVar, Literal

import msgspec

Cause = Literal["technical", "emotional", "requested", "policy", "risk"]
Path = Literal["technical", "emotional", "requested", "policy", "risk", "human_initiated", "none"]
Risk = Literal["read", "reversible", "money", "irreversible"]
CloseReason = Literal["resolved", "abandoned", "timed_out", "transferred"]
FlagRaiser = Literal["detector", "ai", "customer", "policy", "desk"]
LadderStep = Literal["owner", "pool", "lead"]
Scalar = str | int | float | bool | None


class Event(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """Something that happened. Never changed, never deleted; named by a past participle.

    Plain frozen data is part of no cycle: like most of the rules' values, events are left out of
    the garbage collector's rounds (``gc=False``).

    `form` is the schema version that a kind is stored under. What was stored under an earlier one
    holds all of its fields in the chain itself: none of them can be destroyed.
    """

    form: ClassVar[int] = 1
