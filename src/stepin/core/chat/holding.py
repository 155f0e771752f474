"""The holder of a chat: who speaks to the customer, and since when."""

from __future__ import annotations

import msgspec

from stepin.core.events import Event
from stepin.core.events.chat import ChatClosed, HolderChanged
from stepin.core.holder import NOBODY, Holder
from stepin.core.record import Recorded


class Hold(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Who holds a chat.

    Attributes
    ----------
    taken_us : when the holder took the chat over.
    """

    holder: Holder = NOBODY
    taken_us: int = 0


HOLDING_EVENTS: tuple[type[Event], ...] = (HolderChanged, ChatClosed)


def fold_holding(now: Hold, event: Event, recorded: Recorded) -> Hold:
    """Return the holding after one more event."""
    match event:
        case HolderChanged():
            return Hold(holder=event.to, taken_us=recorded.at_us)
        case ChatClosed():
            return msgspec.structs.replace(now, holder=NOBODY)
        case _:
            return now
