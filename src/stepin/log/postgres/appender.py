"""The one appending connection of a process: items that wait together share a commit."""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

import asyncpg

from stepin.core.record import Recorded
from stepin.errors import StepinError, Unavailable
from stepin.log.postgres.batch import REASONS, Ask, BatchReplay, outcomes
from stepin.log.postgres.database import Connection, Database, lost, over, unavailable
from stepin.log.postgres.prepare import append
from stepin.log.postgres.rows import head, read_command, read_positions, read_stream
from stepin.log.protocol import Append, Appended, NotAppended, Outcome
from stepin.log.writes import Writes


class Appender:
    """Sends batches in order, one at a time, each carried out exactly once.

    A batch whose answer is lost with the connection is sent again under the same number: the
    function answers for a number that it has seen with what it did then, and never does it twice.

    Parameters
    ----------
    db : the database.
    committed : called after the commit and before the answers, with what was appended.
    writes : is told what became of each batch.
    batch : the most items that share a commit.
    """

    def __init__(
        self,
        db: Database,
        *,
        committed: Callable[[Sequence[Recorded], int], None],
        writes: Writes,
        batch: int = 256,
    ) -> None:
        self._db = db
        self._committed = committed
        self._writes = writes
        self._batch = batch
        self._writer = secrets.token_hex(8)
        self._number = 0
        self._conn: Connection | None = None
        self._waiting: deque[tuple[Ask, asyncio.Future[Outcome]]] = deque()
        self._filled = asyncio.Event()
        self._closed = False
        self._task = asyncio.create_task(self._run(), name="stepin-log-appender")

    def ask(self, ask: Ask) -> asyncio.Future[Outcome]:
        """Return a future of the item's outcome; it is set after the commit."""
        if self._closed:
            raise Unavailable(
                "The log is closed.",
                hint="This process is stopping: try again with another one, or in a moment.",
                code="log_closed",
            )
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting.append((ask, future))
        self._filled.set()
        return future

    async def close(self) -> None:
        """Finish every item that was asked for, then let go of the connection."""
        if self._closed:
            return
        self._closed = True
        self._filled.set()
        await self._task
        if self._conn is not None:
            try:
                await self._conn.execute(
                    self._db.sql("DELETE FROM {schema}.writer WHERE id = $1"), self._writer
                )
                await self._conn.close()
            except Exception as error:
                self._conn.terminate()
                if not lost(error) and not isinstance(error, asyncpg.PostgresError):
                    raise

    async def _run(self) -> None:
        while self._waiting or not self._closed:
            if not self._waiting:
                self._filled.clear()
                await self._filled.wait()
                continue
            taken = [self._waiting.popleft() for _ in range(min(self._batch, len(self._waiting)))]
            await self._carry_out(taken)

    async def _carry_out(self, taken: list[tuple[Ask, asyncio.Future[Outcome]]]) -> None:
        asks = [ask for ask, _ in taken]
        done: Sequence[Outcome | StepinError]
        try:
            done = await self._send(asks)
            self._writes.done()
        except StepinError as error:
            if isinstance(error, Unavailable):
                self._writes.failed(error.code)
            if len(taken) > 1 and not isinstance(error, Unavailable):
                # One item that the server can't take must not refuse the others.
                for one in taken:
                    await self._carry_out([one])
                return
            done = [error] * len(taken)
        except Exception as error:  # noqa: BLE001 - the queue must go on after a bad item
            if len(taken) > 1:
                for one in taken:
                    await self._carry_out([one])
                return
            for _, future in taken:
                if not future.done():
                    future.set_exception(error)
            return
        for (_, future), outcome in zip(taken, done, strict=True):
            if future.done():
                continue
            if isinstance(outcome, StepinError):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)

    async def _send(self, asks: list[Ask]) -> list[Outcome]:
        self._number += 1
        number = self._number
        answer = await self._patiently(
            lambda conn: append(conn, self._db, self._writer, number, asks)
        )
        found = (
            await self._recover(asks, answer)
            if answer["o_seq"] is None
            else await self._replay(asks, outcomes(asks, answer))
        )
        appended = [
            event
            for outcome in found
            if isinstance(outcome, Appended) and not outcome.replayed
            for event in outcome.events
        ]
        if appended:
            self._committed(appended, answer["o_now_us"])
        return found

    async def _patiently(self, work: Callable[[Connection], Awaitable[Any]]) -> Any:
        async def once() -> Any:
            if self._conn is None or self._conn.is_closed():
                self._conn = await self._db.connect()
            try:
                return await work(self._conn)
            except Exception as error:  # noqa: BLE001 - it is raised again
                found = over(error, self._conn)
                if lost(found):
                    self._conn.terminate()
                    self._conn = None
                raise found from error.__cause__

        try:
            return await self._db.patiently(once)
        except Unavailable as error:
            if error.code == "log_unavailable":
                raise unavailable(
                    error.__cause__ or error, code="append_unknown"
                ) from error.__cause__
            raise

    async def _replay(
        self, asks: Sequence[Ask], found: Sequence[Outcome | BatchReplay]
    ) -> list[Outcome]:
        done: list[Outcome] = []
        for ask, outcome in zip(asks, found, strict=True):
            if isinstance(outcome, BatchReplay):
                done.append(
                    await self._appended_before(ask.item, outcome.first_seq, outcome.last_seq)
                )
            else:
                done.append(outcome)
        return done

    async def _appended_before(self, item: Append, first_seq: int, last_seq: int) -> Appended:
        events = await self._patiently(
            lambda conn: read_stream(
                conn, self._db, item.stream, first_seq - 1, last_seq - first_seq + 1
            )
        )
        return Appended(events=tuple(events), replayed=True)

    async def _recover(self, asks: Sequence[Ask], answer: Any) -> list[Outcome]:
        """Return what became of a batch that an earlier call had carried out, unanswered."""
        db = self._db
        verdicts: str = answer["o_verdicts"]
        count = sum(
            len(a.encoded) for a, verdict in zip(asks, verdicts, strict=True) if verdict == "a"
        )
        rest = iter(
            await self._patiently(
                lambda conn: read_positions(conn, db, answer["o_position"], count)
            )
        )
        done: list[Outcome] = []
        for ask, verdict in zip(asks, verdicts, strict=True):
            item = ask.item
            if verdict == "a":
                done.append(Appended(events=tuple(next(rest) for _ in ask.encoded)))
            elif verdict == "r" and item.command_id is not None:
                carried = await self._patiently(
                    partial(read_command, db=db, stream=item.stream, command_id=item.command_id)
                )
                done.append(Appended(events=carried.events, replayed=True))
            else:
                stands = await self._patiently(partial(head, db=db, stream=item.stream))
                done.append(NotAppended(reason=REASONS[verdict], head=stands))
        return done
