"""Files and schemas that are older, newer, foreign, read-only or full."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from stepin.core.events.chat import MessagePosted
from stepin.core.events.floor import LogNoted
from stepin.errors import Invalid, Missing, StepinError, Unavailable
from stepin.log.open import open_log, sqlite_path
from stepin.log.protocol import Append, Appended
from stepin.log.sqlite import SqliteLog
from stepin.log.verify import verify
from tests.log.database import tamper
from tests.log.samples import fill, put

ROOT = Path(__file__).parents[2]
HELLO = put("chat/0", MessagePosted(author="worker", text="hello"))
GREETING = msgspec.structs.replace(HELLO, command_id="greeting", command_digest=b"g")


TO_VERSION_1 = (
    "DROP TABLE claim",
    "DROP INDEX work_stream",
    "ALTER TABLE work DROP COLUMN unended",
)
SQLITE_TO_VERSION_2 = (
    "CREATE TABLE old_event (position INTEGER PRIMARY KEY, stream TEXT NOT NULL, seq INTEGER NOT "
    "NULL, at_us INTEGER NOT NULL, epoch INTEGER NOT NULL, basis INTEGER NOT NULL, kind TEXT NOT "
    "NULL, ref TEXT, meta BLOB NOT NULL, data BLOB NOT NULL, private BLOB, hash BLOB NOT NULL)",
    "INSERT INTO old_event SELECT position, name, seq, at_us, epoch, basis, kind, ref, meta, data, "
    "private, hash FROM event JOIN stream ON id = stream",
    "CREATE TABLE old_command (stream TEXT NOT NULL, id TEXT NOT NULL, digest BLOB NOT NULL, "
    "first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL, PRIMARY KEY (stream, id))",
    "INSERT INTO old_command SELECT name, c.id, digest, first_seq, last_seq FROM command AS c "
    "JOIN stream AS s ON s.id = c.stream",
    "DROP TABLE event",
    "DROP TABLE command",
    "DROP TABLE stream",
    "ALTER TABLE old_event RENAME TO event",
    "ALTER TABLE old_command RENAME TO command",
    "CREATE UNIQUE INDEX event_stream ON event (stream, seq)",
    "CREATE INDEX event_ref ON event (ref, position) WHERE ref IS NOT NULL",
)


async def to_version_1(url: str) -> None:
    """Take a log back to what version 1 had made.

    No claims, no index of work by stream, and in SQLite streams by name in every row.
    """
    if url.startswith("sqlite"):
        await tamper(url, *SQLITE_TO_VERSION_2, *TO_VERSION_1, "PRAGMA user_version = 1")
    else:
        await tamper(url, *TO_VERSION_1, "UPDATE log SET schema_version = 1")


async def test_an_older_log_is_migrated_and_stays_whole(log_url: str) -> None:
    log = await open_log(log_url)
    await fill(log)
    assert isinstance(await log.append(GREETING), Appended)
    before = await log.read_all()
    await log.close()
    await to_version_1(log_url)
    with pytest.raises(Invalid) as older:
        await open_log(log_url, write=False)
    assert older.value.code == "older_schema"
    log = await open_log(log_url)
    after = await log.read_all()
    assert after[:-1] == before
    version = 4 if log_url.startswith("sqlite") else 3
    assert after[-1].event == LogNoted(what=f"migrated from schema 1 to {version}")
    again = await log.append(GREETING)
    assert isinstance(again, Appended)
    assert again.replayed
    claiming = Append(stream="chat/0", events=HELLO.events, claims=("order-1/refund/1",))
    assert isinstance(await log.append(claiming), Appended)
    assert (await verify(log)).whole
    await log.close()
    log = await open_log(log_url)
    assert len(await log.read_all()) == len(after) + 1
    await log.close()


async def test_a_newer_log_is_refused(log_url: str) -> None:
    await (await open_log(log_url)).close()
    sqlite = log_url.startswith("sqlite")
    await tamper(
        log_url, "PRAGMA user_version = 99" if sqlite else "UPDATE log SET schema_version = 99"
    )
    for write in (True, False):
        with pytest.raises(Invalid) as newer:
            await open_log(log_url, write=write)
        assert newer.value.code == "newer_schema"


async def test_something_else_is_refused(log_url: str) -> None:
    if log_url.startswith("sqlite"):
        await tamper(log_url, "CREATE TABLE guests (name TEXT)")
    else:
        schema = log_url.rpartition("schema=")[2]
        await tamper(
            log_url, f"CREATE SCHEMA {schema}", f"CREATE TABLE {schema}.guests (name TEXT)"
        )
    with pytest.raises(Invalid) as foreign:
        await open_log(log_url)
    assert foreign.value.code == "not_a_log"


@pytest.mark.parametrize("write", [True, False])
async def test_a_file_that_is_no_database_is_refused(tmp_path: Path, write: bool) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database at all, just some notes\n" * 50)
    with pytest.raises(Invalid) as foreign:
        await open_log(f"sqlite:///{path}", write=write)
    assert foreign.value.code == "not_a_log"
    assert path.read_text().startswith("not a database")


@pytest.mark.parametrize("write", [True, False])
async def test_a_log_that_is_not_there_is_not_made(log_url: str, write: bool) -> None:
    with pytest.raises(Missing) as missing:
        await open_log(log_url, create=False, write=write)
    assert missing.value.code == "no_log"
    if log_url.startswith("sqlite"):
        assert not sqlite_path(log_url).exists()


async def test_a_log_opened_to_read_refuses_appends_and_changes_nothing(log_url: str) -> None:
    log = await open_log(log_url)
    await fill(log)
    await log.close()
    log = await open_log(log_url, write=False)
    with pytest.raises(Unavailable) as unwritable:
        await log.append(HELLO)
    assert unwritable.value.code == "log_unwritable"
    assert len(await log.read_all()) == 22
    await log.close()


async def test_a_folder_that_is_not_there_has_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as away:
        await open_log(f"sqlite:///{tmp_path / 'nowhere' / 'log.sqlite'}")
    assert away.value.code == "log_unavailable"
    assert "folder" in away.value.hint


async def test_a_database_that_is_not_there_has_a_clear_error() -> None:
    from stepin.log.postgres import PostgresLog

    with pytest.raises(StepinError) as away:
        await PostgresLog.open("postgresql://127.0.0.1:1/none", patience_s=0.1)
    assert away.value.code == "log_unavailable"


async def test_a_full_disk_is_reported_and_loses_nothing_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "log.sqlite"
    paths = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.log.full_disk", str(path), "400000"),
        env={**os.environ, "PYTHONPATH": paths},
        stdout=asyncio.subprocess.PIPE,
    )
    told = json.loads((await running.communicate())[0])
    assert told["code"] == "log_unwritable"
    assert told["then"] == "Appended"
    assert told["acknowledged"] > 10
    log = await SqliteLog.open(path)
    assert len(await log.read("chat/1")) == told["acknowledged"] + 1
    assert (await verify(log)).whole
    await log.close()


async def test_one_bad_item_does_not_refuse_the_others(log_url: str) -> None:
    log = await open_log(log_url)
    bad = put("chat/\x00", MessagePosted(author="worker", text="x"))
    done = await asyncio.gather(
        log.append(HELLO), log.append(bad), log.append(HELLO), return_exceptions=True
    )
    assert isinstance(done[0], Appended)
    assert isinstance(done[2], Appended)
    assert isinstance(done[1], Invalid)
    assert done[1].code == "control_character"
    assert [e.seq for e in await log.read("chat/0")] == [1, 2]
    await log.close()


async def test_one_item_that_the_store_can_not_hold_does_not_refuse_the_others(
    log_url: str,
) -> None:
    log = await open_log(log_url)
    bad = put("chat/1", MessagePosted(author="worker", text="x"), epoch=2**63)
    done = await asyncio.gather(
        log.append(HELLO), log.append(bad), log.append(HELLO), return_exceptions=True
    )
    assert isinstance(done[0], Appended)
    assert isinstance(done[2], Appended)
    assert isinstance(done[1], Exception)
    assert [e.seq for e in await log.read("chat/0")] == [1, 2]
    await log.close()


async def test_clock_scale_and_offset_are_fixed_in_the_first_event(log_url: str) -> None:
    log = await open_log(log_url, scale=60.0, offset_us=-(10**15))
    early = await log.now_us()
    await log.close()
    log = await open_log(log_url)
    first = (await log.read_all(limit=1))[0]
    assert first.event.scale == 60.0  # type: ignore[union-attr]
    assert first.at_us <= early <= await log.now_us()
    await log.append(HELLO)
    assert (await log.read("chat/0"))[0].at_us >= early
    await log.close()


def test_the_sqlite_files_settings_are_durable(tmp_path: Path) -> None:
    async def run() -> tuple[int, str]:
        log = await SqliteLog.open(tmp_path / "log.sqlite")
        conn = log._store.conn
        found = conn.execute("PRAGMA synchronous").fetchone()[0]
        await log.close()
        with closing(sqlite3.connect(log.path)) as again:
            return found, again.execute("PRAGMA journal_mode").fetchone()[0]

    assert asyncio.run(run()) == (2, "wal")
