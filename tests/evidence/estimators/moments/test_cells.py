"""The cube against plain sums over rows; adding, keeping, and the same statement on PostgreSQL."""

from __future__ import annotations

import datetime as dt
import math
import os
import secrets
from dataclasses import replace

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepin.core.facts import Chats
from stepin.errors import Conflict, Invalid, Missing
from stepin.evidence.data.storage import arrow_schema, files
from stepin.evidence.data.synthetic import World, plant
from stepin.evidence.estimators.moments import (
    OUTCOMES,
    CubeSpec,
    add,
    build,
    build_file,
    centred,
    control,
    load,
    outcome_named,
)
from stepin.evidence.estimators.moments.build import BATCH_BYTES, batched

SPEC = CubeSpec(
    outcomes=tuple(map(outcome_named, ("log_duration", "rating", "retrial_7d", "answered"))),
    origins={"log_duration": 6.0, "rating": 3.5},
)
NAMES = [c.name for c in SPEC.columns]
WIDE = [*NAMES, "chat_id", "queue_wait_s", "close_reason"]
DAY = dt.date(2026, 3, 2)
CLOSE = 1e-9


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("facts")
    world = World(workers=30, treated=15, chats=6_000, pre_days=4, post_days=4)
    plant(world, path, 3, tables=(), chat_columns=[*NAMES, "chat_id"])
    return path


def by_hand(rows, sample, spec):
    """The moments of `sample` by cell from plain rows of terms."""
    out = {}
    for row in rows:
        if any(row[n] is None for n in sample.needs):
            continue
        z = [1.0]
        for name in sample.terms:
            z.append(VALUES[name](row) - spec.origins.get(name, 0.0))
        products = [z[i] * z[j] for i in range(len(z)) for j in range(i, len(z))]
        key = (row["first_owner_id"], row["day"], int(row["eligible"]))
        out[key] = out.get(key, 0) + np.array(products)
    return out


VALUES = {
    "log_duration": lambda r: np.log(max(r["duration_s"], 1.0)),
    "rating": lambda r: float(r["rating"]),
    "retrial_7d": lambda r: float(r["retrial_7d"]),
    "answered": lambda r: float(r["rating"] is not None),
    "log_customer_tenure_days": lambda r: np.log1p(r["customer_tenure_days"]),
    "log_opening_chars": lambda r: np.log1p(r["opening_chars"]),
}
EPOCH = dt.date(1970, 1, 1)
ROW = st.fixed_dictionaries(
    {
        "first_owner_id": st.sampled_from(["w1", "w2", "w10", "wörk"]),
        "day": st.integers(19_000, 19_003).map(lambda d: EPOCH + dt.timedelta(days=d)),
        "eligible": st.booleans(),
        "duration_s": st.floats(0.0, 1e6),
        "rating": st.none() | st.integers(1, 5),
        "retrial_7d": st.none() | st.booleans(),
        "customer_tenure_days": st.floats(0, 9e3),
        "opening_chars": st.integers(0, 4000),
    }
)


def write(path, rows):
    pq.write_table(pa.Table.from_pylist(rows, schema=arrow_schema(Chats, NAMES)), path)


def same(cube, expected, sample):
    found = {}
    for (u, d, s), m in zip(cube.keys, cube.moments[sample.name], strict=True):
        day = EPOCH + dt.timedelta(days=int(cube.days[d]))
        found[(str(cube.units[u]), day, int(s))] = m
    for key, moments in found.items():
        np.testing.assert_allclose(moments, expected.get(key, 0.0), rtol=CLOSE, atol=1e-6)
    assert set(expected) <= set(found)


@given(st.lists(ROW, min_size=1, max_size=60), st.integers(0, 60))
@settings(max_examples=25, deadline=None)
def test_every_moment_is_the_plain_sum_and_parts_add(tmp_path_factory, rows, cut):
    path = tmp_path_factory.mktemp("rows")
    write(path / "all.parquet", rows)
    whole = build_file(path / "all.parquet", SPEC)
    assert whole.chats == len(rows)
    parts = []
    for i, part in enumerate((rows[:cut], rows[cut:])):
        if part:
            write(path / f"{i}.parquet", part)
            parts.append(build_file(path / f"{i}.parquet", SPEC))
    for sample in SPEC.samples:
        expected = by_hand(rows, sample, SPEC)
        same(whole, expected, sample)
        same(add(parts), expected, sample)
        same(add(parts[::-1]), expected, sample)


def test_sums_do_not_depend_on_how_many_files_run_at_once(folder):
    one = build(folder, SPEC, at_once=1)
    assert build(folder, SPEC, at_once=4).digest == one.digest
    assert one.chats == 6_000


def test_batches_depend_on_sizes_alone_and_keep_every_file_in_order(tmp_path):
    sizes = [10, BATCH_BYTES - 10, 1, BATCH_BYTES * 2, 5, 5]
    paths = [tmp_path / f"{i}.parquet" for i in range(len(sizes))]
    for path, size in zip(paths, sizes, strict=True):
        with path.open("wb") as file:
            file.truncate(size)
    assert batched(paths) == [paths[:2], [paths[2]], [paths[3]], paths[4:]]


def test_a_stored_part_is_used_only_for_the_same_bytes(folder, tmp_path):
    store = tmp_path / "parts"
    seen = []
    fresh = build(folder, SPEC, store=store, progress=lambda i, n: seen.append((i, n)))
    assert seen == [(i, 8) for i in range(1, 9)]
    kept = sorted(store.iterdir())
    stamps = [p.stat().st_mtime_ns for p in kept]
    assert len(kept) == 8
    assert build(folder, SPEC, store=store).digest == fresh.digest
    assert [p.stat().st_mtime_ns for p in kept] == stamps
    assert load(kept[0], SPEC).spec is SPEC


def test_damage_and_another_specification_are_found(folder, tmp_path):
    cube = build_file(files(folder, Chats)[0], SPEC)
    cube.save(tmp_path / "a.npz")
    cube.save(tmp_path / "b.npz")
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    other = replace(SPEC, origins={"log_duration": 5.0})
    with pytest.raises(Conflict) as stale:
        load(tmp_path / "a.npz", other)
    assert stale.value.code == "stale_cube"
    with pytest.raises(Conflict):
        add([cube, build_file(files(folder, Chats)[0], other)])
    bent = replace(cube, moments={n: m * (1 + 1e-15) for n, m in cube.moments.items()})
    with np.load(tmp_path / "a.npz") as saved:
        arrays = dict(saved)
    arrays["moments_0"] = bent.moments["all"]
    np.savez(tmp_path / "c.npz", **arrays)
    with pytest.raises(Invalid) as damaged:
        load(tmp_path / "c.npz", SPEC)
    assert damaged.value.code == "damaged_cube"


def test_the_statement_never_reads_the_arm(folder):
    text = SPEC.sql("chats").lower()
    assert "arm" not in text
    assert "policy_version" not in text


def test_origins_are_means_of_a_file(folder):
    spec = centred(replace(SPEC, origins={}), files(folder, Chats)[0])
    assert spec.origins["rating"] == pytest.approx(3.57, abs=0.3)
    assert set(spec.origins) == {t.name for t in SPEC.terms}


def test_what_is_missing_is_named(tmp_path):
    with pytest.raises(Missing) as none:
        build(tmp_path, SPEC)
    assert none.value.code == "no_facts"
    short = pa.Table.from_pylist([], schema=arrow_schema(Chats, NAMES[:-1]))
    pq.write_table(short, tmp_path / "chats.parquet")
    with pytest.raises(Missing) as column:
        build_file(tmp_path / "chats.parquet", SPEC)
    assert column.value.code == "no_column"
    with pytest.raises(Invalid):
        SPEC.sample_of("mood")
    with pytest.raises(Missing):
        outcome_named("mood")


def test_an_optional_control_keeps_every_chat_and_says_who_had_none():
    number, absent = control(Chats.customer_value, scale="log")
    assert (number.name, absent.name) == ("log_customer_value", "no_customer_value")
    assert not number.needs


@pytest.mark.postgres
async def test_postgresql_gives_the_same_cube(folder, tmp_path):
    asyncpg = pytest.importorskip("asyncpg")
    from stepin.evidence.estimators.moments import postgres

    address = os.environ.get("STEPIN_TEST_POSTGRES", "")
    if not address:
        pytest.skip("STEPIN_TEST_POSTGRES names no server")
    name = f"stepin_test_{secrets.token_hex(6)}"
    admin = await asyncpg.connect(address.rsplit("/", 1)[0] + "/postgres")
    await admin.execute(f"CREATE DATABASE {name}")
    try:
        connection = await asyncpg.connect(address.rsplit("/", 1)[0] + f"/{name}")
        rows = pq.read_table(folder / "chats", columns=NAMES).to_pylist()
        for i, row in enumerate(rows):
            # An open ticket has no duration in either engine, and isn't one of a second.
            row["duration_s"] = None if i % 7 == 0 else row["duration_s"]
        form = pa.schema([f.with_nullable(True) for f in arrow_schema(Chats, NAMES)])
        pq.write_table(pa.Table.from_pylist(rows, schema=form), tmp_path / "chats.parquet")
        types = {"text": "text", "whole": "bigint", "real": "double precision"}
        types |= {"truth": "boolean", "day": "date", "moment": "timestamp"}
        declared = ", ".join(f"{c.name} {types[c.kind.name]}" for c in SPEC.columns)
        await connection.execute(f"CREATE TABLE chats ({declared})")
        await connection.copy_records_to_table(
            "chats", records=[tuple(r[n] for n in NAMES) for r in rows], columns=NAMES
        )
        there = await postgres.build(connection, "chats", SPEC)
        with pytest.raises(Missing):
            await postgres.build(connection, "(SELECT * FROM chats LIMIT 0) AS none", SPEC)
        await connection.close()
    finally:
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await admin.close()
    here = build(tmp_path, SPEC)
    assert (there.units == here.units).all()
    assert (there.keys == here.keys).all()
    for sample in SPEC.samples:
        np.testing.assert_allclose(
            there.moments[sample.name], here.moments[sample.name], rtol=1e-12, atol=1e-9
        )


def test_a_chat_without_a_value_has_no_outcome_and_none_is_made_up(tmp_path):
    """Empty, zero and below one: what the SQL says is what the rows say, and null stays null."""
    raw = [None, 0.0, 0.4, 1.0, 90.0]
    rows = pa.Table.from_pylist(
        [
            dict.fromkeys(WIDE)
            | {
                "first_owner_id": "w",
                "day": DAY,
                "eligible": True,
                "chat_id": str(i),
                "duration_s": v,
                "queue_wait_s": v,
                "close_reason": None if v is None else "abandoned" if v == 0 else "resolved",
            }
            for i, v in enumerate(raw)
        ],
        schema=pa.schema([f.with_nullable(True) for f in arrow_schema(Chats, WIDE)]),
    )
    pq.write_table(rows, tmp_path / "chats.parquet")
    outcomes = tuple(map(outcome_named, ("log_duration", "queue_wait_s", "abandoned")))
    with duckdb.connect() as con:
        picked = ", ".join(o.sql for o in outcomes)
        found = con.execute(
            f"SELECT {picked} FROM '{tmp_path / 'chats.parquet'}' ORDER BY chat_id"
        ).fetchall()
    known = np.array([np.nan if v is None else v for v in raw])
    for i, o in enumerate(outcomes[:2]):
        ours = np.array([np.nan if r[i] is None else r[i] for r in found])
        np.testing.assert_array_equal(ours, o.values(known))
    assert [r[2] for r in found] == [None, 1.0, 0.0, 0.0, 0.0]
    cube = build(tmp_path, CubeSpec(outcomes=outcomes, controls=()))
    for o in outcomes:
        sample = cube.spec.sample_of(o.name)
        assert sample.needs == (o.columns[0].name,)
        assert cube.moments[sample.name][0, 0] == 4
    assert cube.chats == 5
    assert all(o.needs == (o.columns[0].name,) for o in OUTCOMES if o.name != "answered")


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [("eligible", None, "no_stratum"), ("duration_s", math.inf, "not_finite"),
     ("duration_s", math.nan, "not_finite"), ("duration_s", 1e200, "not_finite")],
)  # fmt: skip
def test_what_no_cube_can_hold_is_refused(tmp_path, column, value, code):
    row = dict.fromkeys(NAMES) | {
        "first_owner_id": "w", "day": DAY, "eligible": True, "duration_s": 5.0,
    }  # fmt: skip
    rows = pa.Table.from_pylist(
        [row, row | {column: value}],
        schema=pa.schema([f.with_nullable(True) for f in arrow_schema(Chats, NAMES)]),
    )
    pq.write_table(rows, tmp_path / "chats.parquet")
    with pytest.raises(Invalid) as caught:
        build(tmp_path, CubeSpec(outcomes=(outcome_named("duration_s"),), controls=()))
    assert caught.value.code == code


def test_a_control_with_gaps_has_an_indicator_whatever_the_schema_promises():
    names = [c.name for c in control(Chats.customer_tenure_days, gaps=True)]
    assert names == ["customer_tenure_days", "no_customer_tenure_days"]
    assert len(control(Chats.customer_tenure_days)) == 1
