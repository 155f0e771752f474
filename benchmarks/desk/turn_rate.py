"""A durable AI turn on the bare log: its five writes against plain appends.

A turn is a customer's message with the turn put as work (one append), a claim, a journaled step, an
effect's event through the fence, and the answer through the fence with the turn dropped. Five times
the turns a second over the appends a second of the same log says what claims, journal and fence
cost beside appending.
"""

from __future__ import annotations

import asyncio
import secrets
import tempfile
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import asyncpg
import uvloop
from tests.postgres import dsn_for_benchmarks

from benchmarks.desk._logs import TEXT, throughput
from benchmarks.harness import finish, options, paired, report
from stepin.core.events.chat import MessagePosted
from stepin.core.events.supervision import NudgeShown
from stepin.core.fence import Fence
from stepin.core.record import NewEvent
from stepin.core.work import Claimed, DropWork, PutWork
from stepin.log.postgres import PostgresLog
from stepin.log.protocol import Append, Appended, Log
from stepin.log.sqlite import SqliteLog

CUSTOMERS = 256
AT_ONCE = 128
Open = Callable[[], Coroutine[Any, Any, Log]]


async def turns(log: Log, count: int) -> float:
    """Return finished turns a second, with so many customers writing and one process working."""
    numbers = iter(range(count))
    asked, done = asyncio.Event(), 0
    finished = asyncio.Event()
    started = time.perf_counter()

    async def ask() -> None:
        for n in numbers:
            stream = f"chat/{n:08d}"
            item = Append(
                stream=stream,
                events=(NewEvent(event=MessagePosted(author="customer", text=TEXT)),),
                command_id=f"m{n}",
                command_digest=b"d",
                work=(PutWork(work_id=f"turn:{n}", kind="turn", stream=stream),),
            )
            assert isinstance(await log.append(item), Appended)
            asked.set()

    async def answer(work: Claimed) -> None:
        nonlocal done
        fence = Fence(epoch=0, work_id=work.work_id, attempt=work.attempt, basis_seq=1)
        assert await log.journal_put(work, "reply", TEXT.encode())
        effect = NewEvent(event=NudgeShown(worker_id="w", kind="effect"), actor="ai:1")
        assert isinstance(
            await log.append(Append(stream=work.stream, events=(effect,), fence=fence)), Appended
        )
        said = NewEvent(event=MessagePosted(author="ai", text=TEXT), actor="ai:1")
        last = Append(
            stream=work.stream,
            events=(said,),
            fence=fence,
            work=(DropWork(work_id=work.work_id),),
        )
        assert isinstance(await log.append(last), Appended)
        done += 1
        if done == count:
            finished.set()

    async def serve() -> None:
        running: set[asyncio.Task[None]] = set()
        while not finished.is_set():
            claimed = await log.claim(
                ["turn"], holder="bench", limit=AT_ONCE - len(running), lease_s=60
            )
            running |= {asyncio.create_task(answer(work)) for work in claimed}
            if not running:
                asked.clear()
                await asked.wait()
            elif len(running) >= AT_ONCE or not claimed:
                _, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)

    await asyncio.gather(serve(), *(ask() for _ in range(CUSTOMERS)))
    return count / (time.perf_counter() - started)


def measure(open_one: Open, drop: Callable[[Log], Coroutine[Any, Any, None]], count: int,
            *, plain: bool) -> float:  # fmt: skip
    async def run() -> float:
        log = await open_one()
        rate = await (throughput(log, 5 * count, CUSTOMERS) if plain else turns(log, count))
        await log.close()
        await drop(log)
        return rate if plain else 5 * rate

    return uvloop.run(run())


def main() -> None:
    """Measure both adapters."""
    given = options(__doc__)
    count, runs = given.pick(2_000, 800), given.pick(7, 5)
    with tempfile.TemporaryDirectory() as name:

        async def open_file() -> Log:
            return await SqliteLog.open(Path(name) / f"{secrets.token_hex(4)}.sqlite")

        async def leave(log: Log) -> None:
            """Leave it: the folder goes as a whole."""

        print("SQLite, synchronous=FULL")
        ours, plain = paired(
            runs,
            lambda: measure(open_file, leave, count, plain=False),
            lambda: measure(open_file, leave, count, plain=True),
        )
        report("SQLite: writes in turns over appends", ours, plain, goal=0.8, unit="per s")
    with dsn_for_benchmarks() as dsn:
        if dsn is not None:

            async def open_schema() -> Log:
                return await PostgresLog.open(dsn, schema=f"stepin_bench_{secrets.token_hex(4)}")

            async def drop(log: Log) -> None:
                assert isinstance(log, PostgresLog)
                conn = await asyncpg.connect(dsn)
                await conn.execute(f"DROP SCHEMA {log.schema} CASCADE")
                await conn.close()

            print("PostgreSQL, synchronous_commit=on")
            ours, plain = paired(
                runs,
                lambda: measure(open_schema, drop, count, plain=False),
                lambda: measure(open_schema, drop, count, plain=True),
            )
            report("PostgreSQL: writes in turns over appends", ours, plain, goal=0.8, unit="per s")
    finish()


if __name__ == "__main__":
    main()
