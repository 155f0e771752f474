"""What leaves the log: flat rows without texts, and a note of who took them and why."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from stepin.core.events.chat import MessagePosted
from stepin.core.events.floor import LogNoted, TrialStopped, Unblinded
from stepin.errors import Invalid, Refused
from stepin.log.blinding import note_export, running_trials
from stepin.log.export import export
from stepin.log.open import open_log
from stepin.log.protocol import Log
from tests.log.samples import SECRET, fill, put, register_trial

DAY_US = 86_400_000_000


def everything(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()))


async def test_rows_leave_in_order_and_without_texts(log: Log, tmp_path: Path) -> None:
    await fill(log)
    seen: list[tuple[int, int]] = []
    done = await export(log, tmp_path / "out", progress=lambda at, last: seen.append((at, last)))
    (path,) = (tmp_path / "out").iterdir()
    table = pq.read_table(path)
    assert done.events == table.num_rows == 22
    assert table.column("position").to_pylist() == list(range(1, 23))
    assert table.column("chars").to_pylist().count(len(f"my card is {SECRET}")) == 3
    assert "private" not in table.column_names
    assert SECRET not in str(table.to_pylist())
    assert seen[-1] == (22, 22)


async def test_texts_leave_only_when_asked_for(log: Log, tmp_path: Path) -> None:
    await fill(log)
    await log.redact("chat/0", 3, reason="card number", actor="worker:lea")
    await export(log, tmp_path / "out", with_text=True)
    (path,) = (tmp_path / "out").iterdir()
    private = [text for text in pq.read_table(path).column("private").to_pylist() if text]
    assert sum(SECRET in text for text in private) == 5
    assert '{"text":"[redacted]"}' in private


async def test_a_day_is_a_file(tmp_path: Path) -> None:
    now = [1_700_000_000_000_000]
    from stepin.log.sqlite import SqliteLog

    log = await SqliteLog.open(tmp_path / "log.sqlite", clock_us=lambda: now[0])
    for _ in range(3):
        await log.append(put("chat/1", MessagePosted(author="customer", text="hi")))
        now[0] += DAY_US
    done = await export(log, tmp_path / "out")
    await log.close()
    assert done.files == 3
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["2023-11-14.parquet", "2023-11-15.parquet", "2023-11-16.parquet"]


async def test_a_folder_that_holds_something_is_refused(log: Log, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").touch()
    with pytest.raises(Invalid, match="not empty"):
        await export(log, tmp_path / "out")


async def test_an_export_during_a_trial_needs_a_reason_and_unblinds(log: Log) -> None:
    await register_trial(log, "spring")
    assert await running_trials(log) == ["spring"]
    with pytest.raises(Refused) as refused:
        await note_export(log, by="user:ann", why=None, scope="export")
    assert refused.value.code == "trial_running"
    assert len(await log.read("trial/spring")) == 1
    assert await note_export(log, by="user:ann", why="audit", scope="export") == ["spring"]
    unblinded = (await log.read("trial/spring"))[-1]
    assert unblinded.actor == "user:ann"
    assert unblinded.event == Unblinded(trial_id="spring", why="audit", scope="export")


async def test_an_export_without_a_trial_is_noted(log: Log) -> None:
    await register_trial(log, "spring")
    await log.append(put("trial/spring", TrialStopped(trial_id="spring", reason="end")))
    assert await note_export(log, by="user:ann", why=None, scope="export") == []
    assert (await log.read("desk"))[-1].event == LogNoted(what="export")


async def test_a_running_trial_is_still_known_after_a_restart(log_url: str) -> None:
    log = await open_log(log_url)
    await register_trial(log, "spring")
    await log.close()
    log = await open_log(log_url, write=False)
    assert await running_trials(log) == ["spring"]
    await log.close()
