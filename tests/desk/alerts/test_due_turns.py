"""Which turns an event asks the detectors to look at."""

from __future__ import annotations

from stepin.core.events import Event
from stepin.core.events.chat import HolderChanged, MessagePosted, TurnFinished, TurnStarted
from stepin.core.holder import NOBODY, ai, worker
from stepin.core.record import Recorded
from stepin.desk.alerts.due_turns import ChatHeard, due_turns


def told(*events: tuple[Event, int]) -> list[list[int]]:
    """Return, for each event, the seqs of the turns that it asks to be looked at."""
    heard, due = ChatHeard(), []
    for seq, (event, epoch) in enumerate(events, start=1):
        recorded = Recorded(
            position=seq, stream="chat/c", seq=seq, at_us=seq, epoch=epoch, basis_seq=seq,
            event=event, actor="", on_behalf_of=None,
        )  # fmt: skip
        after = heard.read((recorded,))
        due.append([turns[-1].seq for turns in due_turns(heard, after, recorded)])
        heard = after
    return due


def says(author: str, visibility: str = "public") -> MessagePosted:
    return MessagePosted(author=author, text="Hello", visibility=visibility)  # type: ignore[arg-type]


FIRST = HolderChanged(from_=NOBODY, to=ai("builtin"), reason="assigned")
LATER = HolderChanged(from_=ai("builtin"), to=worker("ann"), reason="takeover")
BEGUN = TurnStarted(turn_id="t1", attempt=1, basis_seq=1, brain_version="builtin@1")
ENDED = TurnFinished(turn_id="t1", attempt=1, outcome="answered")


def test_what_was_said_before_the_first_holder_waits_for_it() -> None:
    assert told((says("customer"), 0), (says("customer"), 0), (FIRST, 1)) == [[], [], [1, 2]]


def test_a_customer_and_a_worker_are_looked_at_as_they_speak() -> None:
    events = ((FIRST, 1), (says("customer"), 1), (LATER, 2), (says("worker"), 2))
    assert told(*events) == [[], [2], [], [4]]


def test_of_an_ai_turn_the_last_message_is_looked_at_when_it_ends() -> None:
    events = ((FIRST, 1), (BEGUN, 1), (says("ai"), 1), (says("ai"), 1), (ENDED, 1))
    assert told(*events)[-1] == [4]


def test_a_customer_who_writes_meanwhile_hides_nothing_of_the_ai() -> None:
    events = ((FIRST, 1), (BEGUN, 1), (says("ai"), 1), (says("customer"), 1), (ENDED, 1))
    assert told(*events) == [[], [], [], [4], [3]]


def test_an_ai_turn_that_says_nothing_asks_for_nothing() -> None:
    said = ((FIRST, 1), (BEGUN, 1), (says("ai"), 1), (ENDED, 1))
    assert told(*said, (BEGUN, 1), (ENDED, 1))[-1] == []


def test_notes_and_notices_are_no_turns() -> None:
    assert told((FIRST, 1), (says("worker", "note"), 1), (says("system"), 1)) == [[], [], []]
