"""What every log guarantees, run on each adapter."""

from __future__ import annotations

import asyncio

import msgspec

from stepin.core.events.chat import HolderChanged, MessagePosted
from stepin.core.fence import Fence
from stepin.core.holder import NOBODY, ai, worker
from stepin.core.record import NewEvent
from stepin.core.work import DropWork, PutWork
from stepin.log.protocol import Append, Appended, Log, NotAppended

CHAT = "chat/1"


def said(text: str, **more: object) -> Append:
    message = MessagePosted(author="customer", text=text)
    return Append(stream=CHAT, events=(NewEvent(event=message, actor="customer:1"),), **more)  # type: ignore[arg-type]


def answered(fence: Fence, text: str = "Hello.") -> Append:
    message = MessagePosted(author="ai", text=text)
    return Append(stream=CHAT, events=(NewEvent(event=message, actor="ai:1"),), fence=fence)


def held(epoch: int, by: str) -> Append:
    to = ai("1") if by == "ai" else worker(by)
    change = HolderChanged(from_=NOBODY, to=to, reason="assigned")
    return Append(stream=CHAT, events=(NewEvent(event=change, epoch=epoch),))


async def test_seq_and_position_have_no_gaps(log: Log) -> None:
    start = await log.position()
    for n in range(5):
        outcome = await log.append(said(f"{n}"))
        assert isinstance(outcome, Appended)
        assert outcome.events[0].seq == n + 1
        assert outcome.events[0].position == start + n + 1
    read = await log.read(CHAT)
    assert [e.seq for e in read] == [1, 2, 3, 4, 5]
    assert [e.event.text for e in read if isinstance(e.event, MessagePosted)] == list("01234")


async def test_a_takeover_refuses_the_ai(log: Log) -> None:
    await log.append(said("hi"))
    await log.append(held(1, "ai"))
    assert isinstance(await log.append(answered(Fence(epoch=1, basis_seq=1))), Appended)
    await log.append(held(2, "ann"))
    refused = await log.append(answered(Fence(epoch=1, basis_seq=1)))
    assert isinstance(refused, NotAppended)
    assert refused.reason == "epoch"


async def test_a_stale_basis_refuses_the_ai(log: Log) -> None:
    await log.append(said("hi"))
    await log.append(held(1, "ai"))
    await log.append(said("no, the other one"))
    refused = await log.append(answered(Fence(epoch=1, basis_seq=1)))
    assert isinstance(refused, NotAppended)
    assert refused.reason == "basis"
    assert isinstance(await log.append(answered(Fence(epoch=1))), Appended)


async def test_a_refusal_does_not_abort_the_rest_of_a_batch(log: Log) -> None:
    outcomes = await log.append_many(
        [said("hi"), answered(Fence(epoch=7)), said("again", expect_seq=1), said("x", expect_seq=1)]
    )
    assert [type(o) for o in outcomes] == [Appended, NotAppended, Appended, NotAppended]


async def test_a_command_is_carried_out_once_and_never_with_another_body(log: Log) -> None:
    first = await log.append(said("hi", command_id="c1", command_digest=b"a"))
    again = await log.append(said("hi", command_id="c1", command_digest=b"a"))
    assert isinstance(first, Appended)
    assert isinstance(again, Appended)
    assert again.replayed
    assert again.events == first.events
    other = await log.append(said("ho", command_id="c1", command_digest=b"b"))
    assert isinstance(other, NotAppended)
    assert other.reason == "command"


async def test_an_attempt_that_lost_its_lease_is_refused(log: Log) -> None:
    put = PutWork(work_id="turn:1", kind="turn", stream=CHAT)
    await log.append(said("hi", work=(put,)))
    first = await log.claim(["turn"], holder="p1", limit=9, lease_s=0)
    second = await log.claim(["turn"], holder="p2", limit=9, lease_s=60)
    assert [w.attempt for w in first + second] == [1, 2]
    assert await log.claim(["turn"], holder="p3", limit=9, lease_s=60) == []
    refused = await log.append(answered(Fence(epoch=0, work_id="turn:1", attempt=1)))
    assert isinstance(refused, NotAppended)
    assert refused.reason == "attempt"
    accepted = await log.append(
        Append(
            stream=CHAT,
            events=(NewEvent(event=MessagePosted(author="ai", text="x")),),
            fence=Fence(epoch=0, work_id="turn:1", attempt=2),
            work=(DropWork(work_id="turn:1"),),
        )
    )
    assert isinstance(accepted, Appended)
    assert await log.work_streams("turn") == []


async def test_a_tail_yields_every_event_once_and_in_order(log: Log) -> None:
    tail = log.tail(after_position=0)
    seen: list[int] = []
    for n in range(30):
        await log.append(said(f"{n}"))
    async for batch in tail:
        seen.extend(e.position for e in batch)
        if len(seen) >= 31:
            break
    assert seen == list(range(1, 32))


async def test_a_redacted_text_is_gone_and_reads_as_redacted(log: Log) -> None:
    await log.append(said("my card is 4111"))
    await log.redact(CHAT, 1, reason="asked", actor="worker:lea")
    first, second = await log.read(CHAT)
    assert isinstance(first.event, MessagePosted)
    assert first.event.text == "[redacted]"
    assert first.redacted
    assert second.kind == "TextRedacted"


async def test_a_claimed_key_refuses_every_other_claim_until_it_is_freed(log: Log) -> None:
    other = msgspec.structs.replace(said("b", claims=("refund:1#1",)), stream="chat/2")
    assert isinstance(await log.append(said("a", claims=("refund:1#1",))), Appended)
    refused = await log.append(other)
    assert isinstance(refused, NotAppended)
    assert refused.reason == "claim"
    assert await log.claimant("refund:1#1") == CHAT
    await log.append(msgspec.structs.replace(said("c", frees=("refund:1#1",)), stream="chat/3"))
    assert await log.claimant("refund:1#1") == CHAT
    await log.append(said("d", frees=("refund:1#1",)))
    assert isinstance(await log.append(other), Appended)


async def test_a_command_can_be_looked_up(log: Log) -> None:
    assert await log.command(CHAT, "c1") is None
    first = await log.append(said("hi", command_id="c1", command_digest=b"a"))
    carried = await log.command(CHAT, "c1")
    assert isinstance(first, Appended)
    assert carried is not None
    assert (carried.digest, carried.events) == (b"a", first.events)


async def test_work_changes_without_an_event_only_while_it_is_ours(log: Log) -> None:
    put = PutWork(work_id="turn:9", kind="turn", stream=CHAT)
    assert await log.change_work([put])
    (first,) = await log.claim(["turn"], holder="p1", limit=1, lease_s=0)
    (second,) = await log.claim(["turn"], holder="p2", limit=1, lease_s=60)
    drop = DropWork(work_id="turn:9")
    assert not await log.change_work([drop], by=first)
    assert await log.work_streams("turn") == [CHAT]
    assert await log.change_work([drop], by=second)
    assert await log.work_streams("turn") == []


async def test_a_claimed_key_is_unique_over_the_whole_log(log: Log) -> None:
    first = await log.append(said("refund", claims=("order-1/refund/1",)))
    assert isinstance(first, Appended)
    assert await log.claimant("order-1/refund/1") == CHAT
    elsewhere = Append(
        stream="chat/2",
        events=(NewEvent(event=MessagePosted(author="worker", text="me too")),),
        claims=("order-1/refund/1", "order-2/refund/1"),
    )
    refused = await log.append(elsewhere)
    assert isinstance(refused, NotAppended)
    assert refused.reason == "claim"
    assert await log.claimant("order-2/refund/1") is None
    await log.append(said("it failed", frees=("order-1/refund/1",)))
    assert isinstance(await log.append(elsewhere), Appended)
    assert await log.claimant("order-1/refund/1") == "chat/2"


async def test_work_is_changed_without_an_event_only_by_its_holder(log: Log) -> None:
    put = PutWork(work_id="timer:1", kind="timer", stream=CHAT)
    assert await log.change_work([put])
    (held_by_us,) = await log.claim(["timer"], holder="p1", limit=1, lease_s=60)
    later = PutWork(work_id="timer:1", kind="timer", stream=CHAT, due_us=1, replace=True)
    assert await log.change_work([later], by=held_by_us)
    assert not await log.change_work([DropWork(work_id="timer:1")], by=held_by_us)
    (again,) = await log.claim(["timer"], holder="p2", limit=1, lease_s=60)
    assert again.attempt > held_by_us.attempt
    assert await log.change_work([DropWork(work_id="timer:1")], by=again)
    assert await log.work_streams("timer") == []


async def test_an_epoch_never_falls(log: Log) -> None:
    await log.append(held(2, "ann"))
    refused = await log.append(held(1, "ai"))
    assert isinstance(refused, NotAppended)
    assert refused.reason == "epoch"
    both = Append(stream=CHAT, events=(*held(4, "ai").events, *held(3, "ann").events))
    assert isinstance(await log.append(both), NotAppended)
    assert isinstance(await log.append(held(2, "bob")), Appended)
    assert (await log.head(CHAT)).epoch == 2


async def test_steps_that_are_journaled_together_are_each_judged_alone(log: Log) -> None:
    puts = tuple(PutWork(work_id=f"turn:{n}", kind="turn", stream=CHAT) for n in range(3))
    await log.append(said("hi", work=puts))
    old = {w.work_id: w for w in await log.claim(["turn"], holder="p", limit=9, lease_s=-1)}
    (again,) = await log.claim(["turn"], holder="q", limit=1, lease_s=60)
    results = await asyncio.gather(
        *(log.journal_put(work, "reply", b"old") for work in old.values()),
        log.journal_put(again, "reply", b"new"),
        log.journal_put(again, "reply", b"newer"),
    )
    assert results == [work_id != again.work_id for work_id in old] + [True, True]
    assert await log.journal_get(again.work_id) == {"reply": b"new"}
    assert await log.journal_get("turn:9") == {}


async def test_work_of_one_batch_is_put_and_dropped_in_its_order(log: Log) -> None:
    puts = [PutWork(work_id=f"timer:{n}", kind="timer", stream=CHAT) for n in range(3)]
    later = msgspec.structs.replace(puts[1], due_us=7, body={"n": 2}, replace=True)
    changes = [*((put,) for put in puts), (DropWork(work_id="timer:0"),), (later,)]
    await log.append_many([said(str(n), work=work) for n, work in enumerate(changes)])
    claimed = await log.claim(["timer"], holder="a", limit=9, lease_s=10)
    found = sorted((work.work_id, work.due_us, work.body) for work in claimed)
    assert found == [("timer:1", 7, {"n": 2}), ("timer:2", 0, {})]


async def test_work_of_the_same_batch_can_be_fenced(log: Log) -> None:
    put = PutWork(work_id="effect:1", kind="effect", stream=CHAT)
    fence = Fence(epoch=0, work_id="effect:1", attempt=0)
    done = await log.append_many([said("Hi.", work=(put,)), answered(fence)])
    assert [type(outcome) for outcome in done] == [Appended, Appended]


async def test_a_claim_counts_until_the_work_is_given_back(log: Log) -> None:
    put = PutWork(work_id="turn:1", kind="turn", stream=CHAT)
    await log.append(said("hi", work=(put,)))
    (first,) = await log.claim(["turn"], holder="died", limit=1, lease_s=0)
    (second,) = await log.claim(["turn"], holder="lives", limit=1, lease_s=60)
    assert (first.unended, second.unended, second.poisonous) == (1, 2, False)
    await log.release(first)
    await log.release(second)
    (third,) = await log.claim(["turn"], holder="died", limit=1, lease_s=0)
    assert (third.attempt, third.unended) == (3, 2)
    (fourth,) = await log.claim(["turn"], holder="late", limit=1, lease_s=60)
    assert (fourth.unended, fourth.poisonous) == (3, True)
