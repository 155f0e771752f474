"""Detectors at a running desk: in both arms, off the message path, once a turn, under the caps."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Sequence

from stepin.core.command import PostMessage, Reply
from stepin.core.events.chat import MessagePosted
from stepin.core.events.supervision import (
    AlertShown,
    ChatScored,
    DecisionDrawn,
    FlagRaised,
    NudgeShown,
)
from stepin.core.opinion import Opinion
from stepin.core.policy import AiPolicy, AlertPolicy, Policy
from stepin.desk.alerts.detection import AskedTurn, Judged, PanelWatch
from stepin.desk.alerts.scoring import KEY, TABLE
from stepin.judge.chat import Turn
from stepin.judge.detectors.panel import Panel, PanelState
from stepin.judge.shipped import load_detectors
from tests.desk.conftest import ANN, DORA, Room

NO_AI = Policy(ai=AiPolicy(enabled=False))
ANGRY = ("this is ridiculous, worst service ever!!", "气死我了，什么垃圾服务")


async def scored(room: Room, chat_id: str, n: int, *, author: str = "customer") -> list[ChatScored]:
    for _ in range(2_000):
        events = [e.event for e in await room.events(chat_id)]
        found = [e for e in events if isinstance(e, ChatScored) and e.author == author]
        if len(found) >= n:
            return found
        await asyncio.to_thread(threading.Event().wait, 0.005)
    raise AssertionError(f"{len(found)} of {n} scores: {[type(e).__name__ for e in events]}")


def shipped() -> PanelWatch:
    return PanelWatch(Panel(load_detectors()))


async def test_the_shipped_detectors_see_anger_and_alert_in_a_chat_of_the_ai(
    bare_room: Room,
) -> None:
    alerts = AlertPolicy(causes=("emotional",))
    await bare_room.add(policy=Policy(alerts=alerts), watches=(shipped(),))
    await bare_room.sign_on("ann")
    chat_id = await bare_room.open("Where is my parcel?")
    for text in ANGRY:
        await bare_room.desk.submit(DORA, PostMessage(chat_id=chat_id, text=text))
    found = await scored(bare_room, chat_id, 3)
    assert found[0].scores["emotional"] < 0.3 < 0.6 < found[1].scores["emotional"]
    assert {"technical", "emotional", "hazard", "risk", "requested", "policy", "stuck"} <= set(
        found[0].scores
    )
    assert not any(one.shadow for one in found)
    events = [e.event for e in await bare_room.events(chat_id)]
    flag = next(e for e in events if isinstance(e, FlagRaised))
    assert (flag.cause, flag.shadow, flag.detector[:10]) == ("emotional", False, "emotional@")  # type: ignore[index]
    assert any(isinstance(e, AlertShown) and e.to == ("ann",) for e in events)


async def test_a_persons_chat_is_scored_in_shadow_and_alerts_no_one(bare_room: Room) -> None:
    await bare_room.add(policy=NO_AI, watches=(shipped(),))
    await bare_room.sign_on("ann")
    chat_id = await bare_room.open("Where is my parcel?")
    await bare_room.until(chat_id, lambda c: c.held_by("ann"))
    await bare_room.desk.submit(ANN, Reply(chat_id=chat_id, text="Let me look."))
    for text in ANGRY:
        await bare_room.desk.submit(DORA, PostMessage(chat_id=chat_id, text=text))
    found = await scored(bare_room, chat_id, 3)
    assert found[-1].shadow
    events = [e.event for e in await bare_room.events(chat_id)]
    flags = [e for e in events if isinstance(e, FlagRaised)]
    assert "emotional" in [f.cause for f in flags]
    assert all(f.shadow for f in flags)
    assert not any(isinstance(e, (AlertShown, NudgeShown)) for e in events)
    drawn = [e for e in events if isinstance(e, DecisionDrawn) and e.point == "alert"]
    assert [d.turn_seq for d in drawn] == [one.turn_seq for one in found]


async def test_a_detector_that_hangs_holds_up_no_message(bare_room: Room) -> None:
    never = threading.Event()

    class Hanging(Panel):
        def update(self, state: PanelState, turn: Turn) -> PanelState:
            never.wait(30)
            return super().update(state, turn)

    await bare_room.add(watches=(PanelWatch(Hanging()),))
    await bare_room.sign_on("ann")
    try:
        chat_id = await bare_room.open("Where is my parcel?")
        await bare_room.until(chat_id, lambda c: c.ai_messages == 1)
        await bare_room.desk.submit(DORA, PostMessage(chat_id=chat_id, text="order A-1001"))
        await bare_room.until(chat_id, lambda c: c.ai_messages == 2)
    finally:
        never.set()


async def test_a_desk_that_dies_while_scoring_scores_every_turn_once(bare_room: Room) -> None:
    class Dies:
        version = "panel-x"
        looked = 0

        async def look(self, asked: Sequence[AskedTurn]) -> Sequence[Judged]:
            self.looked += 1
            if self.looked == 1:
                await asyncio.Event().wait()
            return [Judged(scores={"risk": 0.1 * len(one.turns)}) for one in asked]

        def forget(self, chat_id: str) -> None:
            pass

    watch = Dies()
    await bare_room.add(watches=(watch,), policy=NO_AI)
    await bare_room.sign_on("ann")
    chat_id = await bare_room.open("Where is my parcel?")
    while not watch.looked:
        await asyncio.to_thread(threading.Event().wait, 0.005)
    await bare_room.restart(watches=(watch,), policy=NO_AI)
    for text in ("hello?", "anyone?"):
        await bare_room.desk.submit(DORA, PostMessage(chat_id=chat_id, text=text))
    found = await scored(bare_room, chat_id, 3)
    assert Counter(one.turn_seq for one in found).most_common(1)[0][1] == 1
    assert sorted(one.scores["risk"] for one in found) == [0.1, 0.2, 0.1 * 3]


async def test_chance_calls_a_worker_no_more_often_than_the_cap_with_two_processes(
    bare_room: Room,
) -> None:
    policy = Policy(alerts=AlertPolicy(look_now=1.0, chance_per_hour=2))
    await bare_room.add(policy=policy)
    await bare_room.add(policy=policy)
    await bare_room.sign_on("ann", capacity=9)
    chats = [await bare_room.open(f"Hello, number {n}", customer=f"c{n}") for n in range(6)]
    shown = 0
    for chat_id in chats:
        await scored(bare_room, chat_id, 1)
        shown += (await bare_room.kinds(chat_id)).count("NudgeShown")
    assert shown <= 2


async def test_without_watches_nothing_is_scored(bare_room: Room) -> None:
    await bare_room.add(watches=())
    await bare_room.sign_on("ann")
    chat_id = await bare_room.open("I want to talk to a person")
    await bare_room.until(chat_id, lambda c: c.ai_messages == 1)
    assert await bare_room.log.work_streams("score") == []
    assert "ChatScored" not in await bare_room.kinds(chat_id)


async def test_a_turn_that_is_scored_twice_is_written_once(bare_room: Room) -> None:
    await bare_room.add(policy=NO_AI)
    await bare_room.sign_on("ann")
    chat_id = await bare_room.open("Where is my parcel?")
    await scored(bare_room, chat_id, 1)
    await bare_room.stop()
    await bare_room.log.record_put(TABLE, KEY, b"0")
    desk = await bare_room.add(policy=NO_AI)
    await desk.engine.watchers.reach(await bare_room.log.position())
    assert len(await scored(bare_room, chat_id, 1)) == 1


async def test_the_ais_turns_are_scored_and_decide_nothing(bare_room: Room) -> None:
    await bare_room.add(watches=(shipped(),))
    await bare_room.sign_on("ann")
    chat_id = await bare_room.open("Where is my parcel?")
    await scored(bare_room, chat_id, 1, author="ai")
    await bare_room.desk.submit(DORA, PostMessage(chat_id=chat_id, text="气死我了，什么垃圾服务"))
    of_ai = await scored(bare_room, chat_id, 2, author="ai")
    of_customer = await scored(bare_room, chat_id, 2)
    events = await bare_room.events(chat_id)
    said = [e.seq for e in events if isinstance(e.event, MessagePosted) and e.event.author == "ai"]
    assert sorted(one.turn_seq for one in of_ai) == said
    assert not any(one.shadow for one in of_ai)
    assert set(of_ai[0].scores) == set(of_customer[0].scores)
    assert of_ai[0].scores["risk"] != of_customer[0].scores["risk"]
    decided = [e.event for e in events if isinstance(e.event, (DecisionDrawn, FlagRaised))]
    at = {one.turn_seq for one in decided if one.turn_seq}
    assert at == {one.turn_seq for one in of_customer}


async def test_a_workers_turns_are_scored_in_shadow_also_where_the_reply_takes_over(
    bare_room: Room,
) -> None:
    await bare_room.add(watches=(shipped(),))
    await bare_room.sign_on("ann")
    chat_id = await bare_room.open("Where is my parcel?")
    await bare_room.until(chat_id, lambda c: c.ai_messages == 1)
    for text in ("I am with you now.", "It arrives on Friday."):
        await bare_room.desk.submit(ANN, Reply(chat_id=chat_id, text=text))
    found = await scored(bare_room, chat_id, 2, author="worker")
    events = await bare_room.events(chat_id)
    said = [
        e.seq for e in events if isinstance(e.event, MessagePosted) and e.event.author == "worker"
    ]
    assert [one.turn_seq for one in found] == said
    assert all(one.shadow for one in found)


async def test_a_score_after_an_ai_turn_lets_no_cause_fire_again(bare_room: Room) -> None:
    """Hysteresis asks whether the customer has calmed down, not whether the AI spoke."""

    class Says:
        version = "panel-x"

        async def look(self, asked: Sequence[AskedTurn]) -> Sequence[Judged]:
            return [self.judged(one.turns[-1].turn) for one in asked]

        def judged(self, turn: Turn) -> Judged:
            score = 0.9 if turn.role == "customer" else 0.0
            opinion = Opinion(cause="emotional", score=score, threshold=0.5, detector="d@1")
            return Judged(scores={"emotional": score}, opinions=(opinion,))

        def forget(self, chat_id: str) -> None:
            pass

    policy = Policy(alerts=AlertPolicy(cool_down_s=0.0))
    await bare_room.add(watches=(Says(),), policy=policy)
    await bare_room.sign_on("ann")
    chat_id = await bare_room.open("Where is my parcel?")
    await scored(bare_room, chat_id, 1, author="ai")
    await bare_room.desk.submit(DORA, PostMessage(chat_id=chat_id, text="hello?"))
    await scored(bare_room, chat_id, 2)
    flags = [e.event for e in await bare_room.events(chat_id) if isinstance(e.event, FlagRaised)]
    assert [one.turn_seq for one in flags if one.cause == "emotional"] == [2]
