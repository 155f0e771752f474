"""Telling other processes that there is something new, and hearing it from them.

A wake-up is a hint and nothing rests on it: it is sent outside the append's transaction, many
appends share one, and a tail that misses it finds the events by its poll.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from stepin.log.postgres.database import Connection, Database

_AGAIN_S = 1.0


class Wake:
    """One connection that listens and notifies; it comes back by itself when it breaks.

    Parameters
    ----------
    db : the database.
    heard : called when another process has appended.
    apart_s : the least time between two notifications of this process.
    """

    def __init__(self, db: Database, *, heard: Callable[[], None], apart_s: float = 0.005) -> None:
        self._db = db
        self._heard = heard
        self._apart_s = apart_s
        self._channel = f"stepin_{db.schema}"[:63]
        self._due = asyncio.Event()
        self._pid = 0
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to listen."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="stepin-log-wake")

    def notify(self) -> None:
        """Tell the other processes, soon."""
        self.start()
        self._due.set()

    async def close(self) -> None:
        """Stop listening."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            conn: Connection | None = None
            try:
                conn = await self._db.connect()
                self._pid = conn.get_server_pid()
                await conn.add_listener(self._channel, self._listen)
                conn.add_termination_listener(self._ended)
                self._heard()
                while True:
                    await self._due.wait()
                    self._due.clear()
                    await conn.execute(f"NOTIFY {self._channel}")
                    await asyncio.sleep(self._apart_s)
            except Exception:  # noqa: BLE001 - the poll makes good what a wake-up misses
                await asyncio.sleep(_AGAIN_S)
            finally:
                if conn is not None:
                    conn.remove_termination_listener(self._ended)
                    conn.terminate()

    def _listen(self, conn: Connection, pid: int, channel: str, payload: Any) -> None:
        if pid != self._pid:
            self._heard()

    def _ended(self, conn: Connection) -> None:
        self._due.set()
