"""What really went over the wire, seen at the server; and pages of a host site, for the widget."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Exchange:
    """One request, and all bytes that were answered so far."""

    path: str
    last_event_id: str | None
    sent: bytearray = field(default_factory=bytearray)
    broken: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass
class Page:
    """A page of a host site."""

    html: str
    headers: Mapping[str, str] = field(default_factory=dict)


class Tap:
    """Wraps the desk's ASGI application."""

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []
        self.pages: dict[str, Page] = {}
        self.open = asyncio.Event()
        self.open.set()
        self._app: Any = None

    def around(self, app: Any) -> Any:
        self._app = app
        return self

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {k.decode(): v.decode() for k, v in scope["headers"]}
        path: str = scope["path"]
        if path in self.pages:
            await _answer(self.pages[path], send)
            return
        exchange = Exchange(path, headers.get("last-event-id"))
        self.exchanges.append(exchange)
        hear = receive
        if path == "/api/feed":
            await self.open.wait()
            hear = _until(exchange.broken, receive)

        async def heard(message: Any) -> None:
            if message["type"] == "http.response.body":
                exchange.sent += message.get("body", b"")
            await send(message)

        await self._app(scope, hear, heard)

    def cut(self) -> None:
        """Break every feed of the floor, as a bad line does; `open` holds back the next ones."""
        for exchange in self.exchanges:
            exchange.broken.set()

    def to_customers(self) -> str:
        """Return every byte that any customer's browser got."""
        sent = (e.sent for e in self.exchanges if e.path.startswith("/api/customer"))
        return b"".join(sent).decode()

    def cursors(self) -> list[str | None]:
        """Return the `Last-Event-ID` of every request for the floor's feed."""
        return [e.last_event_id for e in self.exchanges if e.path == "/api/feed"]


def _until(broken: asyncio.Event, receive: Any) -> Any:
    async def hear() -> Any:
        real, cut = asyncio.ensure_future(receive()), asyncio.ensure_future(broken.wait())
        try:
            await asyncio.wait((real, cut), return_when=asyncio.FIRST_COMPLETED)
            return real.result() if real.done() else {"type": "http.disconnect"}
        finally:
            real.cancel()
            cut.cancel()

    return hear


async def _answer(page: Page, send: Any) -> None:
    headers = {"content-type": "text/html; charset=utf-8", **page.headers}
    await send(
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [(k.encode(), v.encode()) for k, v in headers.items()],
        }
    )
    await send({"type": "http.response.body", "body": page.html.encode()})
