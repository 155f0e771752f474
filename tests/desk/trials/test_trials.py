"""The desk follows a trial: whose arm, from which day, and the machine that may end it."""

from __future__ import annotations

import asyncio
import datetime as dt

import msgspec

from stepin.core.chat import Chat, ChatOrigin, Ownership
from stepin.core.events import Event
from stepin.core.events.chat import ChatClosed, ChatOpened, EligibilityAssessed, OwnerSet
from stepin.core.events.floor import (
    PolicyChanged,
    SwitchThrown,
    TrialLocked,
    TrialRegistered,
    TrialStopped,
    WorkerAssigned,
)
from stepin.core.policy import Policy
from stepin.core.record import NewEvent, Recorded
from stepin.desk.state.policies import Policies
from stepin.desk.trials.harm_monitor import LOOKED, POOL, first_look, looked
from stepin.log.protocol import Append
from stepin.trial.arm import arm_of
from stepin.trial.assignment import assign
from stepin.trial.design import design
from stepin.trial.plan import Arm, Dates, Harm, Plan
from stepin.trial.policies import policies_of
from stepin.trial.pool import Pool
from stepin.trial.reading import canonical
from stepin.trial.state import fold, lock, record
from tests.desk.brains import Scripted, silent
from tests.desk.conftest import Room

DAY_US = 86_400_000_000
START = dt.date(2026, 9, 21)
START_US = (START - dt.date(1970, 1, 1)).days * DAY_US
UNIFORM = "[assignment]\nrule = 'uniform'\ncap = 5\n"
FILES = {
    "people.toml": f"name = 'people'\n[ai]\nenabled = false\n{UNIFORM}".encode(),
    "ai.toml": f"name = 'ai'\n[ai]\nenabled = true\n{UNIFORM}".encode(),
}
PLAN = Plan(
    name="pilot",
    seed=7,
    control="people",
    arms=(
        Arm(name="people", policy="people.toml", share=0.5),
        Arm(name="ai", policy="ai.toml", share=0.5),
    ),
    dates=Dates(
        pre_from=START - dt.timedelta(days=9),
        treatment_from=START,
        treatment_until=START + dt.timedelta(days=9),
    ),
    outcomes=(),
    harm=Harm(outcomes=("abandoned",), first_after_days=1),
)
WORKERS = [f"w{i:02d}" for i in range(20)]


def followed(plan: Plan, *more: Event, at_us: int = START_US) -> Policies:
    """Return the policies of a desk that has seen a trial registered, drawn and locked."""
    policies = Policies(Policy(name="default"))
    drawn = [
        WorkerAssigned(trial_id="pilot", unit_id="t", arm="ai"),
        WorkerAssigned(trial_id="pilot", unit_id="c", arm="people"),
    ]
    events: list[Event] = [
        TrialRegistered(trial_id="pilot", plan=canonical(plan), plan_hash="h"),
        *policies_of(plan, FILES),
        *(drawn if plan.unit == "worker" else []),
        TrialLocked(trial_id="pilot", assignment_hash="h"),
        *more,
    ]
    for n, event in enumerate(events, start=1):
        policies.see(
            Recorded(
                position=n, stream="trial/pilot", seq=n, at_us=at_us, epoch=0, basis_seq=0,
                event=event,
            )
        )  # fmt: skip
    return policies


def chat_of(day: float, *, owner: str | None = None, **more: str | None) -> Chat:
    return Chat(
        chat_id=more.get("chat_id") or "x",
        origin=ChatOrigin(
            opened_us=START_US + int(day * DAY_US),
            customer_id=more.get("customer") or "k",
            trial_id=more.get("trial", "pilot"),
        ),
        ownership=Ownership(first_owner=owner),
    )


def test_customers_and_chats_are_drawn_alone() -> None:
    customers = msgspec.structs.replace(PLAN, unit="customer")
    policies, names = followed(customers), set()
    for n in range(20):
        drawn = policies.of(chat_of(2, owner="t", customer=f"k{n}")).name
        assert drawn == policies.of(chat_of(3, owner="c", customer=f"k{n}", chat_id="y")).name
        assert drawn == arm_of(customers, f"k{n}")
        names.add(drawn)
    assert names == {"people", "ai"}
    assert policies.mates("t") is None
    assert policies.may_supervise("c", now_us=START_US)
    chats = msgspec.structs.replace(PLAN, unit="chat")
    policies = followed(chats)
    for n in range(20):
        assert policies.of(chat_of(2, chat_id=f"x{n}")).name == arm_of(chats, f"x{n}")


def test_a_stop_for_harm_puts_new_chats_under_the_control_arms_policy() -> None:
    stop = TrialStopped(trial_id="pilot", reason="harm")
    policies = followed(PLAN, stop, at_us=START_US + 2 * DAY_US)
    assert policies.trial_id is None
    assert policies.of(chat_of(1, owner="t")).name == "ai"
    assert policies.of(chat_of(2.1, owner="t")).name == "people"
    assert policies.of(chat_of(2.1, owner="stranger", trial=None)).name == "people"
    back = SwitchThrown(switch="ai", stopped=False)
    policies = followed(PLAN, stop, back, at_us=START_US + 2 * DAY_US)
    assert policies.of(chat_of(2.1, owner="t", trial=None)).name == "default"
    ended = followed(PLAN, TrialStopped(trial_id="pilot", reason="asked"), at_us=START_US)
    assert ended.of(chat_of(2.1, owner="t", trial=None)).name == "default"


def test_a_chat_opened_outside_of_the_trial_has_the_default_policy() -> None:
    other = PolicyChanged(name="spring/ai.toml", policy_version="", text="name = 'spring'")
    policies = followed(PLAN, other)
    assert policies.of(chat_of(1, owner="t")).name == "ai"
    assert policies.of(chat_of(1), owner="t").name == "ai"
    may = [policies.may_supervise(w, now_us=START_US + DAY_US) for w in ("t", "c", "stranger")]
    assert may == [True, False, True]
    assert policies.of(chat_of(1, owner="t", trial=None)).name == "default"
    assert policies.of(chat_of(1, owner="stranger")).name == "default"


async def _trial(room: Room) -> set[str]:
    """Register, draw and lock the trial; return the treated workers."""
    pool = Pool.of(WORKERS, {})
    rows = assign(design(PLAN, pool))
    events: list[Event] = [
        TrialRegistered(trial_id="pilot", plan=canonical(PLAN), plan_hash="h"),
        *policies_of(PLAN, FILES),
        *record(PLAN, rows),
    ]
    drawn = fold((event, "", 0) for event in events)
    await room.log.record_put(POOL, "pilot", ("worker_id\n" + "\n".join(WORKERS)).encode())
    await room.log.record_add("trial", "pilot", b"{}")
    new = tuple(NewEvent(event=e) for e in (*events, lock(drawn)))
    await room.log.append(Append(stream="trial/pilot", events=new, work=(first_look(drawn),)))
    return {row.unit for row in rows if row.arm == "ai"}


async def _day(room: Room, leaving: set[str]) -> None:
    """Write twelve chats a worker; customers of the workers named leave most of theirs."""
    items = []
    for worker in WORKERS:
        for n in range(12):
            left = n < (9 if worker in leaving else 1)
            happened = (
                ChatOpened(customer_id=f"k{worker}{n}", asserted=True),
                EligibilityAssessed(
                    eligible=True, score=1, threshold=0, reason="", classifier_version="1"
                ),
                OwnerSet(owner=worker),
                ChatClosed(reason="abandoned" if left else "resolved"),
            )
            new = tuple(NewEvent(event=e) for e in happened)
            items.append(Append(stream=f"chat/{worker}-{n}-{room.clock.now_us}", events=new))
    await room.log.append_many(items)


async def _told(room: Room) -> str:
    async with asyncio.timeout(20):
        while True:
            found = await looked(room.log, "pilot")
            if found is not None:
                await room.log.record_delete(LOOKED, "pilot")
                return found.said
            await asyncio.sleep(0)


async def test_the_desk_looks_after_each_day_and_ends_the_ai_on_new_chats(
    timed_room: Room,
) -> None:
    room = timed_room
    room.clock.now_us = START_US + DAY_US // 2
    treated = await _trial(room)
    await room.add(brains={"builtin": Scripted(silent)})
    await _day(room, set())
    room.clock.wait(86_400)
    assert await _told(room) == "go"
    await _day(room, treated)
    room.clock.now_us = START_US + 2 * DAY_US - 5_000_000
    held = min(treated)
    await room.sign_on(held)
    before = await room.open("Where is it?", customer="early")
    await room.until(before, lambda c: c.ai_holds)
    room.clock.wait(6)
    assert await _told(room) == "stop"
    trial = [e.event for e in await room.log.read("trial/pilot")]
    assert trial[-1] == TrialStopped(trial_id="pilot", reason="harm")
    after = await room.open("And mine?", customer="late")
    chat = await room.until(after, lambda c: c.owner is not None)
    assert chat.held_by(held)
    assert (await room.desk.chat(before)).ai_holds
    assert "trial/pilot" not in await room.log.work_streams("timer")


async def test_a_look_that_cannot_be_done_is_told_and_tried_again(timed_room: Room) -> None:
    room = timed_room
    room.clock.now_us = START_US + DAY_US // 2
    treated = await _trial(room)
    pool = await room.log.record_get(POOL, "pilot")
    assert pool is not None
    await room.log.record_delete(POOL, "pilot")
    await room.add(brains={"builtin": Scripted(silent)})
    await _day(room, treated)
    room.clock.wait(86_400)
    assert await _told(room) == ""
    await room.log.record_put(POOL, "pilot", pool)
    room.clock.wait(3_700)
    assert await _told(room) == "stop"
