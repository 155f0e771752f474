"""The report on a ramp with planned looks: waves apart, boundaries of its own assignments."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from tests.evidence.report.conftest import PLAN

from stepin.core.facts import Chats
from stepin.evidence.data.sample import Sample
from stepin.evidence.data.storage import source
from stepin.evidence.data.synthetic import World, plant
from stepin.evidence.report.build import build
from stepin.evidence.report.document import Document
from stepin.trial.ramp import starts_on
from stepin.trial.reading import read

EFFECT = -0.6
RAMPED = (
    PLAN.replace('splits = ["tenure_days"]', "")
    + """
[[ramp]]
from = 2024-08-15
share = 0.4

[[ramp]]
from = 2024-08-22
share = 0.9

[looks]
days = [10, 14]
spending = "pocock"
"""
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Facts in which treated workers close eligible chats faster from their own day on."""
    bare, out = tmp_path_factory.mktemp("bare"), tmp_path_factory.mktemp("ramp")
    world = World(workers=80, treated=40, chats=12_000, eligible_share=0.4).null()
    staff = plant(world, bare, 9, tables=())
    plan = read(RAMPED)
    names = [f"w{i}" for i in range(world.workers)]
    starts = [starts_on(plan, w) for w in names]
    with duckdb.connect() as db:
        days = pa.array(starts, pa.date32())
        db.register("units", pa.table({"w": names, "start": days, "treated": staff.treated}))
        db.execute(
            f"COPY (SELECT t.* REPLACE (t.duration_s * CASE WHEN t.eligible AND t.day >= u.start "
            f"AND u.treated THEN exp({EFFECT}) ELSE 1 END AS duration_s) "
            f"FROM {source(bare, Chats)} t JOIN units u ON u.w = t.first_owner_id "
            f"ORDER BY t.chat_id) "
            f"TO '{out / 'chats.parquet'}' (FORMAT parquet)"
        )
        db.execute(
            f"COPY (SELECT t.* REPLACE (u.start::TIMESTAMP AS treated_from) FROM "
            f"'{bare / 'workers.parquet'}' t JOIN units u ON u.w = t.worker_id) "
            f"TO '{out / 'workers.parquet'}' (FORMAT parquet)"
        )
    return out


@pytest.fixture(scope="module")
def report(folder: Path) -> Document:
    return build(folder, read(RAMPED))


def test_every_worker_starts_on_the_day_that_the_plan_gives(folder: Path) -> None:
    plan = read(RAMPED)
    sample = Sample(folder, plan)
    rows = sample.frame(Chats, (Chats.chat_id,))
    first = plan.dates.treatment_from
    for place, unit in enumerate(sample.units.ids):
        start = starts_on(plan, unit) or dt.date.max
        assert sample.units.start[place] == (start - first).days
        mine = rows.unit == place
        assert (rows.after[mine] == (rows.day[mine] >= (start - first).days)).all()
    late = sample.frame(Chats, (Chats.chat_id,), period="after")
    assert len(late) == rows.after.sum()
    sample.close()


def test_a_ramps_effect_is_that_of_its_waves(report: Document) -> None:
    effects = next(s for s in report.sections if s.id == "effects")
    found = {(f.analysis, f.outcome, f.term): f for f in effects.findings}
    for analysis in ("itt_ancova", "itt_did"):
        e = found[analysis, "duration_s", "direct"].estimate
        assert e.se is not None
        assert abs(e.value - EFFECT) < 3.3 * e.se < abs(EFFECT)
    assert "Units start in waves" in str(effects.blocks)
    primary = found["itt_ancova", "duration_s", "direct"]
    assert primary.bootstrap_p is not None
    assert primary.bootstrap_p < 0.01
    robust = next(s for s in report.sections if s.id == "robustness")
    assert "left out once" in str(robust.blocks)
    assert "40.0% from 2024-08-15" in str(
        next(s for s in report.sections if s.id == "design").blocks
    )


def test_a_strong_effect_passes_its_boundary_and_nothing_is_decided_after(
    report: Document,
) -> None:
    section = next(s for s in report.sections if s.id == "looks")
    text = str(section.blocks)
    assert "Time to close passed its boundary at look" in text
    assert text.count("passed', 'good") + text.count("text='passed'") <= len(section.blocks)
    assert "shared by 2 primary outcomes" in text
    looks = [f for f in section.findings if f.outcome == "duration_s"]
    assert [f.term.split(":")[0] for f in looks] == [
        "look 1, after 10 days",
        "look 2, after 14 days",
        "look 3, after 17 days",
    ]
    assert f"{looks[0].estimate.value:+.2f}".replace("-", "\u2212") in text
