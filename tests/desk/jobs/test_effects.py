"""Effects: an intent before the call, one call per key, an honest unknown, and a death anywhere."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from stepin.core.events.action import ActionStarted
from stepin.core.policy import ApprovalPolicy, Policy
from stepin.core.record import Recorded
from stepin.desk.jobs.engine import Pace
from stepin.errors import Unavailable
from stepin.log.protocol import Append, Log, Outcome
from stepin.log.sqlite import SqliteLog
from tests.desk.brains import Scripted, refunds
from tests.desk.conftest import PACE, Clock, Room
from tests.desk.shop import Shop

SMALL = Policy(approvals=ApprovalPolicy(ai_money_limit=100.0))
KEY = "refund:A-1001#1"


class Mortal:
    """A log that its process dies at: before or after the append of a kind of event.

    From then on nothing of this process reaches the log.
    """

    def __init__(self, log: Log, *, after: bool) -> None:
        self._log, self._after = log, after
        self.kind = ""
        self.dead, self.buried = asyncio.Event(), False

    def __getattr__(self, name: str) -> object:
        writes = ("append_many", "change_work", "release", "heartbeat", "claim", "journal_put")
        return self._gone if self.dead.is_set() and name in writes else getattr(self._log, name)

    async def append(self, item: Append) -> Outcome:
        hit = any(
            new.kind == self.kind and getattr(new.event, "author", "ai") == "ai"
            for new in item.events
        )
        if self.dead.is_set() or (hit and not self._after):
            await self._gone()
        outcome = await self._log.append(item)
        if hit:
            await self._gone()
        return outcome

    async def _gone(self, *args: object, **more: object) -> None:
        self.dead.set()
        if not self.buried:
            await asyncio.Event().wait()
        raise Unavailable("dead")


async def finished(room: Room, chat_id: str) -> Sequence[Recorded]:
    await room.until(chat_id, lambda c: c.ai_messages > 0 and c.turn_id is None)
    return [e for e in await room.events(chat_id) if e.kind.startswith("Action")]


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(
    "kind", ["TurnStarted", "ActionProposed", "ActionStarted", "ActionSucceeded", "MessagePosted"]
)
async def test_a_death_between_any_two_steps_pays_once(
    timed_room: Room, kind: str, after: bool
) -> None:
    """A call that was never sent has failed and says so; any other is paid once."""
    room = timed_room
    mortal = Mortal(room.log, after=after)
    brains = {"builtin": Scripted(refunds)}
    first = await room.add(policy=SMALL, brains=brains, log=mortal)
    await room.sign_on("ann")
    mortal.kind = kind
    chat_id = await room.open("Money back")
    await mortal.dead.wait()
    mortal.buried = True
    await first.stop()
    room.desks.clear()
    await room.log.record_put("t", "after", b"whatever the dead one had under way")
    room.clock.wait(6)
    await room.add(policy=SMALL, brains=brains)
    events = await finished(room, chat_id)
    assert [e.kind for e in events].count("ActionStarted") == 1
    chat = await room.until(chat_id, lambda c: all(a.settled for a in c.actions.values()))
    never_sent = (kind, after) == ("ActionStarted", True)
    assert [a.state for a in chat.actions.values()] == ["failed" if never_sent else "succeeded"]
    assert room.shop.ledger == ({} if never_sent else {KEY: 50.0})
    assert len(room.shop.calls) == len(room.shop.ledger)


async def test_a_lost_answer_is_unknown_and_then_reconciled_never_repeated(
    bare_room: Room,
) -> None:
    room = bare_room
    room.shop.lose_answers = True
    await room.add(policy=SMALL, brains={"builtin": Scripted(refunds)})
    await room.sign_on("ann")
    chat_id = await room.open("Money back")
    chat = await room.until(chat_id, lambda c: any(a.settled for a in c.actions.values()))
    kinds = [k for k in await room.kinds(chat_id) if k.startswith("Action")]
    assert kinds == [
        "ActionProposed",
        "ActionApproved",
        "ActionStarted",
        "ActionUnknown",
        "ActionReconciled",
    ]
    assert [a.state for a in chat.actions.values()] == ["succeeded"]
    assert room.shop.calls == [(KEY, "A-1001")]


async def test_a_call_that_takes_too_long_is_unknown_not_failed(bare_room: Room) -> None:
    room = bare_room

    async def for_ever() -> None:
        await asyncio.Event().wait()

    room.shop.after = for_ever
    await room.add(policy=SMALL, brains={"builtin": Scripted(refunds)})
    await room.sign_on("ann")
    chat_id = await room.open("Money back")
    chat = await room.until(chat_id, lambda c: any(a.settled for a in c.actions.values()))
    assert "ActionUnknown" in await room.kinds(chat_id)
    assert [a.state for a in chat.actions.values()] == ["succeeded"]
    assert room.shop.calls == [(KEY, "A-1001")]


async def test_an_outcome_that_nobody_can_tell_reaches_a_person(bare_room: Room) -> None:
    room = bare_room
    room.shop.lose_answers = True
    catalogue = room.shop

    class Deaf:
        def get(self, name: str) -> object:
            tool = catalogue.get(name)
            return None if tool is None else msgspec.structs.replace(tool, reconcile=None)

        def all(self) -> tuple[object, ...]:
            return tuple(msgspec.structs.replace(t, reconcile=None) for t in catalogue.all())

    pace: Pace = msgspec.structs.replace(PACE, reconcile_s=0.0)
    brains = {"builtin": Scripted(refunds)}
    await room.add(policy=SMALL, brains=brains, tools=Deaf(), pace=pace)
    await room.sign_on("ann")
    chat_id = await room.open("Money back")
    chat = await room.until(
        chat_id, lambda c: c.escalation is not None and c.escalation.state == "alerted"
    )
    assert chat.escalation is not None
    assert chat.escalation.reason.startswith("outcome_unknown:")
    assert room.shop.calls == [(KEY, "A-1001")]


async def test_the_intent_stands_in_the_log_before_the_call(bare_room: Room) -> None:
    room = bare_room
    before: list[bool] = []

    async def look() -> None:
        events = await room.log.read_all(limit=1000)
        started = [e for e in events if isinstance(e.event, ActionStarted)]
        before.append(len(started) == 1 and await room.log.claimant(KEY) is not None)

    room.shop.before = look
    await room.add(policy=SMALL, brains={"builtin": Scripted(refunds)})
    await room.sign_on("ann")
    chat_id = await room.open("Money back")
    await finished(room, chat_id)
    assert before == [True]


@pytest.mark.parametrize("skew_s", [-3_600, 3_600])
async def test_a_clock_that_is_an_hour_off_costs_time_but_pays_and_answers_once(
    tmp_path: Path, skew_s: int
) -> None:
    path = tmp_path / "log.sqlite"
    clocks = [Clock(), Clock()]
    clocks[1].wait(skew_s)
    logs = [await SqliteLog.open(path, clock_us=c, poll_s=0.02) for c in clocks]
    room = Room(logs[0], clocks[0], Shop())
    brains = {"builtin": Scripted(refunds)}
    for log in logs:
        await room.add(policy=SMALL, brains=brains, log=log)
    await room.sign_on("ann")
    chat_id = await room.open("Money back")
    await room.until(chat_id, lambda c: c.ai_messages >= 1)
    chat = await room.until(
        chat_id, lambda c: c.turn_id is None and all(a.settled for a in c.actions.values())
    )
    assert len(room.shop.calls) <= 1
    assert set(room.shop.ledger) <= {KEY}
    paid = any(a.state == "succeeded" for a in chat.actions.values())
    assert paid == bool(room.shop.ledger)
    events = await room.events(chat_id)
    assert [e.at_us for e in events] == sorted(e.at_us for e in events)
    await room.stop()
    for log in logs:
        await log.close()
