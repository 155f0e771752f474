"""The episode of a chat: queued, active, in wrap-up, closed; how it ended and was rated."""

from __future__ import annotations

from typing import Literal

import msgspec

from stepin.core.events import Event
from stepin.core.events.base import CloseReason
from stepin.core.events.chat import (
    ChatClosed,
    ChatOpened,
    HolderChanged,
    LabelsChanged,
    RatingGiven,
    RatingInvited,
    WrapUpEnded,
    WrapUpStarted,
)
from stepin.core.record import Recorded

Episode = Literal["new", "queued", "active", "wrap_up", "closed"]


class Stage(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The stage that a chat has reached, and what was said of it at its end.

    Attributes
    ----------
    queued_us : since when it has been waiting, or waited last, for a holder.
    """

    episode: Episode = "new"
    queued_us: int = 0
    labels: frozenset[str] = frozenset()
    disposition: str | None = None
    close_reason: CloseReason | None = None
    closed_us: int | None = None
    rating_invited: bool = False
    rating: int | None = None


STAGE_EVENTS: tuple[type[Event], ...] = (
    ChatOpened,
    HolderChanged,
    LabelsChanged,
    WrapUpStarted,
    WrapUpEnded,
    ChatClosed,
    RatingInvited,
    RatingGiven,
)


def fold_stage(now: Stage, event: Event, recorded: Recorded) -> Stage:
    """Return the stage after one more event."""
    changes: dict[str, object]
    match event:
        case ChatOpened():
            changes = {"episode": "queued", "queued_us": recorded.at_us}
        case HolderChanged() if event.to.kind == "nobody":
            changes = {"episode": "queued", "queued_us": recorded.at_us}
        case HolderChanged():
            changes = {"episode": "active"}
        case LabelsChanged():
            changes = {"labels": (now.labels | set(event.added)) - set(event.removed)}
        case WrapUpStarted():
            changes = {
                "episode": "wrap_up",
                "close_reason": event.reason,
                "disposition": event.disposition or now.disposition,
            }
        case WrapUpEnded():
            changes = {"disposition": event.disposition or now.disposition}
        case ChatClosed():
            changes = {
                "episode": "closed",
                "close_reason": event.reason,
                "disposition": event.disposition or now.disposition,
                "closed_us": recorded.at_us,
            }
        case RatingInvited():
            changes = {"rating_invited": True}
        case RatingGiven():
            changes = {"rating": event.rating}
        case _:
            return now
    return msgspec.structs.replace(now, **changes)
