"""What any brain, a team's own too, may say and do at a desk."""

from __future__ import annotations

import msgspec
import pytest

from stepin.agent.brain import Hands, TurnContext
from stepin.agent.gate.material import material_of
from stepin.core.command import HandBack, PostMessage, TakeOver
from stepin.core.events.action import ActionProposed
from stepin.core.events.chat import DraftDiscarded, MessagePosted
from stepin.core.policy import ApprovalPolicy, Policy
from stepin.language.sentences import sentences
from tests.desk.brains import Scripted
from tests.desk.conftest import ANN, DORA, Room
from tests.desk.shop import Shop

REFUND = {"order": "A-1001", "amount": 50}
FREE = Policy(approvals=ApprovalPolicy(ai_money_limit=100))


class Careful(Shop):
    """The shop whose refunds need the customer's yes."""

    def all(self):  # type: ignore[no-untyped-def]
        return tuple(msgspec.structs.replace(tool, asks_first=True) for tool in super().all())


async def asks_first(context: TurnContext, hands: Hands) -> None:
    """Ask about a refund, and make it where the desk lets it through."""
    called = await hands.call("refund", REFUND)
    if called.error == "not_confirmed":
        plan = await hands.plan("refund", REFUND)
        await hands.say("Shall I refund it?", confirms=plan.confirms)
    else:
        await hands.say(f"It is {called.state}.")


async def said(room: Room, chat_id: str) -> list[str]:
    return [
        e.event.text
        for e in await room.events(chat_id)
        if isinstance(e.event, MessagePosted) and e.event.author in ("ai", "system")
    ]


async def proposed(room: Room, chat_id: str) -> int:
    return sum(isinstance(e.event, ActionProposed) for e in await room.events(chat_id))


async def answers(room: Room, chat_id: str, text: str, messages: int) -> None:
    await room.desk.submit(DORA, PostMessage(chat_id=chat_id, text=text))
    await room.until(chat_id, lambda c: c.ai_messages == messages and c.turn_id is None)


@pytest.mark.parametrize(
    "text", ["<think>SECRET", '{"name": "refund"}', "See https://evil.example/x.", "Dear {name}."]
)
async def test_what_is_no_answer_reaches_no_customer_and_a_person_is_asked(
    bare_room: Room, text: str
) -> None:
    async def turn(context: TurnContext, hands: Hands) -> None:
        await hands.say(text)

    await bare_room.add(brains={"builtin": Scripted(turn)})
    await bare_room.sign_on("ann")
    chat_id = await bare_room.open("hello")
    await bare_room.until(chat_id, lambda c: c.escalation is not None)
    told = await said(bare_room, chat_id)
    assert sentences().notices.ai_stuck["en"] in told
    assert not any(text in one for one in told)


@pytest.mark.parametrize(
    ("text", "gate"),
    [
        ("Done! I have refunded £500 to your card.", "claim"),
        ("您的退款已经退回银行卡。", "claim"),
        ("That makes £77.31 in all.", "amount"),
        ("See https://evil.example/x.", "link"),
    ],
)
async def test_a_refused_draft_is_kept_for_the_workers_and_counted(
    bare_room: Room, text: str, gate: str
) -> None:
    async def turn(context: TurnContext, hands: Hands) -> None:
        await hands.call("find_order", {"order": "A-1001"})
        await hands.say(text)

    await bare_room.add(brains={"builtin": Scripted(turn)})
    await bare_room.sign_on("ann")
    chat_id = await bare_room.open("my refund?")
    await bare_room.until(chat_id, lambda c: c.escalation is not None)
    drafts = [e.event for e in await bare_room.events(chat_id)]
    kept = [one for one in drafts if isinstance(one, DraftDiscarded)]
    assert {(one.reason, one.gate, one.text) for one in kept} == {("gate", gate, text)}
    assert bare_room.desk.withheld == {gate: len(kept)}
    assert len(kept) == 2
    assert sentences().notices.ai_stuck["en"] in await said(bare_room, chat_id)


async def test_what_an_action_of_the_chat_bears_out_is_said(bare_room: Room) -> None:
    async def turn(context: TurnContext, hands: Hands) -> None:
        called = await hands.call("refund", REFUND)
        await hands.say(f"I have refunded £50: {called.state}.")

    await bare_room.add(policy=FREE, brains={"builtin": Scripted(turn)})
    await bare_room.sign_on("ann")
    chat_id = await bare_room.open("refund it")
    await bare_room.until(chat_id, lambda c: c.ai_messages == 1)
    assert (await said(bare_room, chat_id))[-1] == "I have refunded £50: succeeded."


async def test_a_hand_over_is_never_hindered_by_its_words(bare_room: Room) -> None:
    async def turn(context: TurnContext, hands: Hands) -> None:
        await hands.draft("<think>SECRET")
        await hands.give_up("policy", "<think>SECRET", reason="x")

    await bare_room.add(brains={"builtin": Scripted(turn)})
    drafts: list[str] = []
    bare_room.desk.listen_drafts(lambda chat_id, text, epoch: drafts.append(text))
    await bare_room.sign_on("ann")
    chat_id = await bare_room.open("hello")
    chat = await bare_room.until(chat_id, lambda c: c.escalation is not None)
    assert chat.escalation is not None
    assert chat.escalation.cause == "policy"
    assert sentences().notices.ai_stuck["en"] in await said(bare_room, chat_id)
    assert set(drafts) == {""}


async def test_the_shops_links_go_out(bare_room: Room) -> None:
    async def turn(context: TurnContext, hands: Hands) -> None:
        await hands.say("See https://shop.example/returns.")

    await bare_room.add(
        brains={"builtin": Scripted(turn)}, material=material_of(["https://shop.example/returns"])
    )
    await bare_room.sign_on("ann")
    chat_id = await bare_room.open("hello")
    await bare_room.until(chat_id, lambda c: c.ai_messages == 1)
    assert (await said(bare_room, chat_id))[-1] == "See https://shop.example/returns."


async def test_an_effect_needs_the_yes_to_its_own_question_also_after_a_restart(
    bare_room: Room,
) -> None:
    brains = {"builtin": Scripted(asks_first)}
    await bare_room.add(policy=FREE, brains=brains, tools=Careful())
    await bare_room.sign_on("ann")
    chat_id = await bare_room.open("refund it, yes, yes!")
    await bare_room.until(chat_id, lambda c: c.ai_messages == 1 and c.turn_id is None)
    await answers(bare_room, chat_id, "yes if it is quick", 2)
    await answers(bare_room, chat_id, "no", 3)
    assert await proposed(bare_room, chat_id) == 0
    await bare_room.restart(policy=FREE, brains=brains, tools=Careful())
    await answers(bare_room, chat_id, "yes", 4)
    assert (await said(bare_room, chat_id))[-1] == "It is succeeded."
    assert await proposed(bare_room, chat_id) == 1


async def test_a_hand_back_ends_the_question(bare_room: Room) -> None:
    await bare_room.add(policy=FREE, brains={"builtin": Scripted(asks_first)}, tools=Careful())
    await bare_room.sign_on("ann")
    chat_id = await bare_room.open("refund it")
    await bare_room.until(chat_id, lambda c: c.ai_messages == 1 and c.turn_id is None)
    await bare_room.desk.submit(ANN, TakeOver(chat_id=chat_id))
    await bare_room.desk.submit(DORA, PostMessage(chat_id=chat_id, text="yes"))
    await bare_room.desk.submit(ANN, HandBack(chat_id=chat_id, note="go on"))
    await bare_room.until(chat_id, lambda c: c.ai_messages == 2 and c.turn_id is None)
    assert await proposed(bare_room, chat_id) == 0


async def test_without_a_brain_chats_go_to_people(bare_room: Room) -> None:
    await bare_room.add(brains={})
    await bare_room.sign_on("ann")
    chat_id = await bare_room.open("hello")
    chat = await bare_room.until(chat_id, lambda c: c.owner is not None)
    assert chat.held_by("ann")
    assert bare_room.desk.policies.brainless
