"""A wire between a client and PostgreSQL that can be cut just before an answer arrives."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from urllib.parse import parse_qs, urlsplit


class Wire:
    """Forwards bytes to the server of a DSN; `lose_answer` cuts the next answer to `append`."""

    def __init__(self, dsn: str) -> None:
        self._parts = urlsplit(dsn)
        self._lose = False
        self.lost = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> str:
        """Listen, and return the DSN that goes over this wire."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        user = self._parts.username or "postgres"
        return f"postgresql://{user}@127.0.0.1:{port}{self._parts.path}?sslmode=disable"

    def lose_answer(self) -> None:
        self._lose = True

    async def stop(self) -> None:
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        folder = parse_qs(self._parts.query).get("host", [""])[0]
        port = self._parts.port or 5432
        if folder.startswith("/"):
            return await asyncio.open_unix_connection(f"{folder}/.s.PGSQL.{port}")
        return await asyncio.open_connection(self._parts.hostname or folder, port)

    async def _serve(self, down: asyncio.StreamReader, up: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        server_in, server_out = await self._connect()
        appending = False

        async def forth() -> None:
            nonlocal appending
            while data := await down.read(65536):
                # The name of the prepared statement's function is only in its first message; a
                # batch is told by the event's kind, which every append carries.
                appending = b"MessagePosted" in data
                server_out.write(data)
                await server_out.drain()

        async def back() -> None:
            while data := await server_in.read(65536):
                if self._lose and appending:
                    self._lose = False
                    self.lost += 1
                    return
                up.write(data)
                await up.drain()

        both = [asyncio.create_task(forth()), asyncio.create_task(back())]
        try:
            with suppress(ConnectionError):
                await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in both:
                one.cancel()
            await asyncio.gather(*both, return_exceptions=True)
            for writer in (up, server_out):
                writer.close()
            self._tasks.discard(task)
