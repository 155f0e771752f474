"""A chat's events as the brain and the detectors read them."""

from __future__ import annotations

from collections.abc import Iterable

from stepin.agent.brain import Line
from stepin.core.escalation import SAFETY
from stepin.core.events.action import (
    ActionDenied,
    ActionExpired,
    ActionFailed,
    ActionReconciled,
    ActionSucceeded,
    ActionUnknown,
)
from stepin.core.events.chat import HolderChanged, MessagePosted, WhisperSent
from stepin.core.events.supervision import EscalationDeclined, FlagRaised
from stepin.core.record import Recorded

_OUTCOMES = (
    ActionSucceeded,
    ActionFailed,
    ActionDenied,
    ActionExpired,
    ActionUnknown,
    ActionReconciled,
)


def lines_of(events: Iterable[Recorded]) -> tuple[Line, ...]:
    """Return what was said and done, oldest first; workers' notes are not among it.

    A hand-back is a `boundary` line that holds the worker's note: it ends the human stretch. So is
    a person's word that nobody has to come to somebody who seemed to be in danger, with its reason;
    it settles what stands before it, which is no question to the AI.
    """
    lines: list[Line] = []
    danger: set[int] = set()
    for recorded in events:
        event = recorded.event
        if isinstance(event, FlagRaised) and event.kind.startswith(SAFETY) and not event.shadow:
            danger.add(recorded.seq)
        if isinstance(event, EscalationDeclined) and event.flag_seq in danger:
            lines.append(
                Line(
                    seq=recorded.seq,
                    at_us=recorded.at_us,
                    speaker="boundary",
                    text=event.reason or "",
                    settles=True,
                )
            )
        line = _line(recorded)
        if line is not None:
            lines.append(line)
    return tuple(lines)


def _line(recorded: Recorded) -> Line | None:
    seq, at_us = recorded.seq, recorded.at_us
    event = recorded.event
    if isinstance(event, MessagePosted):
        if event.visibility == "note":
            return None
        return Line(
            seq=seq,
            at_us=at_us,
            speaker=event.author,
            text=event.text,
            confirms=event.confirms if event.author == "ai" else "",
        )
    if isinstance(event, WhisperSent):
        return Line(seq=seq, at_us=at_us, speaker="whisper", text=event.text)
    if isinstance(event, HolderChanged) and event.reason == "hand_back":
        return Line(seq=seq, at_us=at_us, speaker="boundary", text=event.note or "")
    if isinstance(event, _OUTCOMES):
        text = type(event).__name__.removeprefix("Action").lower()
        why = event.reason if isinstance(event, ActionDenied) else None
        text = f"{text}: {why}" if why else text
        return Line(seq=seq, at_us=at_us, speaker="action", text=text, action_id=event.action_id)
    return None
