"""A site of somebody else: its pages come from another origin than the desk's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.browser.tap import Page


@dataclass
class HostSite:
    """The site's address and its pages, by path."""

    url: str = ""
    pages: dict[str, Page] = field(default_factory=dict)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request and close the connection."""
        path = (await reader.readline()).decode().split(" ")[1]
        while (await reader.readline()).strip():
            pass
        page = self.pages.get(path)
        body = b"" if page is None else page.html.encode()
        headers = {
            "content-type": "text/html; charset=utf-8",
            "content-length": str(len(body)),
            "connection": "close",
            **({} if page is None else page.headers),
        }
        lines = [
            f"HTTP/1.1 {404 if page is None else 200} x",
            *(f"{k}: {v}" for k, v in headers.items()),
        ]
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        await writer.drain()
        writer.close()


@asynccontextmanager
async def host_site() -> AsyncIterator[HostSite]:
    """Serve a site on a port of its own."""
    site = HostSite()
    server = await asyncio.start_server(site.answer, "127.0.0.1", 0)
    site.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield site
