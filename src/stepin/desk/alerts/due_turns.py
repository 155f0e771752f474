"""Which turns an event asks the detectors to look at, decided from the log alone."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from stepin.core.events.chat import HolderChanged, MessagePosted, TurnFinished
from stepin.core.record import Recorded
from stepin.judge.transcript import Spoken, Transcript


class ChatHeard(msgspec.Struct, frozen=True, kw_only=True):
    """A chat as the detectors have heard it.

    Attributes
    ----------
    transcript : the turns up to the last event that was read.
    finished_seq : of the last turn that the AI has ended before.
    """

    transcript: Transcript = Transcript()
    finished_seq: int = 0

    def read(self, events: Iterable[Recorded]) -> ChatHeard:
        """Return what is heard after more events, oldest first; known ones change nothing."""
        new = [event for event in events if event.seq > self.transcript.seq]
        ended = [event.seq for event in new if isinstance(event.event, TurnFinished)]
        return ChatHeard(
            transcript=self.transcript.read(new),
            finished_seq=ended[-1] if ended else self.finished_seq,
        )


def due_turns(
    before: ChatHeard, after: ChatHeard, recorded: Recorded
) -> tuple[tuple[Spoken, ...], ...]:
    """Return the turns to be looked at because of an event, each with the turns that led to it.

    That is what the customer or a worker says, once the chat has had a holder; what the customer
    has said till then when it gets its first one, since only then is it known who would be
    alerted; and the last thing that the AI has said when its turn ends.
    """
    event, turns = recorded.event, after.transcript.turns
    match event:
        case MessagePosted(visibility="public", author="customer" | "worker"):
            return (turns,) if recorded.epoch > 0 else ()
        case HolderChanged() if recorded.epoch == 1:
            return tuple(turns[: n + 1] for n in range(len(turns)))
        case TurnFinished():
            for n in range(len(turns), 0, -1):
                spoken = turns[n - 1]
                if spoken.seq <= before.finished_seq:
                    break
                if spoken.turn.role == "ai":
                    return (turns[:n],)
            return ()
        case _:
            return ()
