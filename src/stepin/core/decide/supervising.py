"""What workers do about an alert, short of taking the chat over."""

from __future__ import annotations

from stepin.core.chat import Chat
from stepin.core.command import SYSTEM_ACTOR, AcknowledgeAlert, Actor, DeclineEscalation
from stepin.core.decide.decision import Decision, by, must_be, must_be_open
from stepin.core.escalation import Escalation
from stepin.core.events.supervision import AlertAcknowledged, EscalationDeclined
from stepin.core.notice import notice
from stepin.core.work import DropWork
from stepin.errors import Conflict


def acknowledge(chat: Chat, command: AcknowledgeAlert, actor: Actor) -> Decision:
    """Decide that a worker has seen the alert."""
    escalation = _live(chat, actor)
    seen = AlertAcknowledged(flag_seq=escalation.flag_seq, worker_id=actor.id)
    return Decision(events=by(actor, seen))


def decline(chat: Chat, command: DeclineEscalation, actor: Actor) -> Decision:
    """Decide that a worker leaves the chat to the AI; the ladder ends here.

    A customer who has asked for a person is told so.
    """
    escalation = _live(chat, actor)
    declined = EscalationDeclined(
        flag_seq=escalation.flag_seq, worker_id=actor.id, reason=command.reason or None
    )
    events = by(actor, declined)
    if chat.ai_holds and chat.asked_us is not None:
        events += by(SYSTEM_ACTOR, notice("person_declined", chat.language))
    return Decision(events=events, work=(DropWork(work_id=f"ladder:{chat.chat_id}"),))


def _live(chat: Chat, actor: Actor) -> Escalation:
    must_be(actor, "worker")
    must_be_open(chat)
    if chat.escalation is None or not chat.escalation.live:
        raise Conflict("There is no alert in this chat.", code="no_alert")
    return chat.escalation
