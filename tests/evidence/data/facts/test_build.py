"""The SQL and a plain fold agree on random logs, however the log is cut; the golden log's facts."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepin.core.events import Event
from stepin.core.events.base import Cause
from stepin.core.events.chat import ChatClosed, ChatOpened, HolderChanged, RatingGiven
from stepin.core.events.supervision import (
    AlertAcknowledged,
    AlertShown,
    DecisionDrawn,
    EscalationExpired,
    EscalationTaken,
    EscalationWithdrawn,
    FlagRaised,
)
from stepin.core.facts import TABLES
from stepin.core.holder import NOBODY, ai, worker
from stepin.core.record import Recorded, Versions
from stepin.errors import Invalid, Missing
from stepin.evidence.data.facts.build import build_facts
from stepin.evidence.data.facts.events import slices, write_events
from stepin.evidence.data.storage import arrow_schema, files
from tests.evidence.data.facts.fold import fold
from tests.evidence.data.facts.stories import START_US, tell
from tests.evidence.data.facts.told import Row
from tests.golden.story import load

KEYS = {table.name: table.key for table in TABLES}
FOLDED = ("chats", "turns", "flags", "takeovers", "decisions", "focus", "shifts")


def built(
    events: Sequence[Recorded], *, run_rows: int = 200_000, own_group: int = 500
) -> dict[str, list[Row]]:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_events(events, root / "events", run_rows=run_rows, own_group=own_group)
        build_facts(root / "events", root / "facts", slice_rows=run_rows)
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


@given(
    st.integers(0, 2**32),
    st.integers(1, 9),
    st.sampled_from([7, 60, 100_000]),
    st.sampled_from([1, 5, 500]),
)
@settings(max_examples=25, deadline=None)
def test_the_build_and_the_fold_agree(seed: int, chats: int, run_rows: int, own_group: int) -> None:
    events = tell(seed, chats)
    found = built(events, run_rows=run_rows, own_group=own_group)
    assert differences(found, fold(events)) == []


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
    assert caught.value.code == "event_order"
    whole = pq.read_table(day)
    for name, rest in (("again", 0), (day.stem, 1)):
        some = [n for n in range(whole.num_rows) if n % 2 == rest]
        pq.write_table(whole.take(some), events / f"{name}.parquet")
    with pytest.raises(Invalid) as caught:
        slices(events, rows=100)
    assert caught.value.code == "event_order"
    duckdb.sql("SELECT 1 AS position").write_parquet(str(tmp_path / "other.parquet"))
    with pytest.raises(Invalid) as caught:
        slices(tmp_path / "other.parquet", rows=100)
    assert caught.value.code == "event_columns"
    with pytest.raises(Missing):
        slices(tmp_path / "nowhere", rows=100)


def test_facts_are_not_written_over(tmp_path: Path) -> None:
    write_events(load(), tmp_path / "events")
    build_facts(tmp_path / "events", tmp_path / "facts")
    with pytest.raises(Invalid) as caught:
        build_facts(tmp_path / "events", tmp_path / "facts")
    assert caught.value.code == "facts_exist"


def one_chat(told: Sequence[Event]) -> list[Recorded]:
    return [
        Recorded(
            position=n, stream="chat/c", seq=n, at_us=START_US + n, epoch=0, basis_seq=0,
            event=event, actor="system", versions=Versions(),
        )
        for n, event in enumerate(told, start=1)
    ]  # fmt: skip


def test_a_flags_draw_is_that_of_its_turn_and_cause() -> None:
    def drawn(cause: str, turn_seq: int, p: float, *, available: bool = True) -> DecisionDrawn:
        return DecisionDrawn(
            point="alert", options=(cause, "none"), probabilities=(p, 1 - p), drawn=cause,
            draw_key="d", turn_seq=turn_seq, available=available,
        )  # fmt: skip

    def flag(cause: Cause, turn_seq: int) -> FlagRaised:
        return FlagRaised(cause=cause, turn_seq=turn_seq, raised_by="detector")

    told: list[Event] = [
        ChatOpened(customer_id="k", asserted=True),
        drawn("technical", 2, 0.25), flag("technical", 2), flag("emotional", 2),
        drawn("risk", 4, 0.75, available=False), flag("risk", 4),
        drawn("risk", 5, 0.5), flag("risk", 6), ChatClosed(reason="resolved"),
    ]  # fmt: skip
    flags = built(one_chat(told))["flags"]
    assert [row["randomized_p"] for row in flags] == [0.25, None, None, None]


def test_an_alert_that_every_arm_gets_alike_is_no_step_on_the_path_of_the_ais_chat() -> None:
    def flag(kind: str, cause: Cause = "policy") -> FlagRaised:
        return FlagRaised(cause=cause, turn_seq=1, raised_by="desk", kind=kind)

    def alert(seq: int, kind: str, cause: Cause = "policy") -> AlertShown:
        return AlertShown(flag_seq=seq, cause=cause, step="owner", to=("w",), kind=kind)

    held = HolderChanged(from_=NOBODY, to=worker("w"), reason="assigned")
    with_person: list[Event] = [
        ChatOpened(customer_id="k", asserted=True), held,
        flag("reply.late"), alert(3, "reply.late"),
        AlertAcknowledged(flag_seq=3, worker_id="w"),
        flag("safety.injury"), alert(6, "safety.injury"), ChatClosed(reason="resolved"),
    ]  # fmt: skip
    tables = built(one_chat(with_person))
    (chat,) = tables["chats"]
    assert (chat["path"], chat["delivered_path"]) == ("none", "none")
    assert (chat["flag_at"], chat["alert_at"], chat["acknowledged_at"]) == (None, None, None)
    (row,) = tables["flags"]
    assert (row["cause"], row["kind"]) == ("policy", "safety.injury")
    assert row["alert_at"] is not None
    with_ai = [*with_person[:1], msgspec.structs.replace(held, to=ai("b")), *with_person[5:]]
    with_ai[3] = alert(3, "safety.injury")
    (chat,) = built(one_chat(with_ai))["chats"]
    assert (chat["path"], chat["delivered_path"]) == ("policy", "policy")
    in_a_rating = [*with_ai[:2], with_ai[-1], RatingGiven(rating=1), with_ai[2], alert(5, "")]
    tables = built(one_chat(in_a_rating))
    (chat,) = tables["chats"]
    assert (chat["path"], chat["delivered_path"], chat["flag_at"]) == ("none", "none", None)
    assert [row["kind"] for row in tables["flags"]] == ["safety.injury"]


def test_an_alert_that_is_raised_again_is_one_flag_with_its_last_end() -> None:
    def shown(again: int) -> AlertShown:
        return AlertShown(
            flag_seq=3, cause="policy", step="owner", to=("w",), kind="safety.child", again=again
        )

    told: list[Event] = [
        ChatOpened(customer_id="k", asserted=True),
        HolderChanged(from_=NOBODY, to=ai("b"), reason="assigned"),
        FlagRaised(cause="policy", turn_seq=1, raised_by="policy", kind="safety.child"),
        shown(0),
        EscalationExpired(flag_seq=3, step="lead", next_step="owner", again=1, kind="safety.child"),
        shown(1),
        HolderChanged(from_=ai("b"), to=worker("w"), reason="takeover"),
        EscalationTaken(flag_seq=3, worker_id="w"),
        HolderChanged(from_=worker("w"), to=NOBODY, reason="signed_off"),
        shown(1),
        ChatClosed(reason="abandoned"),
        EscalationWithdrawn(flag_seq=3, reason="closed"),
    ]
    tables = built(one_chat(told))
    (flag,) = tables["flags"]
    assert (flag["cause"], flag["ended_as"]) == ("policy", "withdrawn")
    (chat,) = tables["chats"]
    assert (chat["path"], chat["delivered_path"]) == ("policy", "policy")
    assert chat["alert_at"] == flag["alert_at"] < chat["takeover_at"]


@pytest.mark.parametrize(
    ("point", "drawn", "available", "fired"),
    [
        ("look_now", "nudge", True, True),
        ("look_now", "none", True, False),
        ("look_now", "nudge", False, False),
        ("alert", "technical", True, True),
        ("alert", "off", True, True),
        ("assignment", "none", True, True),
        ("assignment", "quiet", True, True),
        ("reassignment", "no", True, True),
    ],
)
def test_a_decision_has_fired_if_its_option_acts(
    point: str, drawn: str, available: bool, fired: bool
) -> None:
    told: list[Event] = [
        ChatOpened(customer_id="k", asserted=True),
        DecisionDrawn(
            point=point, options=("a", drawn), probabilities=(0.5, 0.5), drawn=drawn,
            draw_key="d", available=available,
        ),
        ChatClosed(reason="resolved"),
    ]  # fmt: skip
    (row,) = built(one_chat(told))["decisions"]
    assert row["fired"] is fired
    assert (row["options"], row["probabilities"]) == (f'["a","{drawn}"]', "[0.5,0.5]")


def test_every_table_of_events_is_cut_by_day_of_opening(tmp_path: Path) -> None:
    write_events(tell(11, 9), tmp_path / "events", run_rows=60, own_group=5)
    build_facts(tmp_path / "events", tmp_path / "facts", slice_rows=60)
    cut = [t for t in TABLES if t.name in ("chats", "turns", "flags", "decisions", "focus")]
    for table in cut:
        paths = files(tmp_path / "facts", table)
        assert len(paths) > 1
        for path in paths:
            days = set(pq.read_table(path, partitioning=None)["day"].to_pylist())
            named = path.stem if table.name in ("chats", "focus") else path.parent.name
            assert {day.isoformat() for day in days} == {named}
