"""Processes that are killed or stopped at random moments: nothing is lost, doubled or done twice.

Two processes serve a desk on one log. A client (this process) opens chats and writes messages and
keeps its own record of what was acknowledged. In every schedule, while AI turns and refunds are in
flight, one of the processes is killed (SIGKILL) or stopped past its lease (SIGSTOP, later SIGCONT),
or the database server of the PostgreSQL log crashes (an immediate stop) and is started again.
Afterwards the client's record is compared with the log, and the shop's own ledger, a file outside
of the log, is searched for a refund that was paid twice.
"""

from __future__ import annotations

import asyncio
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from tests.postgres import Server, own_server

from benchmarks.harness import finish, line, options
from stepin.agent.brain import Hands, TurnContext
from stepin.agent.tools.tool import Caller, CallPlan, Reconciled, Tool
from stepin.core.chat import Chat, fold, stream_of
from stepin.core.command import Actor, OpenChat, PostMessage
from stepin.core.events.chat import MessagePosted
from stepin.core.events.floor import WorkerSignedOn
from stepin.core.policy import ApprovalPolicy, AssignmentPolicy, Policy, TimePolicy
from stepin.desk.desk import Desk
from stepin.desk.jobs.engine import Pace
from stepin.desk.parts import Parts
from stepin.desk.state.identity import CustomerIdentity
from stepin.errors import Unavailable
from stepin.log.open import open_log
from stepin.log.protocol import Log

T = TypeVar("T")

LEASE_S = 2.0
PATIENCE_S = 60.0
POLICY = Policy(
    assignment=AssignmentPolicy(rule="uniform", cap=100_000),
    approvals=ApprovalPolicy(ai_money_limit=10.0),
    times=TimePolicy(presence_s=86_400.0),
)


class Till:
    """A shop whose ledger is a file: one line for every payment that it really made."""

    def __init__(self, ledger: Path) -> None:
        self._ledger = ledger

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
        return CallPlan(arguments=dict(arguments), amount=5, intent=f"r:{arguments['order']}")

    async def _call(self, caller: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        await asyncio.sleep(0.02)
        with self._ledger.open("a") as file:
            file.write(caller.key + "\n")
            file.flush()
        await asyncio.sleep(0.02)
        return {}

    async def _reconcile(self, caller: Caller) -> tuple[Reconciled, dict[str, Any]]:
        paid = self._ledger.exists() and caller.key in self._ledger.read_text().split()
        return ("succeeded" if paid else "failed"), {}


class Payer:
    """A brain that refunds what the customer names and answers each message once.

    A turn that only tells it of a late outcome is no reason to answer again.
    """

    version = "payer-1"

    async def turn(self, context: TurnContext, hands: Hands) -> None:
        """Refund, think for a while, answer."""
        last = [x.text for x in context.lines if x.speaker == "customer"][-1]
        await hands.call("refund", {"order": last})
        await asyncio.sleep(0.1)
        told_late = any(a.lost for a in context.chat.actions.values())
        if told_late and any(x.text == f"done {last}" for x in context.lines):
            return
        await hands.say(f"done {last}")


async def serve(url: str, ledger: str) -> None:
    """Run one process of the desk until it is killed."""
    desk = Desk(
        await open_log(url),
        POLICY,
        Parts(brains={"builtin": Payer()}, tools=Till(Path(ledger))),
        pace=Pace(lease_s=LEASE_S, look_s=0.2),
    )
    await desk.start()
    await asyncio.Event().wait()


class Fleet:
    """The desk processes, one of which is hurt in each schedule."""

    def __init__(self, url: str, ledger: Path) -> None:
        self._command = [sys.executable, "-m", "benchmarks.desk.chaos", "serve", url, str(ledger)]
        self.running = [self._start() for _ in range(2)]

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self._command, stderr=subprocess.DEVNULL)

    def kill(self, which: int) -> None:
        """Kill a process and start another one in its place."""
        self.running[which].kill()
        self.running[which].wait()
        self.running[which] = self._start()

    async def stop_for(self, which: int, seconds: float) -> None:
        """Let a process sleep past its leases and wake it up again."""
        self.running[which].send_signal(signal.SIGSTOP)
        await asyncio.sleep(seconds)
        self.running[which].send_signal(signal.SIGCONT)

    def end(self) -> None:
        """Kill what is left."""
        for process in self.running:
            process.kill()
            process.wait()


@dataclass(slots=True)
class Record:
    """What the client knows by itself."""

    acked: dict[str, list[str]] = field(default_factory=dict)
    recovered_s: list[float] = field(default_factory=list)
    crashes: int = 0


async def patiently(ask: Callable[[], Awaitable[T]]) -> T:
    """Ask again, as a client with a command id does, until the desk is there."""
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            return await ask()
        except Unavailable:
            if time.monotonic() > until:
                raise
            await asyncio.sleep(0.1)


async def crash(server: Server) -> None:
    """Crash the database server and start it again, in the background of the client's writes."""
    await asyncio.to_thread(server.stop, "immediate")
    await asyncio.to_thread(server.start)


async def schedule(
    desk: Desk,
    fleet: Fleet,
    record: Record,
    number: int,
    rng: random.Random,
    server: Server | None,
) -> None:
    """Open chats, strike in the middle of their turns, wait until all are answered."""
    chats = []
    for n in range(4):
        customer = Actor(kind="customer", id=f"k{number}.{n}")
        text = f"o{number}.{n}.0"
        who = CustomerIdentity(customer_id=customer.id, asserted=True)
        opening = OpenChat(text=text, command_id=text)
        opened = await patiently(partial(desk.open_chat, customer, opening, who))
        record.acked[opened.chat_id] = [text]
        chats.append((opened.chat_id, customer))
    await asyncio.sleep(rng.random() * 0.6)
    which = rng.randrange(2)
    hurt = time.monotonic()
    blow, crashing = rng.random(), None
    if server is not None and blow < 0.3:
        crashing = asyncio.create_task(crash(server))
    elif blow < 0.75:
        fleet.kill(which)
    else:
        await fleet.stop_for(which, LEASE_S + 0.5)
    for n, (chat_id, customer) in enumerate(chats):
        text = f"o{number}.{n}.1"
        command = PostMessage(chat_id=chat_id, text=text, command_id=text)
        for _ in range(1 + rng.randrange(2)):
            await patiently(partial(desk.submit, customer, command))
        record.acked[chat_id].append(text)
    for chat_id, _ in chats:
        while not answered(await patiently(partial(desk.chat, chat_id))):
            await asyncio.sleep(0.1)
            if time.monotonic() - hurt > PATIENCE_S:
                raise SystemExit(f"schedule {number}: {await desk.chat(chat_id)}")
    if crashing is not None:
        await crashing
        record.crashes += 1
    else:
        record.recovered_s.append(time.monotonic() - hurt)


def answered(chat: Chat) -> bool:
    """Return whether nothing of the AI's is pending any more."""
    settled = all(a.settled for a in chat.actions.values())
    return chat.ai_messages > 0 and chat.turn_id is None and settled


async def judge(log: Log, record: Record, ledger: Path) -> Counter[str]:
    """Compare the client's record and the shop's ledger with the log."""
    wrong: Counter[str] = Counter()
    for chat_id, texts in record.acked.items():
        events = await log.read(stream_of(chat_id))
        said = [
            e.event.text
            for e in events
            if isinstance(e.event, MessagePosted) and e.event.author == "customer"
        ]
        wrong["lost"] += len(set(texts) - set(said))
        wrong["doubled"] += len(said) - len(set(said))
        wrong["misordered"] += [t for t in said if t in texts] != texts
        answers = [
            e.event.text
            for e in events
            if isinstance(e.event, MessagePosted) and e.event.author == "ai"
        ]
        wrong["answered twice"] += len(answers) - len(set(answers))
        chat = fold(chat_id, events)
        paid = set(ledger.read_text().split())
        for action in chat.actions.values():
            told = action.state == "succeeded"
            wrong["ledger differs"] += told != (
                action.effect_key in paid and bool(action.effect_key)
            )
    paid_keys = Counter(ledger.read_text().split())
    wrong["paid twice"] = sum(n - 1 for n in paid_keys.values())
    position = 0
    while batch := await log.read_all(after_position=position):
        wrong["skipped"] += [e.position for e in batch] != list(
            range(position + 1, position + 1 + len(batch))
        )
        position = batch[-1].position
    return wrong


async def chaos(
    url: str, schedules: int, ledger: Path, seed: int, server: Server | None
) -> tuple[Counter[str], Record]:
    """Run the schedules on one log and judge them."""
    ledger.touch()
    rng, record = random.Random(seed), Record()
    log = await open_log(url)
    desk = Desk(log, POLICY)
    await desk.sign_on(WorkerSignedOn(worker_id="ann", capacity=9, supervised_capacity=10**6))
    fleet = Fleet(url, ledger)
    try:
        for number in range(schedules):
            await schedule(desk, fleet, record, number, rng, server)
    finally:
        fleet.end()
    wrong = await judge(log, record, ledger)
    await log.close()
    return wrong, record


def measure(
    store: str, url: str, schedules: int, folder: Path, server: Server | None = None
) -> None:
    """Run and print the claims of one store."""
    ledger = folder / f"{store}.ledger"
    wrong, record = asyncio.run(chaos(url, schedules, ledger, 7, server))
    cuts = statistics.quantiles(record.recovered_s, n=20)
    messages = sum(len(texts) for texts in record.acked.values())
    print(
        f"{store}: {schedules} schedules, {messages} acknowledged messages, "
        f"{record.crashes} crashes of the database server: {dict(wrong)}"
    )
    line(
        f"chaos, {store}: lost, doubled, misordered, paid twice, skipped",
        ours=sum(wrong.values()),
        reference=messages,
        ratio=sum(wrong.values()) / messages,
        goal=f"0 in {schedules} schedules",
        holds=sum(wrong.values()) == 0,
    )
    line(
        f"chaos, {store}: from the blow to every turn finished by another process, p95 s",
        ours=cuts[18],
        reference=LEASE_S,
        ratio=cuts[18] / LEASE_S,
        goal=f"<= lease + 3 s = {LEASE_S + 3:g}",
        holds=cuts[18] <= LEASE_S + 3,
    )


def main() -> None:
    """Run both stores, or serve as one of the processes."""
    if sys.argv[1:2] == ["serve"]:
        asyncio.run(serve(sys.argv[2], sys.argv[3]))
        return
    chosen = options(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder)
        measure("SQLite", f"sqlite:///{where / 'log.sqlite'}", chosen.pick(150, 8), where)
        with own_server() as server:
            if server is None:
                print("PostgreSQL: not measured, no server could be started here")
            else:
                url = f"{server.dsn}&schema=chaos"
                measure("PostgreSQL", url, chosen.pick(150, 6), where, server)
    finish()


if __name__ == "__main__":
    main()
