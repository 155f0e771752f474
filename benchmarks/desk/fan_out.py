"""PostgreSQL: the message rate with another process following the log, over the rate without.

With: commits wake the other process (coalesced NOTIFY) and it reads all that was appended. Without:
the same appends, nobody is told and nobody reads. The other process must have seen every position,
in order, before its run counts.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import subprocess
import sys

import asyncpg
import uvloop
from tests.postgres import dsn_for_benchmarks

from benchmarks.desk._logs import throughput
from benchmarks.harness import finish, options, paired, report
from stepin.log.postgres import PostgresLog

WRITERS = 128
FOLLOWER = "--follow"


async def follow(dsn: str, schema: str, last: int) -> None:
    """Read the log to a position as it grows, then say how many events came and in what order."""
    log = await PostgresLog.open(dsn, schema=schema, readonly=True)
    seen, position, ordered = 0, 1, True
    tail = log.tail(after_position=1)
    print("ready", flush=True)
    async for batch in tail:
        for event in batch:
            ordered &= event.position == position + 1
            position = event.position
            seen += 1
        if position >= last:
            break
    print(json.dumps({"seen": seen, "ordered": ordered}), flush=True)
    await log.close()


def measure(dsn: str, count: int, *, followed: bool) -> float:
    async def run() -> float:
        schema = f"stepin_bench_{secrets.token_hex(4)}"
        log = await PostgresLog.open(dsn, schema=schema, wakes=followed)
        other: subprocess.Popen[str] | None = None
        if followed:
            command = [*(sys.executable, "-m", "benchmarks.desk.fan_out", FOLLOWER, dsn, schema)]
            other = subprocess.Popen([*command, str(count + 1)], stdout=subprocess.PIPE, text=True)
            assert other.stdout is not None
            assert other.stdout.readline() == "ready\n"
        rate = await throughput(log, count, WRITERS)
        if other is not None:
            told, _ = await asyncio.to_thread(other.communicate)
            assert json.loads(told) == {"seen": count, "ordered": True}
        await log.close()
        conn = await asyncpg.connect(dsn)
        await conn.execute(f"DROP SCHEMA {schema} CASCADE")
        await conn.close()
        return rate

    return uvloop.run(run())


def main() -> None:
    """Measure with and without, in turn."""
    given = options(__doc__)
    count, runs = given.pick(12_000, 5_000), given.pick(9, 5)
    with dsn_for_benchmarks() as dsn:
        if dsn is not None:
            measure(dsn, count, followed=True)
            ours, without = paired(
                runs,
                lambda: measure(dsn, count, followed=True),
                lambda: measure(dsn, count, followed=False),
            )
            report("PostgreSQL rate with fan-out over without", ours, without, goal=0.85,
                   unit="per s")  # fmt: skip
    finish()


if __name__ == "__main__":
    if FOLLOWER in sys.argv:
        asyncio.run(follow(sys.argv[2], sys.argv[3], int(sys.argv[4])))
    else:
        main()
