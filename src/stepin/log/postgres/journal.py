"""Journaled steps that wait together share a transaction and a flush."""

from __future__ import annotations

import asyncio

from stepin.core.work import Claimed
from stepin.log.postgres.database import Database

_AT_ONCE = 256

Step = tuple[Claimed, str, bytes, asyncio.Future[bool]]


class Journal:
    """Puts steps in the order in which they were asked for, one batch at a time."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._waiting: list[Step] = []
        self._task: asyncio.Task[None] | None = None

    def put(self, work: Claimed, step: str, body: bytes) -> asyncio.Future[bool]:
        """Return a future that says, after the commit, whether the attempt was still ours."""
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((work, step, body, future))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="stepin-log-journal")
        return future

    async def close(self) -> None:
        """Finish every step that was asked for."""
        if self._task is not None:
            await self._task

    async def _run(self) -> None:
        while self._waiting:
            taken, self._waiting = self._waiting[:_AT_ONCE], self._waiting[_AT_ONCE:]
            try:
                ours = await self._send(taken)
            except Exception as error:  # noqa: BLE001 - who put a step must not wait for ever
                for *_, future in taken:
                    if not future.done():
                        future.set_exception(error)
                continue
            for (*_, future), was_ours in zip(taken, ours, strict=True):
                if not future.done():
                    future.set_result(was_ours)

    async def _send(self, taken: list[Step]) -> list[bool]:
        ours: list[bool] = await self._db.run(
            lambda c: c.fetchval(
                self._db.sql("SELECT {schema}.journal_put($1, $2, $3, $4)"),
                [work.work_id for work, _, _, _ in taken],
                [work.attempt for work, _, _, _ in taken],
                [step for _, step, _, _ in taken],
                [body for _, _, body, _ in taken],
            )
        )
        return ours
