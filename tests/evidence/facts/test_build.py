"""The SQL and a plain fold agree on random logs, however the log is cut; the golden log's facts."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.evidence.facts.fold import fold
from tests.evidence.facts.stories import tell
from tests.evidence.facts.told import Row
from tests.golden.story import load

from stepin.core.facts import TABLES
from stepin.core.record import Recorded
from stepin.errors import Invalid, Missing
from stepin.evidence.facts.build import build_facts
from stepin.evidence.facts.events import slices, write_events
from stepin.evidence.storage import arrow_schema, files

KEYS = {table.name: table.key for table in TABLES}
FOLDED = ("chats", "turns", "flags", "takeovers", "decisions", "focus", "shifts")


def built(events: Sequence[Recorded], *, batch_rows: int = 2_000_000) -> dict[str, list[Row]]:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_events(events, root / "events")
        build_facts(root / "events", root / "facts", batch_rows=batch_rows, threads=1)
        return {table.name: read(root / "facts", table.name) for table in TABLES}


def read(folder: Path, name: str) -> list[Row]:
    table = next(t for t in TABLES if t.name == name)
    rows: list[Row] = []
    for path in files(folder, table):
        found = pq.read_table(path, partitioning=None)
        assert found.schema.names == arrow_schema(table).names
        assert found.schema.types == arrow_schema(table).types
        rows += found.to_pylist()
    return rows


def same(left: Any, right: Any) -> bool:
    if isinstance(left, float) and isinstance(right, int | float):
        return math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-6)
    return bool(left == right)


def differences(found: dict[str, list[Row]], expected: dict[str, list[Row]]) -> list[str]:
    out = []
    for name in FOLDED:
        key = KEYS[name]
        ours = {tuple(r[k] for k in key): r for r in found[name]}
        theirs = {tuple(r[k] for k in key): r for r in expected[name]}
        if ours.keys() != theirs.keys():
            out.append(f"{name}: {sorted(map(str, ours.keys() ^ theirs.keys()))[:3]}")
            continue
        columns = next(t for t in TABLES if t.name == name).columns
        known = [c.name for c in columns if theirs and c.name in next(iter(theirs.values()))]
        for k, row in theirs.items():
            out += [
                f"{name}{k}.{c}: {ours[k][c]!r}, not {row[c]!r}"
                for c in known
                if not same(row[c], ours[k][c])
            ]
    return out


@given(st.integers(0, 2**32), st.integers(1, 9), st.sampled_from([7, 60, 100_000]))
@settings(max_examples=15, deadline=None)
def test_the_sql_and_the_fold_agree(seed: int, chats: int, batch_rows: int) -> None:
    events = tell(seed, chats)
    assert differences(built(events, batch_rows=batch_rows), fold(events)) == []


def test_the_golden_logs_facts() -> None:
    facts = built(load())
    chats = {row["chat_id"]: row for row in facts["chats"]}
    assert {k: r["path"] for k, r in chats.items()} == {
        "c1": "none",
        "c2": "technical",
        "c3": "none",
        "c4": "emotional",
        "c5": "none",
        "c6": "none",
    }
    assert chats["c2"]["retrial_10m"] is True
    assert chats["c4"]["previous_chat_id"] == "c2"
    assert chats["c2"]["retrial_24h"] is None
    assert (chats["c2"]["attention_s"], chats["c5"]["attention_s"]) == (27, 60)
    assert chats["c5"]["duration_s"] == 51
    assert chats["c5"]["wrap_up_s"] == 30
    assert {r["worker_id"]: r["arm"] for r in facts["workers"]} == {
        "w1": "treated", "w2": "control", "w3": "treated", "w4": "control",
    }  # fmt: skip
    assert [r["ended_as"] for r in facts["actions"]] == ["succeeded"]
    days = {r["worker_id"]: r for r in facts["worker_days"]}
    assert (days["w3"]["chats"], days["w3"]["takeovers"], days["w3"]["focus_s"]) == (2, 2, 27)
    assert all(r["day"] == facts["chats"][0]["day"] for r in facts["turns"])


def test_the_same_events_give_the_same_bytes(tmp_path: Path) -> None:
    write_events(tell(3, 8), tmp_path / "events")
    for name in ("one", "two"):
        build_facts(tmp_path / "events", tmp_path / name)
    one, two = (
        {p.relative_to(root): p.read_bytes() for p in root.rglob("*.parquet")}
        for root in (tmp_path / "one", tmp_path / "two")
    )
    assert len(one) > 8
    assert one == two


def test_a_day_twice_or_a_foreign_table_is_refused(tmp_path: Path) -> None:
    events = tmp_path / "events"
    write_events(load(), events)
    (day,) = events.iterdir()
    (events / "again.parquet").write_bytes(day.read_bytes())
    with pytest.raises(Invalid) as caught:
        slices(events, rows=100)
    assert caught.value.name == "event_order"
    duckdb.sql("SELECT 1 AS position").write_parquet(str(tmp_path / "other.parquet"))
    with pytest.raises(Invalid) as caught:
        slices(tmp_path / "other.parquet", rows=100)
    assert caught.value.name == "event_columns"
    with pytest.raises(Missing):
        slices(tmp_path / "nowhere", rows=100)


def test_facts_are_not_written_over(tmp_path: Path) -> None:
    write_events(load(), tmp_path / "events")
    build_facts(tmp_path / "events", tmp_path / "facts")
    with pytest.raises(Invalid) as caught:
        build_facts(tmp_path / "events", tmp_path / "facts")
    assert caught.value.name == "facts_exist"
