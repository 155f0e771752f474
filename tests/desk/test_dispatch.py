"""Who gets a chat: capacity is never exceeded, freed capacity drains, nobody is left stranded."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence

import pytest

from stepin.core.command import Actor, CloseChat, EndWrapUp, Reply, TakeOver, Transfer
from stepin.core.events.chat import HolderChanged, MessagePosted, OwnerSet
from stepin.core.events.floor import (
    PolicyChanged,
    TrialLocked,
    TrialRegistered,
    WorkerAssigned,
)
from stepin.core.policy import AiPolicy, AssignmentPolicy, Policy
from stepin.core.record import NewEvent, Recorded
from stepin.desk.state.floor import Floor
from stepin.desk.state.policies import Policies
from stepin.desk.state.projection import Projection
from stepin.log.protocol import Append, Log
from stepin.trial.reading import canonical
from tests.desk.brains import Scripted, silent
from tests.desk.conftest import ANN, BOB, Room
from tests.desk.interrupted import Interrupted
from tests.desk.running_trials import plan_of

BY_HAND = Policy(ai=AiPolicy(enabled=False))
SILENT = {"builtin": Scripted(silent)}


async def test_capacity_is_never_exceeded_and_freed_capacity_drains_the_queue(
    bare_room: Room,
) -> None:
    room = bare_room
    await room.add(policy=BY_HAND)
    await room.add(policy=BY_HAND)
    await room.sign_on("ann", "bob", capacity=2)
    opened = await asyncio.gather(*(room.open("Help", customer=f"k{n}") for n in range(7)))
    for chat_id in opened:
        await room.until(chat_id, lambda c: c.owner is not None or c.notice == "waiting")
    held = Counter(c.holder.id for c in room.desk.floor().chats.values())
    assert held == {"ann": 2, "bob": 2, "": 3}
    mine = next(c for c in room.desk.floor().chats.values() if c.held_by("ann"))
    waits = room.desk.floor().queue[0]
    await room.desk.submit(ANN, CloseChat(chat_id=mine.chat_id))
    await room.desk.submit(ANN, EndWrapUp(chat_id=mine.chat_id, disposition="done"))
    chat = await room.until(waits, lambda c: c.owner is not None)
    assert chat.held_by("ann")
    assert max(room.desk.floor().loads[w].held for w in ("ann", "bob")) == 2


async def test_the_queue_is_first_come_first_served(timed_room: Room) -> None:
    room = timed_room
    await room.add(policy=BY_HAND)
    first = await room.open("First", customer="k1")
    room.clock.wait(5)
    second = await room.open("Second", customer="k2")
    await room.until(second, lambda c: c.notice == "nobody_here")
    assert room.desk.floor().queue == (first, second)
    await room.sign_on("ann", capacity=1)
    assert (await room.until(first, lambda c: c.owner == "ann")).held_by("ann")
    assert (await room.desk.chat(second)).owner is None


async def test_customers_hear_the_truth_about_the_wait(timed_room: Room) -> None:
    room = timed_room
    closed = Policy(ai=AiPolicy(enabled=False), hours={"mon": ("09:00-09:01",)})
    await room.add(policy=closed)
    night = await room.open("Anybody?", customer="k1")
    assert (await room.until(night, lambda c: bool(c.notice))).notice == "outside_hours"
    await room.sign_on("ann", capacity=1)
    await room.until(night, lambda c: c.held_by("ann"))
    second = await room.open("And me?", customer="k2", language="zh")
    await room.until(second, lambda c: c.notice == "waiting")
    said = [e.event for e in await room.events(second) if isinstance(e.event, MessagePosted)]
    assert "第 1 位" in said[-1].text


async def test_without_an_owner_the_ai_does_not_start(bare_room: Room) -> None:
    room = bare_room
    await room.add()
    chat_id = await room.open("Hello")
    chat = await room.until(chat_id, lambda c: c.notice == "nobody_here")
    assert (chat.holder.kind, chat.ai_messages, chat.turn_id) == ("nobody", 0, None)
    await room.sign_on("ann")
    await room.until(chat_id, lambda c: c.ai_messages == 1)


async def test_a_worker_who_signs_off_strands_nobody(bare_room: Room) -> None:
    room = bare_room
    await room.add(brains=SILENT)
    await room.sign_on("ann")
    with_ai = await room.open("Hello", customer="k1")
    by_hand = await room.open("I need a lawyer", customer="k2")
    await room.until(with_ai, lambda c: c.ai_holds)
    await room.until(by_hand, lambda c: c.held_by("ann"))
    await room.desk.sign_off("ann")
    chat = await room.until(by_hand, lambda c: c.holder.kind == "nobody")
    assert chat.owner is None
    await room.sign_on("bob")
    await room.until(by_hand, lambda c: c.held_by("bob"))
    chat = await room.until(with_ai, lambda c: c.owner == "bob")
    assert chat.ai_holds
    assert chat.first_owner == "ann"
    templates = [
        e.event.template for e in await room.events(by_hand) if isinstance(e.event, MessagePosted)
    ]
    assert "person_left" in templates


async def test_a_console_that_falls_silent_is_signed_off_as_lost(timed_room: Room) -> None:
    room = timed_room
    await room.add(policy=BY_HAND)
    await room.sign_on("ann")
    chat_id = await room.open("Hello")
    await room.until(chat_id, lambda c: c.held_by("ann"))
    await room.sign_on("bob")
    room.clock.wait(59)
    await room.desk.seen("ann")
    room.clock.wait(20)
    async with asyncio.timeout(10):
        while (await room.log.read("worker/bob"))[-1].kind != "WorkerSignedOff":
            await asyncio.sleep(0)
    assert (await room.desk.chat(chat_id)).held_by("ann")
    room.clock.wait(61)
    await room.until(chat_id, lambda c: c.holder.kind == "nobody")
    await room.sign_on("bob")
    await room.until(chat_id, lambda c: c.held_by("bob"))


async def test_a_transfer_reaches_the_worker_or_somebody_of_the_group(bare_room: Room) -> None:
    room = bare_room
    await room.add(policy=BY_HAND)
    await room.sign_on("ann")
    chat_id = await room.open("Hello")
    await room.until(chat_id, lambda c: c.held_by("ann"))
    await room.sign_on("bob", groups=("billing",))
    await room.desk.submit(ANN, Transfer(chat_id=chat_id, to_group="billing", note="an invoice"))
    await room.until(chat_id, lambda c: c.held_by("bob"))
    await room.desk.submit(BOB, Transfer(chat_id=chat_id, to_worker="ann"))
    assert (await room.desk.chat(chat_id)).held_by("ann")


async def test_two_processes_give_a_chat_to_one_worker_once(bare_room: Room) -> None:
    room = bare_room
    for _ in range(3):
        await room.add(policy=BY_HAND)
    await room.sign_on("ann", "bob", capacity=10)
    opened = await asyncio.gather(*(room.open("Help", customer=f"k{n}") for n in range(12)))
    for chat_id in opened:
        await room.until(chat_id, lambda c: c.owner is not None)
        events = await room.events(chat_id)
        assert sum(isinstance(e.event, OwnerSet) for e in events) == 1
        assert sum(isinstance(e.event, HolderChanged) for e in events) == 1


async def on_trial(room: Room, arms: dict[str, str]) -> Policies:
    """Put the AI on trial: the treated arm has it, the control arm has not."""
    rule = AssignmentPolicy(rule="uniform", cap=5)
    policies = Policies(
        Policy(assignment=rule),
        {
            "with": Policy(name="with", assignment=rule),
            "without": Policy(name="without", assignment=rule, ai=AiPolicy(enabled=False)),
        },
    )
    plan = canonical(plan_of({"treated": "with", "control": "without"}, control="control"))
    events = [TrialRegistered(trial_id="t", plan=plan, plan_hash="h")]
    events += [WorkerAssigned(trial_id="t", unit_id=w, arm=a) for w, a in arms.items()]  # type: ignore[misc]
    events += [TrialLocked(trial_id="t", assignment_hash="h")]  # type: ignore[list-item]
    await room.add(policies=policies, brains=SILENT)
    new = tuple(NewEvent(event=e) for e in events)
    await room.log.append(Append(stream="trial/t", events=new))
    await room.desk.services.follower.reach(await room.log.position())
    return policies


async def test_in_a_trial_the_owners_arm_decides_and_reassignments_stay_within_it(
    bare_room: Room,
) -> None:
    room = bare_room
    arms = {"t1": "treated", "t2": "treated", "c1": "control", "c2": "control"}
    await on_trial(room, arms)
    await room.sign_on(*arms)
    chats = [await room.open("Hello", customer=f"k{n}") for n in range(5)]
    for chat_id in chats:
        chat = await room.until(chat_id, lambda c: c.owner is not None)
        assert chat.ai_holds == (arms[chat.owner or ""] == "treated")
        assert chat.trial_id == "t"
        drawn = next(e.event for e in await room.events(chat_id) if isinstance(e.event, OwnerSet))
        assert drawn.rule == "uniform"
    for gone in ("t1", "c1"):
        await room.desk.sign_off(gone)
    for chat_id in chats:
        stays = {"treated": "t2", "control": "c2"}
        chat = await room.until(chat_id, lambda c: c.owner not in (None, "t1", "c1"))
        assert chat.owner == stays[arms[chat.first_owner or ""]]


async def test_no_one_of_the_other_arm_takes_what_is_left_over(bare_room: Room) -> None:
    room = bare_room
    await on_trial(room, {"t1": "treated", "c1": "control"})
    await room.sign_on("c1")
    chat_id = await room.open("Hello")
    await room.until(chat_id, lambda c: c.held_by("c1"))
    await room.desk.sign_off("c1")
    await room.until(chat_id, lambda c: c.holder.kind == "nobody")
    await room.sign_on("t1")
    later = await room.open("Hello", customer="k2")
    assert (await room.until(later, lambda c: c.owner is not None)).owner == "t1"
    assert (await room.desk.chat(chat_id)).owner is None


async def test_a_policy_that_changes_in_the_log_changes_the_desk(bare_room: Room) -> None:
    room = bare_room
    await room.add(brains=SILENT)
    await room.sign_on("ann")
    changed = PolicyChanged(
        name="default", policy_version="", text='name = "default"\n[ai]\nenabled = false\n'
    )
    await room.log.append(Append(stream="desk", events=(NewEvent(event=changed),)))
    await room.desk.services.follower.reach(await room.log.position())
    chat_id = await room.open("Hello")
    chat = await room.until(chat_id, lambda c: c.owner == "ann")
    assert chat.held_by("ann")


async def test_a_policy_that_can_t_be_read_changes_nothing_and_stops_nobody(
    bare_room: Room,
) -> None:
    room = bare_room
    await room.add(policy=Policy(ai=AiPolicy(enabled=False)))
    await room.sign_on("ann")
    broken = PolicyChanged(name="default", policy_version="", text="[ai]\nenabled = perhaps\n")
    await room.log.append(Append(stream="desk", events=(NewEvent(event=broken),)))
    chat_id = await room.open("Hello")
    chat = await room.until(chat_id, lambda c: c.owner == "ann")
    assert chat.held_by("ann")
    assert room.desk.running


async def test_a_desk_goes_on_after_the_log_could_not_be_read(
    bare_room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stepin.desk.state.follower.RETRY_S", 0.0)
    room = bare_room
    await room.add(policy=Policy(ai=AiPolicy(enabled=False)), log=Interrupted(room.log))
    await room.sign_on("ann")
    for n in range(3):
        chat_id = await room.open("Hello", customer=f"k{n}")
        await room.until(chat_id, lambda c: c.held_by("ann"))
    assert room.desk.running


async def test_a_kill_switch_stops_the_ai_at_once_and_a_person_goes_on(bare_room: Room) -> None:
    room = bare_room
    await room.add(brains=SILENT)
    await room.sign_on("ann")
    chat_id = await room.open("Hello")
    before = await room.until(chat_id, lambda c: c.ai_holds)
    await room.desk.kill_switch("ai", True, "it lies", Actor(kind="worker", id="lea", role="lead"))
    assert not (await room.desk.chat(chat_id)).ai_holds
    chat = await room.until(chat_id, lambda c: c.held_by("ann"))
    assert chat.epoch == before.epoch + 2
    other = await room.open("Hello again", customer="k2")
    assert (await room.until(other, lambda c: c.owner is not None)).held_by("ann")


async def test_a_starting_process_knows_the_floor_without_reading_the_whole_log(
    bare_room: Room,
) -> None:
    room = bare_room
    await room.add(brains=SILENT)
    await room.sign_on("ann", "bob")
    chats = [await room.open("Hello", customer=f"k{n}") for n in range(4)]
    for chat_id in chats:
        await room.until(chat_id, lambda c: c.owner is not None and c.turn_id is None)
    await room.desk.submit(Actor(kind="customer", id="k0"), CloseChat(chat_id=chats[0]))
    await room.desk.sign_off("bob")
    for chat_id in chats[1:]:
        await room.until(chat_id, lambda c: c.owner == "ann")
    await room.desk.services.follower.reach(await room.log.position())
    old = room.desk.floor()
    fresh = await room.restart(brains=SILENT)
    new = fresh.floor()
    assert new.signed_on == old.signed_on
    assert new.chats == old.chats
    assert new.loads == old.loads


def follow(log: Log, floor: Floor, events: Sequence[Recorded]) -> None:
    projection = Projection(log)
    for event in events:
        chat = floor.chats.get(event.stream.removeprefix("chat/"))
        floor.apply(projection.step(event, chat))


async def test_a_snapshot_and_the_events_after_it_make_the_fresh_floor(bare_room: Room) -> None:
    room = bare_room
    await room.add(policy=BY_HAND)
    await room.sign_on("ann", "bob", capacity=2)
    chat_id = await room.open("Hello", customer="k1")
    await room.open("Hello", customer="k2")
    owner = (await room.until(chat_id, lambda c: c.owner is not None)).owner or ""
    holder = Actor(kind="worker", id=owner)
    lead = Actor(kind="worker", id="lea", role="lead")
    await room.desk.submit(holder, Reply(chat_id=chat_id, text="Hi"))
    await room.sign_on("lea", role="lead")
    await room.desk.submit(lead, TakeOver(chat_id=chat_id))
    await room.desk.submit(lead, CloseChat(chat_id=chat_id))
    await room.desk.submit(lead, EndWrapUp(chat_id=chat_id))
    events = await room.log.read_all(limit=1000)
    fresh = Floor()
    follow(room.log, fresh, events)
    for cut in range(len(events)):
        start = Floor()
        follow(room.log, start, events[:cut])
        resumed = Floor.of(start.snapshot())
        follow(room.log, resumed, events[cut:])
        assert resumed.snapshot() == fresh.snapshot()


async def test_a_process_that_is_behind_refuses_nothing_wrongly(bare_room: Room) -> None:
    room = bare_room
    first = await room.add(policy=BY_HAND)
    behind = await room.add(policy=BY_HAND)
    await room.sign_on("ann")
    chat_id = await room.open("Hello")
    await room.until(chat_id, lambda c: c.held_by("ann"))
    await behind.services.projection.fresh(chat_id)
    await room.sign_on("lea", role="lead")
    await behind.engine.stop()
    lead = Actor(kind="worker", id="lea", role="lead")
    await first.submit(lead, TakeOver(chat_id=chat_id))
    receipt = await behind.submit(lead, Reply(chat_id=chat_id, text="This is Lea."))
    assert [e.kind for e in receipt.events] == ["MessagePosted"]
    await first.submit(lead, Transfer(chat_id=chat_id, to_worker="ann"))
    await behind.submit(ANN, CloseChat(chat_id=chat_id))
