"""One fold for a whole process: whoever follows the log gets each chat as it was at each event."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Sequence

import pytest

from stepin.core.chat import chat_id_of, fold
from stepin.core.decide.decision import Decision
from stepin.core.events import Event
from stepin.core.events.chat import (
    ChatClosed,
    ChatOpened,
    LabelsChanged,
    MessagePosted,
    RatingGiven,
)
from stepin.core.policy import Policy
from stepin.core.private import REDACTED
from stepin.core.record import NewEvent, Recorded
from stepin.desk.commands.writer import ChatWriter
from stepin.desk.state.floor import Floor
from stepin.desk.state.follower import Follower
from stepin.desk.state.policies import Policies
from stepin.desk.state.projection import KEPT_STEPS, LogStep, Projection
from stepin.log.open import open_log
from stepin.log.protocol import Append, Log
from tests.desk.feeds.lagging import Lagging
from tests.desk.interrupted import SlowToRead

OPENED = ChatOpened(customer_id="k", asserted=True, customer_name="Dora")


class Process:
    """Writes to a log, and hears of it when the test lets it."""

    def __init__(self, log: Log) -> None:
        self.log, self.lag = log, Lagging(log)
        self.projection, self.floor = Projection(log), Floor()
        self.writer = ChatWriter(log, self.projection)
        self.steps: list[LogStep] = []
        self.follower = Follower(
            self.lag,  # type: ignore[arg-type]
            self.floor,
            self.projection,
            Policies(Policy()),
        )
        self.follower.listen(self.steps.extend)

    async def write(self, chat_id: str, *events: Event) -> Recorded:
        new = tuple(NewEvent(event=event) for event in events)
        written = await self.writer.write(chat_id, lambda chat, now_us: Decision(events=new))
        return written.events[-1]

    async def hear(self, position: int | None = None) -> None:
        position = await self.log.position() if position is None else position
        self.lag.reach(position)
        await self.follower.reach(position)


@pytest.fixture
async def log(desk_url: str) -> AsyncIterator[Log]:
    log = await open_log(desk_url)
    yield log
    await log.close()


@pytest.fixture
async def process(log: Log) -> AsyncIterator[Process]:
    made = Process(log)
    await made.follower.start()
    yield made
    await made.follower.stop()


def said(text: str) -> MessagePosted:
    return MessagePosted(author="customer", text=text)


def are_exact(steps: Sequence[LogStep], events: Sequence[Recorded]) -> None:
    """Check that every event of a chat came, with the chat as a fresh fold has it."""
    heard = [s for s in steps if chat_id_of(s.recorded.stream) is not None]
    assert [s.recorded for s in heard] == [e for e in events if chat_id_of(e.stream) is not None]
    for step in heard:
        stream, seq = step.recorded.stream, step.recorded.seq
        past = [e for e in events if e.stream == stream and e.seq <= seq]
        chat_id = chat_id_of(stream) or ""
        assert step.before == fold(chat_id, past[:-1])
        assert step.after == fold(chat_id, past)


async def test_what_a_process_has_written_is_not_folded_again_when_it_hears_of_it(
    process: Process,
) -> None:
    await process.write("c1", OPENED, said("hello"))
    await process.write("c1", said("anyone?"))
    written = await process.projection.get("c1")
    assert (written.seq, process.projection.ahead) == (3, 3)
    await process.hear()
    first, second, third = process.steps
    assert third.after is written
    assert third.before is second.after
    assert second.before is first.after
    assert process.floor.chats["c1"] is written
    assert process.projection.ahead == 0


async def test_what_a_process_hears_is_not_folded_again_when_it_reads(
    log: Log, process: Process
) -> None:
    other = Process(log)
    await other.write("c1", OPENED)
    await other.write("c1", said("hello"))
    await process.hear()
    chat = process.floor.chats["c1"]
    assert chat.seq == 2
    assert await process.projection.get("c1") is chat
    assert await process.projection.fresh("c1") is chat


@pytest.mark.parametrize("seed", range(8))
async def test_every_step_is_that_of_a_fresh_fold_whoever_writes_and_however_late_one_hears(
    log: Log, seed: int
) -> None:
    draw = random.Random(seed)
    both = Process(log), Process(log)
    for one in both:
        await one.follower.start()
    chats = [f"c{n}" for n in range(4)]
    for chat_id in chats:
        await draw.choice(both).write(chat_id, OPENED)
    for n in range(60):
        one, chat_id = draw.choice(both), draw.choice(chats)
        match draw.randrange(5):
            case 0:
                await one.hear(draw.randint(one.follower.position, await log.position()))
            case 1:
                assert await one.projection.fresh(chat_id) == fold(
                    chat_id, await log.read(f"chat/{chat_id}")
                )
            case 2:
                await one.write(chat_id, said(f"m{n}"), LabelsChanged(added=(f"l{n}",)))
            case _:
                new = NewEvent(event=said(f"m{n}"))
                await log.append(Append(stream=f"chat/{chat_id}", events=(new,)))
    await both[0].write("c0", ChatClosed(reason="resolved", closed_by="system"))
    events = await log.read_all(limit=1_000)
    for one in both:
        await one.hear()
        are_exact(one.steps, events)
        assert one.projection.ahead == 0
        now = {c: fold(c, [e for e in events if e.stream == f"chat/{c}"]) for c in chats}
        assert {c: await one.projection.get(c) for c in chats} == now
        assert one.floor.chats == {c: chat for c, chat in now.items() if chat.episode != "closed"}
        await one.follower.stop()


async def test_a_rating_after_the_end_finds_the_chat(process: Process) -> None:
    await process.write("c1", OPENED)
    await process.write("c1", ChatClosed(reason="resolved", closed_by="system"))
    await process.hear()
    assert "c1" not in process.floor.chats
    await process.write("c1", RatingGiven(rating=4))
    await process.hear()
    assert process.steps[-1].after is await process.projection.get("c1")
    assert (await process.projection.get("c1")).rating == 4


async def test_a_redaction_reaches_what_was_folded_also_where_the_process_is_ahead(
    log: Log, process: Process
) -> None:
    await process.write("c1", OPENED)
    await log.redact("chat/c1", 1, reason="asked", actor="worker:lea")
    last = await process.write("c1", said("hello"))
    assert (await process.projection.get("c1")).origin.customer_name == "Dora"
    await process.hear()
    assert last.seq == 3
    kept = [await process.projection.get("c1"), process.floor.chats["c1"]]
    kept += [chat for step in process.steps[1:] for chat in (step.before, step.after) if chat]
    assert len(kept) == 6
    assert {chat.origin.customer_name for chat in kept} == {REDACTED}
    assert kept[0] is kept[1]


async def test_a_redaction_that_comes_while_the_chat_is_read_reaches_it(log: Log) -> None:
    slow = SlowToRead(log)
    process = Process(slow)  # type: ignore[arg-type]
    await process.follower.start()
    await process.write("c1", OPENED)
    redacted = await log.redact("chat/c1", 1, reason="asked", actor="worker:lea")
    await process.write("c1", said("hello"))
    held = slow.held = asyncio.Event()
    reading = asyncio.create_task(process.projection.fresh("c1"))
    await slow.reached.wait()
    slow.held = None
    await process.hear(redacted.position)
    held.set()
    chat = await reading
    assert (chat.seq, chat.origin.customer_name) == (3, REDACTED)
    assert await process.projection.get("c1") is chat
    await process.follower.stop()


async def test_a_listener_that_fails_keeps_nobody_else_from_hearing(
    log: Log, process: Process
) -> None:
    def fails(steps: Sequence[LogStep]) -> None:
        raise ValueError("a fault of this listener")

    heard: list[int] = []
    process.follower.listen(fails)
    process.follower.listen(lambda steps: heard.extend(s.recorded.position for s in steps))
    for text in ("one", "two"):
        last = await process.write("c1", OPENED if text == "one" else said(text))
        await process.hear()
    assert heard == [last.position - 1, last.position]
    assert process.follower.running


async def test_a_chat_that_is_not_known_comes_without_its_state(log: Log) -> None:
    await Process(log).write("c1", OPENED)
    late = Process(log)
    await late.follower.start()
    await Process(log).write("c1", said("hello"))
    await late.hear()
    (step,) = late.steps
    assert (step.recorded.seq, step.before, step.after) == (2, None, None)
    assert not late.floor.chats
    await late.follower.stop()


async def test_memory_is_bounded_where_nobody_follows_or_the_follower_is_late(
    log: Log, process: Process
) -> None:
    alone = Process(log)
    await alone.write("c1", OPENED, said("hello"))
    assert alone.projection.ahead == 0
    many = tuple(said(f"m{n}") for n in range(KEPT_STEPS))
    await process.write("c2", OPENED)
    await process.write("c2", *many)
    assert process.projection.ahead == KEPT_STEPS
    await process.hear()
    assert process.projection.ahead == 0
    assert process.floor.chats["c2"] == await process.projection.get("c2")
    assert process.floor.chats["c2"].seq == KEPT_STEPS + 1
