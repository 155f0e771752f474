"""Several processes on one log: nothing lost, doubled, skipped or done twice."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import msgspec

from stepin.core.events.chat import MessagePosted
from stepin.log.open import open_log
from stepin.log.protocol import Appended, Log
from stepin.log.sqlite import SqliteLog
from stepin.log.verify import verify
from tests.log.samples import put

ROOT = Path(__file__).parents[2]
COUNT = 60


async def process(url: str, name: str) -> tuple[int, list[str]]:
    """Return how many appends another process had acknowledged and what work it did."""
    paths = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.log.writer_process", url, name, str(COUNT)),
        env={**os.environ, "PYTHONPATH": paths},
        stdout=asyncio.subprocess.PIPE,
    )
    told, _ = await running.communicate()
    assert running.returncode == 0
    said = json.loads(told)
    return said["acknowledged"], said["done"]


async def test_two_processes_share_a_log(log: Log, log_url: str) -> None:
    tail = aiter(log.tail(after_position=0))
    (one, done_one), (two, done_two) = await asyncio.gather(
        process(log_url, "one"), process(log_url, "two")
    )
    assert (one, two) == (COUNT, COUNT)
    done = done_one + done_two
    assert sorted(done) == sorted(f"turn:{p}:{n}" for p in ("one", "two") for n in range(COUNT))
    last = await log.position()
    seen = []
    async with asyncio.timeout(30):
        while not seen or seen[-1].position < last:
            seen += await anext(tail)
    assert [e.position for e in seen] == list(range(1, last + 1))
    texts = [e.event.text for e in seen if isinstance(e.event, MessagePosted)]
    assert len(texts) == len(set(texts)) == 2 * COUNT
    verdict = await verify(log)
    assert verdict.whole, verdict.faults


async def test_processes_whose_clocks_differ_keep_time_in_order(tmp_path: Path) -> None:
    hour_us = 3_600 * 10**6
    now_us = [1_700_000_000_000_000]
    path = tmp_path / "log.sqlite"
    logs = [
        await SqliteLog.open(path, clock_us=lambda skew=skew: now_us[0] + skew)
        for skew in (0, hour_us, -hour_us)
    ]
    for n in range(12):
        await logs[n % 3].append(put("chat/1", MessagePosted(author="worker", text=f"{n}")))
        now_us[0] += 10**6
    times = [e.at_us for e in await logs[0].read("chat/1")]
    assert times == sorted(times)
    assert (await verify(logs[0])).whole
    for log in logs:
        await log.close()


async def test_a_command_that_another_process_carried_out_is_not_done_again(
    log: Log, log_url: str
) -> None:
    item = put("chat/0", MessagePosted(author="customer", text="Hi."))
    first, second = (
        msgspec.structs.replace(item, command_id=name, command_digest=b"d") for name in "ab"
    )
    assert isinstance(await log.append(first), Appended)
    other = await open_log(log_url)
    there = await other.append(second)
    assert isinstance(there, Appended)
    await other.close()
    here = await asyncio.gather(*(log.append(again) for again in (first, second)))
    assert all(isinstance(outcome, Appended) and outcome.replayed for outcome in here)
    assert [event.seq for event in await log.read("chat/0")] == [1, 2]
