"""A request for a person at the desk: the AI only bridges, and the log says only what was said."""

from __future__ import annotations

from typing import Any

import pytest

from stepin.agent.brain import Called, Hands, TurnContext
from stepin.core.chat import Chat
from stepin.core.command import Actor, PostMessage, TakeOver
from stepin.core.decide.decision import Decision
from stepin.core.decide.escalating import raise_flag
from stepin.core.events.chat import DraftDiscarded, MessagePosted
from stepin.core.events.supervision import FlagRaised
from stepin.core.policy import AiPolicy, LadderPolicy, Policy
from stepin.language.sentences import bridge
from tests.desk.brains import Scripted
from tests.desk.conftest import ANN, DORA, Room


async def answer(context: TurnContext, hands: Hands) -> None:
    await hands.say("Your parcel comes on Monday.")


def after(what: Any) -> Policy:
    return Policy(ai=AiPolicy(after_request=what))


async def said_by_ai(room: Room, chat_id: str) -> list[str]:
    events = [e.event for e in await room.events(chat_id)]
    return [e.text for e in events if isinstance(e, MessagePosted) and e.author == "ai"]


async def flags(room: Room, chat_id: str) -> list[tuple[str, bool]]:
    events = [e.event for e in await room.events(chat_id)]
    return [(e.cause, e.shadow) for e in events if isinstance(e, FlagRaised)]


async def test_after_a_request_the_ai_only_bridges(bare_room: Room) -> None:
    room = bare_room
    brain = Scripted(answer)
    await room.add(brains={"builtin": brain}, watches=())
    await room.sign_on("ann")
    chat_id = await room.open("Where is my parcel? I want to talk to a person")
    await room.until(chat_id, lambda c: c.ai_messages == 1)
    assert await said_by_ai(room, chat_id) == [bridge().asks_number["en"]]
    assert await flags(room, chat_id) == [("requested", True), ("requested", False)]
    for text, number in (("It is order 48213", 2), ("hello?", 3), ("anybody?", 3)):
        await room.desk.submit(DORA, PostMessage(chat_id=chat_id, text=text))
        await room.until(chat_id, lambda c: c.turn_id is None)
        assert len(await said_by_ai(room, chat_id)) == number
    assert await said_by_ai(room, chat_id) == [
        bridge().asks_number["en"],
        bridge().noted["en"],
        bridge().noted["en"],
    ]
    chat = await room.desk.chat(chat_id)
    assert chat.escalation is not None
    assert chat.escalation.live
    await room.desk.submit(ANN, TakeOver(chat_id=chat_id))
    assert (await room.desk.chat(chat_id)).asked_us is None


async def test_a_number_that_was_given_is_not_asked_for(bare_room: Room) -> None:
    room = bare_room
    await room.add(brains={"builtin": Scripted(answer)})
    await room.sign_on("ann")
    chat_id = await room.open("转人工，订单号 4821377", language="zh")
    await room.until(chat_id, lambda c: c.ai_messages == 1)
    assert await said_by_ai(room, chat_id) == [bridge().has_all["zh"]]


async def test_what_a_brain_says_and_does_after_a_request_is_refused(bare_room: Room) -> None:
    """The request becomes known while the turn runs, by words that no rule of ours knows."""
    room = bare_room
    done: list[Called] = []

    async def goes_on(context: TurnContext, hands: Hands) -> None:
        flag = FlagRaised(cause="requested", turn_seq=2, raised_by="detector")

        def heard(chat: Chat, now_us: int) -> Decision:
            services = room.desk.services
            return raise_flag(
                chat, flag, services.policies.of(chat), services.reachable(chat), actor="system",
                now_us=now_us,
            )  # fmt: skip

        if not done:
            await room.desk.services.writer.write(context.chat.chat_id, heard)
        done.append(await hands.call("find_order", {"order": "A100"}))
        await hands.say("Your parcel comes on Monday.")

    await room.add(brains={"builtin": Scripted(goes_on)}, watches=())
    await room.sign_on("ann")
    chat_id = await room.open("Where is my parcel?")
    await room.until(chat_id, lambda c: c.ai_messages == 1)
    assert await said_by_ai(room, chat_id) == [bridge().asks_number["en"]]
    assert [one.error for one in done] == ["waits_for_person"]
    events = [e.event for e in await room.events(chat_id)]
    kept = [e.text for e in events if isinstance(e, DraftDiscarded)]
    assert kept == ["Your parcel comes on Monday."]


@pytest.mark.parametrize("what", ["bridge", "go_on", "queue"])
async def test_what_follows_a_request_is_a_part_of_the_policy(bare_room: Room, what: str) -> None:
    room = bare_room
    brain = Scripted(answer)
    await room.add(brains={"builtin": brain}, policy=after(what), watches=())
    await room.sign_on("ann", capacity=0)
    chat_id = await room.open("Can I speak to your manager?")
    if what == "queue":
        chat = await room.until(chat_id, lambda c: c.epoch == 2)
        assert (chat.holder.kind, chat.asked_us is not None) == ("nobody", True)
        assert await said_by_ai(room, chat_id) == []
    else:
        await room.until(chat_id, lambda c: c.ai_messages == 1)
        said = await said_by_ai(room, chat_id)
        assert (said == [bridge().asks_number["en"]]) == (what == "bridge")


async def test_a_stale_answer_is_not_accepted_behind_a_request(bare_room: Room) -> None:
    room = bare_room
    posted: list[str] = []

    async def slow(context: TurnContext, hands: Hands) -> None:
        if not posted:
            posted.append("x")
            chat_id = context.chat.chat_id
            text = "no, give me a human"
            await room.desk.submit(DORA, PostMessage(chat_id=chat_id, text=text))
        await hands.say("Your parcel comes on Monday.")

    policy = Policy(ai=AiPolicy(stale_drafts=0))
    await room.add(brains={"builtin": Scripted(slow)}, policy=policy)
    await room.sign_on("ann")
    chat_id = await room.open("Where is it?")
    await room.until(chat_id, lambda c: c.asked_us is not None and c.turn_id is None)
    said = await said_by_ai(room, chat_id)
    assert said[-1] in (bridge().asks_number["en"], bridge().noted["en"])


async def test_requested_is_a_cause_only_where_a_person_was_asked_for(bare_room: Room) -> None:
    room = bare_room

    async def hands_over(context: TurnContext, hands: Hands) -> None:
        await hands.give_up("requested", "Of course, somebody comes.", reason="wants a person")

    await room.add(brains={"builtin": Scripted(hands_over)}, policy=after("go_on"), watches=())
    await room.sign_on("ann")
    stuck = await room.open("Is there a limit to topping up?", customer="k1")
    await room.until(stuck, lambda c: c.gave_up)
    assert await flags(room, stuck) == [("technical", False)]
    asked = await room.open("Let me talk to a human", customer="k2")
    await room.until(asked, lambda c: c.gave_up)
    assert await flags(room, asked) == [("requested", True), ("requested", False)]


async def test_a_request_in_the_queue_is_known_before_anybody_has_the_chat(bare_room: Room) -> None:
    room = bare_room
    await room.add(brains={"builtin": Scripted(answer)})
    chat_id = await room.open("I need a human")
    chat = await room.desk.chat(chat_id)
    assert (chat.holder.kind, chat.asked_us is not None) == ("nobody", True)
    later = await room.open("Hello", customer="k2")
    receipt = await room.desk.submit(
        Actor(kind="customer", id="k2"), PostMessage(chat_id=later, text="agent please")
    )
    found = next(e for e in await room.events(later) if e.seq == receipt.seq)
    assert isinstance(found.event, MessagePosted)
    assert (await room.desk.chat(later)).asked_us is not None
    assert (await room.desk.chat(later)).path == "none"


async def test_a_silent_workers_chat_climbs_the_ladder(timed_room: Room) -> None:
    room = timed_room
    policy = Policy(ai=AiPolicy(enabled=False), ladder=LadderPolicy(reply_s=60.0))
    await room.add(policy=policy)
    await room.sign_on("ann")
    chat_id = await room.open("Hello")
    await room.until(chat_id, lambda c: c.held_by("ann"))
    await room.sign_on("bob")
    await room.sign_on("lea", role="lead")
    for step, wait_s in (("owner", 61), ("pool", 46), ("lead", 61)):
        for _ in range(4):
            room.clock.wait(wait_s / 4)
            for name in ("ann", "bob", "lea"):
                await room.desk.seen(name)
        chat = await room.until(
            chat_id, lambda c, s=step: c.escalation is not None and c.escalation.step == s
        )
        assert chat.escalation is not None
        assert chat.escalation.kind == "reply.late"
        assert chat.escalation.to == ({"owner": "ann", "pool": "bob", "lead": "lea"}[step],)
