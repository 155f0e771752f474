"""Servers in processes of their own, whose CPU time and memory can be read, and lean clients.

`python -m benchmarks.desk._served raw|desk|path FOLDER CHATS` serves and prints one JSON line with
what a client needs. `raw` is a bare ASGI application: a POST that decodes its JSON and writes an
event to two open streams, no store, no checks. `desk` is Stepin as it is served; `path` is Stepin
without the work behind the messages (turns, timers, detectors), which the raw one hasn't either.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import psutil
import uvicorn
import uvloop

START = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store")]
MANY = 10_000_000


class Body(msgspec.Struct):
    """What a message's body holds."""

    text: str
    command_id: str


class Raw:
    """The floor: one POST, two writes."""

    def __init__(self) -> None:
        self.feeds: dict[str, Any] = {}
        self.seq = 0
        self.decoder = msgspec.json.Decoder(Body)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve a stream (GET) or a message (POST) of the path's name."""
        if scope["type"] != "http":
            return
        name = scope["path"]
        if scope["method"] == "GET":
            await send({"type": "http.response.start", "status": 200, "headers": START})
            await send(
                {"type": "http.response.body", "body": b"retry: 1000\n\n", "more_body": True}
            )
            if scope["query_string"]:
                frame = b'id: 2\ndata: {"seq":2,"text":"missed"}\n\n'
                await send({"type": "http.response.body", "body": frame, "more_body": True})
            self.feeds[name] = send
            while (await receive())["type"] != "http.disconnect":
                pass
            self.feeds.pop(name, None)
            return
        message = await receive()
        body = self.decoder.decode(message["body"])
        self.seq += 1
        frame = b"id: %d\ndata: %b\n\n" % (self.seq, msgspec.json.encode({"text": body.text}))
        for feed in (self.feeds[name], self.feeds["/console"]):
            await feed({"type": "http.response.body", "body": frame, "more_body": True})
        answer = b'{"seq":%d}' % self.seq
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(answer))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})


async def serve_raw(chats: int) -> None:
    """Serve the floor."""
    places = [{"post": f"/c{n}", "feed": f"/c{n}", "head": ""} for n in range(chats)]
    console = {"feed": "/console", "head": ""}
    await _serve(Raw(), {"chats": places, "console": console})


async def serve_desk(folder: Path, chats: int, *, work: bool) -> None:
    """Serve Stepin with chats that a worker holds."""
    from stepin.app import build, opened_log
    from stepin.core.command import Actor, OpenChat, TakeOver
    from stepin.desk.state.identity import CustomerIdentity
    from stepin.settings import Settings
    from stepin.web.auth.account import Account
    from stepin.web.auth.token import ChatClaims, sign
    from stepin.web.routes.customer import CHAT_AUDIENCE
    from stepin.web.server import config_of

    policy = folder / "policy.toml"
    policy.write_text("[assignment]\ncap = 1000000\n")
    settings = Settings(
        policy=str(policy),
        log=f"sqlite:///{folder}/log.sqlite",
        messages_per_minute=MANY,
        commands_per_minute=MANY,
        opens_per_minute=MANY,
        feeds_per_address=MANY,
    )
    async with opened_log(settings) as log:
        app = await build(settings, log)
        site, desk = app.site, app.desk
        await app.start()
        account = await site.accounts.add(
            Account(
                worker_id="lena",
                name="Lena",
                role="lead",
                capacity=100_000,
                supervised_capacity=100_000,
            ),
            "a long password",
        )
        await site.sign_on(account)
        lead = Actor(kind="worker", id="lena", role="lead")

        async def held(n: int) -> dict[str, str]:
            who = CustomerIdentity(customer_id=f"k{n}")
            actor = Actor(kind="customer", id=who.customer_id)
            chat_id = (await desk.open_chat(actor, OpenChat(text="Hello"), who)).chat_id
            chat = await desk.services.follower.until(chat_id, lambda c: c.holder.kind != "nobody")
            seq = chat.seq
            if chat.ai_holds:
                seq = (await desk.submit(lead, TakeOver(chat_id=chat_id))).seq
            claims = ChatClaims(sub=who.customer_id, aud=CHAT_AUDIENCE, exp=9e12, chat=chat_id)
            path = f"/api/customer/chats/{chat_id}"
            return {
                "post": f"{path}/messages",
                "feed": f"{path}/feed?after={seq}",
                "again": f"{path}/feed?after=",
                "head": f"authorization: Bearer {sign(claims, site.chat_secret)}\r\n",
            }

        places: list[dict[str, str]] = []
        for start in range(0, chats, 100):
            wanted = range(start, min(start + 100, chats))
            places += await asyncio.gather(*(held(n) for n in wanted))
        if not work:
            for workshop in desk.engine.workshops:
                await workshop.stop()
        token, _ = await site.sessions.begin(account)
        await site.hub.caught_up(await log.position())
        console = {
            "feed": f"/api/feed?after={site.hub.board.position}",
            "head": f"cookie: stepin_session={token}\r\n",
        }
        http = config_of(app.front, settings).http
        told = {"chats": places, "console": console, "log": f"{folder}/log.sqlite" if work else ""}
        await _serve(app.front, told, http=http)


async def _serve(app: Any, told: dict[str, Any], *, http: Any = "httptools") -> None:
    from stepin.web.server import settle

    config = uvicorn.Config(
        app, port=0, log_config=None, access_log=False, http=http, ws="none",
        lifespan="off", backlog=8_192, server_header=False, proxy_headers=False,
    )  # fmt: skip
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    settle()
    port = server.servers[0].sockets[0].getsockname()[1]
    print(json.dumps({**told, "port": port}), flush=True)
    await task


@dataclass(slots=True)
class Running:
    """A server in another process."""

    process: psutil.Process
    told: dict[str, Any]

    def cpu_s(self) -> float:
        """Return the CPU time that it has taken, all threads, user and system."""
        times = self.process.cpu_times()
        return float(times.user + times.system)

    def pss_kib(self) -> float:
        """Return its share of memory."""
        for line in Path(f"/proc/{self.process.pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return float(line.split()[1])
        raise RuntimeError("no Pss in smaps_rollup")


@contextmanager
def running(kind: str, folder: Path, chats: int) -> Iterator[Running]:
    """Start a server and end it."""
    root = Path(__file__).parents[2]
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.desk._served", kind, str(folder), str(chats)],
        stdout=subprocess.PIPE,
        stderr=(folder / "stderr.txt").open("wb"),
        cwd=root,
        env={**os.environ, "PYTHONPATH": f"{root / 'src'}{os.pathsep}{root}"},
    )
    try:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        yield Running(psutil.Process(process.pid), told)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


async def connect(port: int, path: str, head: str) -> tuple[asyncio.StreamReader, Any]:
    """Open a stream and return it once its beginning has come."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    writer.write(f"GET {path} HTTP/1.1\r\nhost: x\r\n{head}\r\n".encode())
    first = await reader.readuntil(b"retry: 1000\n\n\r\n")
    if b" 200 " not in first:
        raise RuntimeError(first.decode())
    return reader, writer


async def drain(reader: asyncio.StreamReader) -> None:
    """Read and forget."""
    while await reader.read(1 << 16):
        pass


async def post(
    reader: asyncio.StreamReader, writer: Any, path: str, head: str, text: str, command_id: str
) -> None:
    """Post a message on a kept connection and read the answer."""
    body = json.dumps({"text": text, "command_id": command_id}).encode()
    writer.write(
        f"POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
        f"content-length: {len(body)}\r\n{head}\r\n".encode()
        + body
    )
    answer = await reader.readuntil(b"\r\n\r\n")
    if b" 200 " not in answer[:20]:
        raise RuntimeError(answer.decode())
    length = int(answer.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    await reader.readexactly(length)


if __name__ == "__main__":
    kind, where, count = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    if kind == "raw":
        uvloop.run(serve_raw(count))
    else:
        uvloop.run(serve_desk(where, count, work=kind == "desk"))
