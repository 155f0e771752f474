"""Two thousand customers come back at once, each having missed a message.

Each feed resumes from its cursor; whoever misses a message, gets one twice or out of order is
counted. The server's CPU a return is compared with a raw ASGI server that sends everybody one
fixed frame.
"""

from __future__ import annotations

import asyncio
import json
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

import uvloop

from benchmarks.desk._served import Running, connect, post, running
from benchmarks.harness import finish, line, options, report


async def _miss(server: Running, cursors: list[int]) -> None:
    """Let every customer hear one message and miss the next."""
    port = server.told["port"]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for n, chat in enumerate(server.told["chats"]):
        await post(reader, writer, chat["post"], chat["head"], "missed", f"miss{cursors[n]}")
    writer.close()


async def _back(port: int, path: str, head: str) -> list[Any]:
    reader, writer = await connect(port, path, head)
    heard: list[Any] = []
    while not heard or "missed" not in json.dumps(heard[-1]):
        chunk = await asyncio.wait_for(reader.readuntil(b"\n\n\r\n"), 60)
        if b"data: " in chunk:
            heard.append(json.loads(chunk.split(b"data: ", 1)[1].split(b"\n", 1)[0]))
    writer.close()
    return heard


async def _storm(server: Running, cursors: list[int] | None) -> tuple[float, float, int]:
    port, chats = server.told["port"], server.told["chats"]
    if cursors is not None:
        await _miss(server, cursors)
        await asyncio.sleep(0.5)
    before, started = server.cpu_s(), time.perf_counter()
    paths = [
        f"{c['feed']}?again" if cursors is None else f"{c['again']}{cursors[n]}"
        for n, c in enumerate(chats)
    ]
    heard = await asyncio.gather(
        *(_back(port, path, c["head"]) for path, c in zip(paths, chats, strict=True))
    )
    took_s = time.perf_counter() - started
    await asyncio.sleep(0.3)
    cpu_us = (server.cpu_s() - before) / len(chats) * 1e6
    wrong = 0
    if cursors is not None:
        for n, frames in enumerate(heard):
            seqs = [m["seq"] for f in frames for m in f.get("messages", ())]
            texts = [m["text"] for f in frames for m in f.get("messages", ())]
            fine = texts == ["missed"] and min(seqs) > cursors[n] and len(set(seqs)) == len(seqs)
            wrong += not fine
            cursors[n] = max(f["seq"] for f in frames)
    return cpu_us, took_s, wrong


def main() -> None:
    """Measure both sides."""
    given = options(__doc__)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    count, runs = min(given.pick(2_000, 400), hard - 500), 5
    ours, floor, seconds, wrong = [], [], [], 0
    with (
        tempfile.TemporaryDirectory() as name,
        running("raw", Path(name), count) as raw,
        running("path", Path(name), count) as desk,
    ):
        heads = [int(c["feed"].rpartition("=")[2]) for c in desk.told["chats"]]
        for run in range(runs):
            cpu_us, took_s, bad = uvloop.run(_storm(desk, heads))
            floor_us, floor_s, _ = uvloop.run(_storm(raw, None))
            ours.append(cpu_us)
            floor.append(floor_us)
            seconds.append(took_s)
            wrong += bad
            print(
                f"  run {run + 1}: {count} back in {took_s:.2f} s (raw {floor_s:.2f} s), "
                f"{cpu_us:.0f} µs each (raw {floor_us:.0f}), wrong {bad}",
                flush=True,
            )
    report(
        f"{count} return at once: server CPU each over raw ASGI", ours, floor, goal=4.0,
        at_least=False, unit="µs",
    )  # fmt: skip
    line(
        f"{count} return at once, {runs} times: messages missed, doubled or misordered",
        ours=wrong,
        reference=0,
        ratio=wrong,
        goal="0",
        holds=wrong == 0,
    )
    finish()


if __name__ == "__main__":
    main()
