"""Facts with holes: the report says what they can't carry, and nothing that isn't so."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import msgspec
import pytest

from stepin.errors import Invalid, Missing
from stepin.evidence.data.synthetic import World, plant
from stepin.evidence.report.build import build
from stepin.evidence.report.document import Callout, Document, Grid, Light
from stepin.evidence.report.export import write
from stepin.trial.plan import Plan


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("odd")
    world = World(workers=24, treated=12, chats=24 * 150, eligible_share=0.25, response_share=0.3)
    plant(world, folder, 3, tables=("takeovers", "decisions", "worker_days"))
    return folder


@pytest.fixture(scope="module")
def small(plan: Plan) -> Plan:
    few = msgspec.structs.replace(plan.analysis, repetitions=99, bootstrap=99)
    return msgspec.structs.replace(plan, analysis=few)


def with_(whole: Path, place: Path, table: str, select: str, where: str = "true") -> Path:
    """Copy the facts with every file of a table rewritten."""
    folder = place / "facts"
    shutil.copytree(whole, folder)
    for file in [*(folder / table).glob("*.parquet"), *folder.glob(f"{table}.parquet")]:
        new = file.with_suffix(".new")
        rows = f"SELECT {select} FROM read_parquet('{file}') WHERE {where}"
        duckdb.sql(f"COPY ({rows}) TO '{new}' (FORMAT parquet)")
        new.replace(file)
    return folder


def light(document: Document, title: str) -> Light:
    return next(x for x in document.lights if x.title == title)


def reasons(document: Document) -> dict[str, str]:
    return {
        s.id: b.text
        for s in document.sections
        for b in s.blocks
        if isinstance(b, Callout) and b.title.startswith("Not possible")
    }


def test_a_primary_outcome_that_is_never_there_is_a_failure(
    whole: Path, small: Plan, tmp_path: Path
) -> None:
    facts = with_(whole, tmp_path, "chats", "* REPLACE (NULL::TINYINT AS rating)")
    found = build(facts, small)
    assert light(found, "Rating is missing.").tone == "bad"
    assert "time to close" in found.summary
    assert reasons(found)["ratings"] == "The data hold no ratings."
    assert "splits" not in reasons(found)


def test_a_primary_column_that_is_missing_is_a_failure_and_the_others_are_told(
    whole: Path, small: Plan, tmp_path: Path
) -> None:
    found = build(with_(whole, tmp_path, "chats", "* EXCLUDE (duration_s)"), small)
    assert light(found, "Time to close is missing.").tone == "bad"
    assert "rating" in found.summary
    assert light(found, "Same chats in both arms.").tone == "good"


def test_an_outcome_that_never_varies_gets_no_verdict_and_ends(
    whole: Path, small: Plan, tmp_path: Path
) -> None:
    three = "* REPLACE (CASE WHEN rating IS NOT NULL THEN 3::TINYINT END AS rating)"
    found = build(with_(whole, tmp_path, "chats", three), small)
    assert "rating can't be tested" in found.summary
    (h,) = [h for h in found.headlines if h.title == "Rating"]
    assert "nothing here varies by chance" in h.reading
    assert "too few" not in h.reading


def test_a_trial_without_days_before_is_compared_without_a_past(
    whole: Path, small: Plan, tmp_path: Path
) -> None:
    facts = with_(whole, tmp_path, "chats", "*")
    for file in (facts / "chats").glob("2024-08-*.parquet"):
        if file.stem < "2024-08-15":
            file.unlink()
    found = build(facts, small)
    assert all(h.finding.estimate.p is not None for h in found.headlines)
    main = next(s for s in found.sections if s.id == "effects").blocks[0]
    assert isinstance(main, Grid)
    assert "nothing of the past is held" in main.note
    assert light(found, "Alike before the start.").tone == "warn"


def test_no_eligible_chat_at_all_leaves_no_verdict_and_no_crash(
    whole: Path, small: Plan, tmp_path: Path
) -> None:
    found = build(with_(whole, tmp_path, "chats", "* REPLACE (false AS eligible)"), small)
    assert found.summary == "None of the plan's primary outcomes can be told from these facts."
    assert not found.headlines
    assert [x.tone for x in found.lights if x.title.endswith("is missing.")] == ["bad", "bad"]


def test_an_arm_that_loses_its_workers_fails_the_check(
    whole: Path, small: Plan, tmp_path: Path
) -> None:
    kept = "first_owner_id NOT IN (SELECT worker_id FROM gone)"
    duckdb.sql(
        f"CREATE OR REPLACE TEMP TABLE gone AS SELECT worker_id "
        f"FROM read_parquet('{whole}/workers.parquet') WHERE arm = 'treated' LIMIT 7"
    )
    found = build(with_(whole, tmp_path, "chats", "*", kept), small)
    health = light(found, "Same chats in both arms.")
    assert health.tone == "bad"
    assert "workers with chats" in health.text


def test_dates_without_chats_and_broken_files_are_told_apart(
    whole: Path, small: Plan, tmp_path: Path
) -> None:
    dates = small.dates
    elsewhere = msgspec.structs.replace(
        dates,
        pre_from=dates.pre_from.replace(month=6),
        treatment_from=dates.treatment_from.replace(month=6),
        treatment_until=dates.treatment_until.replace(month=6, day=30),
    )
    with pytest.raises(Missing) as none:
        build(whole, msgspec.structs.replace(small, dates=elsewhere))
    assert none.value.code == "no_facts"
    facts = with_(whole, tmp_path, "chats", "*")
    (facts / "chats" / "2024-08-20.parquet").write_bytes(b"no")
    with pytest.raises(Invalid) as broken:
        build(facts, small)
    assert broken.value.code == "facts_unreadable"


def test_a_report_replaces_an_earlier_one_whole(document: Document, tmp_path: Path) -> None:
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "of-another-plan.svg").write_text("<svg/>", encoding="utf-8")
    files = write(document, tmp_path)
    there = {p for p in tmp_path.rglob("*") if p.is_file()}
    assert there == set(files)
