"""The one writer thread of a process: jobs that wait together share a transaction and an fsync."""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from stepin.core.record import Recorded
from stepin.errors import StepinError, Unavailable

T = TypeVar("T")
Job = Callable[[], Any]


class _Asked(msgspec.Struct):
    job: Job
    future: asyncio.Future[Any]


class Writer:
    """Runs jobs in order, each in one of the transactions that it opens.

    Parameters
    ----------
    conn : the writing connection; used by this thread alone.
    begin : called first in every transaction.
    forget : called after a rollback: whatever was remembered of the database is wrong.
    committed : called in the event loop, after the commit and before the answers, with the
        events that the jobs have appended.
    appended : the list in which jobs leave the events that they append.
    batch : the most jobs that share a commit.
    """

    def __init__(
        self,
        conn: sqlite3.Connection,
        *,
        loop: asyncio.AbstractEventLoop,
        begin: Callable[[], None],
        forget: Callable[[], None],
        committed: Callable[[list[Recorded]], None],
        appended: list[Recorded],
        batch: int = 256,
    ) -> None:
        self._conn = conn
        self._loop = loop
        self._begin = begin
        self._forget = forget
        self._committed = committed
        self._appended = appended
        self._batch = batch
        self._asked: queue.SimpleQueue[_Asked | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="stepin-log-writer", daemon=True)
        self._thread.start()
        self._closed = False

    def ask(self, job: Callable[[], T]) -> asyncio.Future[T]:
        """Return a future of the job's result; it is set after the commit."""
        if self._closed:
            raise Unavailable("The log is closed.", code="log_closed")
        future: asyncio.Future[T] = self._loop.create_future()
        self._asked.put(_Asked(job, future))
        return future

    async def close(self) -> None:
        """Finish every job that was asked for, then end the thread."""
        if not self._closed:
            self._closed = True
            self._asked.put(None)
            await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        while True:
            first = self._asked.get()
            if first is None:
                return
            batch, last = [first], False
            while len(batch) < self._batch:
                try:
                    asked = self._asked.get_nowait()
                except queue.Empty:
                    break
                if asked is None:
                    last = True
                    break
                batch.append(asked)
            self._commit(batch)
            if last:
                return

    def _commit(self, batch: list[_Asked]) -> None:
        self._appended.clear()
        try:
            self._conn.execute("BEGIN IMMEDIATE")
            self._begin()
            answers = [asked.job() for asked in batch]
            self._conn.execute("COMMIT")
        except Exception as error:  # noqa: BLE001 - one job's failure must not take the others along
            self._roll_back()
            if len(batch) == 1:
                self._answer(batch, [_unavailable(error)], [])
            else:
                for asked in batch:
                    self._commit([asked])
            return
        self._answer(batch, answers, list(self._appended))

    def _roll_back(self) -> None:
        self._forget()
        if self._conn.in_transaction:
            self._conn.execute("ROLLBACK")

    def _answer(self, batch: list[_Asked], answers: list[Any], appended: list[Recorded]) -> None:
        def deliver() -> None:
            if appended:
                self._committed(appended)
            for asked, answer in zip(batch, answers, strict=True):
                if asked.future.cancelled():
                    continue
                if isinstance(answer, BaseException):
                    asked.future.set_exception(answer)
                else:
                    asked.future.set_result(answer)

        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(deliver)


def _unavailable(error: Exception) -> Exception:
    if isinstance(error, StepinError) or not isinstance(error, sqlite3.Error):
        return error
    return Unavailable(
        f"The log can't be written now: {error}.",
        hint="Free disk space or end what locks the file; nothing acknowledged is lost.",
        code="log_unwritable",
    )
