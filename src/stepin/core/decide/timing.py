"""What a timer leads to when it goes off. A chat that has moved on leads to nothing."""

from __future__ import annotations

import msgspec

from stepin.core.chat import Chat
from stepin.core.command import SYSTEM_ACTOR, CloseChat, EndWrapUp
from stepin.core.decide.actions import expire
from stepin.core.decide.decision import Decision, by, idle_timer, timer
from stepin.core.decide.ending import close_chat, end_wrap_up
from stepin.core.decide.escalating import Reachable, climb, due_us
from stepin.core.decide.queueing import release
from stepin.core.events.base import CloseReason
from stepin.core.notice import notice
from stepin.core.policy import Policy


def idle(chat: Chat, policy: Policy, *, now_us: int) -> Decision | int | None:
    """Return what follows when a chat may have gone silent.

    A decision (a reminder or a close), or the time in µs at which to look again, or None if the
    chat is over. A customer who waits for an answer is never timed out as inactive; one who
    waits in the queue for longer than the policy's `abandon_s` is told and let go, but nobody
    whose safety may be at stake.
    """
    if not chat.open:
        return None
    times = policy.times
    if chat.holder.kind == "nobody":
        due = max(chat.stage.queued_us, chat.talk.last_customer_us) + int(times.abandon_s * 1e6)
        if chat.danger:
            return max(due, now_us + int(times.reminder_s * 1e6))
        return due if now_us < due else _close(chat, "abandoned", policy, now_us=now_us)
    if chat.waiting_since_us is not None:
        return now_us + int(times.reminder_s * 1e6)
    silent_since = max(chat.talk.last_public_us, chat.talk.last_customer_us)
    asked = (
        chat.pacing.reminded_us is not None
        and chat.pacing.reminded_us >= chat.talk.last_customer_us
    )
    if asked and chat.pacing.reminded_us is not None:
        due = chat.pacing.reminded_us + int(max(0.0, times.inactivity_s - times.reminder_s) * 1e6)
        return due if now_us < due else _close(chat, "timed_out", policy, now_us=now_us)
    due = silent_since + int(times.reminder_s * 1e6)
    if now_us < due:
        return due
    later = now_us + int(max(0.0, times.inactivity_s - times.reminder_s) * 1e6)
    return Decision(
        events=by(SYSTEM_ACTOR, notice("still_there", chat.language)),
        work=(idle_timer(chat.chat_id, later),),
    )


def _close(chat: Chat, reason: CloseReason, policy: Policy, *, now_us: int) -> Decision:
    said = by(SYSTEM_ACTOR, notice(reason, chat.language))
    command = CloseChat(chat_id=chat.chat_id, reason=reason)
    closed = close_chat(chat, command, SYSTEM_ACTOR, policy, now_us=now_us)
    return msgspec.structs.replace(closed, events=said + closed.events)


def wrap_up(chat: Chat) -> Decision | None:
    """Return the end of a wrap-up whose time is over."""
    if chat.episode != "wrap_up":
        return None
    return end_wrap_up(chat, EndWrapUp(chat_id=chat.chat_id), SYSTEM_ACTOR)


def expiry(chat: Chat, action_id: str) -> Decision | None:
    """Return the expiry of an action that nobody has decided."""
    action = chat.actions.get(action_id)
    return None if action is None or action.state != "proposed" else expire(chat, action_id)


def ladder(
    chat: Chat, policy: Policy, reachable: Reachable, *, now_us: int
) -> Decision | int | None:
    """Return the ladder's next step, or when to look again, or None if nobody is needed.

    In a chat that waits in the queue the ladder goes on only where nobody but a person can help.
    A chat whose customer has asked the AI for a person goes there at once if its policy says so.
    Where somebody's safety is at stake it goes on until a person has answered, also after the
    chat's end and after a takeover without a word.
    """
    if not chat.open and not chat.left_in_danger:
        return None
    escalation = chat.escalation
    living = escalation is not None and (escalation.live or escalation.owed)
    asked = chat.ai_holds and chat.asked_us is not None
    if asked and policy.ai.after_request == "queue":
        queued = release(chat, "requested", policy, now_us=now_us)
        due = due_us(escalation, policy) if escalation is not None and living else now_us
        ladder_timer = timer(chat.chat_id, "ladder", due)
        return msgspec.structs.replace(queued, work=(*queued.work, ladder_timer))
    unheld = chat.open and chat.holder.kind == "nobody"
    if escalation is None or not living or (unheld and not chat.needs_person):
        return None
    due = due_us(escalation, policy)
    if now_us < due:
        return due
    return climb(chat, policy, reachable, now_us=now_us)
