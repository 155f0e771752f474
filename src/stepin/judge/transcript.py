"""A chat's events as the turns that detectors read: who spoke, and what the tools did before it.

A fold, so that a chat is read on where it was left. Notes, notices and whispers are no turns; what
a tool returned and how sure the brain was count for the next turn that is spoken.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

import msgspec

from stepin.core.events.action import ActionFailed, ActionSucceeded, ActionUnknown
from stepin.core.events.chat import MessagePosted, TurnFinished
from stepin.judge.chat import Turn


class SequencedEvent(Protocol):
    """An event and its place in the chat's stream."""

    @property
    def seq(self) -> int:
        """The place."""
        ...

    @property
    def event(self) -> Any:
        """What happened."""
        ...


class Spoken(msgspec.Struct, frozen=True):
    """A turn and the event that it was said in."""

    seq: int
    turn: Turn


class Transcript(msgspec.Struct, frozen=True, kw_only=True):
    """The turns up to event `seq`, and what waits to be counted for the next one."""

    seq: int = 0
    turns: tuple[Spoken, ...] = ()
    n_tools: int = 0
    n_tools_failed: int = 0
    n_tools_empty: int = 0
    confidence: float | None = None

    def read(self, events: Iterable[SequencedEvent]) -> Transcript:
        """Return the transcript after more events, oldest first; known ones change nothing."""
        now, turns = self, list(self.turns)
        for told in events:
            if told.seq <= now.seq:
                continue
            event = told.event
            changes: dict[str, Any] = {"seq": told.seq}
            match event:
                case ActionSucceeded():
                    changes["n_tools"] = now.n_tools + 1
                    changes["n_tools_empty"] = now.n_tools_empty + (not _holds(event.result))
                case ActionFailed() | ActionUnknown():
                    changes["n_tools"] = now.n_tools + 1
                    changes["n_tools_failed"] = now.n_tools_failed + 1
                case TurnFinished(confidence=float(confidence)):
                    changes["confidence"] = confidence
                case MessagePosted() if event.visibility == "public" and event.author != "system":
                    turn = Turn(
                        role=event.author,
                        text=event.text,
                        n_tools=now.n_tools,
                        n_tools_failed=now.n_tools_failed,
                        n_tools_empty=now.n_tools_empty,
                        confidence=now.confidence,
                    )
                    turns.append(Spoken(told.seq, turn))
                    changes |= {"n_tools": 0, "n_tools_failed": 0, "n_tools_empty": 0}
                    changes["confidence"] = None
                case _:
                    pass
            now = msgspec.structs.replace(now, **changes)
        return msgspec.structs.replace(now, turns=tuple(turns))


def _holds(result: object) -> bool:
    """Return whether a tool's result holds anything."""
    if isinstance(result, dict):
        return any(value not in (None, [], {}, "") for value in result.values())
    return bool(result)
