"""What people complain of in other desks, each as a test that it can't happen here.

The numbers are those of the list of complaints that the tests were written from. Complaints about
approvals, effects, capacity and the ladder are the tests of those parts.
"""

from __future__ import annotations

import asyncio

import pytest

from stepin.agent.brain import Hands, TurnContext
from stepin.core.command import Actor, CloseChat, HandBack, PostMessage, Reply, TakeOver
from stepin.core.events.chat import ChatClosed, HolderChanged, MessagePosted, OwnerSet
from stepin.core.policy import AiPolicy, Policy
from stepin.errors import Conflict
from tests.desk.brains import Scripted
from tests.desk.conftest import ANN, BOB, DORA, Room

BY_HAND = Policy(ai=AiPolicy(enabled=False))


async def chatty(context: TurnContext, hands: Hands) -> None:
    for n in range(20):
        await hands.say(f"sentence {n}")
        await asyncio.sleep(0)


async def brief(context: TurnContext, hands: Hands) -> None:
    await hands.say(f"answer to {context.basis_seq}")


async def resolves(context: TurnContext, hands: Hands) -> None:
    await hands.resolve("Goodbye.", disposition="done")


async def test_the_bot_does_not_talk_over_the_human(bare_room: Room) -> None:
    """1, 2."""
    room = bare_room
    await room.add(brains={"builtin": Scripted(chatty)})
    await room.sign_on("ann")
    chat_id = await room.open("Hello")
    await room.until(chat_id, lambda c: c.ai_messages >= 3)
    await room.desk.submit(ANN, TakeOver(chat_id=chat_id))
    await room.desk.submit(DORA, PostMessage(chat_id=chat_id, text="Are you a person?"))
    await room.desk.submit(ANN, Reply(chat_id=chat_id, text="Yes."))
    authors = [
        e.event.author for e in await room.events(chat_id) if isinstance(e.event, MessagePosted)
    ]
    assert "ai" not in authors[authors.index("worker") - 1 :]
    assert await room.log.work_streams("turn") == []


async def test_a_colleagues_reply_stops_the_bot(bare_room: Room) -> None:
    """3."""
    room = bare_room
    await room.add(brains={"builtin": Scripted(chatty)})
    await room.sign_on("ann")
    chat_id = await room.open("Hello")
    await room.until(chat_id, lambda c: c.ai_messages >= 1)
    await room.sign_on("bob")
    await room.desk.submit(BOB, Reply(chat_id=chat_id, text="I'll take this."))
    chat = await room.desk.chat(chat_id)
    assert (chat.holder.id, chat.owner, chat.turn_id) == ("bob", "bob", None)


async def test_two_people_who_take_the_same_chat_at_once_do_not_both_get_it(
    bare_room: Room,
) -> None:
    """4."""
    room = bare_room
    await room.add(brains={"builtin": Scripted(brief)})
    await room.add(brains={"builtin": Scripted(brief)})
    await room.sign_on("ann", "bob")
    chat_id = await room.open("Hello")
    await room.until(chat_id, lambda c: c.ai_holds)
    takes = (
        room.desks[0].submit(ANN, TakeOver(chat_id=chat_id)),
        room.desks[1].submit(BOB, TakeOver(chat_id=chat_id)),
    )
    outcomes = await asyncio.gather(*takes, return_exceptions=True)
    refused = [o for o in outcomes if isinstance(o, Conflict)]
    assert [o.code for o in refused] == ["held_by_worker"]
    taken = [e for e in await room.events(chat_id) if isinstance(e.event, HolderChanged)]
    assert [e.event.reason for e in taken] == ["assigned", "takeover"]  # type: ignore[union-attr]


async def test_the_closing_line_is_said_once(bare_room: Room) -> None:
    """5."""
    room = bare_room
    for _ in range(2):
        await room.add(brains={"builtin": Scripted(resolves)})
    await room.sign_on("ann")
    chat_id = await room.open("Hello")
    await room.until(chat_id, lambda c: c.episode == "closed")
    events = await room.events(chat_id)
    said = [e for e in events if isinstance(e.event, MessagePosted) and e.event.author == "ai"]
    assert len(said) == 1
    assert sum(isinstance(e.event, ChatClosed) for e in events) == 1


async def test_a_retry_posts_nothing_twice_and_gets_the_first_receipt(bare_room: Room) -> None:
    """6, also where deciding again would refuse."""
    room = bare_room
    await room.add(policy=BY_HAND)
    await room.sign_on("ann")
    chat_id = await room.open("Hello", command_id="o1")
    assert await room.open("Hello", command_id="o1") == chat_id
    await room.until(chat_id, lambda c: c.held_by("ann"))
    await room.sign_on("lea", role="lead")
    lead = Actor(kind="worker", id="lea", role="lead")
    for command, actor in (
        (Reply(chat_id=chat_id, text="Hi", command_id="r1"), ANN),
        (TakeOver(chat_id=chat_id, command_id="t1"), lead),
        (PostMessage(chat_id=chat_id, text="And?", command_id="m1"), DORA),
        (CloseChat(chat_id=chat_id, command_id="c1"), lead),
    ):
        first = await room.desk.submit(actor, command)
        again = await room.desk.submit(actor, command)
        assert (again.replayed, again.seq) == (True, first.seq)
    with pytest.raises(Conflict) as caught:
        await room.desk.submit(ANN, Reply(chat_id=chat_id, text="Ho", command_id="r1"))
    assert caught.value.code == "command_reused"


async def test_a_returning_customer_does_not_inherit_the_old_handoff(bare_room: Room) -> None:
    """7."""
    room = bare_room
    await room.add(brains={"builtin": Scripted(brief)})
    await room.sign_on("ann")
    first = await room.open("Hello")
    await room.until(first, lambda c: c.ai_messages == 1)
    await room.desk.submit(ANN, TakeOver(chat_id=first))
    await room.desk.submit(DORA, CloseChat(chat_id=first))
    second = await room.open("Hello again")
    chat = await room.until(second, lambda c: c.ai_messages == 1)
    assert (chat.origin.previous_chat_id, chat.ai_holds, chat.escalation) == (first, True, None)


async def test_after_a_hand_back_the_ai_speaks(bare_room: Room) -> None:
    """8."""
    room = bare_room
    await room.add(brains={"builtin": Scripted(brief)})
    await room.sign_on("ann")
    chat_id = await room.open("Hello")
    await room.until(chat_id, lambda c: c.ai_messages == 1 and c.turn_id is None)
    await room.desk.submit(ANN, TakeOver(chat_id=chat_id))
    await room.desk.submit(ANN, HandBack(chat_id=chat_id, note="Go on."))
    await room.desk.submit(DORA, PostMessage(chat_id=chat_id, text="And now?"))
    await room.until(chat_id, lambda c: c.ai_messages == 2)


async def test_no_hand_off_is_silent(bare_room: Room) -> None:
    """9, 10, 11: the customer is told, the owner is alerted, and it is an event of its own."""
    room = bare_room

    async def gives_up(context: TurnContext, hands: Hands) -> None:
        await hands.give_up("technical", "Somebody will come.", reason="stuck")

    await room.add(brains={"builtin": Scripted(gives_up)})
    await room.sign_on("ann")
    chat_id = await room.open("Hello")
    chat = await room.until(chat_id, lambda c: c.gave_up)
    assert chat.escalation is not None
    assert (chat.escalation.state, chat.escalation.to) == ("alerted", ("ann",))
    assert chat.talk.last_public_author == "ai"


async def test_a_burst_of_messages_keeps_its_order(bare_room: Room) -> None:
    """15."""
    room = bare_room
    await room.add(policy=BY_HAND)
    chat_id = await room.open("0")
    for n in range(1, 20):
        await room.desk.submit(DORA, PostMessage(chat_id=chat_id, text=str(n)))
    events = await room.events(chat_id)
    texts = [
        e.event.text
        for e in events
        if isinstance(e.event, MessagePosted) and e.event.author == "customer"
    ]
    assert texts == [str(n) for n in range(20)]
    assert [e.at_us for e in events] == sorted(e.at_us for e in events)


async def test_nobody_joins_before_being_set(bare_room: Room) -> None:
    """16, 22: the customer's message comes first, and the owner before the holder."""
    room = bare_room
    await room.add(brains={"builtin": Scripted(brief)})
    await room.sign_on("ann")
    chat_id = await room.open("Hello")
    await room.until(chat_id, lambda c: c.ai_messages == 1)
    kinds = await room.kinds(chat_id)
    assert kinds[:3] == ["ChatOpened", "MessagePosted", "EligibilityAssessed"]
    assert kinds.index("OwnerSet") < kinds.index("HolderChanged")
    events = await room.events(chat_id)
    assert next(e.event.owner for e in events if isinstance(e.event, OwnerSet)) == "ann"
