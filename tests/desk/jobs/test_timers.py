"""Timers: silence, the queue, the wrap-up, and the ladder from the owner to a lead."""

from __future__ import annotations

from collections.abc import Callable

from stepin.agent.brain import Hands, TurnContext
from stepin.core.chat import Chat
from stepin.core.command import (
    AcknowledgeAlert,
    CloseChat,
    DeclineEscalation,
    PostMessage,
    Reply,
    TakeOver,
)
from stepin.core.events.chat import ChatClosed, MessagePosted, OwnerSet
from stepin.core.events.supervision import AlertShown, EscalationExpired
from stepin.core.policy import AiPolicy, Policy
from tests.desk.brains import Scripted, silent
from tests.desk.conftest import ANN, BOB, DORA, LEA, Room

BY_HAND = Policy(ai=AiPolicy(enabled=False))
SILENT = {"builtin": Scripted(silent)}


async def gives_up(context: TurnContext, hands: Hands) -> None:
    await hands.give_up("technical", "I can't solve this; somebody will come.", reason="stuck")


async def alive(room: Room, *names: str, for_s: int = 0) -> None:
    """Let time pass while the workers' consoles give signs of life."""
    for second in range(0, for_s + 1, 20):
        room.clock.wait(min(20, for_s - second))
        for name in names:
            await room.desk.seen(name)


def at_step(step: str) -> Callable[[Chat], bool]:
    return lambda chat: chat.escalation is not None and chat.escalation.step == step


async def test_a_silent_customer_is_asked_and_then_let_go(timed_room: Room) -> None:
    room = timed_room
    await room.add(policy=BY_HAND)
    await room.sign_on("ann")
    chat_id = await room.open("Hello")
    await room.until(chat_id, lambda c: c.held_by("ann"))
    await room.desk.submit(ANN, Reply(chat_id=chat_id, text="How can I help?"))
    await room.desk.seen("ann")
    room.clock.wait(301)
    await room.until(chat_id, lambda c: c.pacing.reminded_us is not None)
    room.clock.wait(301)
    chat = await room.until(chat_id, lambda c: c.episode == "wrap_up")
    said = [
        e.event.template for e in await room.events(chat_id) if isinstance(e.event, MessagePosted)
    ]
    assert said[-2:] == ["still_there", "timed_out"]
    room.clock.wait(121)
    chat = await room.until(chat.chat_id, lambda c: c.episode == "closed")
    assert chat.close_reason == "timed_out", "not resolved, although the wrap-up ended by itself"


async def test_what_was_chosen_at_the_close_outlives_a_wrap_up_that_runs_out(
    timed_room: Room,
) -> None:
    room = timed_room
    await room.add(policy=BY_HAND)
    await room.sign_on("ann")
    chat_id = await room.open("Hello")
    await room.until(chat_id, lambda c: c.held_by("ann"))
    await room.desk.submit(ANN, CloseChat(chat_id=chat_id, disposition="no answer"))
    await alive(room, "ann")
    room.clock.wait(121)
    await room.until(chat_id, lambda c: c.episode == "closed")
    (closed,) = [e.event for e in await room.events(chat_id) if isinstance(e.event, ChatClosed)]
    assert (closed.reason, closed.disposition) == ("resolved", "no answer")


async def test_a_customer_who_waits_for_an_answer_is_never_timed_out(timed_room: Room) -> None:
    room = timed_room
    policy = Policy(ai=AiPolicy(enabled=False))
    await room.add(policy=policy)
    await room.sign_on("ann")
    chat_id = await room.open("Hello")
    await room.until(chat_id, lambda c: c.held_by("ann"))
    for _ in range(5):
        room.clock.wait(400)
        await alive(room, "ann")
    assert (await room.desk.chat(chat_id)).pacing.reminded_us is None


async def test_a_chat_that_nobody_took_ends_honestly(timed_room: Room) -> None:
    room = timed_room
    await room.add(policy=BY_HAND)
    chat_id = await room.open("Anybody?")
    await room.until(chat_id, lambda c: c.notice == "nobody_here")
    room.clock.wait(1_801)
    chat = await room.until(chat_id, lambda c: c.episode == "closed")
    assert chat.close_reason == "abandoned"


async def test_the_ladder_asks_the_owner_then_the_pool_then_a_lead(timed_room: Room) -> None:
    room = timed_room
    await room.add(brains={"builtin": Scripted(gives_up)})
    await room.sign_on("ann")
    chat_id = await room.open("Hello")
    await room.until(chat_id, lambda c: c.gave_up)
    await room.sign_on("bob")
    await room.sign_on("lea", role="lead")
    for step, after in (("owner", 46), ("pool", 61), ("lead", 121)):
        chat = await room.until(chat_id, at_step(step))
        assert chat.escalation is not None
        assert chat.escalation.to == ({"owner": "ann", "pool": "bob", "lead": "lea"}[step],)
        await alive(room, "ann", "bob", "lea", for_s=after)
    await room.until(chat_id, lambda c: c.held_by("ann"))
    events = [e.event for e in await room.events(chat_id)]
    shown = [e.step for e in events if isinstance(e, AlertShown)]
    expired = [(e.step, e.next_step) for e in events if isinstance(e, EscalationExpired)]
    assert shown == ["owner", "pool", "lead"]
    assert expired == [("owner", "pool"), ("pool", "lead"), ("lead", None)]
    templates = [e.template for e in events if isinstance(e, MessagePosted)]
    assert "still_looking" in templates


async def test_an_acknowledged_alert_gives_time_and_a_takeover_ends_the_ladder(
    timed_room: Room,
) -> None:
    room = timed_room
    await room.add(brains={"builtin": Scripted(gives_up)})
    await room.sign_on("ann", "bob")
    chat_id = await room.open("Hello")
    chat = await room.until(chat_id, lambda c: c.gave_up)
    owner = ANN if chat.owner == "ann" else BOB
    room.clock.wait(40)
    await room.desk.submit(owner, AcknowledgeAlert(chat_id=chat_id))
    room.clock.wait(40)
    await alive(room, "ann", "bob")
    assert "EscalationExpired" not in await room.kinds(chat_id)
    await room.desk.submit(owner, TakeOver(chat_id=chat_id))
    chat = await room.desk.chat(chat_id)
    assert chat.escalation is not None
    assert chat.escalation.state == "taken"
    assert await room.log.work_streams("turn") == []


async def test_a_declined_alert_lets_the_ai_go_on(timed_room: Room) -> None:
    room = timed_room
    brain = Scripted(gives_up)
    await room.add(brains={"builtin": brain})
    await room.sign_on("ann")
    chat_id = await room.open("Hello")
    await room.until(chat_id, lambda c: c.gave_up)
    before = brain.turns
    await room.desk.submit(DORA, PostMessage(chat_id=chat_id, text="Hello?"))
    await room.desk.submit(ANN, DeclineEscalation(chat_id=chat_id, reason="try again"))
    await room.until(chat_id, lambda c: c.gave_up and brain.turns > before)
    assert brain.turns == before + 1


async def test_a_leads_takeover_is_a_crossover_and_the_pools_is_not(timed_room: Room) -> None:
    room = timed_room
    await room.add(brains={"builtin": Scripted(gives_up)})
    await room.sign_on("ann")
    by_pool = await room.open("Hello", customer="k1")
    by_lead = await room.open("Hello", customer="k2")
    for chat_id in (by_pool, by_lead):
        await room.until(chat_id, lambda c: c.gave_up)
    await room.sign_on("bob")
    room.clock.wait(46)
    await alive(room, "ann", "bob")
    for chat_id in (by_pool, by_lead):
        await room.until(
            chat_id, lambda c: c.escalation is not None and c.escalation.step == "pool"
        )
    await room.desk.submit(BOB, TakeOver(chat_id=by_pool))
    await room.sign_on("lea", role="lead")
    await room.desk.submit(LEA, TakeOver(chat_id=by_lead))
    crossed = {}
    for chat_id in (by_pool, by_lead):
        owners = [e.event for e in await room.events(chat_id) if isinstance(e.event, OwnerSet)]
        crossed[chat_id] = owners[-1].crossover
    assert crossed == {by_pool: False, by_lead: True}


async def test_a_customer_who_asks_for_a_person_is_heard_in_both_languages(
    timed_room: Room,
) -> None:
    room = timed_room
    await room.add(brains=SILENT)
    await room.sign_on("ann")
    for text, language in (("I want to talk to a real person", "en"), ("请转人工", "zh")):
        chat_id = await room.open("Hello", customer=language, language=language)
        await room.until(chat_id, lambda c: c.ai_holds)
        customer = DORA.__class__(kind="customer", id=language)
        await room.desk.submit(customer, PostMessage(chat_id=chat_id, text=text))
        chat = await room.until(
            chat_id, lambda c: c.escalation is not None and c.escalation.state == "alerted"
        )
        assert chat.path == "requested"


async def test_detectors_run_in_shadow_where_a_person_holds(timed_room: Room) -> None:
    room = timed_room
    await room.add(policy=BY_HAND)
    await room.sign_on("ann")
    chat_id = await room.open("I want to speak to a human please")
    await room.until(chat_id, lambda c: c.held_by("ann"))
    await room.desk.submit(DORA, PostMessage(chat_id=chat_id, text="A real person, please"))
    await room.until(chat_id, lambda c: c.seq > 8)
    while "FlagRaised" not in await room.kinds(chat_id):
        await room.desk.services.follower.until(chat_id, lambda c: True)
    chat = await room.desk.chat(chat_id)
    assert (chat.escalation, chat.path) == (None, "none")
    assert "DecisionDrawn" in await room.kinds(chat_id)


async def test_a_wrap_up_takes_room_until_it_ends(timed_room: Room) -> None:
    room = timed_room
    await room.add(policy=BY_HAND)
    await room.sign_on("ann", capacity=1)
    first = await room.open("Hello", customer="k1")
    await room.until(first, lambda c: c.held_by("ann"))
    second = await room.open("Hello", customer="k2")
    await room.until(second, lambda c: c.notice == "waiting")
    await room.desk.submit(ANN, CloseChat(chat_id=first))
    assert (await room.desk.chat(second)).owner is None
    await alive(room, "ann")
    room.clock.wait(121)
    await alive(room, "ann")
    await room.until(second, lambda c: c.held_by("ann"))
