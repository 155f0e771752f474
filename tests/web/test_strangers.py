"""What a stranger may send at all, over real sockets: heads, bodies, deadlines, connections."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn

from stepin.web.live.open_files import limits, raise_limit
from stepin.web.routing import wire
from stepin.web.routing.asgi import Receive, Scope, Send
from stepin.web.routing.protocol import HEAD_BYTES, guarded
from tests.web.served import Served

LIMIT = 1_000


class Heard:
    """A small application that reads bodies within a limit and counts what it was given."""

    def __init__(self) -> None:
        self.bytes = 0
        self.requests = 0
        self.left = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "http"
        self.requests += 1
        if scope["path"] == "/refused":
            await wire.send_json(send, 401, {})
            return
        try:
            body = await wire.read_body(scope, receive, LIMIT)
        except wire.Disconnected:
            self.left += 1
            return
        except wire.TooLarge:
            await wire.send_json(send, 413, {}, ((b"connection", b"close"),))
            return
        self.bytes += len(body)
        await wire.send_json(send, 200, {"bytes": len(body)})


@asynccontextmanager
async def listening(**limits: Any) -> AsyncIterator[tuple[Heard, int]]:
    heard = Heard()
    http = guarded(**{"most": 100, "body_bytes": LIMIT, **limits})
    config = uvicorn.Config(
        heard, port=0, log_config=None, access_log=False, http=http, ws="none", lifespan="off"
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0)
    try:
        yield heard, server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await task


class Line:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def say(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self) -> tuple[int, dict[str, str], bytes]:
        async with asyncio.timeout(30):
            head = await self.reader.readuntil(b"\r\n\r\n")
            first, *rest = head.decode().strip().split("\r\n")
            headers = dict(line.lower().split(": ", 1) for line in rest)
            body = await self.reader.readexactly(int(headers["content-length"]))
        return int(first.split()[1]), headers, body

    async def over(self) -> bytes:
        """Return what still comes until the other side has finished."""
        async with asyncio.timeout(30):
            try:
                return await self.reader.read()
            except ConnectionResetError:
                return b""


async def poured(one: Line, piece: bytes) -> int:
    """Return how many bytes were taken until the other side had closed."""
    sent = 0
    async with asyncio.timeout(30):
        try:
            while True:
                await one.say(piece)
                sent += len(piece)
        except ConnectionError:
            return sent


@asynccontextmanager
async def line(port: int) -> AsyncIterator[Line]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Line(reader, writer)
    finally:
        writer.close()


GET = b"GET / HTTP/1.1\r\nhost: x\r\n"
POST = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"


async def test_requests_go_on_over_one_connection_also_pipelined_and_in_pieces() -> None:
    async with listening() as (heard, port), line(port) as one:
        await one.say(GET + b"\r\n" + POST + b"content-length: 2\r\n\r\n{}" + GET + b"\r\n")
        assert [json.loads((await one.answer())[2])["bytes"] for _ in range(3)] == [0, 2, 0]
        for piece in (GET[:7], GET[7:], b"\r", b"\n"):
            await one.say(piece)
        assert (await one.answer())[0] == 200
        assert heard.requests == 4


HEADS: dict[str, Callable[[], bytes]] = {
    "one long header": lambda: b"x: " + b"a" * (HEAD_BYTES * 4),
    "many headers": lambda: b"".join(b"x-%d: 1\r\n" % n for n in range(HEAD_BYTES // 8)),
    "a long name": lambda: b"x" * (HEAD_BYTES * 2),
}


@pytest.mark.parametrize("kind", HEADS)
async def test_a_head_that_is_too_long_is_refused_and_no_more_of_it_is_read(kind: str) -> None:
    async with listening() as (heard, port), line(port) as one:
        await one.say(GET)
        try:
            await one.say(HEADS[kind]())
        except ConnectionError:
            pytest.fail("it was closed before it could be refused")
        status, headers, body = await one.answer()
        assert (status, headers["connection"]) == (431, "close")
        assert json.loads(body)["error"]["code"] == "head_too_large"
        assert await one.over() == b""
        assert heard.requests == 0


async def test_a_url_that_is_too_long_is_refused() -> None:
    async with listening() as (_, port), line(port) as one:
        await one.say(b"GET /" + b"a" * (HEAD_BYTES * 2) + b" HTTP/1.1\r\nhost: x\r\n\r\n")
        assert (await one.answer())[0] == 431


async def test_a_head_just_below_the_limit_is_served() -> None:
    async with listening() as (_, port), line(port) as one:
        await one.say(GET + b"x: " + b"a" * (HEAD_BYTES - 200) + b"\r\n\r\n")
        assert (await one.answer())[0] == 200


HALVES = {
    "nothing at all": b"",
    "an empty line": b"\r\n",
    "half a line": b"GET / HT",
    "half a head": GET + b"x: 1\r\n",
    "no body": POST + b"content-length: 10\r\n\r\n",
    "half a body": POST + b"content-length: 10\r\n\r\n{",
    "half a chunk": POST + b"transfer-encoding: chunked\r\n\r\n5\r\n{}",
    "no last chunk": POST + b"transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n",
    "half of a second request": GET + b"\r\n" + GET,
}


@pytest.mark.parametrize("half", HALVES)
async def test_half_a_request_is_not_waited_for(half: str) -> None:
    async with listening(head_s=0.1) as (heard, port), line(port) as one:
        await one.say(HALVES[half])
        rest = await one.over()
        assert rest.count(b"HTTP/1.1 200") == ("second" in half)
        if "body" in half or "chunk" in half:
            assert b"HTTP/1.1 408" in rest
            assert heard.left == 1


async def test_a_request_that_drips_is_not_waited_for_longer() -> None:
    async with listening(head_s=0.2) as (heard, port), line(port) as one:
        closed = asyncio.create_task(one.over())
        await one.say(GET)
        async with asyncio.timeout(20):
            while not closed.done():
                await one.say(b"a: 1\r\n")
                await asyncio.sleep(0.01)
        assert heard.requests == 0


@pytest.mark.parametrize("declared", [True, False])
async def test_after_a_413_the_answer_is_readable_and_nothing_more_is_read(declared: bool) -> None:
    async with listening() as (heard, port), line(port) as one:
        length = b"content-length: 100000000" if declared else b"transfer-encoding: chunked"
        await one.say(
            POST + length + b"\r\n\r\n" + (b"" if declared else b"2000\r\n" + b"x" * 4096)
        )
        status, headers, _ = await one.answer()
        assert (status, headers["connection"]) == (413, "close")
        assert await poured(one, b"x" * 65_536) < 50_000_000
        assert heard.bytes == 0


async def test_the_rest_of_a_body_that_nobody_wants_is_taken_up_to_a_limit_only() -> None:
    refused = b"POST /refused HTTP/1.1\r\nhost: x\r\ncontent-length: "
    async with listening(body_bytes=10_000_000) as (_, port), line(port) as small:
        await small.say(refused + b"5\r\n\r\n")
        assert (await small.answer())[0] == 401
        await small.say(b"12345" + GET + b"\r\n")
        assert (await small.answer())[0] == 200
        async with line(port) as large:
            await large.say(refused + b"1000000000\r\n\r\n")
            assert (await large.answer())[0] == 401
            assert await poured(large, b"x" * 65_536) < 50_000_000


async def test_trailers_and_the_framing_of_chunks_have_a_limit() -> None:
    async with listening() as (_, port), line(port) as one:
        await one.say(POST + b"transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nx: ")
        assert await poured(one, b"x" * 4_096) < 50_000_000


async def test_connections_beyond_the_files_are_refused_and_served_again_later() -> None:
    async with listening(most=2) as (_, port):
        async with line(port) as one, line(port) as two:
            for known in (one, two):
                await known.say(GET + b"\r\n")
                assert (await known.answer())[0] == 200
            async with line(port) as third:
                rest = await third.over()
                assert rest.startswith(b"HTTP/1.1 503")
                assert b"retry-after: 5" in rest
        async with asyncio.timeout(30):
            while True:
                async with line(port) as later:
                    await later.say(GET + b"\r\n")
                    if (await later.answer())[0] == 200:
                        return


def test_a_process_has_as_many_open_files_as_it_may() -> None:
    before, hard = limits()
    assert raise_limit() == limits()[0] >= min(before, hard)


async def test_a_desk_is_served_with_these_limits(served: Served) -> None:
    port = int(served.url.rpartition(":")[2])
    async with line(port) as one:
        await one.say(GET + b"x: " + b"a" * (HEAD_BYTES * 2))
        assert (await one.answer())[0] == 431
    opened = await served.client().post(
        "/api/customer/chats", content=b"x" * 200_000, headers={"content-type": "application/json"}
    )
    assert opened.status_code == 413
    assert opened.headers["connection"] == "close"
