"""A desk on a real socket, and clients of every kind for it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from argon2 import PasswordHasher

from stepin.agent.brain import Brain
from stepin.agent.tools.tool import Catalogue
from stepin.app import Application, WebParts, build, opened_log
from stepin.core.command import Role
from stepin.desk.parts import Parts
from stepin.settings import Settings
from stepin.web.auth.account import Account
from stepin.web.auth.apikey import Scope
from stepin.web.auth.session import csrf_of
from stepin.web.auth.token import IdentityClaims, sign
from stepin.web.routes.sessions import COOKIE
from stepin.web.server import config_of
from tests.simple import SimpleBrain

PASSWORD = "correct horse"
EACH_STORE = pytest.mark.parametrize(
    "store", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
LIMITS = {
    "opens_per_minute": 100_000,
    "messages_per_minute": 100_000,
    "commands_per_minute": 100_000,
}


@dataclass
class Clock:
    """Real time and monotonic time that tests move by hand, added to the real ones."""

    ahead_s: float = 0.0
    start_us: int = 1_800_000_000_000_000
    steps: int = field(default=0)

    def us(self) -> int:
        self.steps += 1
        return self.start_us + self.steps + int(self.ahead_s * 1e6)

    def s(self) -> float:
        return 1_000.0 + self.ahead_s


class Feed:
    """Reads a live feed over a real socket."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._chunks = response.aiter_bytes()
        self._rest = b""

    async def frame(self) -> dict[str, str]:
        """Return the next frame; a heartbeat has the key "comment". Ends with EOFError."""
        while b"\n\n" not in self._rest:
            try:
                async with asyncio.timeout(20):
                    self._rest += await anext(self._chunks)
            except (StopAsyncIteration, httpx.RemoteProtocolError, httpx.ReadError) as error:
                raise EOFError from error
        raw, _, self._rest = self._rest.partition(b"\n\n")
        frame: dict[str, str] = {}
        for line in raw.decode().split("\n"):
            key, _, value = line.partition(": ")
            frame[key if not line.startswith(":") else "comment"] = value
        return frame

    async def event(self, name: str = "") -> dict[str, Any]:
        """Return the next frame with an event name ("" for durable ones), with its data read."""
        while True:
            frame = await self.frame()
            if "data" in frame and frame.get("event", "") == name:
                return {**frame, "data": json.loads(frame["data"])}

    async def until_text(self, text: str) -> list[dict[str, Any]]:
        """Return the durable frames up to the one that carries a message's text."""
        frames = []
        while True:
            frames.append(await self.event())
            if text in json.dumps(frames[-1]["data"], ensure_ascii=False):
                return frames


@dataclass
class Served:
    """A running desk."""

    app: Application
    url: str
    clock: Clock
    clients: list[httpx.AsyncClient] = field(default_factory=list)

    def client(self, headers: dict[str, str] | None = None) -> httpx.AsyncClient:
        made = httpx.AsyncClient(base_url=self.url, headers=headers, timeout=30, verify=False)
        self.clients.append(made)
        return made

    async def worker(self, worker_id: str = "ann", role: Role = "worker") -> httpx.AsyncClient:
        """Return a client with a session, as its console would hold one."""
        site = self.app.site
        known = await site.accounts.load()
        account = next((a for a in known if a.worker_id == worker_id), None)
        if account is None:
            new = Account(worker_id=worker_id, name=worker_id.title(), role=role, capacity=50)
            account = await site.accounts.add(new, PASSWORD)
        token, _ = await site.sessions.begin(account)
        headers = {"cookie": f"{COOKIE}={token}", "x-csrf-token": csrf_of(token)}
        return self.client(headers)

    async def on_duty(self, worker_id: str = "ann", role: Role = "worker") -> httpx.AsyncClient:
        """Return a signed-on worker's client."""
        client = await self.worker(worker_id, role)
        answer = await client.post("/api/presence", json={"presence": "available"})
        assert answer.status_code == 200, answer.text
        return client

    async def key(self, *scopes: Scope) -> httpx.AsyncClient:
        secret, _ = await self.app.site.keys.add("tests", scopes, now_us=1)
        return self.client({"authorization": f"Bearer {secret}"})

    def identity(self, customer_id: str, *, lives_s: float = 300.0, **more: Any) -> str:
        """Return what the host site would sign."""
        exp = self.clock.us() / 1e6 + lives_s
        claims = IdentityClaims(sub=customer_id, aud="stepin", exp=exp, **more)
        return sign(claims, self.app.site.identity_secret)

    async def customer(
        self, text: str = "Hello?", **body: Any
    ) -> tuple[httpx.AsyncClient, dict[str, Any]]:
        """Return a client with a chat's token, and what opening the chat answered."""
        answer = await self.client().post("/api/customer/chats", json={"text": text, **body})
        assert answer.status_code == 201, answer.text
        opened = answer.json()
        return self.client({"authorization": f"Bearer {opened['token']}"}), opened

    async def held(self, worker: httpx.AsyncClient, chat_id: str) -> None:
        """Let a worker take a chat over, as soon as somebody holds it."""
        await self.settled(chat_id)
        await self.command(worker, chat_id, type="TakeOver")

    async def settled(self, chat_id: str) -> None:
        """Wait until a chat has a holder, the AI has nothing to do in it, and all is scored."""
        desk = self.app.desk
        async with asyncio.timeout(20):
            await desk.services.follower.until(
                chat_id, lambda c: c.holder.kind != "nobody" and c.turn_id is None
            )
            await desk.engine.watchers.reach(await desk.services.log.position())

    async def command(
        self, client: httpx.AsyncClient, chat_id: str, expect: int = 200, **body: Any
    ) -> dict[str, Any]:
        answer = await client.post(f"/api/chats/{chat_id}/commands", json=body)
        assert answer.status_code == expect, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def caught_up(self) -> None:
        """Wait until the feeds have delivered all that is in the log."""
        async with asyncio.timeout(20):
            await self.app.site.hub.caught_up(await self.app.site.log.position())


@asynccontextmanager
async def feed(
    client: httpx.AsyncClient, path: str, *, after: int | None = None, **params: Any
) -> AsyncIterator[Feed]:
    headers = {} if after is None else {"last-event-id": str(after)}
    async with client.stream("GET", path, headers=headers, params=params) as response:
        assert response.status_code == 200, await response.aread()
        yield Feed(response)


@asynccontextmanager
async def serving(
    folder: Path,
    *,
    tools: Catalogue | None = None,
    brains: Mapping[str, Brain] | None = None,
    files: Any = None,
    parts: Parts | None = None,
    around: Callable[[Any], Any] = lambda front: front,
    **settings: Any,
) -> AsyncIterator[Served]:
    """Serve a desk on a free port of this machine; `around` may wrap its ASGI application.

    `parts` are joined with a simple brain where they have none; `tools` and `brains` win over them.
    """
    wanted = {
        "log": f"sqlite:///{folder}/log.sqlite",
        "data": str(folder / "data"),
        "heartbeat_s": 3_600.0,
        **LIMITS,
        **settings,
    }
    clock = Clock()
    async with opened_log(made := Settings(**wanted)) as log:
        given = parts or Parts()
        spoken = given.brains if brains is None else brains
        whole = replace(
            given,
            tools=given.tools if tools is None else tools,
            brains={"builtin": SimpleBrain()} if spoken is None else spoken,
            clock_us=clock.us,
        )
        web = WebParts(files=files, hasher=CHEAP, clock_s=clock.s)
        app = await build(made, log, whole, web)
        config = config_of(around(app.front), made)
        config.port, config.timeout_graceful_shutdown = 0, 2
        server = uvicorn.Server(config)
        task = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0)
        port = server.servers[0].sockets[0].getsockname()[1]
        served = Served(app, f"http://127.0.0.1:{port}", clock)
        try:
            yield served
        finally:
            for client in served.clients:
                await client.aclose()
            app.site.sockets.end_all()
            server.should_exit = True
            await task
