"""One chat, one AI turn, one takeover: the shortest path through the house."""

from __future__ import annotations

from pathlib import Path

from stepin.core.assignment import draw_owner
from stepin.core.command import Actor, OpenChat, Reply, TakeOver
from stepin.core.decide.opening import Opening, assign
from stepin.core.events.chat import EligibilityAssessed, MessagePosted
from stepin.core.fence import Fence
from stepin.core.policy import Policy
from stepin.core.presence import Presence
from stepin.core.record import NewEvent
from stepin.core.work import DropWork
from stepin.desk.desk import Desk
from stepin.log.protocol import Append, Appended, NotAppended
from stepin.log.sqlite import SqliteLog

CUSTOMER = Actor(kind="customer", id="dora")
WORKER = Actor(kind="worker", id="ann")


async def test_the_ai_answers_and_is_silent_after_a_takeover(tmp_path: Path) -> None:
    log = await SqliteLog.open(tmp_path / "log.sqlite")
    policy = Policy()
    desk = Desk(log, policy=lambda _: policy, new_id=lambda: "c1")
    assessment = EligibilityAssessed(
        eligible=True, score=0.9, threshold=0.5, reason="class", classifier_version="rules-1"
    )
    opening = Opening(assessment=assessment, policy=policy, customer_asserted=True)
    await desk.open_chat(CUSTOMER, OpenChat(text="Where is my parcel?"), opening)

    chat = await desk.book.fresh("c1")
    floor = {"ann": Presence(worker_id="ann", capacity=3, supervised_capacity=8)}
    draw = draw_owner(floor, {}, policy.assignment, key="c1")
    decision = assign(chat, draw, policy, covariates={})
    await log.append(
        Append(stream="chat/c1", events=decision.events, expect_seq=chat.seq, work=decision.work)
    )

    (turn,) = await log.claim(["turn"], holder="p", limit=1, lease_s=10)
    chat = await desk.book.fresh("c1")
    assert turn.work_id == chat.turn_id
    fence = Fence(
        epoch=chat.epoch, work_id=turn.work_id, attempt=turn.attempt, basis_seq=chat.basis_seq
    )
    said = NewEvent(event=MessagePosted(author="ai", text="On its way."), actor="ai:builtin")
    assert isinstance(
        await log.append(Append(stream="chat/c1", events=(said,), fence=fence)), Appended
    )

    await desk.submit(WORKER, TakeOver(chat_id="c1"))
    late = await log.append(
        Append(
            stream="chat/c1",
            events=(said,),
            fence=fence,
            work=(DropWork(work_id=turn.work_id),),
        )
    )
    assert isinstance(late, NotAppended)
    assert late.reason == "epoch"
    receipt = await desk.submit(WORKER, Reply(chat_id="c1", text="This is Ann."))
    chat = await desk.book.get("c1")
    assert receipt.seq == chat.seq
    assert (chat.holder.id, chat.owner, chat.path) == ("ann", "ann", "human_initiated")
    await log.close()
