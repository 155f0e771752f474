"""A running desk on a real log, with a clock that tests move and tools that tests watch."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from stepin.agent.brain import Brain
from stepin.core.chat import Chat, stream_of
from stepin.core.command import Actor, OpenChat
from stepin.core.events.floor import WorkerSignedOn
from stepin.core.policy import Policy
from stepin.core.record import Recorded
from stepin.desk.desk import Desk
from stepin.desk.jobs.engine import Pace
from stepin.desk.parts import Parts
from stepin.desk.state.identity import CustomerIdentity
from stepin.log.open import open_log
from stepin.log.protocol import Log
from stepin.log.sqlite import SqliteLog
from tests.desk.shop import Shop
from tests.simple import SimpleBrain

ANN = Actor(kind="worker", id="ann")
BOB = Actor(kind="worker", id="bob")
LEA = Actor(kind="worker", id="lea", role="lead")
DORA = Actor(kind="customer", id="dora")
PACE = Pace(lease_s=5.0, look_s=0.02, retry_s=0.02, reconcile_s=0.02)


def _brains(given: dict[str, Brain] | None) -> dict[str, Brain]:
    return {"builtin": SimpleBrain()} if given is None else given


class Clock:
    """Real time, plus what a test adds to it."""

    def __init__(self) -> None:
        self.now_us = 1_790_000_000_000_000

    def __call__(self) -> int:
        self.now_us += 200
        return self.now_us

    def wait(self, seconds: float) -> None:
        self.now_us += int(seconds * 1e6)


class Room:
    """A desk with its log, its clock and its shop."""

    def __init__(self, log: Log, clock: Clock, shop: Shop, *, url: str = "") -> None:
        self.log, self.clock, self.shop, self.url = log, clock, shop, url
        self.desks: list[Desk] = []

    @property
    def desk(self) -> Desk:
        return self.desks[0]

    async def add(self, *, policy: Policy | None = None, **more: Any) -> Desk:
        desk = Desk(
            more.pop("log", self.log),
            more.pop("policies", policy or Policy()),
            pace=more.pop("pace", PACE),
            parts=Parts(
                tools=more.pop("tools", self.shop),
                brains=_brains(more.pop("brains", None)),
                **self._time(),
                **more,
            ),
        )
        await desk.start()
        self.desks.append(desk)
        return desk

    def _time(self) -> dict[str, Any]:
        return {} if self.url else {"clock_us": self.clock}

    async def restart(self, *, brains: dict[str, Brain] | None = None, **more: Any) -> Desk:
        await self.stop()
        return await self.add(brains=brains, **more)

    async def stop(self) -> None:
        for desk in self.desks:
            await desk.stop()
        self.desks.clear()

    async def sign_on(
        self, *names: str, capacity: int = 3, role: str = "worker", groups: tuple[str, ...] = ()
    ) -> None:
        for name in names:
            event = await self.desk.sign_on(
                WorkerSignedOn(
                    worker_id=name,
                    capacity=capacity,
                    supervised_capacity=8,
                    role=role,
                    groups=groups,
                )
            )
        for desk in self.desks:
            await desk.services.follower.reach(event.position)

    async def open(self, text: str, *, customer: str = "dora", **more: Any) -> str:
        actor = Actor(kind="customer", id=customer)
        identity = CustomerIdentity(
            customer_id=customer, asserted=more.pop("asserted", True), name=more.pop("name", None)
        )
        receipt = await self.desk.open_chat(actor, OpenChat(text=text, **more), identity)
        return receipt.chat_id

    async def until(self, chat_id: str, is_so: Callable[[Chat], bool]) -> Chat:
        try:
            async with asyncio.timeout(10):
                chat = await self.desk.services.follower.until(chat_id, is_so)
        except TimeoutError:
            chat = await self.desk.chat(chat_id)
            kinds = [f"{e.seq}:{e.kind}" for e in await self.events(chat_id)]
            raise AssertionError(f"it never became so: {chat}\n{kinds}") from None
        return await self.desk.chat(chat_id) if chat.episode == "closed" else chat

    async def events(self, chat_id: str) -> list[Recorded]:
        return await self.log.read(stream_of(chat_id))

    async def kinds(self, chat_id: str) -> list[str]:
        return [e.kind for e in await self.events(chat_id)]


@pytest.fixture
async def timed_room(tmp_path: Path) -> AsyncIterator[Room]:
    """A log whose clock the test moves; the test starts its desks."""
    clock = Clock()
    log = await SqliteLog.open(tmp_path / "log.sqlite", clock_us=clock, poll_s=0.02)
    room = Room(log, clock, Shop())
    yield room
    await room.stop()
    await log.close()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def desk_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a log that does not exist yet, on each store."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'log.sqlite'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
async def bare_room(desk_url: str) -> AsyncIterator[Room]:
    """A log on each store, by its own clock; the test starts its desks."""
    log = await open_log(desk_url)
    room = Room(log, Clock(), Shop(), url=desk_url)
    yield room
    await room.stop()
    await log.close()


@pytest.fixture
async def room(bare_room: Room) -> Room:
    """The same with one desk under the default policy."""
    await bare_room.add()
    return bare_room
