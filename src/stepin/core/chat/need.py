"""What speaks for a person in a chat: flags, requests, danger, and how each cause has stood."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from stepin.core.escalation import LATE_REPLY, OUTRANKED, SAFETY, gravity
from stepin.core.events import Event
from stepin.core.events.base import Cause, Path
from stepin.core.events.chat import HolderChanged, MessagePosted
from stepin.core.events.supervision import (
    ChatScored,
    EscalationDeclined,
    EscalationWithdrawn,
    FlagRaised,
)
from stepin.core.opinion import Standing
from stepin.core.record import Recorded

if TYPE_CHECKING:
    from stepin.core.chat.chat import Chat


class Need(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Why a person may be needed.

    Attributes
    ----------
    raised : the causes that were flagged, not in shadow, since the holder last changed.
    asked_us : since when the customer has been waiting for a person whom they asked for, also
        while nobody holds the chat; None if they haven't asked, or somebody has come.
    danger : the gravest kind of the flags about somebody's safety that no person has answered
        yet, in words to the customer or with a reason to leave it; a takeover is no answer.
    standings : how each cause has stood since its last flag.
    path : the first cause that was raised, or human_initiated, or none.
    """

    raised: frozenset[Cause] = frozenset()
    asked_us: int | None = None
    danger: str = ""
    standings: dict[Cause, Standing] = {}
    path: Path = "none"


NEED_EVENTS: tuple[type[Event], ...] = (
    HolderChanged,
    FlagRaised,
    ChatScored,
    MessagePosted,
    EscalationDeclined,
    EscalationWithdrawn,
)


def fold_need(chat: Chat, event: Event, recorded: Recorded) -> Need:
    """Return the need for a person after one more event; `chat` is before it."""
    now = chat.need
    match event:
        case FlagRaised():
            return _flagged(chat, event, recorded)
        case ChatScored():
            return _scored(now, event)
        case HolderChanged():
            return _held(chat, event)
        case MessagePosted() if event.author == "worker" and event.visibility == "public":
            return msgspec.structs.replace(now, danger="") if now.danger else now
        case EscalationWithdrawn() if now.danger and event.reason != OUTRANKED:
            return msgspec.structs.replace(now, danger="")
        case EscalationDeclined():
            raised = now.raised - {"requested"}
            return msgspec.structs.replace(now, raised=raised, asked_us=None, danger="")
        case _:
            return now


def _flagged(chat: Chat, event: FlagRaised, recorded: Recorded) -> Need:
    """Return the need after a flag; the path is that of a chat in which the AI could be helped."""
    now = chat.need
    changes: dict[str, object] = {}
    if not event.advanced and event.reason != "over_budget":
        changes["standings"] = {**now.standings, event.cause: Standing(fired_us=recorded.at_us)}
    heard = chat.holder.kind == "nobody" or (chat.ai_holds and not event.shadow)
    if event.cause == "requested" and heard and now.asked_us is None:
        changes["asked_us"] = recorded.at_us
    if not event.shadow and event.kind != LATE_REPLY:
        changes["raised"] = now.raised | {event.cause}
        if event.kind.startswith(SAFETY):
            changes["danger"] = _graver(event, now.danger)
        if now.path == "none" and (chat.ai_holds or not event.kind):
            changes["path"] = event.cause
    return msgspec.structs.replace(now, **changes)


def _graver(flag: FlagRaised, danger: str) -> str:
    graver = not danger or gravity(flag.cause, flag.kind) <= gravity("policy", danger)
    return flag.kind if graver else danger


def _scored(now: Need, event: ChatScored) -> Need:
    if event.author != "customer" or not now.standings:
        return now
    standings = {
        cause: msgspec.structs.replace(
            one, lowest=min(one.lowest, event.scores.get(cause, one.lowest))
        )
        for cause, one in now.standings.items()
    }
    return msgspec.structs.replace(now, standings=standings)


def _held(chat: Chat, event: HolderChanged) -> Need:
    now = chat.need
    changes: dict[str, object] = {"raised": frozenset()}
    if event.to.kind == "worker":
        changes["asked_us"] = None
        stepped_in = chat.ai_holds and event.reason in ("takeover", "reply")
        if stepped_in and now.path == "none":
            changes["path"] = "human_initiated"
    return msgspec.structs.replace(now, **changes)
