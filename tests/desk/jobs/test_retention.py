"""What workers looked at is destroyed after its days, everywhere, and the log stays whole."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pyarrow.parquet as pq
import pytest

from stepin.core.events.chat import TextRedacted
from stepin.core.events.floor import DraftStarted, FocusMoved
from stepin.core.record import Recorded
from stepin.desk.jobs import retention
from stepin.desk.jobs.retention import DAY_US, Retention, retention_work
from stepin.evidence.data.facts.build import build_facts
from stepin.log.erasure import redact_streams
from stepin.log.export import export
from stepin.log.mirror import Mirror
from stepin.log.protocol import Log
from stepin.log.stored import Stored
from stepin.log.verify import Walk, verify
from tests.desk.conftest import PACE, Room
from tests.evidence.analysis.metrics.weeks import weeks
from tests.log.samples import put

FOCUS = "focus/ann"
DAY_S = 86_400


def looked(chat_id: str) -> FocusMoved:
    return FocusMoved(worker_id="ann", chat_id=chat_id, duration_ms=4_321, active_ms=1_234)


async def look(log: Log, *chat_ids: str) -> None:
    await log.append(put(FOCUS, *(looked(chat_id) for chat_id in chat_ids)))


async def go_off(log: Log, days: int) -> bool:
    """Do the work that is due; say whether there was any."""
    claimed = await log.claim(["timer"], holder="p1", limit=1, lease_s=60)
    for work in claimed:
        await Retention(log, days).go_off(work)
    return bool(claimed)


async def known(log: Log) -> list[str | None]:
    events = [e.event for e in await log.read(FOCUS)]
    return [e.chat_id for e in events if isinstance(e, FocusMoved) and e.duration_ms is not None]


def ranges(events: list[Recorded]) -> list[tuple[int, int | None]]:
    return [(e.event.seq, e.event.through_seq) for e in events if isinstance(e.event, TextRedacted)]


async def test_old_attention_goes_a_page_at_a_time_and_young_stays(
    timed_room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    room, log = timed_room, timed_room.log
    await look(log, "c1", "c2", "c3")
    await log.append(put(FOCUS, DraftStarted(worker_id="ann", chat_id="c3", mode="reply")))
    room.clock.wait(20 * DAY_S)
    await look(log, "c9")
    await log.change_work([retention_work("ann", due_us=0)])
    assert await go_off(log, 30)
    assert await known(log) == ["c1", "c2", "c3", "c9"]
    assert not await go_off(log, 30), "nothing is due until the first is too old"
    room.clock.wait(11 * DAY_S)
    while await go_off(log, 30):
        pass
    events = await log.read(FOCUS)
    assert await known(log) == ["c9"]
    assert ranges(events) == [(1, 2), (3, 4)]
    assert all(name not in str(events) for name in ("c1", "c2", "c3"))
    verdict = await verify(log)
    assert verdict.whole, verdict.faults
    assert verdict.redacted == 4
    room.clock.wait(40 * DAY_S)
    while await go_off(log, 30):
        pass
    assert await known(log) == []
    room.clock.wait(400 * DAY_S)
    before = await log.position()
    assert await go_off(log, 30)
    assert await log.position() == before, "what has been forgotten isn't forgotten again"
    erased = await redact_streams(log, [FOCUS], reason="asked", actor="worker:lea")
    assert erased.events == ()


async def test_a_range_is_one_event_on_every_store_and_a_hole_without_it_is_found(
    tmp_path: Path, desk_url: str
) -> None:
    from stepin.log.open import open_log

    log = await open_log(desk_url)
    try:
        await look(log, "c1", "c2", "c3", "c4")
        await log.redact(FOCUS, 2, through_seq=3, reason="old", actor="system")
        assert await known(log) == ["c1", "c4"]
        assert (await verify(log)).whole
        stored = await log.stored()
    finally:
        await log.close()
    walk = Walk()
    for event in stored:
        walk.step(_emptied(event) if (event.stream, event.seq) == (FOCUS, 4) else event)
    (fault,) = walk.finish().faults
    assert (fault.kind, fault.seq) == ("removed", 4)


def _emptied(event: Stored) -> Stored:
    return msgspec.structs.replace(event, private=None)


async def test_a_running_desk_forgets_by_itself_and_0_keeps(timed_room: Room) -> None:
    room, log = timed_room, timed_room.log
    await look(log, "c1")
    await log.change_work([retention_work("ann", due_us=0)])
    assert await go_off(log, 0)
    assert await log.work_streams("timer") == []
    await log.change_work([retention_work("ann", due_us=0)])
    room.clock.wait(31 * DAY_S)
    await room.add(pace=msgspec.structs.replace(PACE, attention_days=30))
    async for batch in log.tail(after_position=0):
        if any(isinstance(e.event, TextRedacted) for e in batch):
            break
    assert await known(log) == []


async def test_files_beside_the_desk_and_facts_forget_too(tmp_path: Path) -> None:
    async with weeks(tmp_path) as told:
        for _ in range(4):
            await told.chat()
        await look(told.log, "c1", "c2")
        mirror = Mirror(told.log, tmp_path / "mirror")
        await mirror.refresh()
        told.clock[0] += 10 * DAY_US
        for _ in range(4):
            await told.chat()
        await look(told.log, "c5")
        await told.log.redact(FOCUS, 1, through_seq=2, reason="old", actor="system")
        folder = await mirror.refresh()
        assert folder is not None
        rows = [
            row
            for path in sorted(folder.glob("*.parquet"))
            for row in pq.read_table(path).to_pylist()
            if row["stream"] == FOCUS and row["kind"] == "FocusMoved"
        ]
        assert [(r["focus_chat_id"], r["duration_ms"]) for r in rows] == [
            (None, None), (None, None), ("c5", 4_321),
        ]  # fmt: skip
        await export(told.log, tmp_path / "events")
    for events in (folder, tmp_path / "events"):
        facts = tmp_path / f"facts-{events.name}"
        build_facts(events, facts)
        chats = pq.read_table(facts / "chats").to_pylist()
        forgotten = [c["attention_s"] is None for c in sorted(chats, key=lambda c: c["opened_at"])]
        assert forgotten == [True] * 4 + [False] * 4
        focus = pq.read_table(facts / "focus").to_pylist()
        assert "[redacted]" not in str(focus)
