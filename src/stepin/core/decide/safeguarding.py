"""Somebody may be in danger: what follows in the append of the customer's message.

A rule decides, no detector and no draw: in every arm and mode alike, before any brain has read the
message. No budget, cool-down or other cause stands before it.
"""

from __future__ import annotations

from collections.abc import Sequence

from stepin.core.chat import Chat
from stepin.core.command import SYSTEM_ACTOR
from stepin.core.danger import Safety
from stepin.core.decide.decision import Decision, after, by
from stepin.core.decide.escalating import Reachable, raise_flag
from stepin.core.decide.holding import end_of_ai
from stepin.core.events import Event
from stepin.core.events.supervision import (
    NOTHING,
    DecisionDrawn,
    FlagRaised,
    SuggestionShown,
)
from stepin.core.notice import caution, caution_template
from stepin.core.policy import Policy
from stepin.core.record import NewEvent, Versions
from stepin.language.languages import letters_tell


def safeguard(
    chat: Chat,
    said: Sequence[NewEvent],
    text: str,
    policy: Policy,
    reachable: Reachable,
    safety: Safety,
    *,
    turn_seq: int,
    now_us: int,
    where: str = "",
) -> Decision:
    """Return what a customer's message leads to if it tells of danger; else nothing.

    The flag alerts people whoever holds the chat. The AI's turn and its open proposals end here,
    and it gets no other turn until a person has taken the chat or left it to the AI (see
    `Chat.danger`). One careful sentence, once a holding of the chat: to the customer where the AI
    or nobody holds it, as a suggestion where a worker does.

    Parameters
    ----------
    chat : before `said`.
    said : the events of the same append that come first, the message among them.
    turn_seq : the message's place in the chat.
    where : where it was written, if it is no message of the chat.
    """
    found = safety.find(text)
    if found is None:
        return Decision(events=())
    now = after(chat, said, now_us=now_us)
    detector = f"safety@{safety.version}"
    drawn = DecisionDrawn(
        point="safety",
        options=(found.kind, NOTHING),
        probabilities=(1.0, 0.0),
        drawn=found.kind,
        draw_key=f"safety:{chat.chat_id}:{turn_seq}",
        score=1.0,
        threshold=1.0,
        turn_seq=turn_seq,
    )
    flag = FlagRaised(
        cause="policy",
        turn_seq=turn_seq,
        raised_by="policy",
        score=1.0,
        threshold=1.0,
        detector=detector,
        kind=found.kind,
        reason=where,
    )
    versions = Versions(policy=policy.version, detector=safety.version)
    events: tuple[NewEvent, ...] = (NewEvent(event=drawn, versions=versions),)
    now = after(now, events, now_us=now_us)
    flagged = raise_flag(now, flag, policy, reachable, actor="system", now_us=now_us)
    ended, work = end_of_ai(now, "safety")
    events += flagged.events
    events += by(SYSTEM_ACTOR, *ended, *_sentence(now, found.kind, text, safety, turn_seq))
    return Decision(events=events, work=(*flagged.work, *work))


def _sentence(chat: Chat, kind: str, text: str, safety: Safety, turn_seq: int) -> tuple[Event, ...]:
    """Return the careful sentence, unless this holding of the chat has had it."""
    if not chat.open:
        language = letters_tell(text, chat.language)
        return (caution(kind, language, safety.helplines, over=True),)
    template = caution_template(kind)
    if template in chat.pacing.cautions:
        return ()
    message = caution(kind, letters_tell(text, chat.language), safety.helplines)
    if chat.holder.kind != "worker":
        return (message,)
    return (
        SuggestionShown(
            suggestion_id=f"{template}:{chat.chat_id}:{turn_seq}",
            worker_id=chat.holder.id,
            kind="empathy",
            text=message.text,
            source=template,
        ),
    )
