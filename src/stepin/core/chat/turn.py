"""The AI's turn: whether an event asks for one, whether one is under way, or the AI has given up.

This is the only place that knows when the AI has to speak. What puts the turn into the work table
reads it here (see `with_work`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import msgspec

from stepin.core.action import action_after
from stepin.core.escalation import SAFETY
from stepin.core.events import ActionEvent, Event
from stepin.core.events.chat import (
    ChatClosed,
    DraftDiscarded,
    HolderChanged,
    MessagePosted,
    TurnFailed,
    TurnFinished,
    TurnStarted,
    WhisperSent,
)
from stepin.core.events.supervision import EscalationDeclined, FlagRaised
from stepin.core.record import Recorded

if TYPE_CHECKING:
    from stepin.core.chat.chat import Chat


class AiTurn(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What the AI has to do in a chat.

    Attributes
    ----------
    turn_id : the turn that is asked for or running; None if there is none.
    gave_up : whether the AI waits for a person; it takes no turn until somebody lets it go on.
    stale_drafts : drafts refused for a stale basis since the AI last spoke.
    """

    turn_id: str | None = None
    gave_up: bool = False
    stale_drafts: int = 0


TURN_EVENTS: tuple[type[Event], ...] = (
    MessagePosted,
    WhisperSent,
    EscalationDeclined,
    HolderChanged,
    TurnStarted,
    TurnFinished,
    TurnFailed,
    DraftDiscarded,
    FlagRaised,
    ChatClosed,
    *get_args(ActionEvent),
)


def turn_id_of(chat_id: str, seq: int) -> str:
    """Return the id of the turn that the event `seq` of a chat asks for; never used twice."""
    return f"turn:{chat_id}:{seq}"


def fold_turn(chat: Chat, event: Event, recorded: Recorded) -> AiTurn:
    """Return the AI's turn after one more event; `chat` is before it."""
    now = _ended(chat, event)
    if now.turn_id is None and _asks(chat, event, recorded):
        turn_id = turn_id_of(chat.chat_id, recorded.seq)
        return msgspec.structs.replace(now, turn_id=turn_id)
    return now


def _asks(chat: Chat, event: Event, recorded: Recorded) -> bool:
    """Return whether the event asks the AI for a turn, where it has none."""
    match event:
        case MessagePosted():
            return event.author == "customer" and event.visibility == "public" and chat.ai_answers
        case WhisperSent():
            return chat.ai_holds and not chat.danger
        case EscalationDeclined():
            return chat.ai_holds and chat.needs_person and not chat.danger
        case HolderChanged():
            return event.to.kind == "ai" and chat.waiting_since_us is not None
        case _ if isinstance(event, ActionEvent) and chat.ai_answers and chat.open:
            action = action_after(chat.actions.get(event.action_id), event, recorded)
            return action is not None and action.awaited and action.settled
        case _:
            return False


def _ended(chat: Chat, event: Event) -> AiTurn:
    """Return what an event ends of the turn, begins of one that was asked for, or counts."""
    now = chat.turn
    match event:
        case MessagePosted():
            spoke = event.author == "ai" and event.visibility == "public"
            return msgspec.structs.replace(now, stale_drafts=0) if spoke else now
        case HolderChanged():
            return AiTurn()
        case WhisperSent() | EscalationDeclined():
            return msgspec.structs.replace(now, gave_up=False) if now.gave_up else now
        case TurnStarted():
            return msgspec.structs.replace(now, turn_id=event.turn_id)
        case TurnFinished() | TurnFailed():
            failed = isinstance(event, TurnFailed) or event.outcome == "gave_up"
            return msgspec.structs.replace(
                now,
                turn_id=None if event.turn_id == now.turn_id else now.turn_id,
                gave_up=now.gave_up or (failed and chat.ai_holds),
            )
        case DraftDiscarded() if event.reason == "basis":
            return msgspec.structs.replace(now, stale_drafts=now.stale_drafts + 1)
        case FlagRaised() if event.kind.startswith(SAFETY) and not event.shadow:
            return msgspec.structs.replace(now, turn_id=None)
        case ChatClosed():
            return msgspec.structs.replace(now, turn_id=None)
        case _:
            return now
