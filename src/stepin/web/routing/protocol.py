"""The server's end of one connection, guarded: what a stranger may send, and for how long.

uvicorn's parser has no limit of a request's head and no deadline, and it reads a refused body to
its end. Here a head is at most `HEAD_BYTES` long and whole within `HEAD_S`; a body is whole within
`BODY_S` and the time that the longest allowed one takes on a slow line; after an answer that came
before the body's end no more than `REST_BYTES` of the rest are taken before the connection is
closed. No more connections are served than the process has file descriptors for, less a reserve
for its database and files.
"""

from __future__ import annotations

import asyncio
import socket
from typing import Any, cast

import msgspec
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

HEAD_BYTES = 65_536
HEAD_S = 10.0
BODY_S = 20.0
SLOWEST_BYTES_PER_S = 32_768
REST_BYTES = 65_536
LINGER_S = 1.0
UNACKNOWLEDGED_S = 60.0
_REFUSALS: dict[int, tuple[str, str, str]] = {
    400: ("not_http", "This is no HTTP request that can be understood.", "Send HTTP/1.1."),
    408: ("too_slow", "The request did not come in time.", "Send it at once."),
    431: (
        "head_too_large",
        f"The request's headers are longer than {HEAD_BYTES} bytes.",
        "Send fewer or shorter headers and cookies.",
    ),
    503: (
        "connections_full",
        "Too many connections are open here.",
        "Try again in a moment.",
    ),
}


class Lingering:
    """A transport that, closed while a body is still on its way, lets the answer be read first.

    A socket that is closed with unread bytes resets the connection, and the client would lose the
    answer with it: so nothing more is read, this side says that it has finished, and the socket
    is closed a moment later.
    """

    __slots__ = ("_closing", "_loop", "_transport", "unread", "write")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport, self._loop = transport, loop
        self._closing = False
        self.unread = False
        self.write = transport.write

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def is_closing(self) -> bool:
        """Return whether nothing more is read."""
        return self._closing or self._transport.is_closing()

    def close(self) -> None:
        """Close now, or in a moment if something was not read."""
        if self._closing:
            return
        self._closing = True
        if not self.unread or not self._transport.can_write_eof():
            self._transport.close()
            return
        self._transport.pause_reading()
        self._transport.write_eof()
        self._loop.call_later(LINGER_S, self._transport.close)


class Guarded(HttpToolsProtocol):
    """One connection of a desk's server.

    Attributes
    ----------
    most : connections that are served at once; more are refused with 503.
    body_bytes : the largest body of a request; its chunks' framing may come on top.
    head_s, body_s : within how many seconds each has to come.
    """

    most = 1 << 30
    body_bytes = REST_BYTES
    head_s = HEAD_S
    body_s = BODY_S

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, or refuse the connection if there are too many."""
        super().connection_made(transport)  # type: ignore[arg-type]
        self._in_head, self._in_body = False, False
        self._head, self._taken = 0, 0
        self._deadline: asyncio.TimerHandle | None = None
        self._lingering = Lingering(self.transport, self.loop)
        self.transport = cast(Any, self._lingering)
        _end_when_dead(transport)
        if len(self.connections) > self.most:
            self._refuse(503)
            return
        self._arm(self.head_s)

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._disarm()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes, as long as they are within the limits."""
        if self.transport.is_closing():
            return
        if self._in_body:
            self._taken += len(data)
        else:
            self._head += len(data)
        super().data_received(data)
        if self.transport.is_closing():
            self._disarm()
        elif self._in_body:
            # The framing of small chunks may be several times as long as what they carry.
            answered = self.cycle.response_complete
            if self._taken > REST_BYTES + (0 if answered else 8 * self.body_bytes):
                self._give_up()
            elif self._deadline is None:
                self._arm(self.body_s)
        elif self._in_head:
            if self._head > HEAD_BYTES:
                self._refuse(431)
            elif self._deadline is None:
                self._arm(self.head_s)
        else:
            self._head = 0
            idle = self.cycle is None or self.cycle.response_complete
            if idle and self._deadline is None and self.timeout_keep_alive_task is None:
                self._arm(self.head_s)

    def on_message_begin(self) -> None:
        """Begin to read a request's head."""
        self._in_head = True
        self._lingering.unread = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Serve the request, if its head isn't too long."""
        if self._head > HEAD_BYTES:
            # What came may hold more than this head: count what belongs to it.
            head = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
            if head > HEAD_BYTES:
                self._too_long = True
                raise ValueError(head)
        self._in_head, self._in_body = False, True
        self._head, self._taken = 0, 0
        self._disarm()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Know that the request is whole."""
        self._in_body = False
        self._lingering.unread = False
        self._disarm()
        super().on_message_complete()

    _too_long = False

    def send_400_response(self, msg: str) -> None:
        """Refuse what can't be parsed."""
        self._refuse(431 if self._too_long else 400)

    def _arm(self, seconds: float) -> None:
        self._deadline = self.loop.call_later(seconds, self._late)

    def _disarm(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _late(self) -> None:
        self._deadline = None
        if self.transport.is_closing():
            return
        busy = self.cycle is not None and not self.cycle.response_complete
        if (self._in_head and not busy) or (self._in_body and not self.cycle.response_started):
            self._refuse(408)
        else:
            self._give_up()

    def _give_up(self) -> None:
        self.transport.close()

    def _refuse(self, status: int) -> None:
        self._disarm()
        code, message, hint = _REFUSALS[status]
        error = {"code": code, "message": message, "hint": hint, "fields": {}}
        body = msgspec.json.encode({"error": error})
        lines = [
            STATUS_LINE[status] + b"content-type: application/json",
            b"content-length: %d" % len(body),
            b"cache-control: no-store",
            b"connection: close",
        ]
        if status == 503:
            lines.append(b"retry-after: 5")
        if self.cycle is None or not self.cycle.response_started or self.cycle.response_complete:
            self.transport.write(b"\r\n".join(lines) + b"\r\n\r\n" + body)
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self._lingering.unread = self._lingering.unread or self._in_head
        self.transport.close()


def _end_when_dead(transport: asyncio.BaseTransport) -> None:
    """Let the connection end when what was sent isn't acknowledged for a while.

    A phone that has left its network says nothing. Its feed would count for a quarter of an hour,
    for as long as the system sends heartbeats into the void.
    """
    place = transport.get_extra_info("socket")
    option = getattr(socket, "TCP_USER_TIMEOUT", None)
    if option is not None and place is not None and place.family != socket.AF_UNIX:
        place.setsockopt(socket.IPPROTO_TCP, option, int(UNACKNOWLEDGED_S * 1000))


def guarded(*, most: int, body_bytes: int, head_s: float = HEAD_S) -> type[Guarded]:
    """Return the protocol with its limits."""
    body_s = head_s * BODY_S / HEAD_S + body_bytes / SLOWEST_BYTES_PER_S
    limits = {"most": most, "body_bytes": body_bytes, "head_s": head_s, "body_s": body_s}
    return type("Guarded", (Guarded,), limits)
