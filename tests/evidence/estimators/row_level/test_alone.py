"""Trials of customers and of chats: drawn alone, keyed and clustered by what was drawn."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from stepin.core.facts import Chats, Workers
from stepin.errors import Invalid, Missing
from stepin.evidence.analysis.context import Context
from stepin.evidence.data.facts.origin import Origin, write_origin
from stepin.evidence.data.sample import Sample
from stepin.evidence.data.storage import read_parquet, source
from stepin.evidence.data.synthetic import World, plant
from stepin.evidence.estimators.row_level import alone
from stepin.evidence.report.build import build
from stepin.evidence.report.document import Document, Light
from stepin.evidence.report.verdict import drawn
from stepin.trial.arm import arm_of
from stepin.trial.plan import Plan
from stepin.trial.reading import canonical, read
from tests.evidence.report.conftest import PLAN

EFFECT = -0.3
LEAN = PLAN.replace('splits = ["tenure_days"]', "").replace("seed = 3", "seed = 8")


def plan_of(unit: str) -> Plan:
    return read(LEAN.replace("seed = 8", f'seed = 8\nunit = "{unit}"'))


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Facts of a trial in which nothing has an effect."""
    folder = tmp_path_factory.mktemp("bare")
    plant(World(workers=40, treated=20, chats=9_000, eligible_share=0.3).null(), folder, 5,
          tables=())  # fmt: skip
    return folder


def moved(bare: Path, folder: Path, plan: Plan) -> Path:
    """Write the facts with an effect on eligible chats of the units that the plan treats."""
    column = f"{plan.unit}_id"
    with duckdb.connect() as db:
        chats = source(bare, Chats)
        units = [str(u) for (u,) in db.execute(f"SELECT DISTINCT {column} FROM {chats}").fetchall()]
        db.register("arms", pa.table({"u": units, "arm": [arm_of(plan, u) for u in units]}))
        db.execute(
            f"COPY (SELECT t.* REPLACE (t.duration_s * CASE WHEN a.arm = 'treated' AND t.eligible "
            f"AND t.day >= DATE '{plan.dates.treatment_from}' THEN exp({EFFECT}) ELSE 1 END "
            f"AS duration_s) FROM {chats} t JOIN arms a ON a.u = t.{column} ORDER BY t.chat_id) "
            f"TO '{folder / 'chats.parquet'}' (FORMAT parquet)"
        )
    drawn_by_a_log(folder, plan)
    return folder


def drawn_by_a_log(folder: Path, plan: Plan) -> None:
    """Make facts those of a desk that drew the units as the plan says, and kept no list of them."""
    write_origin(folder, Origin(source="log", trial_id=plan.name, plan=canonical(plan)))


@pytest.mark.parametrize("unit", ["customer", "chat"])
def test_the_report_finds_the_effect_and_clusters_by_what_was_drawn(
    bare: Path, tmp_path: Path, unit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alone, "MOST", 200)
    plan = plan_of(unit)
    document = build(moved(bare, tmp_path, plan), plan)
    effects = next(s for s in document.sections if s.id == "effects")
    found = {
        (f.analysis, f.outcome, f.term): f.estimate
        for f in effects.findings
        if f.outcome != "rating"
    }
    main = found["itt_ancova", "duration_s", "direct"]
    assert main.se is not None
    assert abs(main.value - EFFECT) < 3.3 * main.se < abs(EFFECT)
    assert 150 <= main.clusters <= 200
    design = next(s for s in document.sections if s.id == "health")
    assert f"{unit.capitalize()}s with chats" in str(design.blocks)


@pytest.mark.parametrize(
    ("unit", "called"), [("customer", "groups of customers"), ("chat", "groups of chats")]
)
def test_what_was_drawn_is_called_by_its_name(
    bare: Path, tmp_path: Path, unit: str, called: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alone, "MOST", 200)
    plan = plan_of(unit)
    sections = {s.id: s for s in build(moved(bare, tmp_path, plan), plan).sections}
    assert f"known of the {unit}s before the trial" in sections["balance"].lead
    assert f"each {unit} compared with" in sections["effort"].lead
    assert "by group." in str(sections["ratings"].blocks)
    assert f"on the pre-period of these {called}" in str(sections["power"].blocks)
    terms = {f.term.partition(",")[0] for f in sections["power"].findings}
    assert f"{called} drawn" in terms
    for name in ("balance", "power", "ratings"):
        assert "worker" not in str(sections[name]).lower()


def test_few_units_stand_for_themselves_and_their_draw_is_replayed(
    bare: Path, tmp_path: Path
) -> None:
    plan = plan_of("customer")
    folder = moved(bare, tmp_path, plan)
    with duckdb.connect() as db:
        db.execute(
            f"COPY (SELECT * FROM {source(folder, Chats)} WHERE customer_id IN (SELECT customer_id "
            f"FROM {source(folder, Chats)} GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 300)) "
            f"TO '{tmp_path / 'few.parquet'}' (FORMAT parquet)"
        )
    (tmp_path / "few.parquet").rename(tmp_path / "chats.parquet")
    with alone.keyed(folder, plan) as kept:
        assert kept is not None
        assert kept.groups == 0
        with duckdb.connect() as db:
            rows = db.execute(
                f"SELECT worker_id, arm FROM {read_parquet([kept.folder / 'workers.parquet'])}"
            ).fetchall()
            wrong = db.execute(
                f"SELECT count(*) FROM {source(kept.folder, Chats)} "
                "WHERE first_owner_id <> customer_id"
            ).fetchone()
    assert len(rows) == 300
    assert wrong == (0,)
    assert all(arm == arm_of(plan, unit) for unit, arm in rows)
    robust = next(s for s in build(folder, plan).sections if s.id == "robustness")
    assert "replayed, gives exactly the recorded arms" in str(robust.blocks)
    assert not (kept.folder).exists()


def test_groups_never_mix_arms_and_hold_every_unit(bare: Path, tmp_path: Path) -> None:
    plan = plan_of("chat")
    facts = moved(bare, tmp_path, plan)
    with alone.keyed(facts, plan) as kept, duckdb.connect() as db:
        assert kept is not None
        assert 0 < kept.groups <= alone.MOST
        joined = (
            f"{source(kept.folder, Chats)} c JOIN {source(kept.folder, Workers)} w "
            "ON w.worker_id = c.first_owner_id"
        )
        rows = db.execute(f"SELECT c.chat_id, w.arm FROM {joined}").fetchall()
    assert len(rows) == 9_000
    sample = np.random.default_rng(1).choice(len(rows), 500, replace=False)
    assert all(rows[i][1] == arm_of(plan, rows[i][0]) for i in sample.tolist())


def test_facts_without_a_chat_within_the_dates_are_refused(bare: Path) -> None:
    plan = read(LEAN.replace("seed = 8", 'seed = 8\nunit = "chat"').replace("2024-08", "2031-08"))
    with pytest.raises(Missing, match="no chat within"), alone.keyed(bare, plan):
        pass


def drawn_elsewhere(bare: Path, folder: Path, plan: Plan, *, known: str = "true") -> Path:
    """Write the facts of customers whose arms follow from a hash that the plan knows nothing of."""
    treated = "md5(customer_id) < '8'"
    with duckdb.connect() as db:
        chats = source(bare, Chats)
        db.execute(
            f"COPY (SELECT * REPLACE (duration_s * CASE WHEN {treated} AND eligible AND day >= "
            f"DATE '{plan.dates.treatment_from}' THEN exp({EFFECT}) ELSE 1 END AS duration_s) "
            f"FROM {chats} ORDER BY chat_id) TO '{folder / 'chats.parquet'}' (FORMAT parquet)"
        )
        db.execute(
            f"COPY (SELECT DISTINCT customer_id AS worker_id, CASE WHEN {treated} THEN 'treated' "
            f"ELSE 'control' END AS arm FROM {chats} WHERE {known} ORDER BY 1) "
            f"TO '{folder / 'workers.parquet'}' (FORMAT parquet)"
        )
    write_origin(folder, Origin(source="tables"))
    return folder


def light(document: Document, title: str) -> Light:
    return next(x for x in document.lights if x.title == title)


def test_a_trial_drawn_elsewhere_is_analysed_by_its_own_arms(bare: Path, tmp_path: Path) -> None:
    plan = plan_of("customer")
    folder = drawn_elsewhere(bare, tmp_path, plan)
    with alone.keyed(folder, plan) as kept, duckdb.connect() as db:
        assert kept is not None
        assert not kept.drawn_again
        wrong = db.execute(
            f"SELECT count(*) FROM {source(kept.folder, Workers)} w JOIN "
            f"{source(kept.folder, Chats)} c ON c.first_owner_id = w.worker_id "
            "WHERE (arm = 'treated') <> (md5(c.customer_id) < '8')"
        ).fetchone()
    assert wrong == (0,)
    document = build(folder, plan)
    effects = next(s for s in document.sections if s.id == "effects")
    (main,) = [
        f.estimate
        for f in effects.findings
        if (f.analysis, f.outcome, f.term) == ("itt_ancova", "duration_s", "direct")
    ]
    assert main.se is not None
    assert abs(main.value - EFFECT) < 3.3 * main.se < abs(EFFECT)
    drawn = light(document, "Drawn as planned.")
    assert drawn.tone == "warn"
    assert "not the plan's own draw" in drawn.text


def test_arms_are_never_made_up_for_tables_that_hold_none(bare: Path, tmp_path: Path) -> None:
    plan = plan_of("customer")
    folder = drawn_elsewhere(bare, tmp_path, plan)
    (folder / "workers.parquet").unlink()
    with pytest.raises(Invalid) as none, alone.keyed(folder, plan):
        pass
    assert none.value.code == "no_arm"


def test_arms_of_other_units_are_named_as_the_cause(bare: Path, tmp_path: Path) -> None:
    plan = plan_of("customer")
    folder = drawn_elsewhere(bare, tmp_path, plan)
    (folder / "workers.parquet").write_bytes((bare / "workers.parquet").read_bytes())
    with pytest.raises(Invalid, match=r"e\.g\. 'w0'") as other, alone.keyed(folder, plan):
        pass
    assert other.value.code == "ids_differ"


def test_chats_of_customers_without_an_arm_are_counted(bare: Path, tmp_path: Path) -> None:
    plan = plan_of("customer")
    folder = drawn_elsewhere(bare, tmp_path, plan, known="hash(customer_id) % 4 > 0")
    with alone.keyed(folder, plan) as kept, duckdb.connect() as db:
        assert kept is not None
        row = db.execute(f"SELECT count(*) FROM {source(kept.folder, Chats)}").fetchone()
        assert row is not None
        assert 0 < kept.strangers == 9_000 - row[0]


def test_chats_of_before_a_trial_of_chats_are_no_strangers(bare: Path, tmp_path: Path) -> None:
    plan = plan_of("chat")
    folder = drawn_elsewhere(bare, tmp_path, plan)
    first = plan.dates.treatment_from
    with duckdb.connect() as db:
        db.execute(
            f"COPY (SELECT chat_id AS worker_id, CASE WHEN md5(chat_id) < '8' THEN 'treated' ELSE "
            f"'control' END AS arm FROM {source(bare, Chats)} WHERE day >= DATE '{first}' AND "
            f"hash(chat_id) % 50 > 0) TO '{folder / 'workers.parquet'}' (FORMAT parquet)"
        )
        row = db.execute(
            f"SELECT count(*) FROM {source(bare, Chats)} WHERE day >= DATE '{first}' AND "
            "hash(chat_id) % 50 = 0"
        ).fetchone()
    with alone.keyed(folder, plan) as kept:
        assert kept is not None
        assert row == (kept.strangers,)


@pytest.mark.parametrize("own", [True, False])
def test_a_draw_made_here_is_vouched_for_by_the_logs_policies_alone(
    bare: Path, tmp_path: Path, own: bool
) -> None:
    plan = plan_of("chat")
    folder = moved(bare, tmp_path, plan)
    if own:
        with duckdb.connect() as db:
            units = [
                str(u)
                for (u,) in db.execute(f"SELECT chat_id FROM {source(bare, Chats)}").fetchall()
            ]
            db.register("arms", pa.table({"u": units, "arm": [arm_of(plan, u) for u in units]}))
            db.execute(
                f"COPY (SELECT t.* REPLACE (a.arm || '@1' AS policy_version) FROM "
                f"{source(folder, Chats)} t JOIN arms a ON a.u = t.chat_id ORDER BY chat_id) "
                f"TO '{tmp_path / 'own.parquet'}' (FORMAT parquet)"
            )
        (tmp_path / "own.parquet").rename(tmp_path / "chats.parquet")
    with alone.keyed(folder, plan) as kept:
        assert kept is not None
        assert kept.drawn_again
        sample = Sample(kept.folder, plan, grouped=True)
        found = drawn(Context(sample, None, kept))
        sample.close()
    assert found.tone == ("good" if own else "bad")
    assert "policy that the log says was in force" in found.text
