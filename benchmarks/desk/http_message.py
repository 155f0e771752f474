"""The server's CPU for a message: POST, append, a customer's feed and a console's, over the floor.

The floor is a bare ASGI application on the same server: it decodes the JSON and writes to two
streams, with no store, no tokens and no checks. Ours authenticates, limits, decides, appends to
SQLite with synchronous=FULL, folds and feeds; the whole desk has scored every message before the
clock stops. Measured as CPU time of the serving process.
"""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import uvloop

from benchmarks.desk._served import Running, connect, drain, post, running
from benchmarks.harness import finish, options, paired, report

CHATS = 64
TEXT = "Where is my parcel? I have been waiting for it since last week, order A-1001."


async def _messages(server: Running, count: int, run: int) -> float:
    port = server.told["port"]
    chats = server.told["chats"]
    console = server.told["console"]
    feeds = [await connect(port, c["feed"], c["head"]) for c in (*chats, console)]
    drains = [asyncio.create_task(drain(reader)) for reader, _ in feeds]

    async def one(n: int, share: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for i in range(share):
            await post(reader, writer, chats[n]["post"], chats[n]["head"], TEXT, f"{run}-{i}")
        writer.close()

    await asyncio.gather(*(one(n, 3) for n in range(CHATS)))
    run += 1_000_000
    before = server.cpu_s()
    await asyncio.gather(*(one(n, count // CHATS) for n in range(CHATS)))
    await asyncio.sleep(0.2)
    if server.told.get("log"):
        await _scored(server.told["log"])
    took = server.cpu_s() - before
    for task in drains:
        task.cancel()
    for _, writer in feeds:
        writer.close()
    return took / (count // CHATS * CHATS) * 1e6


async def _scored(log: str) -> None:
    """Wait until every message that detectors look at has its score: the desk has worked it off."""
    with closing(sqlite3.connect(f"file:{log}?mode=ro", uri=True)) as db:
        ask = "SELECT count(*) FILTER (WHERE kind = 'MessagePosted' AND epoch > 0 AND json_extract("
        ask += "data, '$.author') = 'customer'), count(*) FILTER (WHERE kind = 'ChatScored')"
        for _ in range(3_000):
            said, scored = db.execute(f"{ask} FROM event").fetchone()
            if scored >= said:
                return
            await asyncio.sleep(0.02)
    raise RuntimeError(f"{said - scored} of {said} messages have no score")


def _compare(kind: str, folder: Path, count: int, runs: int) -> tuple[list[float], list[float]]:
    folder.mkdir()
    turn = iter(range(1_000))
    with running("raw", folder, CHATS) as raw, running(kind, folder, CHATS) as desk:
        return paired(
            runs,
            lambda: uvloop.run(_messages(desk, count, next(turn))),
            lambda: uvloop.run(_messages(raw, count, next(turn))),
        )


def main() -> None:
    """Measure the message path, then the whole desk."""
    given = options(__doc__)
    count, runs = given.pick(6_400, 1_280), given.pick(7, 5)
    with tempfile.TemporaryDirectory() as name:
        for kind, what in (("path", "message path"), ("desk", "whole desk")):
            print(f"{what}: µs of server CPU a message", flush=True)
            ours, floor = _compare(kind, Path(name) / kind, count, runs)
            report(
                f"server CPU a message over raw ASGI, {what}",
                ours,
                floor,
                goal=2.5,
                at_least=False,
                unit="µs",
            )
    finish()


if __name__ == "__main__":
    main()
