"""What the desk has already said or asked in a chat, so that it doesn't say it too often."""

from __future__ import annotations

import msgspec

from stepin.core.events import Event
from stepin.core.events.chat import HolderChanged, MessagePosted
from stepin.core.events.supervision import (
    DecisionDrawn,
    EscalationDeclined,
    NudgeShown,
    SuggestionShown,
)
from stepin.core.record import Recorded

WAIT_NOTICES = frozenset({"waiting", "nobody_here", "outside_hours"})
CAUTION = "caution_"
"""What the templates of the careful sentences to people in danger begin with."""
SHORT_CHARS = 40


class Pacing(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Notices, reminders and nudges of a chat so far, most of them since the holder changed.

    Attributes
    ----------
    notice : the template of the last honest word about the wait, empty when nobody waits.
    reminded_us : when a silent customer was last asked whether they are still there.
    cautions : the templates of the careful sentences (see `caution`) that this holding of the chat
        has had, said or suggested, since an alert was last declined.
    short_replies : how many of the holder's last replies were short and asked nothing.
    look_us : when the owner was last asked by chance to have a look, while the AI holds.
    nudges, nudged_us : how often, and when last, a nudge to the holder was drawn.
    """

    notice: str = ""
    reminded_us: int | None = None
    cautions: frozenset[str] = frozenset()
    short_replies: int = 0
    look_us: int = 0
    nudges: int = 0
    nudged_us: int = 0


PACING_EVENTS: tuple[type[Event], ...] = (
    MessagePosted,
    HolderChanged,
    NudgeShown,
    DecisionDrawn,
    SuggestionShown,
    EscalationDeclined,
)


def fold_pacing(now: Pacing, event: Event, recorded: Recorded) -> Pacing:
    """Return the pacing after one more event."""
    match event:
        case MessagePosted():
            return _said(now, event, recorded)
        case HolderChanged():
            return Pacing(reminded_us=now.reminded_us)
        case NudgeShown() if event.kind == "look_now":
            return msgspec.structs.replace(now, look_us=recorded.at_us)
        case DecisionDrawn() if event.point == "nudge":
            return msgspec.structs.replace(now, nudges=now.nudges + 1, nudged_us=recorded.at_us)
        case EscalationDeclined():
            return msgspec.structs.replace(now, cautions=frozenset())
        case SuggestionShown() if event.source.startswith(CAUTION):
            return msgspec.structs.replace(now, cautions=now.cautions | {event.source})
        case _:
            return now


def _said(now: Pacing, event: MessagePosted, recorded: Recorded) -> Pacing:
    if event.visibility == "note":
        return now
    if event.author == "worker":
        short = now.short_replies + 1 if _is_short(event.text) else 0
        same = short == now.short_replies
        return now if same else msgspec.structs.replace(now, short_replies=short)
    if event.author != "system" or event.template is None:
        return now
    if event.template.startswith(CAUTION):
        return msgspec.structs.replace(now, cautions=now.cautions | {event.template})
    if event.template in WAIT_NOTICES:
        return msgspec.structs.replace(now, notice=event.template)
    if event.template == "still_there":
        return msgspec.structs.replace(now, reminded_us=recorded.at_us)
    return now


def _is_short(text: str) -> bool:
    """Return whether a reply is short and asks nothing; an ideograph counts for three letters."""
    size = sum(1 if letter.isascii() else 3 for letter in text.strip())
    return size < SHORT_CHARS and "?" not in text and "？" not in text
