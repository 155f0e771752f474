"""The one writer thread of a process: jobs that wait together share a transaction and an fsync."""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec

from stepin.core.record import Recorded
from stepin.errors import StepinError, Unavailable
from stepin.log.protocol import Append
from stepin.log.sqlite.store import Store
from stepin.log.writes import Writes

T = TypeVar("T")
Job = Callable[[], Any]


class _Asked(msgspec.Struct):
    job: Job
    future: asyncio.Future[Any]
    items: Sequence[Append]


class Writer:
    """Runs jobs in order, each in one of the transactions that it opens.

    Parameters
    ----------
    store : the tables; used by this thread alone.
    committed : called in the event loop, after the commit and before the answers, with the
        events that the jobs have appended.
    writes : is told what became of each transaction that changed something.
    batch : the most jobs that share a commit.
    """

    def __init__(
        self,
        store: Store,
        *,
        loop: asyncio.AbstractEventLoop,
        committed: Callable[[list[Recorded]], None],
        writes: Writes,
        batch: int = 128,
    ) -> None:
        self._store = store
        self._conn = store.conn
        self._loop = loop
        self._committed = committed
        self._writes = writes
        self._batch = batch
        self._gathered: list[_Asked] = []
        self._asked: queue.SimpleQueue[list[_Asked] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="stepin-log-writer", daemon=True)
        self._thread.start()
        self._closed = False

    def ask(self, job: Callable[[], T], *, items: Sequence[Append] = ()) -> asyncio.Future[T]:
        """Return a future of the job's result; it is set after the commit.

        Parameters
        ----------
        job : what to do inside the transaction.
        items : what the job appends, if it does nothing but append.
        """
        if self._closed:
            raise Unavailable(
                "The log is closed.",
                hint="This process is stopping: try again with another one, or in a moment.",
                code="log_closed",
            )
        future: asyncio.Future[T] = self._loop.create_future()
        if not self._gathered:
            self._loop.call_soon(self._hand_over)
        self._gathered.append(_Asked(job, future, items))
        return future

    def _hand_over(self) -> None:
        """Give the writer all that was asked for in this turn of the loop, as one batch."""
        if self._gathered:
            self._asked.put(self._gathered)
            self._gathered = []

    async def close(self) -> None:
        """Finish every job that was asked for, then end the thread."""
        if not self._closed:
            self._closed = True
            self._hand_over()
            self._asked.put(None)
            await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        waiting: list[_Asked] = []
        last = False
        while True:
            if not waiting:
                if last:
                    return
                more = self._asked.get()
                if more is None:
                    return
                waiting = more
            while len(waiting) < self._batch and not last:
                try:
                    more = self._asked.get_nowait()
                except queue.Empty:
                    break
                if more is None:
                    last = True
                else:
                    waiting = waiting + more
            self._commit(waiting[: self._batch])
            waiting = waiting[self._batch :]

    def _commit(self, batch: list[_Asked]) -> None:
        store = self._store
        store.appended.clear()
        before = self._conn.total_changes
        try:
            self._conn.execute("BEGIN IMMEDIATE")
            store.begin([item for asked in batch for item in asked.items])
            answers = []
            for asked in batch:
                if not asked.items:
                    store.flush()
                answers.append(asked.job())
            store.flush()
            self._conn.execute("COMMIT")
            if self._conn.total_changes != before:
                self._writes.done()
        except Exception as error:  # noqa: BLE001 - one job's failure must not take the others along
            self._roll_back()
            if len(batch) == 1:
                if isinstance(error, sqlite3.Error):
                    self._writes.failed("log_unwritable")
                self._answer(batch, [_unavailable(error)], [])
            else:
                for asked in batch:
                    self._commit([asked])
            return
        self._answer(batch, answers, list(store.appended))

    def _roll_back(self) -> None:
        self._store.forget()
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
    found = Unavailable(
        "The log can't be written now.",
        hint="Try again in a moment; nothing that was acknowledged is lost. Whoever runs the desk: "
        "free disk space, or end what locks the log's file.",
        code="log_unwritable",
    )
    found.__cause__ = error
    return found
