"""What one message and one takeover cost inside a served desk: folds of a chat, and files crossed.

A desk answers HTTP in this process, with a console and a customer listening, and without detectors.
Each call is traced with `sys.setprofile` until the process knows and has delivered what it led to:
every entry into the fold of a chat is counted, and every file of Stepin in which a function ran.
The median of several calls is told. Then the fold alone is timed on the events of a typical chat.
"""

from __future__ import annotations

import asyncio
import itertools
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import httpx

from benchmarks.harness import finish, line, options
from stepin.app import Application, build, opened_log
from stepin.core.chat import Chat, apply
from stepin.core.command import Actor, CloseChat, OpenChat, Reply
from stepin.core.record import Recorded
from stepin.desk.feeds.masking import Viewer
from stepin.desk.parts import Parts
from stepin.desk.state.identity import CustomerIdentity
from stepin.settings import Settings
from stepin.web.auth.account import Account
from stepin.web.auth.session import csrf_of
from stepin.web.auth.token import ChatClaims, sign
from stepin.web.routes.customer import CHAT_AUDIENCE
from stepin.web.routes.sessions import COOKIE

SOURCE = f"{Path('src') / 'stepin'}/"
FOLD = "stepin/core/chat"
MANY = 10_000_000
LENA = Actor(kind="worker", id="lena", role="lead")


class Silent:
    """A listener that throws away what it hears."""

    def push(self, frame: bytes) -> None:
        """Take a frame."""


@dataclass
class Trace:
    """What ran while it was on."""

    folds: int = 0
    files: set[str] = field(default_factory=set)

    def __call__(self, frame: FrameType, event: str, _: Any) -> None:
        """Note a call."""
        if event != "call":
            return
        code = frame.f_code
        if SOURCE in code.co_filename:
            self.files.add(code.co_filename)
            self.folds += code.co_name == "apply" and FOLD in code.co_filename


@contextmanager
def traced() -> Iterator[Trace]:
    """Trace this thread."""
    trace = Trace()
    sys.setprofile(trace)
    try:
        yield trace
    finally:
        sys.setprofile(None)


@dataclass
class Place:
    """A served desk with a lead at work, and clients for both sides."""

    app: Application
    client: httpx.AsyncClient
    lead: dict[str, str]

    async def chat(self, name: str) -> tuple[str, dict[str, str]]:
        """Return a chat that somebody holds, with the head of its customer's requests."""
        desk, site = self.app.desk, self.app.site
        who = CustomerIdentity(customer_id=name)
        customer = Actor(kind="customer", id=name)
        chat_id = (await desk.open_chat(customer, OpenChat(text="Hello"), who)).chat_id
        await desk.services.follower.until(chat_id, lambda c: c.holder.kind != "nobody")
        claims = ChatClaims(sub=name, aud=CHAT_AUDIENCE, exp=9e12, chat=chat_id)
        await site.hub.caught_up(await site.log.position())
        await site.hub.watch_chat(Silent(), chat_id, None)
        return chat_id, {"authorization": f"Bearer {sign(claims, site.chat_secret)}"}

    async def known(self) -> None:
        """Wait until the process knows and has delivered everything."""
        position = await self.app.site.log.position()
        await self.app.desk.services.follower.reach(position)
        await self.app.site.hub.caught_up(position)

    async def cost(self, path: str, head: dict[str, str], body: dict[str, Any]) -> Trace:
        """Return what a request and all that it leads to cost."""
        await self.known()
        with traced() as trace:
            answer = await self.client.post(path, headers=head, json=body)
            await self.known()
        assert answer.status_code == 200, answer.text
        return trace


async def _place(settings: Settings, log: Any) -> Place:
    app = await build(settings, log, Parts(brains={}, watches=()))
    await app.start()
    site = app.site
    lead = Account(worker_id=LENA.id, name="Lena", role="lead", capacity=0, supervised_capacity=0)
    account = await site.accounts.add(lead, "a long password")
    worker = Account(worker_id="ann", name="Ann", capacity=1_000, supervised_capacity=1_000)
    await site.sign_on(await site.accounts.add(worker, "a long password"))
    await site.sign_on(account)  # Who isn't signed on may not take a chat over.
    token, _ = await site.sessions.begin(account)
    site.hub.watch_floor(Silent(), Viewer(LENA.id, "lead"), None)
    transport = httpx.ASGITransport(app=app.front)
    return Place(
        app=app,
        client=httpx.AsyncClient(transport=transport, base_url="http://desk"),
        lead={"cookie": f"{COOKIE}={token}", "x-csrf-token": csrf_of(token)},
    )


async def _measured(folder: Path, times: int) -> tuple[list[Trace], list[Trace], list[Recorded]]:
    policy = folder / "policy.toml"
    policy.write_text("[assignment]\ncap = 1000000\n")
    settings = Settings(
        policy=str(policy),
        log=f"sqlite:///{folder}/log.sqlite",
        data=str(folder / "data"),
        messages_per_minute=MANY,
        commands_per_minute=MANY,
    )
    messages, takeovers = [], []
    async with opened_log(settings) as log:
        place = await _place(settings, log)
        try:
            for n in range(times):
                chat_id, head = await place.chat(f"k{n}")
                path = f"/api/customer/chats/{chat_id}/messages"
                for said in ("Hello?", "Where is my parcel?"):
                    text = {"text": said, "command_id": f"{said}{n}"}
                    trace = await place.cost(path, head, text)
                messages.append(trace)
                command = {"type": "TakeOver", "command_id": f"t{n}"}
                path = f"/api/chats/{chat_id}/commands"
                takeovers.append(await place.cost(path, place.lead, command))
                for reply in range(5):
                    await place.app.desk.submit(LENA, Reply(chat_id=chat_id, text=f"Reply {reply}"))
                await place.app.desk.submit(LENA, CloseChat(chat_id=chat_id))
        finally:
            await place.client.aclose()
            await place.app.stop()
        events = await log.read_all(limit=100_000)
    return messages, takeovers, [e for e in events if e.stream.startswith("chat/")]


def _median(traces: list[Trace], what: Callable[[Trace], int]) -> float:
    return statistics.median(what(one) for one in traces)


def fold_us(events: list[Recorded], wanted: int, runs: int) -> list[float]:
    """Return the µs that folding one event takes, run by run."""
    some = list(itertools.islice(itertools.cycle(events), wanted))
    took = []
    for _ in range(runs):
        chat = Chat(chat_id="c")
        started = time.process_time()
        for event in some:
            if event.seq <= chat.seq:
                chat = Chat(chat_id="c")
            chat = apply(chat, event)
        took.append((time.process_time() - started) / wanted * 1e6)
    return took


def main() -> None:
    """Trace messages and takeovers, time the fold."""
    given = options(__doc__)
    with tempfile.TemporaryDirectory() as name:
        messages, takeovers, events = asyncio.run(_measured(Path(name), given.pick(15, 5)))
    for what, traces, goal in (("a message", messages, 2), ("a takeover", takeovers, 4)):
        folds = _median(traces, lambda t: t.folds)
        files = _median(traces, lambda t: len(t.files))
        print(f"{what}: {folds:g} folds, {files:g} files")
        line(
            f"folds of {what}", ours=folds, reference=goal, ratio=folds / goal,
            goal=f"<= {goal}", holds=folds <= goal,
        )  # fmt: skip
    by_chat = sorted(events, key=lambda e: (e.stream, e.seq))
    took = fold_us(by_chat, 10_000, given.pick(9, 5))
    print(f"one fold: {statistics.median(took):.2f} µs (best of runs {min(took):.2f} µs)")
    finish()


if __name__ == "__main__":
    main()
