"""The planted trial: exact sizes, the paper's marginals, and effects where they were planted."""

from __future__ import annotations

import math
from dataclasses import replace

import duckdb
import numpy as np
import pyarrow.parquet as pq
import pytest

from stepin.core.facts import TABLES, Chats
from stepin.errors import Invalid, Missing
from stepin.evidence.data.storage import arrow_schema, files, require, source
from stepin.evidence.data.synthetic import NULL_PATHS, PathEffect, World, hire, plant, talk

SMALL = World(workers=40, treated=20, chats=20_000)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("facts")
    plant(SMALL, path, 11)
    return path


def test_the_default_mix_adds_up_to_the_papers_aggregates():
    world = World()
    assert math.expm1(world.direct()["log_duration"]) == pytest.approx(-0.168, abs=1e-4)
    assert world.direct()["rating"] == pytest.approx(-0.412, abs=1e-3)
    assert abs(world.direct()["retrial_7d"]) < 0.002
    assert set(world.null().direct().values()) == {0.0}
    assert set(world.null().spillover().values()) == {0.0}


def test_the_tables_have_the_schema_of_the_facts(folder):
    for table in TABLES:
        found = files(folder, table)
        if table.name in ("actions", "focus"):
            assert found == []
            continue
        for path in found:
            assert pq.read_schema(path).equals(arrow_schema(table)), table.name


def test_sizes_are_exact_and_keys_unique(folder):
    con = duckdb.connect()
    n, ids, workers = con.execute(
        f"SELECT count(*), count(DISTINCT chat_id), count(DISTINCT first_owner_id) "
        f"FROM {source(folder, Chats)}"
    ).fetchone()
    assert (n, ids) == (20_000, 20_000)
    assert workers <= 40
    required = con.execute(
        "SELECT "
        + ", ".join(f"count(*) - count({c.name})" for c in Chats.columns if not c.optional)
        + f" FROM {source(folder, Chats)}"
    ).fetchone()
    assert not any(required)


def test_a_schema_check_names_what_is_wrong(folder):
    con = duckdb.connect()
    require(con, source(folder, Chats), Chats.columns)
    with pytest.raises(Missing) as missing:
        require(con, "(SELECT 1 AS duration_s)", [Chats.rating])
    assert missing.value.fields["column"] == "rating"
    with pytest.raises(Invalid) as wrong:
        require(con, "(SELECT 'x' AS duration_s)", [Chats.duration_s])
    assert wrong.value.code == "wrong_type"
    with pytest.raises(Missing, match="no table"):
        source(folder / "nowhere", Chats)


def test_the_same_seed_plants_the_same_bytes(tmp_path):
    tiny = replace(SMALL, chats=2_000, pre_days=2, post_days=2)
    plant(tiny, tmp_path / "a", 3)
    plant(tiny, tmp_path / "b", 3)
    plant(tiny, tmp_path / "c", 4)
    first = sorted((tmp_path / "a").rglob("*.parquet"))
    assert len(first) == 4 * 7 + 1
    for path in first:
        assert path.read_bytes() == (tmp_path / "b" / path.relative_to(tmp_path / "a")).read_bytes()
    assert any(
        p.read_bytes() != (tmp_path / "c" / p.relative_to(tmp_path / "a")).read_bytes()
        for p in first
    )


def test_treatment_is_complete_within_blocks():
    staff = hire(World(), 5)
    assert staff.treated.sum() == 302
    share = np.bincount(staff.block, staff.treated) / np.bincount(staff.block)
    assert np.ptp(share) < 0.02


def test_marginals_are_the_papers():
    world = World()
    staff = hire(world, 5)
    days = [talk(world, staff, d, 5) for d in range(14)]
    rating = np.concatenate([d.rating for d in days])
    given = np.concatenate([d.invited & d.answered for d in days])
    retrial = np.concatenate([d.retrial_draw < d.retrial_p for d in days])
    seconds = np.concatenate([d.duration_s for d in days])
    assert rating.mean() == pytest.approx(3.57, abs=0.05)
    assert rating.std() == pytest.approx(1.6, abs=0.05)
    assert given.mean() == pytest.approx(0.169, abs=0.01)
    assert retrial.mean() == pytest.approx(0.43, abs=0.02)
    assert seconds.mean() > 1.4 * np.median(seconds)
    assert not any(d.held.any() for d in days)


def test_effects_are_where_they_were_planted():
    world = replace(
        SMALL,
        chats=400_000,
        eligible_share=0.5,
        worker_sd=0.0,
        rating_worker_sd=0.0,
        retrial_worker_sd=0.0,
    )
    staff = hire(world, 2)
    days = [talk(world, staff, d, 2) for d in range(world.pre_days, world.days)]

    def both(name):
        return np.concatenate([getattr(d, name) for d in days])

    treated, eligible, held = both("treated"), both("eligible"), both("held")
    assert (held == (treated & eligible)).all()
    logs = np.log(both("duration_s"))
    rating = both("rating").astype(float)
    for outcome, values, tol in [("log_duration", logs, 0.02), ("rating", rating, 0.03)]:
        for part, truth in [(eligible, world.direct()), (~eligible, world.spillover())]:
            gap = values[part & treated].mean() - values[part & ~treated].mean()
            assert gap == pytest.approx(truth[outcome], abs=tol + 0.03)
    taken = both("take_round") > 0
    assert not (taken & ~held).any()
    assert (taken == (held & (both("path") != list(world.paths).index("none")))).all()


def test_a_day_without_eligible_chats_is_written_too(tmp_path):
    world = World(workers=20, treated=10, chats=200, eligible_share=0.01)
    plant(world, tmp_path, 5)
    with duckdb.connect() as db:
        chats = source(tmp_path, Chats)
        found = db.execute(f"SELECT sum(eligible::INT) FROM {chats} GROUP BY day").fetchall()
    assert (0,) in found


def test_impossible_worlds_are_refused():
    with pytest.raises(Invalid):
        World(treated=0)
    with pytest.raises(Invalid):
        World(paths={"none": PathEffect(share=0.9)})
    assert sum(p.share for p in NULL_PATHS.values()) == pytest.approx(1)
