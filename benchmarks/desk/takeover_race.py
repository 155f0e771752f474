"""Takeovers against everything that the AI can have in flight: nothing of it lands afterwards.

Each race opens a chat, lets the AI work (a talking turn, a refund, a refund that is being approved,
a hand-back followed by another takeover) and takes the chat over at a random moment. Afterwards
the log is read and every write of the AI that stands behind a takeover is counted, and so is every
payment in the shop's own ledger that no effect started before the takeover explains. Cancelling of
turns is switched off, so that the fence alone decides.

The same races with the fence taken out of every append must show violations within 200.

Then races with cancelling on and the AI's turns in another process: what the AI had written when it
was cut off must have been kept for the worker (see `_drafts`).
"""

from __future__ import annotations

import asyncio
import os
import random
import secrets
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.desk import _drafts
from benchmarks.harness import finish, line, options
from stepin.agent.brain import Fenced, Hands, TurnContext
from stepin.agent.tools.tool import Caller, CallPlan, Reconciled, Tool
from stepin.core.chat import Chat, apply, stream_of
from stepin.core.command import Actor, ApproveAction, HandBack, OpenChat, TakeOver
from stepin.core.events.action import ActionExpired, ActionStarted
from stepin.core.events.floor import WorkerSignedOn
from stepin.core.policy import ApprovalPolicy, AssignmentPolicy, Policy
from stepin.desk.desk import Desk
from stepin.desk.jobs.engine import Pace
from stepin.desk.parts import Parts
from stepin.desk.state.identity import CustomerIdentity
from stepin.errors import StepinError
from stepin.log.open import open_log
from stepin.log.protocol import Append, Log, Outcome

KINDS = ("talk", "refund", "approval", "hand_back")
POLICY = Policy(
    assignment=AssignmentPolicy(rule="uniform", cap=100_000),
    approvals=ApprovalPolicy(ai_money_limit=10.0),
)
ANN = Actor(kind="worker", id="ann", role="lead")


@dataclass(slots=True)
class Tally:
    """What the races led to."""

    races: int = 0
    fenced: int = 0
    violations: int = 0
    first_violation: int = 0
    said: int = 0
    effects: int = 0
    fenced_chats: set[str] = field(default_factory=set)


class Unfenced:
    """A log without the check: every append goes in as if nobody had taken over."""

    def __init__(self, log: Log) -> None:
        self._log = log

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)

    async def append(self, item: Append) -> Outcome:
        """Append without the fence."""
        return await self._log.append(msgspec.structs.replace(item, fence=None))


class Till:
    """The shop outside: it pays whatever it is asked to, and keeps its own book."""

    def __init__(self) -> None:
        self.paid: dict[str, str] = {}

    def get(self, name: str) -> Tool | None:
        """Return the one tool."""
        return self.all()[0] if name == "refund" else None

    def all(self) -> tuple[Tool, ...]:
        """Return the one tool."""
        return (
            Tool(
                name="refund",
                version="1",
                doc="",
                parameters={},
                risk="money",
                customer_scoped=True,
                plan=self._plan,
                call=self._call,
                reconcile=self._reconcile,
                asks_first=False,
            ),
        )

    async def _plan(self, caller: Caller, arguments: Mapping[str, Any]) -> CallPlan:
        return CallPlan(
            arguments=dict(arguments), amount=arguments["amount"], intent=f"r:{arguments['order']}"
        )

    async def _call(self, caller: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        await asyncio.sleep(0.002)
        self.paid[caller.key] = str(arguments["order"])
        return {}

    async def _reconcile(self, caller: Caller) -> tuple[Reconciled, dict[str, Any]]:
        return ("succeeded" if caller.key in self.paid else "failed"), {}


class Racer:
    """A brain that keeps its hands busy in the way that the chat's first line names."""

    version = "racer-1"

    def __init__(self, tally: Tally, rng: random.Random) -> None:
        self._tally, self._rng = tally, rng

    async def turn(self, context: TurnContext, hands: Hands) -> None:
        """Act and talk until the hands are tied."""
        kind, order = context.lines[0].text.split()
        try:
            if kind in ("refund", "approval") and not context.chat.actions:
                amount = 5 if kind == "refund" else 50
                await hands.call("refund", {"order": order, "amount": amount})
            for n in range(6):
                await asyncio.sleep(self._rng.random() * 0.01)
                await hands.say(f"sentence {n}")
        except Fenced:
            self._tally.fenced_chats.add(context.chat.chat_id)
            raise


async def race(desks: list[Desk], number: int, rng: random.Random) -> str:
    """Run one race and return its chat."""
    kind = KINDS[number % len(KINDS)]
    desk, other = rng.choice(desks), rng.choice(desks)
    customer = Actor(kind="customer", id=f"k{number}")
    identity = CustomerIdentity(customer_id=customer.id, asserted=True)
    opened = await desk.open_chat(customer, OpenChat(text=f"{kind} o{number}"), identity)
    chat_id = opened.chat_id
    await desk.services.follower.until(chat_id, lambda c: c.owner is not None)
    if kind == "approval":
        await desk.services.follower.until(chat_id, lambda c: bool(c.actions))
    await asyncio.sleep(rng.random() * 0.03)
    if kind == "approval":
        chat = await desk.chat(chat_id)
        (action,) = chat.actions.values()
        approve = ApproveAction(
            chat_id=chat_id,
            action_id=action.action_id,
            digest=action.digest,
            seen_seq=chat.written_since(action),
        )
        await asyncio.gather(
            other.submit(ANN, approve), take(desk, chat_id), return_exceptions=True
        )
    else:
        await take(other, chat_id)
    if kind == "hand_back":
        await desk.submit(ANN, HandBack(chat_id=chat_id, note="go on"))
        await asyncio.sleep(rng.random() * 0.02)
        await take(other, chat_id)
    return chat_id


async def take(desk: Desk, chat_id: str) -> None:
    """Take a chat over; that somebody holds it already is no failure of the race."""
    try:
        await desk.submit(ANN, TakeOver(chat_id=chat_id))
    except StepinError as error:
        if error.code != "already_holder":
            raise


async def judge(log: Log, chat_id: str, till: Till, tally: Tally, number: int) -> None:
    """Count what stands in the log behind a takeover."""
    chat = Chat(chat_id=chat_id)
    before = tally.violations
    started: set[str] = set()
    for recorded in await log.read(stream_of(chat_id)):
        ours = not chat.ai_holds and chat.episode != "new"
        if recorded.actor.startswith("ai:"):
            tally.said += 1
            tally.violations += ours
        if isinstance(recorded.event, ActionStarted):
            tally.effects += 1
            started.add(recorded.event.effect_key)
            tally.violations += ours and chat.actions[recorded.event.action_id].by_ai
        if isinstance(recorded.event, ActionExpired):
            tally.fenced_chats.add(chat_id)
        chat = apply(chat, recorded)
    tally.violations += sum(
        order == f"o{number}" and key not in started for key, order in till.paid.items()
    )
    if tally.violations > before and not tally.first_violation:
        tally.first_violation = number + 1


async def run(url: str, races: int, *, at_once: int, fenced: bool, seed: int) -> Tally:
    """Run the races on one log with two desks and judge them all."""
    tally, till, rng = Tally(), Till(), random.Random(seed)
    logs = [await open_log(url) for _ in range(2)]
    brain = Racer(tally, rng)
    desks = []
    for log in logs:
        desk = Desk(
            log if fenced else Unfenced(log),
            POLICY,
            Parts(brains={"builtin": brain}, tools=till, watches=()),
            pace=Pace(turns=256, effects=64),
        )
        await desk.start()
        desk.engine.turns.cancel = lambda *a, **k: None  # type: ignore[method-assign]
        desks.append(desk)
    shift = WorkerSignedOn(worker_id="ann", capacity=10**6, supervised_capacity=10**6, role="lead")
    await desks[0].sign_on(shift)
    numbers = iter(range(races))
    chats: dict[int, str] = {}

    async def lane() -> None:
        for number in numbers:
            chats[number] = await race(desks, number, rng)
            if number % 20 == 0:
                await desks[0].seen("ann")

    await asyncio.gather(*(lane() for _ in range(at_once)))
    for _ in range(200):
        if not any(desk.engine.turns.busy + desk.engine.effects.busy for desk in desks):
            break
        await asyncio.sleep(0.05)
    for number, chat_id in sorted(chats.items()):
        await judge(logs[0], chat_id, till, tally, number)
    for desk in desks:
        await desk.stop()
    for log in logs:
        await log.close()
    tally.races, tally.fenced = len(chats), len(tally.fenced_chats)
    return tally


def measure(store: str, url: str, bare_url: str, races: int) -> None:
    """Race with and without the fence and print the claims of one store."""
    began = time.perf_counter()
    tally = asyncio.run(run(url, races, at_once=48, fenced=True, seed=1))
    took = time.perf_counter() - began
    share = tally.fenced / tally.races
    print(
        f"{store}: {tally.races} races in {took:.0f} s, {tally.said} writes of the AI, "
        f"{tally.effects} effects, {tally.fenced} races fenced ({share:.0%}), "
        f"{tally.violations} accepted after a takeover"
    )
    bare = asyncio.run(run(bare_url, 200, at_once=48, fenced=False, seed=2))
    print(
        f"{store}: without the check {bare.violations} accepted after a takeover in {bare.races} "
        f"races, the first in race {bare.first_violation}"
    )
    line(
        f"takeover race, {store}: AI writes or effects accepted after the takeover",
        ours=tally.violations,
        reference=bare.violations,
        ratio=tally.violations / max(1, bare.violations),
        goal=f"0 in {races} races; without the check > 0 in 200",
        holds=tally.violations == 0 and bare.violations > 0 and tally.races == races,
    )
    line(
        f"takeover race, {store}: races that ended fenced",
        ours=tally.fenced,
        reference=tally.races,
        ratio=share,
        goal=">= 0.2",
        holds=share >= 0.2,
    )


def measure_drafts(store: str, url: str, races: int, folder: Path) -> None:
    """Race with a second process and print what share of the drafts was kept."""
    cuts = folder / f"{store}.cuts"
    kept = asyncio.run(_drafts.run(url, races, at_once=12, cuts=cuts, seed=3))
    share = kept.kept / max(1, kept.cut)
    print(
        f"{store}: {kept.races} takeovers, {kept.cut} cut a turn that had written something, "
        f"{kept.kept} drafts kept ({share:.1%}), {kept.accepted} writes of the AI accepted after"
    )
    line(
        f"takeover race, {store}, two processes: drafts kept of turns that were cut while writing",
        ours=kept.kept,
        reference=kept.cut,
        ratio=share,
        goal=">= 0.95, and 0 accepted after the takeover",
        holds=share >= 0.95 and kept.accepted == 0 and kept.cut >= races // 4,
    )


def main() -> None:
    chosen = options(__doc__)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url, bare, drafts = (f"sqlite:///{folder / name}.sqlite" for name in "abc")
        races = chosen.pick(2_000, 200)
        measure("SQLite", url, bare, races)
        measure_drafts("SQLite", drafts, races, folder)
    dsn = os.environ.get("STEPIN_TEST_POSTGRES")
    if dsn is None:
        print("PostgreSQL left out: STEPIN_TEST_POSTGRES is not set", file=sys.stderr)
    else:
        with_schema = [f"{dsn}?schema=stepin_test_{secrets.token_hex(4)}" for _ in range(3)]
        races = chosen.pick(500, 100)
        measure("PostgreSQL", *with_schema[:2], races)
        with tempfile.TemporaryDirectory() as name:
            measure_drafts("PostgreSQL", with_schema[2], races, Path(name))
        asyncio.run(drop(dsn, with_schema))
    finish()


async def drop(dsn: str, urls: list[str]) -> None:
    """Drop the schemas that the races used."""
    import asyncpg

    conn = await asyncpg.connect(dsn)
    for url in urls:
        await conn.execute(f"DROP SCHEMA IF EXISTS {url.rpartition('=')[2]} CASCADE")
    await conn.close()


if __name__ == "__main__":
    main()
