"""The numbers kept up day by day are those that the facts give for the whole log."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from stepin.core.facts import Chats
from stepin.evidence.analysis.metrics.cell import LEAST_WORKERS, MetricCell, added, line
from stepin.evidence.analysis.metrics.rollup import SETTLED_DAYS, Rollup, roll
from stepin.evidence.data.facts.build import build_facts
from stepin.evidence.data.storage import files
from stepin.log.export import export
from stepin.log.mirror import Mirror
from tests.evidence.analysis.metrics.weeks import Weeks, weeks


class Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


async def facts(told: Weeks, folder: Path) -> list[dict[str, Any]]:
    await export(told.log, folder / "events")
    build_facts(folder / "events", folder / "facts")
    return [r for f in files(folder / "facts", Chats) for r in pq.read_table(f).to_pylist()]


def mean(values: list[float | None]) -> float | None:
    known = [v for v in values if v is not None]
    return sum(known) / len(known) if known else None


def same(left: float | None, right: float | None) -> bool:
    if left is None or right is None:
        return left is right
    return math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-9)


async def test_kept_up_by_the_day_they_are_the_facts_of_the_whole_log(tmp_path: Path) -> None:
    async with weeks(tmp_path) as told:
        mirror = Mirror(told.log, tmp_path / "mirror")
        for day in range(SETTLED_DAYS + 6):
            await told.day(4)
            if day in (5, 11, 14, SETTLED_DAYS + 5):
                folder = await mirror.refresh()
                assert folder is not None
                kept = roll(folder, folder)
        assert (folder / "numbers.json").exists()
        rows = await facts(told, tmp_path)
    assert sum(c.chats for c in kept.cells) == len(rows)
    assert {(c.day, c.issue_class) for c in kept.cells} == {
        (str(r["day"]), r["issue_class"]) for r in rows
    }
    for cell in kept.cells:
        ours = line(cell, blind=False)
        mine = [
            r for r in rows if (str(r["day"]), r["issue_class"]) == (cell.day, cell.issue_class)
        ]
        alone = [
            r
            for r in mine
            if r["ai_messages"] and not r["worker_messages"] and r["takeover_at"] is None
        ]
        assert ours.chats == len(mine)
        assert same(ours.first_reply_s, mean([r["first_response_s"] for r in mine]))
        assert same(ours.duration_s, mean([r["duration_s"] for r in mine]))
        assert same(ours.rating, mean([r["rating"] for r in mine]))
        assert same(ours.retrial_share, mean([r["retrial_7d"] for r in mine]))
        assert same(ours.alone_share, len(alone) / len(mine))
        assert same(ours.alone_retrial_share, mean([r["retrial_7d"] for r in alone]))
        assert same(cell.attention_s, sum(r["attention_s"] for r in mine))


async def test_a_lost_or_broken_file_of_settled_days_is_made_again(tmp_path: Path) -> None:
    async with weeks(tmp_path) as told:
        for _ in range(SETTLED_DAYS + 3):
            await told.day(2)
        folder = await Mirror(told.log, tmp_path / "mirror").refresh()
    assert folder is not None
    first = roll(folder, folder)
    assert roll(folder, folder) == first
    (folder / "numbers.json").write_text("{")
    assert roll(folder, folder) == first


async def test_numbers_are_made_again_when_they_are_old(tmp_path: Path) -> None:
    async with weeks(tmp_path) as told:
        clock = Clock()
        rollup = Rollup(Mirror(told.log, tmp_path / "mirror"), clock_s=clock, fresh_s=30)
        assert (await rollup.numbers()).cells == ()
        await told.day(3)
        assert (await rollup.numbers()).cells == ()
        clock.now_s = 31
        assert sum(c.chats for c in (await rollup.numbers()).cells) == 3


def test_the_attention_of_few_is_nobody_s_to_see() -> None:
    one = MetricCell(day="2026-01-01", issue_class="parcel", chats=4, attended=4, attention_s=80)
    names = tuple("abcdef"[:LEAST_WORKERS])
    for count in range(LEAST_WORKERS):
        few = added([one, MetricCell(attention_by=names[:count])])
        assert line(few, blind=False).attention_s is None
    enough = added([one, MetricCell(attention_by=names)])
    assert line(enough, blind=False).attention_s == 20
    assert line(enough, blind=False, attention=False).attention_s is None


def test_what_is_told_by_holder_is_hidden_with_its_retrial() -> None:
    cell = MetricCell(chats=4, alone=2, matured=4, alone_matured=2, alone_retrials=1, retrials=2)
    open_, shut = line(cell, blind=False), line(cell, blind=True)
    assert (open_.alone_share, open_.alone_retrial_share) == (0.5, 0.5)
    assert (shut.alone_share, shut.alone_retrial_share) == (None, None)
    assert shut.retrial_share == 0.5
