"""Cards of the floor: a chat and a worker as a worker's console shows them."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from stepin.core.action import IN_FLIGHT, OPEN, ActionState
from stepin.core.chat import Chat, Episode
from stepin.core.escalation import Escalation, gravity
from stepin.core.events.base import CloseReason, Risk
from stepin.core.events.chat import Author
from stepin.core.holder import Holder


class ActionCard(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """An action that waits for a decision, or whose outcome isn't known yet.

    `amount` is what it moves, in the shop's currency, as its plan has resolved it; 0 if nothing.
    `customer_seq` is the customer's last message since it was proposed, 0 if there is none: who
    approves has to have seen it.
    """

    action_id: str
    state: ActionState
    tool: str
    tool_version: str
    risk: Risk
    arguments: dict[str, Any]
    records: dict[str, Any]
    digest: str
    proposer: str
    needs_approval: bool
    approver_role: str
    expires_at_us: int | None
    seq: int
    amount: float = 0.0
    customer_seq: int = 0


class ChatCard(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A chat on the floor.

    Attributes
    ----------
    seq : of the chat's last event; a command may name it as `expect_seq`.
    ai_working : whether the AI has a turn asked for or running.
    preview : the beginning of what the customer wrote last; until then, of the last public message.
    escalation : the last flag on its way to a person, None if there was none.
    actions : those that wait for a decision or are in flight.
    mood : the emotional level after each of the last customer messages, 0 calm to 1 upset, as
        scored while the AI held the chat; chats that people handle are scored out of sight.
    look_us : when the owner was asked to have a look, 0 if not since the AI holds the chat.
    asked_us : since when the customer has been waiting for a person whom they asked for.
    left_in_danger : whether it ended with somebody in danger: it stays until a person has
        acknowledged that.
    gravity : the place of the escalation's cause among all, 0 for the gravest; None without one.
    """

    chat_id: str
    seq: int
    epoch: int
    episode: Episode
    holder: Holder
    owner: str | None
    group: str | None
    escalation: Escalation | None
    actions: tuple[ActionCard, ...]
    customer_id: str
    customer_name: str | None
    customer_asserted: bool
    channel: str
    language: str
    issue_class: str | None
    previous_chat_id: str | None
    eligible: bool | None
    labels: tuple[str, ...]
    ai_working: bool
    opened_us: int
    queued_us: int
    waiting_since_us: int | None
    last_customer_us: int
    last_public_us: int
    last_public_author: Author | Literal[""]
    customer_messages: int
    ai_messages: int
    worker_messages: int
    preview: str
    disposition: str | None
    close_reason: CloseReason | None
    rating_invited: bool
    mood: tuple[float, ...] = ()
    look_us: int = 0
    asked_us: int | None = None
    gravity: int | None = None
    left_in_danger: bool = False


class WorkerLoad(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A worker's open chats, and how many there may be.

    Where owners are drawn uniformly (in a trial) `cap` counts, for all of them together; else it
    is None, and the two capacities count.
    """

    capacity: int
    supervised_capacity: int
    holds: int
    supervises: int
    cap: int | None = None


class WorkerCard(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A worker on the floor. `load` is for leads: it tells a colleague whose chats the AI holds."""

    worker_id: str
    name: str
    role: str
    presence: Literal["available", "away", "off"]
    groups: tuple[str, ...]
    load: WorkerLoad | None = None


def chat_card(chat: Chat, preview: str, mood: tuple[float, ...] = ()) -> ChatCard:
    """Return a chat's card."""
    alert = chat.escalation
    return ChatCard(
        chat_id=chat.chat_id,
        seq=chat.seq,
        epoch=chat.epoch,
        episode=chat.episode,
        holder=chat.holder,
        owner=chat.owner,
        group=chat.group,
        escalation=chat.escalation,
        actions=_actions(chat) if chat.actions else (),
        customer_id=chat.customer_id,
        customer_name=chat.origin.customer_name,
        customer_asserted=chat.customer_asserted,
        channel=chat.origin.channel,
        language=chat.language,
        issue_class=chat.issue_class,
        previous_chat_id=chat.origin.previous_chat_id,
        eligible=chat.eligible,
        labels=tuple(sorted(chat.stage.labels)),
        ai_working=chat.turn_id is not None,
        opened_us=chat.opened_us,
        queued_us=chat.stage.queued_us,
        waiting_since_us=chat.waiting_since_us,
        last_customer_us=chat.talk.last_customer_us,
        last_public_us=chat.talk.last_public_us,
        last_public_author=chat.talk.last_public_author,  # type: ignore[arg-type]
        customer_messages=chat.talk.customer_messages,
        ai_messages=chat.ai_messages,
        worker_messages=chat.talk.worker_messages,
        preview=preview,
        disposition=chat.stage.disposition,
        close_reason=chat.close_reason,
        rating_invited=chat.rating_invited,
        mood=mood,
        look_us=chat.pacing.look_us,
        asked_us=chat.asked_us,
        left_in_danger=chat.left_in_danger,
        gravity=None if alert is None else gravity(alert.cause, alert.kind),
    )


def _actions(chat: Chat) -> tuple[ActionCard, ...]:
    return tuple(
        ActionCard(
            action_id=a.action_id,
            state=a.state,
            tool=a.tool,
            tool_version=a.tool_version,
            risk=a.risk,
            arguments=a.arguments,
            records=a.records,
            digest=a.digest,
            proposer=a.proposer,
            needs_approval=a.needs_approval,
            approver_role=a.approver_role,
            expires_at_us=a.expires_at_us,
            seq=a.seq,
            amount=a.amount,
            customer_seq=chat.written_since(a),
        )
        for a in chat.actions.values()
        if a.state in OPEN or a.state in IN_FLIGHT
    )
