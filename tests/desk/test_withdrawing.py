"""What a customer writes while an action waits: approvers have to have seen it; a no ends it."""

from __future__ import annotations

import asyncio

import pytest

from stepin.agent.brain import Fenced, Hands, TurnContext
from stepin.core.action import Action
from stepin.core.chat import Chat
from stepin.core.command import (
    Actor,
    ApproveAction,
    DenyAction,
    EditAction,
    PostMessage,
    TakeOver,
    Whisper,
)
from stepin.desk.feeds.views import chat_card
from stepin.errors import Conflict
from tests.desk.brains import Scripted, refunds
from tests.desk.conftest import ANN, DORA, LEA, Room


async def answers(context: TurnContext, hands: Hands) -> None:
    """Ask for a refund once; then only say that it is heard."""
    if context.chat.actions:
        await hands.say("I hear you")
    else:
        await refunds(context, hands)


async def withdraws(context: TurnContext, hands: Hands) -> None:
    """Ask for a refund once; take it back at the next word."""
    if not context.chat.actions:
        await refunds(context, hands)
        return
    (action,) = context.chat.actions.values()
    stopped = await hands.withdraw(action.action_id)
    await hands.say(f"stopped {stopped}")


async def waits(room: Room, brain: Scripted) -> tuple[str, Action]:
    await room.add(brains={"builtin": brain})
    await room.sign_on("ann")
    chat_id = await room.open("I want my money back")
    chat = await room.until(chat_id, lambda c: c.ai_messages == 1 and c.turn_id is None)
    (action,) = chat.actions.values()
    return chat_id, action


async def says(room: Room, chat_id: str, text: str = "no, stop") -> Chat:
    await room.desk.submit(DORA, PostMessage(chat_id=chat_id, text=text))
    return await room.desk.chat(chat_id)


def approval(chat_id: str, action: Action, seen_seq: int = 0) -> ApproveAction:
    return ApproveAction(
        chat_id=chat_id, action_id=action.action_id, digest=action.digest, seen_seq=seen_seq
    )


@pytest.mark.parametrize("by", [ANN, LEA], ids=lambda one: one.role)
async def test_nobody_approves_unseen_what_the_customer_has_written_about_since(
    bare_room: Room, by: Actor
) -> None:
    room = bare_room
    chat_id, action = await waits(room, Scripted(answers))
    written = (await says(room, chat_id)).talk.customer_seq
    edit = EditAction(
        chat_id=chat_id,
        action_id=action.action_id,
        digest=action.digest,
        arguments={"order": "A-1001", "amount": 20},
        seen_seq=written - 1,
    )
    for command in (approval(chat_id, action), approval(chat_id, action, written - 1), edit):
        with pytest.raises(Conflict) as caught:
            await room.desk.submit(by, command)
        assert caught.value.code == "customer_wrote_since"
        assert caught.value.fields == {"seq": written}
        assert room.shop.ledger == {}
    await room.until(chat_id, lambda c: c.ai_messages == 2 and c.turn_id is None)
    card = chat_card(await room.desk.chat(chat_id), "")
    assert [a.customer_seq for a in card.actions] == [written]
    await room.desk.submit(by, approval(chat_id, action, card.actions[0].customer_seq))
    await room.until(chat_id, lambda c: c.actions[action.action_id].settled)
    assert room.shop.ledger == {"refund:A-1001#1": 50.0}


async def test_a_denial_needs_no_look_and_a_whisper_is_no_word_of_the_customer(
    bare_room: Room,
) -> None:
    room = bare_room
    chat_id, action = await waits(room, Scripted(answers))
    await room.desk.submit(ANN, Whisper(chat_id=chat_id, text="I have a look"))
    card = chat_card(await room.desk.chat(chat_id), "")
    assert [a.customer_seq for a in card.actions] == [0]
    await says(room, chat_id)
    await room.desk.submit(ANN, DenyAction(chat_id=chat_id, action_id=action.action_id))
    assert room.shop.ledger == {}


async def test_what_the_ai_takes_back_can_not_be_approved_any_more(bare_room: Room) -> None:
    room = bare_room
    chat_id, action = await waits(room, Scripted(withdraws))
    written = (await says(room, chat_id)).talk.customer_seq
    chat = await room.until(chat_id, lambda c: c.ai_messages == 2 and c.turn_id is None)
    ended = chat.actions[action.action_id]
    assert (ended.state, ended.error, ended.withdrawn) == ("expired", "withdrawn", True)
    assert not ended.awaited, "the AI isn't told of what it did itself"
    with pytest.raises(Conflict) as caught:
        await room.desk.submit(ANN, approval(chat_id, action, written))
    assert caught.value.code == "action_decided"
    assert room.shop.ledger == {}
    brief = (await room.desk.briefing.show(chat_id, ANN, language="en")).lines
    assert "took refund" in brief[1].text
    assert "put right" not in brief[3].text, "nobody is asked to do what isn't wanted"
    chat = await says(room, chat_id, "thanks")
    chat = await room.until(chat_id, lambda c: c.ai_messages == 3 and c.turn_id is None)
    events = await room.events(chat_id)
    assert [e.event.text for e in events if e.kind == "MessagePosted"][-1] == "stopped False"  # type: ignore[union-attr]
    assert [e.kind for e in events].count("ActionExpired") == 1
    assert [e.actor for e in events if e.kind == "ActionExpired"] == ["ai:scripted-1"]


async def test_a_takeover_or_a_newer_word_refuses_that_a_proposal_is_taken_back(
    bare_room: Room,
) -> None:
    """The turn may have read "stop" where the customer has long written "no, do it"."""
    room = bare_room
    begun, go, fenced = asyncio.Event(), asyncio.Event(), list[str]()

    async def slowly(context: TurnContext, hands: Hands) -> None:
        if not context.chat.actions:
            await refunds(context, hands)
            return
        (action,) = context.chat.actions.values()
        if fenced:
            await hands.say("it still waits")
            return
        begun.set()
        await go.wait()
        try:
            await hands.withdraw(action.action_id)
        except Fenced as refused:
            fenced.append(refused.reason)
            raise

    chat_id, action = await waits(room, Scripted(slowly))
    await says(room, chat_id)
    await begun.wait()
    await says(room, chat_id, "oh no, please do refund it")
    go.set()
    chat = await room.until(chat_id, lambda c: c.ai_messages == 2 and c.turn_id is None)
    assert fenced == ["basis"]
    assert chat.actions[action.action_id].state == "proposed"
    await room.desk.submit(ANN, TakeOver(chat_id=chat_id))
    chat = await room.desk.chat(chat_id)
    assert chat.actions[action.action_id].error == "takeover"


async def test_an_approval_that_comes_first_is_not_taken_back(bare_room: Room) -> None:
    """The turn is taken again once the outcome is known, and can say it."""
    room = bare_room
    begun, go = asyncio.Event(), asyncio.Event()

    async def slowly(context: TurnContext, hands: Hands) -> None:
        if not context.chat.actions:
            await refunds(context, hands)
            return
        (action,) = context.chat.actions.values()
        begun.set()
        await go.wait()
        if action.settled:
            await hands.say(f"too late: {action.state}")
            return
        stopped = await hands.withdraw(action.action_id)
        await hands.say(f"stopped {stopped}")

    chat_id, action = await waits(room, Scripted(slowly))
    written = (await says(room, chat_id)).talk.customer_seq
    await begun.wait()
    await room.desk.submit(ANN, approval(chat_id, action, written))
    await room.until(chat_id, lambda c: c.actions[action.action_id].settled)
    go.set()
    chat = await room.until(chat_id, lambda c: c.ai_messages == 3 and c.turn_id is None)
    assert chat.actions[action.action_id].state == "succeeded"
    events = await room.events(chat_id)
    said = [e.event.text for e in events if e.kind == "MessagePosted"]  # type: ignore[union-attr]
    assert said[-2:] == ["stopped False", "too late: succeeded"]


async def test_what_was_taken_back_is_out_of_time_no_second_time(timed_room: Room) -> None:
    room = timed_room
    chat_id, _ = await waits(room, Scripted(withdraws))
    await says(room, chat_id)
    await room.until(chat_id, lambda c: c.ai_messages == 2 and c.turn_id is None)
    works = await room.log.work_streams("timer")
    assert works.count(f"chat/{chat_id}") <= 1
    room.clock.wait(301)
    await says(room, chat_id, "thanks")
    await room.until(chat_id, lambda c: c.ai_messages == 3 and c.turn_id is None)
    assert (await room.kinds(chat_id)).count("ActionExpired") == 1
