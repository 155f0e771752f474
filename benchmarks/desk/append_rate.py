"""Appends a second against bare inserts of the same bytes and indices, a hundred in a commit.

An append looks up its command, draws position and seq, checks the stream's head and links the hash
chain. The floor inserts the very rows that the appends have stored (an event and its command, with
all their indices) through the same driver, a hundred appends in a transaction, and does nothing
else. SQLite runs with synchronous=FULL on both sides, PostgreSQL with synchronous_commit=on.
"""

from __future__ import annotations

import secrets
import sqlite3
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import uvloop
from tests.postgres import dsn_for_benchmarks

from benchmarks.desk._logs import throughput
from benchmarks.harness import finish, options, paired, report
from stepin.log.postgres import PostgresLog
from stepin.log.sqlite import SqliteLog
from stepin.log.sqlite.connection import connect, prepare

WRITERS = 256
BATCH = 100
EVENTS = "position, stream, seq, at_us, epoch, basis, kind, ref, meta, data, private, hash"
COMMANDS = "stream, id, digest, first_seq, last_seq"


@dataclass(slots=True)
class Stored:
    """The rows that a run of ours has left, for the floor to insert."""

    events: list[tuple[Any, ...]] = field(default_factory=list)
    commands: list[tuple[Any, ...]] = field(default_factory=list)


def sqlite_ours(folder: Path, count: int, stored: Stored) -> float:
    async def run() -> float:
        log = await SqliteLog.open(folder / f"{secrets.token_hex(4)}.sqlite")
        rate = await throughput(log, count, WRITERS)
        await log.close()
        with closing(sqlite3.connect(log.path)) as conn:
            stored.events = conn.execute(f"SELECT {EVENTS} FROM event").fetchall()
            stored.commands = conn.execute(f"SELECT {COMMANDS} FROM command").fetchall()
        log.path.unlink()
        return rate

    return uvloop.run(run())


def sqlite_floor(folder: Path, stored: Stored) -> float:
    path = folder / f"{secrets.token_hex(4)}.sqlite"
    conn = connect(path)
    prepare(conn, path)
    started = time.perf_counter()
    for n in range(0, len(stored.events), BATCH):
        conn.execute("BEGIN IMMEDIATE")
        conn.executemany(
            "INSERT INTO event VALUES (?,?,?,?,?,?,?,?,?,?,?,?)", stored.events[n : n + BATCH]
        )
        conn.executemany("INSERT INTO command VALUES (?,?,?,?,?)", stored.commands[n : n + BATCH])
        conn.execute("COMMIT")
    rate = len(stored.events) / (time.perf_counter() - started)
    conn.close()
    path.unlink()
    return rate


def postgres_ours(dsn: str, count: int, stored: Stored) -> float:
    async def run() -> float:
        schema = f"stepin_bench_{secrets.token_hex(4)}"
        log = await PostgresLog.open(dsn, schema=schema)
        rate = await throughput(log, count, WRITERS)
        await log.close()
        conn = await asyncpg.connect(dsn)
        stored.events = [tuple(r) for r in await conn.fetch(f"SELECT {EVENTS} FROM {schema}.event")]
        stored.commands = [
            tuple(r) for r in await conn.fetch(f"SELECT {COMMANDS} FROM {schema}.command")
        ]
        await conn.execute(f"DROP SCHEMA {schema} CASCADE")
        await conn.close()
        return rate

    return uvloop.run(run())


def postgres_floor(dsn: str, stored: Stored) -> float:
    async def run() -> float:
        schema = f"stepin_bench_{secrets.token_hex(4)}"
        log = await PostgresLog.open(dsn, schema=schema)
        await log.close()
        conn = await asyncpg.connect(dsn)
        await conn.execute(f"TRUNCATE {schema}.event")
        event = ",".join(f"${n}" for n in range(1, 13))
        command = ",".join(f"${n}" for n in range(1, 6))
        started = time.perf_counter()
        for n in range(0, len(stored.events), BATCH):
            async with conn.transaction():
                await conn.executemany(
                    f"INSERT INTO {schema}.event VALUES ({event})", stored.events[n : n + BATCH]
                )
                await conn.executemany(
                    f"INSERT INTO {schema}.command VALUES ({command})",
                    stored.commands[n : n + BATCH],
                )
        rate = len(stored.events) / (time.perf_counter() - started)
        await conn.execute(f"DROP SCHEMA {schema} CASCADE")
        await conn.close()
        return rate

    return uvloop.run(run())


def main() -> None:
    """Measure both adapters."""
    given = options(__doc__)
    count, runs = given.pick(20_000, 5_000), given.pick(7, 5)
    stored = Stored()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sqlite_ours(folder, count, stored)
        print("SQLite, synchronous=FULL")
        ours, floor = paired(
            runs,
            lambda: sqlite_ours(folder, count, stored),
            lambda: sqlite_floor(folder, stored),
        )
        report("SQLite FULL appends over bare inserts", ours, floor, goal=0.55, unit="per s")
    with dsn_for_benchmarks() as dsn:
        if dsn is not None:
            postgres_ours(dsn, count, stored)
            print("PostgreSQL, synchronous_commit=on")
            ours, floor = paired(
                runs, lambda: postgres_ours(dsn, count, stored), lambda: postgres_floor(dsn, stored)
            )
            report("PostgreSQL appends over bare inserts", ours, floor, goal=0.4, unit="per s")
    finish()


if __name__ == "__main__":
    main()
