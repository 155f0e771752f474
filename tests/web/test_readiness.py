"""Readiness knows whether writes succeed, and says so again when they do."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from stepin.core.events.chat import MessagePosted
from stepin.errors import Unavailable
from stepin.log.open import open_log
from stepin.log.postgres import PostgresLog
from stepin.web.readiness import AGAIN_S, QUIET_S, Readiness
from tests.log.samples import put
from tests.postgres import Server
from tests.web.served import EACH_STORE

ROOT = Path(__file__).parents[2]


async def test_a_full_disk_is_not_ready_until_a_write_succeeds(tmp_path: Path) -> None:
    paths = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.web.full_disk", str(tmp_path)),
        env={**os.environ, "PYTHONPATH": paths},
        stdout=asyncio.subprocess.PIPE,
    )
    out = (await running.communicate())[0].decode().strip().splitlines()
    told = json.loads(out[-1])
    assert told["before"] == 200
    assert told["post"] == 503
    assert "log_unwritable" in told["told"]
    assert "disk I/O" not in told["told"]
    assert "database or disk is full" not in told["told"]
    assert told["full"] == told["still full"] == [503, "log_unwritable"]
    assert told["alive"] == 200
    assert (told["after"], told["post after"]) == (200, 200)


@EACH_STORE
async def test_writes_are_tried_only_where_the_last_one_does_not_say(log_url: str) -> None:
    log = await open_log(log_url)
    now_s = 0.0
    ready = Readiness(log, clock_s=lambda: now_s)

    async def probes() -> int:
        body = await log.record_get("probe", "ready")
        await ready.must_be_writable()
        return body != await log.record_get("probe", "ready")

    await log.append(put("chat/1", MessagePosted(author="worker", text="x")))
    now_s = log.writes.at_s + 1
    assert [await probes() for _ in range(3)] == [0, 0, 0]
    now_s = log.writes.at_s + QUIET_S + 1
    assert await probes() == 1
    log.writes.failed("log_unwritable")
    now_s += AGAIN_S / 2
    with pytest.raises(Unavailable) as refused:
        await ready.must_be_writable()
    assert refused.value.fields["why"] == "log_unwritable"
    now_s += AGAIN_S
    assert await probes() == 1
    assert log.writes.failing == ""
    await log.close()


@EACH_STORE
async def test_a_read_is_no_sign_that_writes_succeed(log_url: str) -> None:
    log = await open_log(log_url)
    log.writes.failed("log_unwritable")
    await log.head("chat/1")
    await log.read("chat/1")
    await log.command("chat/1", "none")
    await log.record_get("probe", "ready")
    assert log.writes.failing == "log_unwritable"
    await log.append(put("chat/1", MessagePosted(author="worker", text="x")))
    assert log.writes.failing == ""
    await log.close()


@pytest.mark.postgres
async def test_a_database_that_is_away_is_not_ready(postgres_server: Server) -> None:
    log = await PostgresLog.open(postgres_server.dsn, schema="stepin_ready", patience_s=0.2)
    ready = Readiness(log, clock_s=lambda: log.writes.at_s + QUIET_S + 1)
    await ready.must_be_writable()
    await asyncio.to_thread(postgres_server.stop)
    try:
        for attempt in (Readiness(log), Readiness(log)):
            log.writes.at_s = float("-inf")
            with pytest.raises(Unavailable) as refused:
                await attempt.must_be_writable()
            assert refused.value.code == "not_ready"
    finally:
        await asyncio.to_thread(postgres_server.start)
    again = Readiness(log)
    async with asyncio.timeout(60):
        await again.must_be_writable()
    await log.close()
