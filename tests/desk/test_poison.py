"""Work that never comes to an end: it isn't begun a third time, whatever ended the first two."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec
import pytest

from stepin.agent.brain import Hands, TurnContext
from stepin.core.chat import stream_of
from stepin.core.command import Actor, HandBack, PostMessage, TakeOver
from stepin.core.events.action import ActionFailed, ActionStarted
from stepin.core.events.chat import MessagePosted, TurnFailed, TurnStarted
from stepin.core.events.supervision import ChatScored, FlagRaised
from stepin.core.policy import AiPolicy, ApprovalPolicy, Policy
from stepin.core.work import WorkKind
from stepin.desk.alerts.detection import AskedTurn, Judged
from stepin.desk.alerts.scoring import KEY, TABLE
from stepin.desk.jobs.engine import Pace
from tests.desk.brains import Scripted, refunds
from tests.desk.conftest import ANN, DORA, PACE, Room

SMALL = Policy(approvals=ApprovalPolicy(ai_money_limit=100))
IDLE = msgspec.structs.replace(PACE, turns=0, effects=0, scores=0)


class Kills:
    """A watch that finds nothing, and that one text ends the process at."""

    version = "kills-1"

    def __init__(self) -> None:
        self.met = 0

    async def look(self, asked: Sequence[AskedTurn]) -> Sequence[Judged]:
        if any("the end of it" in one.turns[-1].turn.text for one in asked):
            self.met += 1
            await asyncio.Event().wait()
        return [Judged(scores={"risk": 0.0}) for _ in asked]

    def forget(self, chat_id: str) -> None:
        return


async def answers(context: TurnContext, hands: Hands) -> None:
    await hands.say("Here I am.")


async def put(room: Room, kind: WorkKind) -> None:
    async with asyncio.timeout(20):
        while await room.log.next_due_us([kind]) is None:
            await asyncio.sleep(0)


async def die(room: Room, kind: WorkKind, times: int) -> None:
    """Claim the work as processes do that die before they have done it."""
    await put(room, kind)
    for n in range(times):
        (work,) = await room.log.claim([kind], holder=f"died-{n}", limit=1, lease_s=0)
        assert work.unended == n + 1


async def begin(room: Room, idle: Pace, brain: Scripted) -> str:
    await room.add(brains={"builtin": brain}, pace=idle, policy=SMALL)
    await room.sign_on("ann")
    return await room.open("Hello")


async def test_a_turn_that_has_twice_not_ended_fails_in_front_of_a_person(bare_room: Room) -> None:
    room, brain = bare_room, Scripted(answers)
    chat_id = await begin(room, IDLE, brain)
    await die(room, "turn", 2)
    await room.restart(brains={"builtin": brain})
    chat = await room.until(chat_id, lambda c: c.turn_id is None)
    assert (brain.turns, chat.ai_messages, chat.gave_up) == (0, 0, True)
    events = [e.event for e in await room.events(chat_id)]
    assert [e.reason for e in events if isinstance(e, TurnFailed)] == ["poison"]
    (flag,) = [e for e in events if isinstance(e, FlagRaised) and not e.shadow]
    assert (flag.cause, flag.reason) == ("technical", "poison")
    told = [e for e in events if isinstance(e, MessagePosted) and e.template == "ai_stuck"]
    assert len(told) == 1
    await room.desk.submit(DORA, PostMessage(chat_id=chat_id, text="And now?"))
    assert (await room.desk.chat(chat_id)).turn_id is None
    await room.desk.submit(ANN, TakeOver(chat_id=chat_id))
    await room.desk.submit(ANN, HandBack(chat_id=chat_id, note="go on"))
    await room.until(chat_id, lambda c: c.ai_messages == 1)


async def test_a_turn_that_has_once_not_ended_is_taken_again(bare_room: Room) -> None:
    room, brain = bare_room, Scripted(answers)
    chat_id = await begin(room, IDLE, brain)
    await die(room, "turn", 1)
    await room.restart(brains={"builtin": brain})
    await room.until(chat_id, lambda c: c.ai_messages == 1)


async def test_turns_that_have_once_not_ended_are_taken_one_at_a_time(bare_room: Room) -> None:
    room, reached, go = bare_room, asyncio.Event(), asyncio.Event()

    async def waits(context: TurnContext, hands: Hands) -> None:
        reached.set()
        await go.wait()
        await hands.say("Here I am.")

    brain = Scripted(waits)
    chats = [await begin(room, IDLE, brain), await room.open("Hello", customer="dan")]
    async with asyncio.timeout(20):
        while len(await room.log.work_streams("turn")) < 2:
            await asyncio.sleep(0)
    died = await room.log.claim(["turn"], holder="died", limit=2, lease_s=0)
    assert [work.unended for work in died] == [1, 1]
    await room.restart(brains={"builtin": brain})
    await reached.wait()
    other = await room.open("And I", customer="eve")
    async with asyncio.timeout(20):
        while brain.turns < 2:
            await asyncio.sleep(0)
    assert len(room.desk.engine.taking.running) == 2
    started = [chat_id for chat_id in chats if "TurnStarted" in await room.kinds(chat_id)]
    assert len(started) == 1
    go.set()
    for chat_id in (*chats, other):
        await room.until(chat_id, lambda c: c.ai_messages == 1)


async def test_attempts_that_were_given_back_in_order_do_not_count(bare_room: Room) -> None:
    room, brain = bare_room, Scripted(answers)
    chat_id = await begin(room, IDLE, brain)
    await put(room, "turn")
    for _ in range(5):
        (work,) = await room.log.claim(["turn"], holder="stopped", limit=1, lease_s=60)
        await room.log.release(work)
    await room.restart(brains={"builtin": brain})
    await room.until(chat_id, lambda c: c.ai_messages == 1)
    events = await room.events(chat_id)
    assert [e.event.attempt for e in events if isinstance(e.event, TurnStarted)] == [6]


async def test_a_turn_that_ends_processes_is_passed_over_when_one_goes_on_with_care(
    bare_room: Room,
) -> None:
    """The cursor was held once by a process that died: the next one keeps its place first."""
    room, watch, no_ai = bare_room, Kills(), Policy(ai=AiPolicy(enabled=False))
    no_scores = msgspec.structs.replace(PACE, scores=0)
    await room.add(pace=no_scores, watches=(watch,), policy=no_ai)
    await room.sign_on("ann", capacity=9)
    chats = [await room.open(f"Hello, {n}", customer=f"c{n}") for n in range(3)]
    await room.until(chats[1], lambda c: c.holder.kind == "worker")
    await room.desk.submit(
        Actor(kind="customer", id="c1"), PostMessage(chat_id=chats[1], text="the end of it")
    )
    after = await room.open("And me?", customer="c9")
    await room.until(after, lambda c: c.holder.kind == "worker")
    await die(room, "score", 1)
    await room.restart(watches=(watch,), policy=no_ai)
    async with asyncio.timeout(20):
        while not watch.met:
            await asyncio.sleep(0)
    kept = await room.log.record_get(TABLE, KEY)
    await room.restart(watches=(watch,), policy=no_ai)
    await room.desk.engine.watchers.reach(await room.log.position())
    assert int(kept or b"0") > 0
    assert watch.met == 1
    assert "ChatScored" in await room.kinds(after)
    scored = [e.event for e in await room.events(chats[1]) if isinstance(e.event, ChatScored)]
    assert len(scored) == 1


@pytest.mark.parametrize("times", [1, 2])
async def test_an_effect_that_was_never_sent_fails_after_two_deaths(
    bare_room: Room, times: int
) -> None:
    room = bare_room
    no_effects = msgspec.structs.replace(PACE, effects=0)
    chat_id = await begin(room, no_effects, Scripted(refunds))
    await die(room, "effect", times)
    await room.restart(brains={"builtin": Scripted(refunds)}, policy=SMALL)
    chat = await room.until(chat_id, lambda c: any(a.settled for a in c.actions.values()))
    (action,) = chat.actions.values()
    events = [e.event for e in await room.log.read(stream_of(chat_id))]
    if times == 1:
        assert action.state == "succeeded"
    else:
        assert [e.error for e in events if isinstance(e, ActionFailed)] == ["poison"]
        assert not any(isinstance(e, ActionStarted) for e in events)
        assert room.shop.calls == []
