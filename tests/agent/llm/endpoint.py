"""A loopback endpoint that speaks OpenAI's chat protocol, and misbehaves as told.

Each request takes the next `Reply` of the script; the last one is repeated.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Reply:
    """What the endpoint answers to one request.

    Attributes
    ----------
    text : streamed in pieces of `piece` characters.
    calls : (tool, arguments) pairs; arguments as JSON text, so that they can be malformed.
    status : an HTTP error instead.
    cut_after : the connection is dropped after so many pieces.
    silent : nothing is sent, ever.
    refused : the finish reason of a content filter.
    finish : the finish reason; None sends no such chunk.
    done : whether the stream ends with ``[DONE]``.
    usage : whether it tells what was spent.
    retry_after : the header of an HTTP error.
    alive_s : for how long only comments come before the answer.
    """

    text: str = ""
    calls: tuple[tuple[str, str], ...] = ()
    status: int = 200
    cut_after: int | None = None
    silent: bool = False
    refused: bool = False
    finish: str | None = "stop"
    done: bool = True
    piece: int = 12
    usage: bool = True
    retry_after: str = ""
    alive_s: float = 0.0


def call(tool: str, **arguments: Any) -> Reply:
    """Return a reply that calls one tool."""
    return Reply(calls=((tool, json.dumps(arguments)),))


class Endpoint:
    """The running server; `asked` holds the bodies of the requests."""

    def __init__(self, script: Iterable[Reply] | Callable[[dict[str, Any]], Reply]) -> None:
        self._script = script if callable(script) else list(script)
        self.asked: list[dict[str, Any]] = []
        self.url = ""
        self._connections: set[asyncio.Task[Any] | None] = set()

    async def hang_up(self) -> None:
        """End every connection."""
        tasks = [task for task in self._connections if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _next(self, body: dict[str, Any]) -> Reply:
        if callable(self._script):
            return self._script(body)
        return self._script[min(len(self.asked) - 1, len(self._script) - 1)]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        self._connections.add(asyncio.current_task())
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                size = next(
                    int(line.split(":")[1])
                    for line in head.split("\r\n")
                    if line.lower().startswith("content-length")
                )
                body = json.loads(await reader.readexactly(size))
                self.asked.append(body)
                if not await self._answer(self._next(body), writer):
                    break
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer(self, reply: Reply, writer: asyncio.StreamWriter) -> bool:
        if reply.silent:
            await asyncio.Event().wait()
        if reply.status != 200:
            body = json.dumps({"error": {"message": "no", "type": "test"}}).encode()
            after = f"retry-after: {reply.retry_after}\r\n" if reply.retry_after else ""
            writer.write(
                f"HTTP/1.1 {reply.status} No\r\n{after}content-type: application/json\r\n"
                f"content-length: {len(body)}\r\n\r\n".encode()
                + body
            )
            await writer.drain()
            return True
        writer.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
            b"transfer-encoding: chunked\r\n\r\n"
        )
        clock = asyncio.get_running_loop()
        until = clock.time() + reply.alive_s
        while reply.alive_s and clock.time() < until:
            writer.write(b"10\r\n: still at work\n\r\n")
            await writer.drain()
            await asyncio.sleep(0)
        for number, chunk in enumerate(_chunks(reply)):
            if reply.cut_after is not None and number >= reply.cut_after:
                return False
            data = f"data: {json.dumps(chunk)}\n\n".encode()
            writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
            await writer.drain()
        if reply.done:
            done = b"data: [DONE]\n\n"
            writer.write(f"{len(done):x}\r\n".encode() + done + b"\r\n")
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        return True


def _chunks(reply: Reply) -> Iterable[dict[str, Any]]:
    def chunk(delta: dict[str, Any], finish: str | None = None, **more: Any) -> dict[str, Any]:
        return {
            "id": "r1",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": "test",
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
            **more,
        }

    yield chunk({"role": "assistant", "content": ""})
    for start in range(0, len(reply.text), reply.piece):
        yield chunk({"content": reply.text[start : start + reply.piece]})
    for place, (tool, arguments) in enumerate(reply.calls):
        function = {"name": tool, "arguments": arguments}
        yield chunk(
            {"tool_calls": [
                {"index": place, "id": f"call_{place}_{tool}", "type": "function",
                 "function": function}
            ]}
        )  # fmt: skip
    finish = "content_filter" if reply.refused else reply.finish
    if reply.calls and finish == "stop":
        finish = "tool_calls"
    if finish is None:
        return
    yield chunk({}, finish)
    if not reply.usage:
        return
    yield {
        **chunk({}),
        "choices": [],
        "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120},
    }


@asynccontextmanager
async def running(
    script: Iterable[Reply] | Callable[[dict[str, Any]], Reply],
) -> AsyncIterator[Endpoint]:
    """Serve a script on a free port of the loopback interface."""
    endpoint = Endpoint(script)
    server = await asyncio.start_server(endpoint.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    endpoint.url = f"http://127.0.0.1:{port}/v1"
    try:
        yield endpoint
    finally:
        server.close()
        await endpoint.hang_up()
