"""Somebody in danger at a running desk: in both arms, at the opening and later, whoever holds."""

from __future__ import annotations

import asyncio

from stepin.agent.brain import Hands, TurnContext
from stepin.core.command import DeclineEscalation, PostMessage, Reply, TakeOver
from stepin.core.danger import Helpline
from stepin.core.events.chat import DraftDiscarded, MessagePosted, TurnStarted
from stepin.core.events.supervision import AlertShown, ChatScored, FlagRaised, SuggestionShown
from stepin.core.policy import AiPolicy, AlertPolicy, AssignmentPolicy, Policy
from stepin.core.record import Recorded
from tests.desk.brains import Scripted
from tests.desk.conftest import ANN, DORA, LEA, Room
from tests.desk.trials.test_trials import DAY_US, START_US, _trial

DESPAIR = "I can't go on anymore, there is no point in living"
NO_RULES = Policy(
    ai=AiPolicy(),
    alerts=AlertPolicy(causes=(), per_hour=0),
    assignment=AssignmentPolicy(rule="least_loaded", cap=12),
)


async def greets(context: TurnContext, hands: Hands) -> None:
    await hands.say("Is it about your parcel?")


def of(events: list[Recorded], kind: type) -> list[Recorded]:
    return [e for e in events if isinstance(e.event, kind)]


def by_ai(events: list[Recorded]) -> list[Recorded]:
    said = [e for e in events if isinstance(e.event, MessagePosted) and e.event.author == "ai"]
    return said + of(events, TurnStarted)


async def post(room: Room, chat_id: str, text: str) -> int:
    command = PostMessage(chat_id=chat_id, text=text)
    return (await room.desk.submit(DORA, command)).seq


async def test_both_arms_of_a_trial_alert_and_no_turn_begins(timed_room: Room) -> None:
    room = timed_room
    room.clock.now_us = START_US + DAY_US // 2
    treated = await _trial(room)
    brain = Scripted(greets)
    await room.add(brains={"builtin": brain})
    workers = {"ai": min(treated), "people": min({f"w{i:02d}" for i in range(20)} - treated)}
    for arm, worker in workers.items():
        await room.sign_on(worker)
        later = await room.open("Where is it?", customer="dora")
        await room.until(later, lambda c: c.owner is not None)
        if arm == "ai":
            await room.until(later, lambda c: c.ai_messages == 1 and c.turn_id is None)
        seq = await post(room, later, DESPAIR)
        opened = await room.open("我想死", customer=f"x{arm}")
        chat = await room.until(opened, lambda c, w=worker: c.held_by(w))
        assert chat.path in ("policy", "none")
        for chat_id, from_seq in ((later, seq), (opened, 2)):
            events = [e for e in await room.events(chat_id) if e.seq >= from_seq]
            flag = of(events, FlagRaised)[0].event
            assert isinstance(flag, FlagRaised)
            assert (flag.cause, flag.kind, flag.turn_seq) == (
                "policy",
                "safety.self_harm",
                from_seq,
            )
            shown = of(events, AlertShown)[0].event
            assert isinstance(shown, AlertShown)
            assert worker in shown.to
            assert shown.kind == "safety.self_harm"
            assert by_ai(events) == []
        await room.desk.sign_off(worker)


async def test_a_running_turn_can_t_say_anything_any_more(bare_room: Room) -> None:
    room = bare_room
    here, may = asyncio.Event(), asyncio.Event()

    async def slow(context: TurnContext, hands: Hands) -> None:
        await hands.draft("Is it about")
        here.set()
        await may.wait()
        await hands.draft("Is it about your parcel?")
        await hands.say("Is it about your parcel?")

    await room.add(brains={"builtin": Scripted(slow)}, policy=NO_RULES)
    shown: list[str] = []
    room.desk.listen_drafts(lambda _chat_id, text, _epoch: shown.append(text))
    await room.sign_on("ann")
    chat_id = await room.open("Hello")
    await here.wait()
    await post(room, chat_id, "actually my son swallowed the battery")
    may.set()
    await room.until(chat_id, lambda c: c.danger != "" and c.turn_id is None)
    async with asyncio.timeout(10):
        while "DraftDiscarded" not in await room.kinds(chat_id):
            await asyncio.sleep(0)
    events = await room.events(chat_id)
    assert [e.event.template for e in of(events, MessagePosted)][-1] == "caution_accident"
    assert not [e for e in of(events, MessagePosted) if e.event.author == "ai"]
    assert next(e.event.text for e in of(events, DraftDiscarded)).startswith("Is it about")
    assert shown == ["Is it about"], "what is written after it is shown to nobody"
    await post(room, chat_id, "hello??")
    assert (await room.desk.chat(chat_id)).turn_id is None
    await room.desk.submit(ANN, DeclineEscalation(chat_id=chat_id, reason="a toy's battery"))
    assert (await room.desk.chat(chat_id)).turn_id is None
    await post(room, chat_id, "where is my parcel?")
    await room.until(chat_id, lambda c: c.ai_messages == 1)


async def test_a_worker_who_holds_gets_the_sentence_as_a_suggestion(bare_room: Room) -> None:
    room = bare_room
    await room.add(policy=NO_RULES)
    await room.sign_on("ann")
    chat_id = await room.open("Hello")
    await room.until(chat_id, lambda c: c.ai_holds)
    await room.desk.submit(ANN, TakeOver(chat_id=chat_id))
    seq = await post(room, chat_id, "the courier threatened me at my door")
    events = [e for e in await room.events(chat_id) if e.seq > seq]
    assert [e.event.worker_id for e in of(events, SuggestionShown)] == ["ann"]
    assert of(events, MessagePosted) == []
    assert [e.event.to for e in of(events, AlertShown)] == [("ann",)]
    await room.desk.submit(ANN, Reply(chat_id=chat_id, text="I am here. Are you safe?"))
    assert (await room.desk.chat(chat_id)).danger == ""


async def test_who_waits_in_danger_is_told_at_once_and_comes_first(bare_room: Room) -> None:
    room = bare_room
    line = Helpline(
        country="Utopia", name="The Listeners", number="012 345", source="s",
        checked="2026-11-30", languages=("en",),
    )  # fmt: skip
    await room.add(helplines=(line,))
    early = await room.open("Hello", customer="early")
    late = await room.open(DESPAIR, customer="late")
    said = of(await room.events(late), MessagePosted)[1].event
    assert isinstance(said, MessagePosted)
    assert "012 345" in said.text
    await room.until(late, lambda c: c.danger != "")
    assert room.desk.floor().queue == (late, early)
    await room.sign_on("lea", role="lead", capacity=1)
    chat = await room.until(late, lambda c: c.holder.kind == "worker")
    assert chat.held_by("lea")
    assert chat.danger == "safety.self_harm", "a draw is no answer"
    await room.until(late, lambda c: c.escalation is not None and c.escalation.to == ("lea",))


async def test_a_detector_logs_what_the_rules_say_and_flags_it_no_second_time(room: Room) -> None:
    await room.sign_on("ann")
    chat_id = await room.open("Hello")
    await room.until(chat_id, lambda c: c.ai_holds)
    seq = await post(room, chat_id, "see you in court")
    async with asyncio.timeout(10):
        while not any(e.event.turn_seq == seq for e in of(await room.events(chat_id), ChatScored)):
            await asyncio.sleep(0)
    events = await room.events(chat_id)
    scored = next(e.event for e in of(events, ChatScored) if e.event.turn_seq == seq)
    assert scored.scores["safety"] == 1.0
    assert [e.event.kind for e in of(events, FlagRaised)] == ["safety.legal"]


async def test_nobody_here_is_no_end_of_it(bare_room: Room) -> None:
    room = bare_room
    await room.add(policy=Policy(ai=AiPolicy(enabled=False)))
    chat_id = await room.open("插座漏電,着火了")
    chat = await room.until(chat_id, lambda c: c.danger != "")
    assert chat.episode == "queued"
    await room.sign_on("lea", role="lead")
    await room.until(chat_id, lambda c: c.held_by("lea"))
    said = Reply(chat_id=chat_id, text="Please leave the house. Are you safe?")
    await room.desk.submit(LEA, said)
    assert (await room.desk.chat(chat_id)).danger == ""
