"""AI turns: fenced, taken again after a newer message, never silent when they fail."""

from __future__ import annotations

import asyncio

import pytest

from stepin.agent.brain import Called, Fenced, Hands, TurnContext
from stepin.core.chat import stream_of
from stepin.core.command import HandBack, PostMessage, TakeOver, Whisper
from stepin.core.events.chat import DraftDiscarded, MessagePosted, TurnFinished, TurnStarted
from stepin.core.policy import AiPolicy, Policy
from tests.desk.brains import Scripted
from tests.desk.conftest import ANN, DORA, Room


class Gate:
    """Lets a test act between two steps of a brain."""

    def __init__(self) -> None:
        self.reached, self.go = asyncio.Event(), asyncio.Event()

    async def stop(self) -> None:
        self.reached.set()
        await self.go.wait()


async def test_nothing_is_said_after_a_takeover_and_the_draft_is_kept(bare_room: Room) -> None:
    room, gate, ended = bare_room, Gate(), asyncio.Event()

    async def turn(context: TurnContext, hands: Hands) -> None:
        try:
            await gate.stop()
            await hands.say("I talk over you.")
        except asyncio.CancelledError:
            try:
                await hands.say("I talk over you.")
            except Fenced:
                ended.set()
                raise

    await room.add(brains={"builtin": Scripted(turn)})
    await room.sign_on("ann")
    chat_id = await room.open("Hello")
    await gate.reached.wait()
    await room.desk.submit(ANN, TakeOver(chat_id=chat_id))
    await ended.wait()
    events = await room.events(chat_id)
    (draft,) = [e.event for e in events if isinstance(e.event, DraftDiscarded)]
    assert (draft.text, draft.reason) == ("I talk over you.", "epoch")
    chat = await room.desk.chat(chat_id)
    assert (chat.ai_messages, chat.holder.id, chat.turn_id) == (0, "ann", None)


async def kept_drafts(room: Room, chat_id: str, least: int = 1) -> list[DraftDiscarded]:
    async with asyncio.timeout(10):
        while True:
            events = [e.event for e in await room.events(chat_id)]
            found = [e for e in events if isinstance(e, DraftDiscarded)]
            if len(found) >= least:
                return found
            await asyncio.sleep(0)


@pytest.mark.parametrize("other", [False, True], ids=["one desk", "two desks"])
async def test_what_was_being_written_at_a_takeover_is_kept(bare_room: Room, other: bool) -> None:
    room, gate = bare_room, Gate()

    async def turn(context: TurnContext, hands: Hands) -> None:
        await hands.draft("I am")
        await hands.draft("I am still writ")
        await gate.stop()

    await room.add(brains={"builtin": Scripted(turn)})
    if other:
        await room.add(brains={"builtin": Scripted(turn)})
    await room.sign_on("ann")
    chat_id = await room.open("Hello")
    await gate.reached.wait()
    for desk in reversed(room.desks):
        if desk.engine.turns.busy == 0 or not other:
            await desk.submit(ANN, TakeOver(chat_id=chat_id))
            break
    (draft,) = await kept_drafts(room, chat_id)
    assert (draft.text, draft.reason) == ("I am still writ", "epoch")
    chat = await room.desk.chat(chat_id)
    assert (chat.ai_messages, chat.holder.id, chat.turn_id) == (0, "ann", None)
    (recorded,) = [e for e in await room.events(chat_id) if isinstance(e.event, DraftDiscarded)]
    await room.log.redact(stream_of(chat_id), recorded.seq, reason="asked", actor="lea")
    (redacted,) = await kept_drafts(room, chat_id)
    assert redacted.text == "[redacted]"


async def test_what_stands_in_the_chat_is_no_draft(bare_room: Room) -> None:
    room, gate = bare_room, Gate()

    async def turn(context: TurnContext, hands: Hands) -> None:
        await hands.draft("Said.")
        await hands.say("Said.")
        await gate.stop()

    await room.add(brains={"builtin": Scripted(turn)})
    await room.sign_on("ann")
    chat_id = await room.open("Hello")
    await gate.reached.wait()
    await room.desk.submit(ANN, TakeOver(chat_id=chat_id))
    while room.desk.engine.turns.busy:
        await asyncio.sleep(0)
    assert "DraftDiscarded" not in await room.kinds(chat_id)


async def test_a_desk_that_stops_keeps_no_draft_of_a_turn_that_goes_on(bare_room: Room) -> None:
    room, gate = bare_room, Gate()

    async def turn(context: TurnContext, hands: Hands) -> None:
        await hands.draft("I am")
        await gate.stop()
        await hands.say("I am here.")

    await room.add(brains={"builtin": Scripted(turn)})
    await room.sign_on("ann")
    chat_id = await room.open("Hello")
    await gate.reached.wait()
    gate.go.set()
    await room.restart(brains={"builtin": Scripted(turn)})
    await room.until(chat_id, lambda c: c.ai_messages == 1)
    assert "DraftDiscarded" not in await room.kinds(chat_id)


async def test_an_answer_to_a_question_that_has_changed_is_refused(bare_room: Room) -> None:
    room, gate = bare_room, Gate()

    async def turn(context: TurnContext, hands: Hands) -> None:
        asked = [line.text for line in context.lines if line.speaker == "customer"]
        await gate.stop()
        await hands.say(f"You asked: {asked[-1]}")

    await room.add(brains={"builtin": Scripted(turn)})
    await room.sign_on("ann")
    chat_id = await room.open("Cancel A-1001")
    await gate.reached.wait()
    await room.desk.submit(DORA, PostMessage(chat_id=chat_id, text="No, don't!"))
    gate.go.set()
    await room.until(chat_id, lambda c: c.ai_messages == 1 and c.turn_id is None)
    events = await room.events(chat_id)
    said = [
        e.event.text
        for e in events
        if isinstance(e.event, MessagePosted) and e.event.author == "ai"
    ]
    assert said == ["You asked: No, don't!"]
    assert [e.event.reason for e in events if isinstance(e.event, DraftDiscarded)] == ["basis"]


@pytest.mark.parametrize("messages", [1, 4])
async def test_a_new_message_stops_what_a_model_is_writing_but_not_for_ever(
    bare_room: Room, messages: int
) -> None:
    room, began, stopped = bare_room, asyncio.Queue[int](), list[int]()
    go = asyncio.Event()
    most = Policy().ai.stale_drafts

    async def turn(context: TurnContext, hands: Hands) -> None:
        async def stream() -> bytes:
            await hands.draft(f"Half an answer to {context.basis_seq}")
            began.put_nowait(context.basis_seq)
            try:
                await go.wait()
            except asyncio.CancelledError:
                stopped.append(context.basis_seq)
                raise
            return b"An answer."

        text = await hands.journal("model:1", stream)
        await hands.say(text.decode())

    await room.add(brains={"builtin": Scripted(turn)})
    await room.sign_on("ann")
    chat_id = await room.open("Hello")
    for number in range(messages):
        if number <= most:
            await began.get()
        await room.desk.submit(DORA, PostMessage(chat_id=chat_id, text=f"more {number}"))
    await room.until(chat_id, lambda c: c.talk.customer_messages == messages + 1)
    go.set()
    await room.until(chat_id, lambda c: c.ai_messages >= 1 and c.turn_id is None)
    assert len(stopped) == min(messages, most)
    drafts = await kept_drafts(room, chat_id, len(stopped))
    texts = [draft.text for draft in drafts if draft.text.startswith("Half")]
    assert texts == [f"Half an answer to {seq}" for seq in stopped]
    assert {draft.reason for draft in drafts} == {"basis"}


async def test_the_third_stale_message_running_is_accepted_and_marked(bare_room: Room) -> None:
    room = bare_room

    async def turn(context: TurnContext, hands: Hands) -> None:
        await room.desk.submit(
            DORA, PostMessage(chat_id=context.chat.chat_id, text=f"more {context.basis_seq}")
        )
        await hands.say("At last.")

    await room.add(brains={"builtin": Scripted(turn)})
    await room.sign_on("ann")
    chat_id = await room.open("Hello")
    chat = await room.until(chat_id, lambda c: c.ai_messages >= 1)
    events = await room.events(chat_id)
    first = next(e for e in events if isinstance(e.event, MessagePosted) and e.event.author == "ai")
    assert isinstance(first.event, MessagePosted)
    assert first.event.stale
    refused = [e for e in events if isinstance(e.event, DraftDiscarded) and e.seq < first.seq]
    assert len(refused) == 2
    await room.desk.submit(ANN, TakeOver(chat_id=chat.chat_id))


async def test_a_stale_effect_is_never_accepted(bare_room: Room) -> None:
    room = bare_room
    calls: list[Called] = []

    async def turn(context: TurnContext, hands: Hands) -> None:
        if len(calls) < 4:
            text = f"more {context.basis_seq}"
            await room.desk.submit(DORA, PostMessage(chat_id=context.chat.chat_id, text=text))
        calls.append(Called(action_id="", state="failed"))
        await hands.call("find_order", {"order": "A-1001"})
        await hands.say("Found.")

    await room.add(brains={"builtin": Scripted(turn)})
    await room.sign_on("ann")
    chat_id = await room.open("Hello")
    chat = await room.until(chat_id, lambda c: c.ai_messages == 1)
    assert len(calls) == 5
    assert [a.state for a in chat.actions.values()] == ["succeeded"]


async def test_a_turn_of_a_process_that_died_is_finished_by_another_without_repeating(
    bare_room: Room,
) -> None:
    room, gate = bare_room, Gate()
    computed: list[str] = []

    async def think() -> bytes:
        computed.append("thought")
        return b"forty-two"

    async def dies(context: TurnContext, hands: Hands) -> None:
        thought = await hands.journal("think", think)
        await hands.say(f"First: {thought.decode()}")
        await gate.stop()

    async def lives(context: TurnContext, hands: Hands) -> None:
        thought = await hands.journal("think", think)
        await hands.say(f"First: {thought.decode()}")
        await hands.say("Second.")

    await room.add(brains={"builtin": Scripted(dies)})
    await room.sign_on("ann")
    chat_id = await room.open("Hello")
    await gate.reached.wait()
    await room.restart(brains={"builtin": Scripted(lives)})
    await room.until(chat_id, lambda c: c.ai_messages == 2 and c.turn_id is None)
    events = await room.events(chat_id)
    said = [
        e.event.text
        for e in events
        if isinstance(e.event, MessagePosted) and e.event.author == "ai"
    ]
    assert said == ["First: forty-two", "Second."]
    assert computed == ["thought"]
    attempts = [e.event.attempt for e in events if isinstance(e.event, TurnStarted)]
    assert attempts == [1, 2]


async def test_a_brain_that_fails_is_not_silent(bare_room: Room) -> None:
    room = bare_room

    async def turn(context: TurnContext, hands: Hands) -> None:
        raise RuntimeError("no model")

    brain = Scripted(turn)
    await room.add(brains={"builtin": brain})
    await room.sign_on("ann")
    chat_id = await room.open("Hello")
    chat = await room.until(chat_id, lambda c: c.gave_up)
    assert brain.turns == 3
    assert chat.escalation is not None
    assert (chat.escalation.cause, chat.escalation.to) == ("technical", ("ann",))
    templates = [
        e.event.template for e in await room.events(chat_id) if isinstance(e.event, MessagePosted)
    ]
    assert "ai_stuck" in templates


async def test_a_slow_brain_is_ended(bare_room: Room) -> None:
    room = bare_room

    async def turn(context: TurnContext, hands: Hands) -> None:
        await asyncio.Event().wait()

    policy = Policy(ai=AiPolicy(turn_seconds=0.05))
    await room.add(policy=policy, brains={"builtin": Scripted(turn)})
    await room.sign_on("ann")
    chat_id = await room.open("Hello")
    chat = await room.until(chat_id, lambda c: c.gave_up)
    assert chat.escalation is not None
    assert chat.escalation.reason == "timeout"


async def test_what_no_article_answered_stands_in_the_turn(bare_room: Room) -> None:
    room = bare_room

    async def turn(context: TurnContext, hands: Hands) -> None:
        await hands.measure(missed=("delivery#1",))
        await hands.measure(tokens=3, missed=("",))
        await hands.say("I don't know.")

    await room.add(brains={"builtin": Scripted(turn)})
    await room.sign_on("ann")
    chat_id = await room.open("Do you sell bread?")
    await room.until(chat_id, lambda c: c.ai_messages == 1 and c.turn_id is None)
    (end,) = [e.event for e in await room.events(chat_id) if isinstance(e.event, TurnFinished)]
    assert (end.missed, end.tokens) == (("delivery#1", ""), 3)


async def test_memory_lives_with_the_turns_outcome(bare_room: Room) -> None:
    room = bare_room
    seen: list[dict[str, object]] = []

    async def turn(context: TurnContext, hands: Hands) -> None:
        seen.append(context.memory)
        await hands.remember({"n": len(seen)})
        if len(seen) == 2:
            raise RuntimeError("died after remembering")
        await hands.say(f"{len(seen)}")

    await room.add(brains={"builtin": Scripted(turn)})
    await room.sign_on("ann")
    chat_id = await room.open("Hello")
    await room.until(chat_id, lambda c: c.ai_messages == 1 and c.turn_id is None)
    await room.desk.submit(DORA, PostMessage(chat_id=chat_id, text="And?"))
    await room.until(chat_id, lambda c: c.ai_messages == 2 and c.turn_id is None)
    assert seen == [{}, {"n": 1}, {"n": 1}]


async def test_after_a_hand_back_the_boundary_and_the_note_stand_in_the_context(
    bare_room: Room,
) -> None:
    room = bare_room
    contexts: list[TurnContext] = []

    async def turn(context: TurnContext, hands: Hands) -> None:
        contexts.append(context)
        await hands.say("Here I am.")

    await room.add(brains={"builtin": Scripted(turn)})
    await room.sign_on("ann")
    chat_id = await room.open("Hello")
    await room.until(chat_id, lambda c: c.ai_messages == 1 and c.turn_id is None)
    await room.desk.submit(ANN, TakeOver(chat_id=chat_id))
    await room.desk.submit(DORA, PostMessage(chat_id=chat_id, text="And now?"))
    await room.desk.submit(ANN, HandBack(chat_id=chat_id, note="I fixed it; you go on."))
    await room.until(chat_id, lambda c: c.ai_messages == 2 and c.turn_id is None)
    (boundary,) = [line for line in contexts[-1].lines if line.speaker == "boundary"]
    assert boundary.text == "I fixed it; you go on."
    assert contexts[-1].chat.talk.handed_back_seq == boundary.seq


async def test_a_whisper_reaches_the_ai_and_makes_its_draft_stale(bare_room: Room) -> None:
    room, gate = bare_room, Gate()

    async def turn(context: TurnContext, hands: Hands) -> None:
        whispers = [line.text for line in context.lines if line.speaker == "whisper"]
        if not whispers:
            await gate.stop()
        await hands.say(f"{whispers}")

    await room.add(brains={"builtin": Scripted(turn)})
    await room.sign_on("ann")
    chat_id = await room.open("Hello")
    await gate.reached.wait()
    await room.desk.submit(ANN, Whisper(chat_id=chat_id, text="Be kind."))
    gate.go.set()
    await room.until(chat_id, lambda c: c.ai_messages == 1 and c.turn_id is None)
    events = await room.log.read(stream_of(chat_id))
    said = [
        e.event.text
        for e in events
        if isinstance(e.event, MessagePosted) and e.event.author == "ai"
    ]
    assert said == ["['Be kind.']"]
    outcomes = [e.event.outcome for e in events if isinstance(e.event, TurnFinished)]
    assert outcomes == ["answered"]


async def test_a_redaction_reaches_the_folds_and_the_brains_memory(bare_room: Room) -> None:
    room = bare_room

    async def turn(context: TurnContext, hands: Hands) -> None:
        await hands.remember({"said": context.lines[0].text})
        await hands.say("Noted.")

    await room.add(brains={"builtin": Scripted(turn)})
    await room.sign_on("ann")
    chat_id = await room.open("My card is 4111", name="Dora Doe")
    await room.until(chat_id, lambda c: c.ai_messages == 1 and c.turn_id is None)
    assert room.desk.floor().chats[chat_id].origin.customer_name == "Dora Doe"
    for seq in (1, 2):
        last = await room.log.redact(stream_of(chat_id), seq, reason="asked", actor="worker:lea")
    await room.desk.services.follower.reach(last.position)
    assert room.desk.floor().chats[chat_id].origin.customer_name == "[redacted]"
    assert (await room.desk.chat(chat_id)).origin.customer_name == "[redacted]"
    assert await room.desk.services.memory.get(chat_id, "") == {}
    assert (await room.desk.search("4111")).hits == ()
