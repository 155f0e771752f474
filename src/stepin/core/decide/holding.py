"""Who holds the chat: takeover, hand-back, transfer."""

from __future__ import annotations

from typing import Literal

from stepin.core.action import IN_FLIGHT, OPEN
from stepin.core.chat import Chat
from stepin.core.command import Actor, HandBack, TakeOver, Transfer
from stepin.core.decide.decision import (
    Decision,
    by,
    must_be,
    must_be_open,
    must_have_answered,
    must_have_text,
    must_hold,
)
from stepin.core.decide.nudging import LOOK_S, nudge_timer
from stepin.core.events import Event
from stepin.core.events.action import ActionExpired
from stepin.core.events.chat import HolderChanged, MessagePosted, OwnerSet
from stepin.core.events.supervision import EscalationTaken
from stepin.core.holder import NOBODY, Holder, ai, worker
from stepin.core.policy import Policy
from stepin.core.record import NewEvent
from stepin.core.work import DropWork, WorkChange
from stepin.errors import Conflict, Refused

OFF_DUTY = "off_duty"
"""The code of a refusal: whoever is to hold a chat isn't signed on."""


Here = frozenset[str] | None
"""Who is signed on; None where that isn't known."""


def take_over(chat: Chat, command: TakeOver, actor: Actor, here: Here) -> Decision:
    """Decide a takeover: this worker speaks from the next event on."""
    must_be(actor, "worker")
    must_be_open(chat)
    if chat.held_by(actor.id):
        raise Conflict(
            "You hold this chat already.",
            hint="Reply.",
            code="already_holder",
        )
    return take(chat, actor, here, reason="takeover")


def take(chat: Chat, actor: Actor, here: Here, *, reason: Literal["takeover", "reply"]) -> Decision:
    """Return the takeover of a chat by a worker.

    Parameters
    ----------
    here : who is signed on: nobody else can hold a chat.

    Raises
    ------
    Conflict
        ``off_duty``, or ``held_by_worker``: another worker holds the chat, and only a lead may take
        it from there, or whom an alert has asked to come.
    """
    if here is not None and actor.id not in here:
        raise Conflict(
            "You are off duty: who isn't signed on can't hold a chat.",
            hint="Start taking chats (or be away), then take this one over.",
            code=OFF_DUTY,
        )
    if chat.holder.kind == "worker" and actor.role == "worker" and not _asked(chat, actor):
        raise Conflict(
            f"Chat {chat.chat_id} is held by {chat.holder.words}.",
            hint="Ask for a transfer, or write a note.",
            code="held_by_worker",
            epoch=chat.epoch,
        )
    epoch = chat.epoch + 1
    events: list[NewEvent] = list(by(actor, _change(chat, worker(actor.id), reason), epoch=epoch))
    if chat.owner != actor.id:
        owner = OwnerSet(
            owner=actor.id,
            previous=chat.owner,
            reason="taken_over",
            crossover=_crosses(chat, actor),
        )
        events.extend(by(actor, owner))
    if chat.escalation is not None and (chat.escalation.live or chat.escalation.owed):
        taken = EscalationTaken(flag_seq=chat.escalation.flag_seq, worker_id=actor.id)
        events.extend(by(actor, taken))
    ended, work = end_of_ai(chat, "takeover")
    events.extend(by(actor, *ended))
    ladder: WorkChange = DropWork(work_id=f"ladder:{chat.chat_id}")
    if "emotional" in chat.raised or chat.path == "emotional":
        work = (*work, nudge_timer(chat.chat_id, chat.at_us + int(LOOK_S * 1e6)))
    return Decision(events=tuple(events), work=(*work, ladder))


def _crosses(chat: Chat, actor: Actor) -> bool:
    if chat.owner is None:
        return False
    return not (_asked(chat, actor) and chat.escalation.step == "pool")  # type: ignore[union-attr]


def _asked(chat: Chat, actor: Actor) -> bool:
    """Return whether a living alert has asked this worker to come."""
    escalation = chat.escalation
    living = escalation is not None and (escalation.live or escalation.owed)
    return living and actor.id in escalation.to  # type: ignore[union-attr]


def end_of_ai(
    chat: Chat, why: Literal["takeover", "closed", "kill_switch", "safety"]
) -> tuple[list[Event], tuple[WorkChange, ...]]:
    """Return what ends with the AI's hold: its open proposals and unsent effects."""
    if not chat.ai_holds:
        return [], ()
    ended: list[Event] = []
    work: list[WorkChange] = []
    for action in chat.actions.values():
        if action.state in OPEN and action.proposer.startswith("ai:"):
            ended.append(ActionExpired(action_id=action.action_id, reason=why))
            work.append(DropWork(work_id=f"effect:{action.action_id}"))
            work.append(DropWork(work_id=f"expiry/{action.action_id}:{chat.chat_id}"))
    return ended, tuple(work)


def _change(
    chat: Chat,
    to: Holder,
    reason: Literal["takeover", "reply", "transfer", "hand_back"],
    note: str | None = None,
) -> HolderChanged:
    in_flight = tuple(a.action_id for a in chat.actions.values() if a.state in IN_FLIGHT)
    return HolderChanged(from_=chat.holder, to=to, reason=reason, note=note, in_flight=in_flight)


def hand_back(chat: Chat, command: HandBack, actor: Actor, policy: Policy) -> Decision:
    """Decide a hand-back: the AI speaks again, with a note and a boundary in its context.

    Raises
    ------
    Conflict
        ``in_danger``: somebody may be in danger, and no person has written to them.
    """
    must_be(actor, "worker")
    must_be_open(chat)
    must_hold(chat, actor)
    must_have_answered(chat)
    note = must_have_text(command.note, "note to the AI", 2_000)
    if not policy.ai.enabled:
        raise Refused("There is no AI to take this chat.", hint="Go on by hand.", code="ai_off")
    if chat.eligible is not True:
        raise Refused(
            "The AI may not have this chat.",
            hint="Go on by hand, or transfer it.",
            code="not_eligible",
        )
    events = by(actor, _change(chat, ai(policy.ai.brain), "hand_back", note), epoch=chat.epoch + 1)
    return Decision(events=events)


def transfer(chat: Chat, command: Transfer, actor: Actor, here: Here) -> Decision:
    """Decide a transfer to a worker who is signed on, or to the queue of a group."""
    must_be(actor, "worker")
    must_be_open(chat)
    if not chat.ai_holds:
        must_hold(chat, actor)
    if (command.to_worker is None) == (command.to_group is None):
        raise Refused(
            "A transfer names a worker or a group.", hint="Name one of them.", code="no_target"
        )
    if command.to_worker == actor.id and chat.held_by(actor.id):
        raise Refused(
            "You hold this chat already.",
            hint="Go on: write, or hand the chat on.",
            code="already_holder",
        )
    if here is not None and command.to_worker is not None and command.to_worker not in here:
        raise Conflict(
            "They are off duty: who isn't signed on can't hold a chat.",
            hint="Name somebody who is signed on, or a group.",
            code=OFF_DUTY,
        )
    to = NOBODY if command.to_worker is None else worker(command.to_worker)
    owner = OwnerSet(
        owner=command.to_worker,
        previous=chat.owner,
        reason="transferred",
        group=command.to_group,
    )
    ended, work = end_of_ai(chat, "takeover")
    events = by(actor, _change(chat, to, "transfer"), epoch=chat.epoch + 1)
    events += by(actor, owner, *ended)
    living = chat.escalation
    if to != NOBODY and living is not None and living.live and not living.owed:
        taken = EscalationTaken(flag_seq=living.flag_seq, worker_id=actor.id)
        events += by(actor, taken)
    if command.note.strip():
        note = MessagePosted(author="worker", text=command.note.strip(), visibility="note")
        events += by(actor, note)
    return Decision(events=events, work=work)
