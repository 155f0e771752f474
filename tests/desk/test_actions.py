"""Actions and approvals: bound to a digest, used once, expiring, limited by role."""

from __future__ import annotations

import msgspec
import pytest

from stepin.core.action import Action
from stepin.core.chat import Chat
from stepin.core.command import (
    Actor,
    ApproveAction,
    DenyAction,
    EditAction,
    PostMessage,
    ProposeAction,
    TakeOver,
    Whisper,
)
from stepin.core.policy import ApprovalPolicy, Policy
from stepin.errors import Conflict, Forbidden, Missing, Refused, StepinError
from tests.desk.brains import Scripted, refunds, silent
from tests.desk.conftest import ANN, BOB, DORA, LEA, Room

SMALL = Policy(approvals=ApprovalPolicy(ai_money_limit=100.0))


async def asked(room: Room) -> tuple[str, Action]:
    """A chat in which the AI waits for a refund to be approved."""
    await room.add(brains={"builtin": Scripted(refunds)})
    await room.sign_on("ann")
    chat_id = await room.open("I want my money back")
    chat = await room.until(chat_id, lambda c: c.ai_messages == 1 and c.turn_id is None)
    (action,) = chat.actions.values()
    assert action.state == "proposed"
    assert action.needs_approval
    assert room.shop.ledger == {}
    return chat_id, action


async def refused(room: Room, command: ApproveAction, by: Actor = ANN) -> str:
    with pytest.raises(StepinError) as caught:
        await room.desk.submit(by, command)
    assert room.shop.ledger == {}
    return caught.value.code


async def test_an_approved_refund_runs_once_and_the_ai_hears_of_it(bare_room: Room) -> None:
    room = bare_room
    chat_id, action = await asked(room)
    approve = ApproveAction(chat_id=chat_id, action_id=action.action_id, digest=action.digest)
    await room.desk.submit(ANN, approve)
    chat = await room.until(chat_id, lambda c: c.ai_messages == 2 and c.turn_id is None)
    assert chat.actions[action.action_id].state == "succeeded"
    assert chat.actions[action.action_id].approver == "worker:ann"
    assert room.shop.ledger == {"refund:A-1001#1": 50.0}
    with pytest.raises(Conflict) as caught:
        await room.desk.submit(ANN, approve)
    assert caught.value.code == "action_decided"
    assert room.shop.calls == [("refund:A-1001#1", "A-1001")]


async def test_an_approval_of_another_digest_is_refused(bare_room: Room) -> None:
    chat_id, action = await asked(bare_room)
    other = ApproveAction(chat_id=chat_id, action_id=action.action_id, digest="0" * 64)
    assert await refused(bare_room, other) == "digest_changed"


async def test_no_decision_in_time_is_a_denial(timed_room: Room) -> None:
    room = timed_room
    chat_id, action = await asked(room)
    room.clock.wait(299)
    assert (await room.desk.chat(chat_id)).actions[action.action_id].state == "proposed"
    room.clock.wait(2)
    late = ApproveAction(chat_id=chat_id, action_id=action.action_id, digest=action.digest)
    assert await refused(room, late) in ("action_expired", "action_decided")
    chat = await room.until(chat_id, lambda c: c.actions[action.action_id].state == "expired")
    assert chat.actions[action.action_id].error == "time"
    await room.until(chat_id, lambda c: c.ai_messages == 2)
    assert room.shop.ledger == {}


async def test_a_takeover_expires_what_the_ai_had_proposed(bare_room: Room) -> None:
    room = bare_room
    chat_id, action = await asked(room)
    await room.desk.submit(ANN, TakeOver(chat_id=chat_id))
    late = ApproveAction(chat_id=chat_id, action_id=action.action_id, digest=action.digest)
    assert await refused(room, late) == "action_decided"


async def test_a_record_that_changed_since_the_approval_refuses_the_effect(bare_room: Room) -> None:
    room = bare_room
    chat_id, action = await asked(room)
    room.shop.orders["A-1001"]["version"] = 2
    approve = ApproveAction(chat_id=chat_id, action_id=action.action_id, digest=action.digest)
    await room.desk.submit(ANN, approve)
    chat = await room.until(chat_id, lambda c: c.actions[action.action_id].settled)
    assert chat.actions[action.action_id].state == "expired"
    assert chat.actions[action.action_id].error == "stale"
    assert room.shop.ledger == {}


async def test_an_edit_runs_the_new_arguments_only(bare_room: Room) -> None:
    room = bare_room
    chat_id, action = await asked(room)
    edit = EditAction(
        chat_id=chat_id,
        action_id=action.action_id,
        digest=action.digest,
        arguments={"order": "A-1001", "amount": 20},
    )
    await room.desk.submit(ANN, edit)
    chat = await room.until(chat_id, lambda c: c.actions[action.action_id].settled)
    assert chat.actions[action.action_id].edited
    assert room.shop.ledger == {"refund:A-1001#1": 20.0}


async def test_an_edit_beyond_the_editors_limit_is_refused(bare_room: Room) -> None:
    room = bare_room
    chat_id, action = await asked(room)
    edit = EditAction(
        chat_id=chat_id,
        action_id=action.action_id,
        digest=action.digest,
        arguments={"order": "A-1001", "amount": 500},
    )
    with pytest.raises(Forbidden) as caught:
        await room.desk.submit(ANN, edit)
    assert caught.value.code == "role_limit"
    await room.desk.submit(LEA, edit)
    await room.until(chat_id, lambda c: c.actions[action.action_id].settled)
    assert room.shop.ledger == {"refund:A-1001#1": 500.0}


async def test_a_denial_is_final_and_the_ai_hears_of_it(bare_room: Room) -> None:
    room = bare_room
    chat_id, action = await asked(room)
    deny = DenyAction(chat_id=chat_id, action_id=action.action_id, reason="too old")
    await room.desk.submit(ANN, deny)
    await room.until(chat_id, lambda c: c.ai_messages == 2)
    late = ApproveAction(chat_id=chat_id, action_id=action.action_id, digest=action.digest)
    assert await refused(room, late) == "action_decided"


async def test_whoever_decides_sees_the_limits_and_what_was_done_before(bare_room: Room) -> None:
    room = bare_room
    chat_id, action = await asked(room)
    first = await room.desk.background(chat_id, action.action_id)
    assert (first.ai_limit, first.role_limit, first.earlier) == (0.0, 200.0, ())
    await room.desk.submit(ANN, DenyAction(chat_id=chat_id, action_id=action.action_id, reason=""))
    later = await room.open("I want my money back, again")
    chat = await room.until(later, lambda c: bool(c.actions))
    (second,) = chat.actions.values()
    known = await room.desk.background(later, second.action_id)
    assert [(e.chat_id, e.tool, e.state, e.amount) for e in known.earlier] == [
        (chat_id, "refund", "denied", 50.0)
    ]
    told = str(msgspec.to_builtins(known))
    assert not {"ann", "proposer"} & set(told.split("'")), "nobody is named: it may be a trial's"
    with pytest.raises(Missing):
        await room.desk.background(later, "none")


async def test_a_small_refund_needs_nobody_where_the_policy_says_so(bare_room: Room) -> None:
    room = bare_room
    await room.add(policy=SMALL, brains={"builtin": Scripted(refunds)})
    await room.sign_on("ann")
    chat_id = await room.open("I want my money back")
    chat = await room.until(chat_id, lambda c: c.ai_messages == 1)
    (action,) = chat.actions.values()
    assert (action.state, action.needs_approval, action.approver) == ("succeeded", False, None)
    assert room.shop.ledger == {"refund:A-1001#1": 50.0}


async def test_the_same_refund_is_refused_in_another_chat_unless_again(bare_room: Room) -> None:
    room = bare_room
    await room.add(policy=SMALL, brains={"builtin": Scripted(refunds)})
    await room.sign_on("ann")
    first = await room.open("I want my money back")
    await room.until(first, lambda c: c.ai_messages == 1)
    second = await room.open("Money back, please!")
    chat = await room.until(second, lambda c: c.ai_messages == 1)
    assert chat.actions == {}
    await room.desk.submit(ANN, TakeOver(chat_id=second))
    propose = ProposeAction(
        chat_id=second, tool="refund", arguments={"order": "A-1001", "amount": 5}
    )
    with pytest.raises(Conflict) as caught:
        await room.desk.submit(ANN, propose)
    assert caught.value.code == "already_done"
    await room.desk.submit(ANN, msgspec.structs.replace(propose, again=True))
    await room.until(second, lambda c: any(a.settled for a in c.actions.values()))
    assert room.shop.ledger == {"refund:A-1001#1": 50.0, "refund:A-1001#2": 5.0}


async def test_two_chats_that_race_for_one_refund_pay_once(bare_room: Room) -> None:
    room = bare_room
    await room.add(brains={"builtin": Scripted(refunds)})
    await room.sign_on("ann")
    chats = [await room.open("Money back"), await room.open("Money back, other tab")]
    found = [await room.until(c, lambda c: c.ai_messages == 1) for c in chats]
    for chat in found:
        (action,) = chat.actions.values()
        approve = ApproveAction(
            chat_id=chat.chat_id, action_id=action.action_id, digest=action.digest
        )
        await room.desk.submit(ANN, approve)
    ended = [
        await room.until(c, lambda c: all(a.settled for a in c.actions.values())) for c in chats
    ]
    states = sorted((a.state, a.error) for c in ended for a in c.actions.values())
    assert states == [("failed", "already_done"), ("succeeded", "")]
    assert room.shop.ledger == {"refund:A-1001#1": 50.0}


async def test_workers_act_in_chats_they_hold_under_the_limits_of_their_role(
    bare_room: Room,
) -> None:
    room = bare_room
    await room.add(brains={"builtin": Scripted(silent)})
    await room.sign_on("ann")
    chat_id = await room.open("Money back")
    await room.until(chat_id, lambda c: c.owner == "ann")
    big = ProposeAction(
        chat_id=chat_id, tool="refund", arguments={"order": "A-1001", "amount": 300}
    )
    with pytest.raises(Conflict) as caught:
        await room.desk.submit(ANN, big)
    assert caught.value.code == "wrong_holder"
    await room.desk.submit(ANN, TakeOver(chat_id=chat_id))
    await room.desk.submit(ANN, big)
    chat = await room.desk.chat(chat_id)
    (action,) = chat.actions.values()
    assert (action.state, action.approver_role) == ("proposed", "lead")
    approve = ApproveAction(chat_id=chat_id, action_id=action.action_id, digest=action.digest)
    for worker in (ANN, BOB):
        with pytest.raises(Forbidden) as denied:
            await room.desk.submit(worker, approve)
        assert denied.value.code == "role_limit"
    await room.desk.submit(LEA, approve)
    await room.until(chat_id, lambda c: c.actions[action.action_id].settled)
    assert room.shop.ledger == {"refund:A-1001#1": 300.0}


async def test_nobody_reaches_another_customers_order_or_acts_for_the_anonymous(
    bare_room: Room,
) -> None:
    room = bare_room
    await room.add(brains={"builtin": Scripted(silent)})
    await room.sign_on("ann")
    other = await room.open("Money back", customer="eve")
    nobody = await room.open("Money back", customer="dora", asserted=False)
    for chat_id, code in ((other, "no_order"), (nobody, "not_asserted")):
        await room.until(chat_id, lambda c: c.owner == "ann")
        await room.desk.submit(ANN, TakeOver(chat_id=chat_id))
        propose = ProposeAction(
            chat_id=chat_id, tool="refund", arguments={"order": "A-1001", "amount": 5}
        )
        with pytest.raises((Refused, Forbidden)) as caught:
            await room.desk.submit(ANN, propose)
        assert caught.value.code == code
    assert room.shop.ledger == {}


async def test_a_word_of_the_customer_after_the_approval_stops_the_effect(
    bare_room: Room,
) -> None:
    room = bare_room
    chat_id, action = await asked(room)
    await room.desk.engine.effects.stop()
    approve = ApproveAction(chat_id=chat_id, action_id=action.action_id, digest=action.digest)
    await room.desk.submit(ANN, approve)
    await room.desk.submit(DORA, PostMessage(chat_id=chat_id, text="No, leave it!"))
    room.desk.engine.effects.start()
    room.desk.engine.effects.ring()

    def decided(chat: Chat) -> bool:
        return chat.actions[action.action_id].settled

    chat = await room.until(chat_id, decided)
    assert chat.actions[action.action_id].error == "stale"
    assert room.shop.ledger == {}


async def test_a_whisper_while_the_ai_waits_gives_it_another_turn(bare_room: Room) -> None:
    room = bare_room
    chat_id, _ = await asked(room)
    await room.desk.submit(ANN, Whisper(chat_id=chat_id, text="I look at it in a minute."))
    await room.until(chat_id, lambda c: c.ai_messages == 2)
    assert room.shop.ledger == {}
