"""The owner of a chat: the one named worker who is responsible, also while the AI holds it."""

from __future__ import annotations

import msgspec

from stepin.core.events import Event
from stepin.core.events.chat import OwnerSet
from stepin.core.record import Recorded


class Ownership(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Who is responsible for a chat.

    Attributes
    ----------
    owner, first_owner : who is, and who first was, responsible.
    group : the group that a waiting chat was transferred to.
    """

    owner: str | None = None
    first_owner: str | None = None
    group: str | None = None


OWNERSHIP_EVENTS: tuple[type[Event], ...] = (OwnerSet,)


def fold_ownership(now: Ownership, event: Event, recorded: Recorded) -> Ownership:
    """Return the ownership after one more event."""
    if not isinstance(event, OwnerSet):
        return now
    first = event.owner if now.first_owner is None else now.first_owner
    return Ownership(owner=event.owner, first_owner=first, group=event.group)
