"""A chat: the axes put together. `fold` and `apply` are the only ways to a `Chat`.

Episode, holder with its epoch, owner, escalation and actions never share a status field, so that
no combination is unthinkable. Each axis is folded in a module of its own; `apply` only asks those
that an event can change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, get_args

import msgspec

from stepin.core.action import Action, apply_action
from stepin.core.chat.episode import STAGE_EVENTS, Episode, Stage, fold_stage
from stepin.core.chat.holding import HOLDING_EVENTS, Hold, fold_holding
from stepin.core.chat.need import NEED_EVENTS, Need, fold_need
from stepin.core.chat.origin import ORIGIN_EVENTS, ChatOrigin, fold_origin
from stepin.core.chat.ownership import OWNERSHIP_EVENTS, Ownership, fold_ownership
from stepin.core.chat.pacing import PACING_EVENTS, Pacing, fold_pacing
from stepin.core.chat.talk import TALK_EVENTS, Conversation, fold_talk
from stepin.core.chat.turn import TURN_EVENTS, AiTurn, fold_turn
from stepin.core.escalation import ESCALATION_EVENTS, Escalation, fold_escalation
from stepin.core.events import KINDS, ActionEvent, Event
from stepin.core.events.base import Cause, CloseReason, Path
from stepin.core.holder import Holder
from stepin.core.record import Recorded


class Chat(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Where a chat stands after its last event.

    Each axis holds its own state; the properties read those of its values that many rules ask for.

    Attributes
    ----------
    seq, epoch, basis_seq, at_us : of the last event (see `Recorded`).
    """

    chat_id: str
    seq: int = 0
    epoch: int = 0
    basis_seq: int = 0
    at_us: int = 0
    origin: ChatOrigin = ChatOrigin()
    stage: Stage = Stage()
    holding: Hold = Hold()
    ownership: Ownership = Ownership()
    turn: AiTurn = AiTurn()
    need: Need = Need()
    escalation: Escalation | None = None
    actions: dict[str, Action] = {}
    talk: Conversation = Conversation()
    pacing: Pacing = Pacing()

    @property
    def customer_id(self) -> str:
        """The id of the customer."""
        return self.origin.customer_id

    @property
    def customer_asserted(self) -> bool:
        """Whether the host site vouches for the customer."""
        return self.origin.customer_asserted

    @property
    def language(self) -> str:
        """The language in which the chat was opened."""
        return self.origin.language

    @property
    def issue_class(self) -> str | None:
        """The class of the issue, if it is known."""
        return self.origin.issue_class

    @property
    def eligible(self) -> bool | None:
        """Whether the AI may hold the chat; None before it was assessed."""
        return self.origin.eligible

    @property
    def opened_us(self) -> int:
        """When the chat was opened."""
        return self.origin.opened_us

    @property
    def trial_id(self) -> str | None:
        """The trial that it counts in, if any."""
        return self.origin.trial_id

    @property
    def episode(self) -> Episode:
        """The stage that the chat has reached."""
        return self.stage.episode

    @property
    def close_reason(self) -> CloseReason | None:
        """The reason of its close or wrap-up."""
        return self.stage.close_reason

    @property
    def rating_invited(self) -> bool:
        """Whether the customer was asked for a rating."""
        return self.stage.rating_invited

    @property
    def rating(self) -> int | None:
        """The customer's rating, 1 to 5."""
        return self.stage.rating

    @property
    def holder(self) -> Holder:
        """The holder now."""
        return self.holding.holder

    @property
    def owner(self) -> str | None:
        """The worker who is responsible now."""
        return self.ownership.owner

    @property
    def first_owner(self) -> str | None:
        """The worker who was responsible first."""
        return self.ownership.first_owner

    @property
    def group(self) -> str | None:
        """The group that the waiting chat was transferred to."""
        return self.ownership.group

    @property
    def turn_id(self) -> str | None:
        """The AI's turn that is asked for or running."""
        return self.turn.turn_id

    @property
    def gave_up(self) -> bool:
        """Whether the AI waits for a person."""
        return self.turn.gave_up

    @property
    def raised(self) -> frozenset[Cause]:
        """The causes that were flagged since the holder last changed."""
        return self.need.raised

    @property
    def asked_us(self) -> int | None:
        """Since when the customer has been waiting for a person whom they asked for."""
        return self.need.asked_us

    @property
    def danger(self) -> str:
        """The kind of danger that no person has answered in words yet, else empty."""
        return self.need.danger

    @property
    def path(self) -> Path:
        """The first cause that was raised."""
        return self.need.path

    @property
    def waiting_since_us(self) -> int | None:
        """Since when the customer has been waiting for a public reply."""
        return self.talk.waiting_since_us

    @property
    def ai_messages(self) -> int:
        """How many messages the AI has posted."""
        return self.talk.ai_messages

    @property
    def notice(self) -> str:
        """The template of the last honest word about the wait."""
        return self.pacing.notice

    @property
    def open(self) -> bool:
        """Whether the customer can still write: queued or active."""
        return self.stage.episode in ("queued", "active")

    @property
    def left_in_danger(self) -> bool:
        """Whether it ended with somebody in danger, which no person has acknowledged since."""
        ended = self.stage.episode in ("wrap_up", "closed")
        return ended and self.escalation is not None and self.escalation.owed

    @property
    def over(self) -> bool:
        """Whether nobody has any more to do with it."""
        return self.stage.episode == "closed" and not self.left_in_danger

    @property
    def ai_holds(self) -> bool:
        """Whether the AI speaks."""
        return self.holding.holder.kind == "ai"

    @property
    def needs_person(self) -> bool:
        """Whether only a person can go on: asked for, called by the AI, or for safety's sake."""
        return self.gave_up or self.asked_us is not None or self.danger != ""

    @property
    def ai_answers(self) -> bool:
        """Whether the AI may take a turn: it speaks, and waits for no person."""
        return self.ai_holds and not self.gave_up and not self.danger

    def written_since(self, action: Action) -> int:
        """Return the customer's last message after an action was proposed, 0 if there is none."""
        return self.talk.customer_seq if self.talk.customer_seq > action.seq else 0

    def held_by(self, worker_id: str) -> bool:
        """Whether this worker speaks."""
        return self.holding.holder.kind == "worker" and self.holding.holder.id == worker_id


OwnFold = Callable[[Any, Any, Recorded], Any]
"""Folds an axis that depends on nothing but itself."""
WholeFold = Callable[[Chat, Any, Recorded], Any]
"""Folds an axis that depends on where the chat stood before the event."""
OWN_AXES: tuple[tuple[str, OwnFold, tuple[type[Event], ...]], ...] = (
    ("origin", fold_origin, ORIGIN_EVENTS),
    ("stage", fold_stage, STAGE_EVENTS),
    ("holding", fold_holding, HOLDING_EVENTS),
    ("ownership", fold_ownership, OWNERSHIP_EVENTS),
    ("escalation", fold_escalation, ESCALATION_EVENTS),
    ("actions", apply_action, get_args(ActionEvent)),
    ("pacing", fold_pacing, PACING_EVENTS),
)
WHOLE_AXES: tuple[tuple[str, WholeFold, tuple[type[Event], ...]], ...] = (
    ("talk", fold_talk, TALK_EVENTS),
    ("need", fold_need, NEED_EVENTS),
    ("turn", fold_turn, TURN_EVENTS),
)
"""The axes, their folds, and the kinds of events that can change them."""
_Folds = tuple[tuple[tuple[str, OwnFold], ...], tuple[tuple[str, WholeFold], ...]]


def _folds_of(kind: type[Event]) -> _Folds:
    own = tuple((axis, one) for axis, one, kinds in OWN_AXES if kind in kinds)
    return own, tuple((axis, one) for axis, one, kinds in WHOLE_AXES if kind in kinds)


_FOLDS: dict[type[Event], _Folds] = {kind: _folds_of(kind) for kind in KINDS.values()}
"""The axes that an event of a kind can change."""
_NONE: _Folds = ((), ())


def stream_of(chat_id: str) -> str:
    """Return the name of a chat's stream."""
    return f"chat/{chat_id}"


def chat_id_of(stream: str) -> str | None:
    """Return the chat whose stream this is, None for other streams."""
    return stream[5:] if stream.startswith("chat/") else None


def fold(chat_id: str, events: Iterable[Recorded]) -> Chat:
    """Return the chat after all of its events, oldest first."""
    chat = Chat(chat_id=chat_id)
    for event in events:
        chat = apply(chat, event)
    return chat


def apply(chat: Chat, recorded: Recorded) -> Chat:
    """Return the chat after one more event; an event that it has already seen changes nothing."""
    if recorded.seq <= chat.seq:
        return chat
    event = recorded.event
    own, whole = _FOLDS.get(type(event), _NONE)
    changes: dict[str, Any] = {
        "seq": recorded.seq,
        "epoch": recorded.epoch,
        "basis_seq": recorded.basis_seq,
        "at_us": recorded.at_us,
    }
    for axis, one in own:
        changes[axis] = one(getattr(chat, axis), event, recorded)
    for axis, seeing in whole:
        changes[axis] = seeing(chat, event, recorded)
    return msgspec.structs.replace(chat, **changes)
