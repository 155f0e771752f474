"""What a detector holds of a chat after a turn, and how a cause has stood since it last fired."""

from __future__ import annotations

from typing import Literal

import msgspec

from stepin.core.events.base import Cause

LEARNED: frozenset[Cause] = frozenset({"technical", "emotional", "risk"})
"""Causes with a score between 0 and 1; the others are said outright and always get through."""


class Opinion(msgspec.Struct, frozen=True, kw_only=True):
    """What the detectors of one cause hold together.

    Attributes
    ----------
    threshold : the detectors' own; a policy may set another for the cause.
    detector : name@version of the one that says it loudest.
    kind : what kind of a cause it is, where the cause doesn't say it all.
    """

    cause: Cause
    score: float
    threshold: float
    detector: str
    reason: str = ""
    raised_by: Literal["detector", "customer", "policy"] = "detector"
    kind: str = ""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A cause in a chat since its last flag.

    Attributes
    ----------
    fired_us : when it was last flagged; by chance alone doesn't count.
    lowest : the lowest score since then.
    """

    fired_us: int
    lowest: float = 1.0
