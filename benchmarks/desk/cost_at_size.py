"""What a message costs when the log already holds 10⁵ and 10⁶ events, over an empty log.

The cost is CPU time: this process's, and for PostgreSQL that of its server processes as well. A
message is an append with a command and the read of its chat's last events. The 500 chats that are
written to began together, as the chats that are open on a desk did. The events beside theirs are
real appends' rows, copied in bulk with their chats renamed.
"""

from __future__ import annotations

import asyncio
import secrets
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import asyncpg
import psutil
import uvloop
from tests.postgres import dsn_for_benchmarks

from benchmarks.desk._logs import CHATS, said, throughput
from benchmarks.harness import finish, options, report
from stepin.log.postgres import PostgresLog
from stepin.log.protocol import Appended, Log
from stepin.log.sqlite import SqliteLog

WRITERS = 64
SEED = 10_000

COPY_SQLITE = (
    "INSERT INTO stream SELECT id + {n}, name || '-{k}' FROM stream WHERE id <= {seed}",
    "INSERT INTO event SELECT position + {n}, stream + {n}, {rest} FROM event "
    "WHERE position BETWEEN 2 AND {seed} + 1",
    "INSERT INTO command SELECT stream + {n}, id, digest, first_seq, last_seq FROM command "
    "WHERE stream <= {seed}",
)
COPY_POSTGRES = (
    "INSERT INTO {schema}.event SELECT position + {n}, stream || '-{k}', {rest} "
    "FROM {schema}.event WHERE position BETWEEN 2 AND {seed} + 1",
    "INSERT INTO {schema}.command SELECT stream || '-{k}', id, digest, first_seq, last_seq "
    "FROM {schema}.command WHERE stream NOT LIKE '%-%'",
)
REST = "seq, at_us, epoch, basis, kind, ref, meta, data, private, hash"


def copies(texts: Sequence[str], events: int, schema: str = "") -> list[str]:
    """Return the statements that bring a seeded log to so many events."""
    return [
        text.format(schema=schema, n=k * SEED, k=k, seed=SEED, rest=REST)
        for k in range(1, events // SEED)
        for text in texts
    ]


def cpu_s(servers: list[psutil.Process]) -> float:
    """Return the CPU time of this process and of some others, in seconds."""
    total = time.process_time()
    for process in servers:
        times = process.cpu_times()
        total += times.user + times.system
    return total


async def cost_us(log: Log, servers: list[psutil.Process], count: int, first: int) -> float:
    """Return the CPU time of a message in µs."""
    items = iter([said(n, name="x") for n in range(first, first + count)])

    async def write() -> None:
        for item in items:
            done = await log.append(item)
            assert isinstance(done, Appended)
            await log.read(item.stream, after_seq=done.events[0].seq - 5)

    started = cpu_s(servers)
    await asyncio.gather(*(write() for _ in range(WRITERS)))
    return (cpu_s(servers) - started) / count * 1e6


async def sqlite(folder: Path, events: int) -> Log:
    log = await SqliteLog.open(folder / f"{secrets.token_hex(4)}.sqlite")
    if events:
        await throughput(log, SEED, 256)
        await log.close()
        import sqlite3
        from contextlib import closing

        with closing(sqlite3.connect(log.path)) as conn:
            for statement in copies(COPY_SQLITE, events):
                conn.execute(statement)
            conn.commit()
            conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        log = await SqliteLog.open(log.path)
    return log


async def postgres(dsn: str, events: int) -> PostgresLog:
    log = await PostgresLog.open(dsn, schema=f"stepin_bench_{secrets.token_hex(4)}")
    if events:
        await throughput(log, SEED, 256)
        conn = await asyncpg.connect(dsn)
        for statement in copies(COPY_POSTGRES, events, log.schema):
            await conn.execute(statement)
        for table in ("event", "command"):
            await conn.execute(f"VACUUM ANALYZE {log.schema}.{table}")
        await conn.close()
    return log


async def server_processes(dsn: str, log: PostgresLog) -> list[psutil.Process]:
    """Return the processes that serve this log's sessions."""
    conn = await asyncpg.connect(dsn)
    rows = await conn.fetch(
        "SELECT pid FROM pg_stat_activity WHERE application_name = 'stepin' "
        "AND query LIKE $1", f"%{log.schema}%",
    )  # fmt: skip
    await conn.close()
    return [psutil.Process(row[0]) for row in rows]


def main() -> None:
    """Measure both adapters at each size, the sizes in turn."""
    given = options(__doc__)
    sizes = (0, 100_000) if given.quick else (0, 100_000, 1_000_000)
    runs, count = given.pick(7, 5), given.pick(3_000, 1_500)

    async def run(kind: str, logs: dict[int, Log], dsn: str) -> None:
        costs: dict[int, list[float]] = {size: [] for size in sizes}
        servers: dict[int, list[psutil.Process]] = {}
        for size, log in logs.items():
            await throughput(log, 2 * CHATS, 64, first=SEED)
            local = isinstance(log, PostgresLog)
            servers[size] = await server_processes(dsn, log) if local else []
        for n in range(runs):
            for size, log in logs.items():
                costs[size].append(await cost_us(log, servers[size], count, n * count))
            print(f"  run {n + 1}: {[f'{costs[size][-1]:.0f} µs' for size in sizes]}", flush=True)
        for size in sizes[1:]:
            report(
                f"{kind}: a message's cost at {size:,} events over an empty log",
                costs[size],
                costs[0],
                goal=1.2,
                at_least=False,
                unit="µs",
            )

    async def on_sqlite(folder: Path) -> None:
        logs: dict[int, Log] = {size: await sqlite(folder, size) for size in sizes}
        await run("SQLite", logs, "")
        for log in logs.values():
            await log.close()

    async def on_postgres(dsn: str) -> None:
        logs = {size: await postgres(dsn, size) for size in sizes}
        try:
            await run("PostgreSQL", dict(logs), dsn)
        finally:
            for log in logs.values():
                await log.close()
            conn = await asyncpg.connect(dsn)
            for log in logs.values():
                await conn.execute(f"DROP SCHEMA {log.schema} CASCADE")
            await conn.close()

    with tempfile.TemporaryDirectory() as name:
        uvloop.run(on_sqlite(Path(name)))
    with dsn_for_benchmarks() as dsn:
        if dsn is not None:
            uvloop.run(on_postgres(dsn))
    finish()


if __name__ == "__main__":
    main()
