"""Appends a second against bare inserts of the same bytes and indices, a hundred in a commit.

An append looks up its command, draws position and seq, checks the stream's head and links the hash
chain; the floor inserts the very rows that the appends have stored (one table, its three indices)
through the same driver, a hundred in a transaction, and does nothing else. SQLite runs with
synchronous=FULL on both sides, PostgreSQL with synchronous_commit=on.
"""

from __future__ import annotations

import asyncio
import secrets
import sqlite3
import tempfile
import time
from pathlib import Path

import asyncpg

from benchmarks.desk._logs import throughput
from benchmarks.harness import finish, options, paired, report
from stepin.log.postgres import PostgresLog
from stepin.log.sqlite import SqliteLog
from stepin.log.sqlite.connection import connect, prepare
from tests.postgres import dsn_for_benchmarks

WRITERS = 256
COLUMNS = "position, stream, seq, at_us, epoch, basis, kind, ref, meta, data, private, hash"


def sqlite_ours(folder: Path, count: int) -> tuple[float, list[tuple[object, ...]]]:
    async def run() -> float:
        log = await SqliteLog.open(folder / f"{secrets.token_hex(4)}.sqlite")
        rate = await throughput(log, count, WRITERS)
        await log.close()
        rows.extend(sqlite3.connect(log.path).execute(f"SELECT {COLUMNS} FROM event").fetchall())
        return rate

    rows: list[tuple[object, ...]] = []
    return asyncio.run(run()), rows


def sqlite_floor(folder: Path, rows: list[tuple[object, ...]]) -> float:
    path = folder / f"{secrets.token_hex(4)}.sqlite"
    conn = connect(path)
    prepare(conn, path)
    marks = ",".join("?" * 12)
    started = time.perf_counter()
    for n in range(0, len(rows), 100):
        conn.execute("BEGIN IMMEDIATE")
        conn.executemany(f"INSERT INTO event VALUES ({marks})", rows[n : n + 100])
        conn.execute("COMMIT")
    rate = len(rows) / (time.perf_counter() - started)
    conn.close()
    return rate


def postgres_ours(dsn: str, count: int) -> tuple[float, list[tuple[object, ...]]]:
    async def run() -> float:
        schema = f"stepin_bench_{secrets.token_hex(4)}"
        log = await PostgresLog.open(dsn, schema=schema)
        rate = await throughput(log, count, WRITERS)
        await log.close()
        conn = await asyncpg.connect(dsn)
        rows.extend(tuple(r) for r in await conn.fetch(f"SELECT {COLUMNS} FROM {schema}.event"))
        await conn.execute(f"DROP SCHEMA {schema} CASCADE")
        await conn.close()
        return rate

    rows: list[tuple[object, ...]] = []
    return asyncio.run(run()), rows


def postgres_floor(dsn: str, rows: list[tuple[object, ...]]) -> float:
    async def run() -> float:
        schema = f"stepin_bench_{secrets.token_hex(4)}"
        log = await PostgresLog.open(dsn, schema=schema)
        await log.close()
        conn = await asyncpg.connect(dsn)
        await conn.execute(f"TRUNCATE {schema}.event")
        marks = ",".join(f"${n}" for n in range(1, 13))
        started = time.perf_counter()
        for n in range(0, len(rows), 100):
            async with conn.transaction():
                await conn.executemany(
                    f"INSERT INTO {schema}.event VALUES ({marks})", rows[n : n + 100]
                )
        rate = len(rows) / (time.perf_counter() - started)
        await conn.execute(f"DROP SCHEMA {schema} CASCADE")
        await conn.close()
        return rate

    return asyncio.run(run())


def main() -> None:
    """Measure both adapters."""
    given = options(__doc__)
    count, runs = given.pick(20_000, 4_000), given.pick(7, 5)
    last: list[tuple[object, ...]] = []

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)

        def ours() -> float:
            rate, last[:] = sqlite_ours(folder, count)
            return rate

        ours()
        print("SQLite, synchronous=FULL")
        mine, floor = paired(runs, ours, lambda: sqlite_floor(folder, last))
        report("SQLite FULL appends over bare inserts", mine, floor, goal=0.55, unit="per s")
    with dsn_for_benchmarks() as dsn:
        if dsn is not None:

            def postgres() -> float:
                rate, last[:] = postgres_ours(dsn, count)
                return rate

            postgres()
            print("PostgreSQL, synchronous_commit=on")
            mine, floor = paired(runs, postgres, lambda: postgres_floor(dsn, last))
            report("PostgreSQL appends over bare inserts", mine, floor, goal=0.4, unit="per s")
    finish()


if __name__ == "__main__":
    main()
