"""After an emotional takeover: a quiet reminder where the worker's effort falls.

Effort falls where the customer waits and nothing is said for a while, or where the last replies
were short and asked nothing. A nudge costs nothing, can be dismissed, and is drawn with a logged
probability, so that evidence can say whether it helps.
"""

from __future__ import annotations

from typing import Literal

from stepin.core.assignment import uniform_from
from stepin.core.chat import Chat
from stepin.core.command import SYSTEM_ACTOR
from stepin.core.decide.decision import Decision, by, timer
from stepin.core.events.supervision import NOTHING, DecisionDrawn, NudgeShown
from stepin.core.policy import Policy
from stepin.core.work import PutWork

LOOK_S = 30.0
SILENT_S = 60.0
SHORT_REPLIES = 2
MOST = 3

Falling = Literal["silent", "short"]


def nudge_timer(chat_id: str, due_us: int) -> PutWork:
    """Return the timer that looks after a worker who has taken over an emotional chat."""
    return timer(chat_id, "nudge", due_us)


def falling(chat: Chat, now_us: int) -> Falling | None:
    """Return how the worker's effort falls, None if it doesn't."""
    waiting = chat.waiting_since_us
    if waiting is not None and now_us - max(waiting, chat.holding.taken_us) >= SILENT_S * 1e6:
        return "silent"
    return "short" if chat.pacing.short_replies >= SHORT_REPLIES else None


def nudge(chat: Chat, policy: Policy, *, now_us: int) -> Decision | int | None:
    """Return a draw and perhaps a nudge, or when to look again, or None if that is over."""
    if not chat.open or chat.holder.kind != "worker" or chat.pacing.nudges >= MOST:
        return None
    if policy.alerts.nudge <= 0.0:
        return None
    later = now_us + int(LOOK_S * 1e6)
    kind = falling(chat, now_us)
    if kind is None or chat.pacing.nudged_us >= chat.talk.last_public_us > 0:
        return later
    key = f"nudge:{chat.chat_id}:{chat.seq}"
    share = policy.alerts.nudge
    shown = uniform_from(key) < share
    drawn = DecisionDrawn(
        point="nudge",
        options=(kind, NOTHING),
        probabilities=(share, 1.0 - share),
        drawn=kind if shown else NOTHING,
        draw_key=key,
        turn_seq=chat.basis_seq,
    )
    events = by(SYSTEM_ACTOR, drawn)
    if shown:
        events += by(SYSTEM_ACTOR, NudgeShown(worker_id=chat.holder.id, kind=kind))
    return Decision(events=events, work=(nudge_timer(chat.chat_id, later),))
