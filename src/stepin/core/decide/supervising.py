"""What workers do about an alert, short of taking the chat over."""

from __future__ import annotations

from stepin.core.chat import Chat
from stepin.core.command import SYSTEM_ACTOR, AcknowledgeAlert, Actor, DeclineEscalation
from stepin.core.decide.decision import Decision, by, must_be, must_be_open
from stepin.core.escalation import Escalation
from stepin.core.events import Event
from stepin.core.events.supervision import (
    AlertAcknowledged,
    EscalationDeclined,
    EscalationWithdrawn,
)
from stepin.core.notice import notice
from stepin.core.text import is_blank
from stepin.core.work import DropWork
from stepin.errors import Conflict, Refused


def acknowledge(chat: Chat, command: AcknowledgeAlert, actor: Actor) -> Decision:
    """Decide that a worker has seen the alert.

    Where the customer has left in danger that is all that a person can do, and the alert ends.
    """
    must_be(actor, "worker")
    if not chat.left_in_danger:
        must_be_open(chat)
    escalation = _live(chat)
    if not escalation.live:
        raise _no_alert()
    events: list[Event] = [AlertAcknowledged(flag_seq=escalation.flag_seq, worker_id=actor.id)]
    if chat.open:
        return Decision(events=by(actor, *events))
    events.append(EscalationWithdrawn(flag_seq=escalation.flag_seq, reason="closed"))
    return Decision(events=by(actor, *events), work=_no_ladder(chat))


def decline(chat: Chat, command: DeclineEscalation, actor: Actor) -> Decision:
    """Decide that a worker leaves the chat to the AI; the ladder ends here.

    A customer who has asked for a person is told so.

    Raises
    ------
    Refused
        ``no_reason``: somebody may be in danger; who leaves that has to say why.
    """
    must_be(actor, "worker")
    must_be_open(chat)
    escalation = _live(chat)
    if escalation.owed and is_blank(command.reason):
        raise Refused(
            "Somebody may be in danger in this chat.",
            hint="Say why nobody has to come; the reason is kept.",
            code="no_reason",
            kind=escalation.kind,
        )
    declined = EscalationDeclined(
        flag_seq=escalation.flag_seq, worker_id=actor.id, reason=command.reason or None
    )
    events = by(actor, declined)
    if chat.ai_holds and chat.asked_us is not None:
        events += by(SYSTEM_ACTOR, notice("person_declined", chat.language))
    return Decision(events=events, work=_no_ladder(chat))


def _no_ladder(chat: Chat) -> tuple[DropWork, ...]:
    return (DropWork(work_id=f"ladder:{chat.chat_id}"),)


def _live(chat: Chat) -> Escalation:
    """Return the alert that lives, or that somebody has taken who has yet to write."""
    if chat.escalation is None or not (chat.escalation.live or chat.escalation.owed):
        raise _no_alert()
    return chat.escalation


def _no_alert() -> Conflict:
    return Conflict("There is no alert in this chat.", code="no_alert")
