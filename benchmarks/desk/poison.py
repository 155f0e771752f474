"""Messages and code that would stop a desk: all others are served, each chat is looked after.

Texts on which a backtracking pattern tries for ever, 8,000 characters each, are sent by strangers
as the first message and by customers as the answer to a question of the built-in brain, in English
and in Chinese, while `/healthz` is asked all the time (after one ordinary chat, which loads what a
desk loads once). In the end every chat has been answered or is with a person. That is done with one
process, and with two on PostgreSQL.

Then brains that hang the event loop, and that kill their process, on every message, under a
supervisor that starts a process again: each of their chats ends with a person, and none is tried
more often than twice.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import httpx
from tests.language import texts

from benchmarks.desk.takeover_race import drop
from benchmarks.harness import finish, line, options
from stepin.agent.brain import Hands, TurnContext
from stepin.core.chat import Chat, fold, stream_of
from stepin.core.events.chat import TurnFailed, TurnStarted
from stepin.log.open import open_log
from stepin.log.protocol import Log
from stepin.settings import Settings
from stepin.web.auth.token import IdentityClaims, sign

SECRET = "a secret of this benchmark's own"
LENGTH = 8_000
HANG_S, LEASE_S = 3.0, 3.0
PATIENCE_S = 90.0
AT_ONCE = 2
"""How many customers send such texts at the same time."""
SHOP = Path(__file__).parents[2] / "examples" / "shop"
NAMED = frozenset({"one letter", "digits", "dashes", "a humming syllable"})
"""Texts that are known to have stopped a desk: the others are this benchmark's own."""
ASKED = (
    ("en", "I need an invoice for my last order"),
    ("en", "I want to change the delivery address of my order"),
    ("zh", "给最近的订单开发票"),
    ("zh", "收到的东西坏了"),
)


class Spins:
    """A brain that computes for ever on the event loop."""

    version = "spins-1"

    async def turn(self, context: TurnContext, hands: Hands) -> None:
        """Never return, and let nobody else do anything."""
        while True:
            pass


class Kills:
    """A brain that ends its process as no memory left would."""

    version = "kills-1"

    async def turn(self, context: TurnContext, hands: Hands) -> None:
        """Kill the process."""
        os.kill(os.getpid(), signal.SIGKILL)


def settings_of(url: str, folder: Path, port: int) -> Settings:
    """Return the settings of the desk, with limits that a benchmark doesn't reach."""
    many = 1_000_000
    policy = folder / "policy.toml"
    policy.write_text(f"[assignment]\ncap = {many}\n")
    return Settings(
        policy=str(policy),
        log=url,
        port=port,
        shop=str(SHOP),
        shop_data=str(folder / "shop"),
        data=str(folder / "data"),
        identity_secret=SECRET,
        opens_per_minute=many,
        messages_per_minute=many,
        lease_s=LEASE_S,
        hang_s=HANG_S,
        log_level="error",
    )


async def serve(url: str, folder: Path, kind: str, first: bool, port: int) -> None:
    """Serve a desk with one lead on duty; say where."""
    from dataclasses import replace

    from stepin.app import build, opened_log
    from stepin.cli.shop import parts_of
    from stepin.errors import Conflict
    from stepin.web.auth.account import Account
    from stepin.web.logs import tell
    from stepin.web.server import listening, server_of

    settings = settings_of(url, folder, port)
    tell("error")
    async with opened_log(settings) as log:
        parts = parts_of(settings)
        if kind != "shop":
            parts = replace(parts, brains={"builtin": Spins() if kind == "hangs" else Kills()})
        app = await build(settings, log, parts)
        app.watchdog.may_end(settings.hang_s)
        lena = Account(
            worker_id="lena", name="Lena", role="lead", capacity=9, supervised_capacity=100_000
        )
        with suppress(Conflict):
            await app.site.accounts.add(lena, "a long password")
        if first:
            app.on_duty.append("lena")
        server = server_of(
            app.front,
            settings,
            stopping=app.site.sockets.end_all,
            ready=lambda at: print(at, flush=True),
        )
        await server.serve(sockets=[listening(settings)])


@dataclass(slots=True)
class Process:
    """A process of the desk, which is started again whenever it has ended."""

    command: list[str]
    errors: Path
    url: str = ""
    starts: int = 0
    running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it serves."""
        with self.errors.open("ab") as errors:
            self.running = subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=errors)
        self.starts += 1
        assert self.running.stdout is not None
        self.url = self.running.stdout.readline().decode().strip()

    async def supervise(self) -> None:
        """Start it again whenever it has ended."""
        while True:
            assert self.running is not None
            await asyncio.to_thread(self.running.wait)
            await asyncio.to_thread(self.start)

    def end(self) -> None:
        """Kill it."""
        if self.running is not None:
            self.running.kill()
            self.running.wait()
            assert self.running.stdout is not None
            self.running.stdout.close()


@dataclass(slots=True)
class Tally:
    """What was seen from outside."""

    chats: list[str] = field(default_factory=list)
    health_s: list[float] = field(default_factory=list)
    refused: int = 0
    lost: list[str] = field(default_factory=list)
    with_person: int = 0
    answered: int = 0
    most_starts: int = 0
    poisoned: int = 0


def free_port() -> int:
    """Return a port that nobody listens on: a process that is started again takes the same."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def with_person(chat: Chat) -> bool:
    """Return whether a person has the chat or was called to it."""
    return chat.holder.kind == "worker" or chat.escalation is not None or chat.gave_up


def settled(chat: Chat) -> bool:
    """Return whether the customer has an answer, or a person was called."""
    return with_person(chat) or (chat.turn_id is None and chat.waiting_since_us is None)


async def until_settled(log: Log, chat_id: str) -> Chat | None:
    """Return the chat when it is looked after; None if that never comes."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        chat = fold(chat_id, await log.read(stream_of(chat_id)))
        if settled(chat):
            return chat
        await asyncio.sleep(0.05)
    return None


async def post(client: httpx.AsyncClient, path: str, body: Any, token: str = "") -> Any:
    """Return what the desk answers, None where it says that it doesn't take the text."""
    until = time.monotonic() + PATIENCE_S
    headers = {"authorization": f"Bearer {token}"} if token else {}
    while True:
        try:
            answer = await client.post(path, json=body, headers=headers)
        except httpx.TransportError:
            answer = None
        if answer is not None and answer.status_code < 500:
            return answer.json() if answer.is_success else None
        if time.monotonic() > until:
            raise SystemExit(f"{path}: no answer")
        await asyncio.sleep(0.1)


async def opening(client: httpx.AsyncClient, log: Log, tally: Tally, text: str, tag: str) -> None:
    """Send the text as a stranger's first message."""
    body = {"text": text, "command_id": secrets.token_hex(8)}
    opened = await post(client, "/api/customer/chats", body)
    if opened is None:
        tally.refused += 1
        return
    tally.chats.append(opened["chat_id"])
    if await until_settled(log, opened["chat_id"]) is None:
        tally.lost.append(tag)


async def answering(
    client: httpx.AsyncClient, log: Log, tally: Tally, text: str, asked: tuple[str, str], tag: str
) -> None:
    """Send the text as a customer's answers to the first questions."""
    language, wish = asked
    claims = IdentityClaims(sub="c1001", aud="stepin", exp=time.time() + 3_600)
    body = {"text": wish, "language": language, "identity": sign(claims, SECRET.encode())}
    opened = await post(client, "/api/customer/chats", {**body, "command_id": secrets.token_hex(8)})
    chat_id = opened["chat_id"]
    tally.chats.append(chat_id)
    for _ in range(3):
        chat = await until_settled(log, chat_id)
        if chat is None:
            tally.lost.append(tag)
            return
        if with_person(chat):
            return
        path = f"/api/customer/chats/{chat_id}/messages"
        message = {"text": text, "command_id": secrets.token_hex(8)}
        if await post(client, path, message, opened["token"]) is None:
            tally.refused += 1
            return
    if await until_settled(log, chat_id) is None:
        tally.lost.append(tag)


def probe(host: str, port: int) -> None:
    """Ask whether the desk answers, fifty times a second, until told to stop; print how long."""
    took_s: list[float] = []
    stop = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()
    while not stop.wait(0.02):
        began = time.perf_counter()
        with suppress(OSError, HTTPException):
            connection = HTTPConnection(host, port, timeout=10)
            connection.request("GET", "/healthz")
            connection.getresponse().read()
            connection.close()
        took_s.append(time.perf_counter() - began)
    print(json.dumps(took_s), flush=True)


def probing(process: Process) -> subprocess.Popen[str]:
    """Start to probe a desk, in a process that does nothing else."""
    host, _, port = process.url.removeprefix("http://").partition(":")
    command = [sys.executable, "-m", "benchmarks.desk.poison", "probe", host, port]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


async def judge(log: Log, tally: Tally) -> None:
    """Look in the log how the chats have ended and how often each turn was begun."""
    for chat_id in tally.chats:
        events = await log.read(stream_of(chat_id))
        chat = fold(chat_id, events)
        tally.with_person += with_person(chat)
        tally.answered += not with_person(chat) and settled(chat)
        begun = [e.event.turn_id for e in events if isinstance(e.event, TurnStarted)]
        tally.most_starts = max([tally.most_starts, *(begun.count(turn) for turn in begun)])
        tally.poisoned += any(
            isinstance(e.event, TurnFailed) and e.event.reason == "poison" for e in events
        )


async def run(url: str, folder: Path, kind: str, *, processes: int, names: list[str]) -> Tally:
    """Send the texts to a desk and say what became of them."""
    tally, command = Tally(), [sys.executable, "-m", "benchmarks.desk.poison", "serve", url]
    desks = [
        Process(
            [*command, str(folder), kind, str(n), str(free_port())],
            folder / f"errors-{kind}-{n}.txt",
        )
        for n in range(processes)
    ]
    for desk in desks:
        await asyncio.to_thread(desk.start)
    log = await open_log(url)
    beside = [asyncio.create_task(desk.supervise()) for desk in desks]
    probes: list[subprocess.Popen[str]] = []
    if kind == "shop":
        for desk in desks:
            async with httpx.AsyncClient(base_url=desk.url, timeout=20.0) as client:
                await answering(client, log, Tally(), "What is it?", ASKED[0], "the first chat")
        probes = [probing(desk) for desk in desks]
    lanes = asyncio.Semaphore(AT_ONCE if kind == "shop" else len(names))

    async def send(number: int, name: str, asked: tuple[str, str] | None) -> None:
        async with lanes:
            at, text = desks[number % len(desks)].url, texts.text(name, LENGTH)
            async with httpx.AsyncClient(base_url=at, timeout=20.0) as client:
                if asked is None:
                    await opening(client, log, tally, text, name)
                else:
                    await answering(client, log, tally, text, asked, f"{name}, {asked[1]}")

    try:
        ways = (None, *ASKED) if kind == "shop" else (None,)
        jobs = [(name, way) for name in names for way in ways]
        await asyncio.gather(*(send(n, name, way) for n, (name, way) in enumerate(jobs)))
        for one_probe in probes:
            told, _ = await asyncio.to_thread(one_probe.communicate, "")
            tally.health_s += json.loads(told)
        await judge(log, tally)
    finally:
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
        for desk in desks:
            desk.end()
        await log.close()
    return tally


def told_texts(tally: Tally, where: str, n_texts: int) -> None:
    """Print the claims about the texts."""
    cuts = statistics.quantiles(tally.health_s, n=1_000)
    p99_ms, worst_ms = cuts[989] * 1e3, max(tally.health_s) * 1e3
    print(
        f"{where}: {len(tally.chats)} chats with {n_texts} texts, {tally.refused} texts refused, "
        f"{tally.answered} chats answered, {tally.with_person} with a person, lost {tally.lost}; "
        f"/healthz asked {len(tally.health_s)} times, p50 {cuts[499] * 1e3:.1f} ms, "
        f"p99 {p99_ms:.1f} ms, worst {worst_ms:.1f} ms"
    )
    line(
        f"poison, {where}: /healthz p99 ms while {n_texts} pathological texts are read",
        ours=p99_ms,
        reference=worst_ms,
        ratio=p99_ms / 100,
        goal="<= 100 ms",
        holds=p99_ms <= 100,
    )
    looked_after = tally.answered + tally.with_person
    line(
        f"poison, {where}: chats that were answered or are with a person",
        ours=looked_after,
        reference=len(tally.chats),
        ratio=looked_after / len(tally.chats),
        goal="= 1",
        holds=looked_after == len(tally.chats) and not tally.lost,
    )


def told_brains(tally: Tally, where: str) -> None:
    """Print the claims about a brain that never ends a turn."""
    print(
        f"{where}: {len(tally.chats)} chats, {tally.with_person} with a person, "
        f"{tally.poisoned} by a poison turn, a turn was begun {tally.most_starts} times at most, "
        f"lost {tally.lost}"
    )
    line(
        f"poison, {where}: chats that ended with a person",
        ours=tally.with_person,
        reference=len(tally.chats),
        ratio=tally.with_person / len(tally.chats),
        goal="= 1, no turn begun more than twice",
        holds=tally.with_person == len(tally.chats) and tally.most_starts <= 2 and not tally.lost,
    )


def main() -> None:
    """Run everything, or serve as one of the processes."""
    if sys.argv[1:2] == ["probe"]:
        probe(sys.argv[2], int(sys.argv[3]))
        return
    if sys.argv[1:2] == ["serve"]:
        url, folder, kind, number, port = sys.argv[2:7]
        asyncio.run(serve(url, Path(folder), kind, number == "0", int(port)))
        return
    chosen = options(__doc__)
    names = [name for name in texts.NAMES if name not in NAMED]
    names = names[: chosen.pick(len(names), 4)]
    dsn = os.environ.get("STEPIN_TEST_POSTGRES")
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder)
        for name in ("one", "two", "hangs", "killed"):
            (where / name).mkdir()
        url = f"sqlite:///{where / 'one.sqlite'}"
        tally = asyncio.run(run(url, where / "one", "shop", processes=1, names=names))
        told_texts(tally, "one process, SQLite", len(names))
        if dsn is None:
            print("PostgreSQL left out: STEPIN_TEST_POSTGRES is not set", file=sys.stderr)
        else:
            url = f"{dsn}?schema=stepin_test_{secrets.token_hex(4)}"
            tally = asyncio.run(run(url, where / "two", "shop", processes=2, names=names))
            told_texts(tally, "two processes, PostgreSQL", len(names))
            asyncio.run(drop(dsn, [url]))
        few = names[: chosen.pick(6, 1)]
        for kind, said in (("hangs", "hangs the event loop"), ("killed", "is killed")):
            url = f"sqlite:///{where / kind}.sqlite"
            tally = asyncio.run(run(url, where / kind, kind, processes=1, names=few))
            told_brains(tally, f"a brain that {said}")
        for errors in sorted(where.rglob("errors-shop-*.txt")):
            if told := errors.read_text().strip():
                print(f"{errors.name}: {told[:2_000]}", file=sys.stderr)
    finish()


if __name__ == "__main__":
    main()
