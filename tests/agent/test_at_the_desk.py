"""The built-in brain and the shop at a real desk: proposals, approvals, effects, limits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from examples.shop import tools_of
from examples.shop.database import Shop

from stepin.agent.builtin.brain import BuiltinBrain
from stepin.agent.shop.handbook import Handbook
from stepin.agent.shop.procedure import Limit
from stepin.agent.tools.toolbox import Toolbox
from stepin.core.action import Action
from stepin.core.chat import Chat
from stepin.core.command import (
    Actor,
    ApproveAction,
    DeclineEscalation,
    DenyAction,
    OpenChat,
    PostMessage,
)
from stepin.core.events.chat import MessagePosted
from stepin.core.events.floor import WorkerSignedOn
from stepin.core.policy import ApprovalPolicy, Policy
from stepin.desk.desk import Desk
from stepin.desk.jobs.engine import Pace
from stepin.desk.parts import Parts
from stepin.desk.state.identity import CustomerIdentity
from stepin.errors import Conflict
from stepin.log.sqlite import SqliteLog
from tests.agent.conftest import order, status

ANN = Actor(kind="worker", id="ann")
ALICE = Actor(kind="customer", id="c1001")
POLICY = Policy(approvals=ApprovalPolicy(ai_money_limit=150, worker_money_limit=500))


class Counter:
    """A desk with the shop behind it, and a customer in front."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.chat_id = desk, ""

    async def says(self, text: str) -> str:
        """Post a message and return what the AI answers."""
        before = 0
        if self.chat_id:
            chat = await self.desk.chat(self.chat_id)
            before = chat.ai_messages
            await self.desk.submit(ALICE, PostMessage(chat_id=self.chat_id, text=text))
        else:
            identity = CustomerIdentity(customer_id="c1001", asserted=True)
            opened = await self.desk.open_chat(ALICE, OpenChat(text=text), identity)
            self.chat_id = opened.chat_id
        return await self.hears(before)

    async def hears(self, before: int) -> str:
        """Return what the AI says after its first `before` messages."""

        def answered(chat: Chat) -> bool:
            return chat.ai_messages > before and chat.turn_id is None

        async with asyncio.timeout(20):
            await self.desk.services.follower.until(self.chat_id, answered)
        events = await self.desk.log.read(f"chat/{self.chat_id}")
        said = [
            e.event.text
            for e in events
            if isinstance(e.event, MessagePosted) and e.event.author == "ai"
        ]
        return "\n".join(said[before:])


@pytest.fixture
async def counter(
    tmp_path: Path, shop: Shop, handbook: Handbook, brain: BuiltinBrain
) -> AsyncIterator[Counter]:
    log = await SqliteLog.open(tmp_path / "log.sqlite", poll_s=0.02)
    box = Toolbox(tools_of(shop), now_s=lambda: 0.0).limited(handbook.limits)
    parts = Parts(brains={"builtin": brain}, tools=box)
    desk = Desk(log, POLICY, parts, pace=Pace(look_s=0.02))
    await desk.start()
    await desk.sign_on(WorkerSignedOn(worker_id="ann", capacity=3, supervised_capacity=8))
    yield Counter(desk)
    await desk.stop()
    await log.close()


async def test_money_above_the_limit_is_approved_by_a_person_and_moves_once(
    counter: Counter, shop: Shop
) -> None:
    paid = order(shop, "paid")
    assert "Shall I cancel it?" in await counter.says(f"please cancel my order {paid}")
    assert "approve" in await counter.says("yes")
    assert status(shop, paid) == "paid"
    chat = await counter.desk.chat(counter.chat_id)
    (action,) = (a for a in chat.actions.values() if a.state == "proposed")
    assert action.records["order"] == paid
    await counter.desk.submit(
        ANN,
        ApproveAction(chat_id=counter.chat_id, action_id=action.action_id, digest=action.digest),
    )
    assert f"C-{paid[3:]}" in await counter.hears(chat.ai_messages)
    assert status(shop, paid) == "cancelled"
    assert len(shop.all("SELECT * FROM changes")) == 1


async def test_the_ai_goes_not_beyond_the_limit_of_a_procedure(
    counter: Counter, shop: Shop
) -> None:
    tools = counter.desk.services.tools._catalogue
    assert isinstance(tools, Toolbox)
    tools.limited([Limit(tool="cancel_order", amount=1)])
    paid = order(shop, "paid")
    await counter.says(f"please cancel my order {paid}")
    assert "decision by a colleague" in await counter.says("yes")
    chat = await counter.desk.chat(counter.chat_id)
    assert chat.escalation is not None
    assert chat.escalation.cause == "policy"
    assert status(shop, paid) == "paid"


async def test_a_procedure_asks_for_approval_where_the_policy_would_not(
    counter: Counter, shop: Shop
) -> None:
    tools = counter.desk.services.tools._catalogue
    assert isinstance(tools, Toolbox)
    tools.limited([Limit(tool="refund_item", approve_above=5, approver="lead")])
    delivered = order(shop, "delivered")
    await counter.says(f"I want a refund for order {delivered}")
    await counter.says("the first one")
    assert "approve" in await counter.says("yes")
    chat = await counter.desk.chat(counter.chat_id)
    (action,) = (a for a in chat.actions.values() if a.state == "proposed")
    assert msgspec.to_builtins(action)["approver_role"] == "lead"


async def waiting_cancellation(counter: Counter, shop: Shop) -> tuple[str, Action]:
    """Return an order whose cancellation waits for a colleague, and the action."""
    paid = order(shop, "paid")
    await counter.says(f"please cancel my order {paid}")
    assert "approve" in await counter.says("yes")
    chat = await counter.desk.chat(counter.chat_id)
    (action,) = (a for a in chat.actions.values() if a.state == "proposed")
    return paid, action


@pytest.mark.parametrize(
    ("reason", "told"),
    [("It has been packed.", "didn't approve it: It has been packed."), ("", "no colleague"),
     ("ask {boss}", "no colleague")],
)  # fmt: skip
async def test_why_a_person_said_no_reaches_the_customer_as_the_procedure_words_it(
    counter: Counter, shop: Shop, reason: str, told: str
) -> None:
    paid, action = await waiting_cancellation(counter, shop)
    before = (await counter.desk.chat(counter.chat_id)).ai_messages
    deny = DenyAction(chat_id=counter.chat_id, action_id=action.action_id, reason=reason)
    await counter.desk.submit(ANN, deny)
    said = await counter.hears(before)
    assert (told in said) == (told != "no colleague")
    assert "{" not in said
    chat = await counter.desk.chat(counter.chat_id)
    assert chat.actions[action.action_id].denial == reason
    assert chat.escalation is not None
    assert chat.escalation.cause == "policy"
    assert status(shop, paid) == "paid"


async def test_a_customer_who_says_stop_ends_what_waits_and_is_told_once(
    counter: Counter, shop: Shop
) -> None:
    paid, action = await waiting_cancellation(counter, shop)
    said = await counter.says("no, stop")
    assert said.count("I have stopped this") == 1
    chat = await counter.desk.chat(counter.chat_id)
    assert chat.actions[action.action_id].withdrawn
    approve = ApproveAction(
        chat_id=counter.chat_id,
        action_id=action.action_id,
        digest=action.digest,
        seen_seq=chat.talk.customer_seq,
    )
    with pytest.raises(Conflict):
        await counter.desk.submit(ANN, approve)
    assert status(shop, paid) == "paid"
    assert chat.escalation is None


async def test_a_stop_right_after_the_approval_is_told_what_became_of_it(
    counter: Counter, shop: Shop
) -> None:
    paid, action = await waiting_cancellation(counter, shop)
    await counter.desk.engine.effects.stop()
    await counter.desk.submit(
        ANN,
        ApproveAction(chat_id=counter.chat_id, action_id=action.action_id, digest=action.digest),
    )
    assert "may be too late" in await counter.says("no, stop")
    before = (await counter.desk.chat(counter.chat_id)).ai_messages
    counter.desk.engine.effects.start()
    counter.desk.engine.effects.ring()
    assert "it was not done" in await counter.hears(before)
    chat = await counter.desk.chat(counter.chat_id)
    assert chat.actions[action.action_id].error == "stale"
    assert chat.escalation is None
    assert status(shop, paid) == "paid"


async def test_what_a_person_has_declined_as_danger_is_not_answered_later(counter: Counter) -> None:
    await counter.says("hello")
    danger = PostMessage(chat_id=counter.chat_id, text="the toaster is on fire")
    await counter.desk.submit(ALICE, danger)
    decline = DeclineEscalation(chat_id=counter.chat_id, reason="a joke")
    await counter.desk.submit(ANN, decline)
    chat = await counter.desk.chat(counter.chat_id)
    assert (chat.turn_id, chat.danger) == (None, "")
    answer = await counter.says("where is my parcel?")
    assert "unplug" not in answer
    assert "parcel" in answer or "order" in answer
