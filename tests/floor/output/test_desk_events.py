"""A run's events are a desk's: they fold, and their facts are those written without them."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tests.floor.worlds import EVERYTHING

from stepin.core.chat.chat import fold
from stepin.core.events.chat import ChatClosed
from stepin.core.facts import Chats, Flags, Table, Takeovers, Workers
from stepin.evidence.data.facts.build import build_facts
from stepin.evidence.data.storage import files
from stepin.floor.engine.inputs import inputs
from stepin.floor.engine.reference import run_reference
from stepin.floor.engine.trace import Run
from stepin.floor.output.desk_events import desk_events, write_desk_events
from stepin.floor.output.facts import write_facts
from stepin.floor.scenario.reading import read_scenario

WORLD = read_scenario(EVERYTHING, changes={"size.burn_in_days": "0", "size.before_days": "2"})


@pytest.fixture(scope="module")
def run() -> Run:
    return run_reference(inputs(WORLD, 4), trace=True)


@pytest.fixture(scope="module")
def both(run: Run, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    out = tmp_path_factory.mktemp("both")
    write_facts(run, out / "straight")
    write_desk_events(run, out / "events")
    build_facts(out / "events", out / "built")
    return out / "straight", out / "built"


def rows(folder: Path, table: type[Table], key: str) -> dict[str, dict[str, object]]:
    found = [row for path in files(folder, table) for row in pq.read_table(path).to_pylist()]
    return {str(row[key]): row for row in found}


def test_every_chat_folds_to_a_closed_one(run: Run) -> None:
    streams = defaultdict(list)
    for event in desk_events(run):
        streams[event.stream].append(event)
    chats = {name: events for name, events in streams.items() if name.startswith("chat/")}
    assert len(chats) == run.size
    for name, events in chats.items():
        assert [e.seq for e in events] == list(range(1, len(events) + 1))
        assert not fold(name.removeprefix("chat/"), events).open
        assert sum(isinstance(e.event, ChatClosed) for e in events) == 1


def test_moments_and_positions_never_fall(run: Run) -> None:
    events = list(desk_events(run))
    assert [e.position for e in events] == list(range(1, len(events) + 1))
    assert all(a.at_us <= b.at_us for a, b in pairwise(events))


def test_nobody_is_treated_before_the_start(run: Run) -> None:
    early = run.chats["owned"] < run.inputs.treated_from_min
    assert early.sum() > 50
    assert not run.chats["ai"][early].any()
    assert run.chats["ai"][~early].any()


SAME = (
    "customer_id", "first_owner_id", "opened_at", "day", "hour", "channel", "issue_class",
    "eligible", "opening_chars", "worker_id", "closed_at", "close_reason", "duration_s",
    "rounds", "human_rounds", "customer_messages", "ai_messages", "worker_messages",
    "worker_chars", "path", "delivered_path", "flag_at", "alert_at",
    "takeover_at", "first_human_message_at", "hand_back_at", "takeover_round", "rating_invited",
    "rating", "previous_chat_id", "policy_version", "brain_version",
    "crossed_arm",
)  # fmt: skip
CLOSE = {
    "eligibility_score": 1e-9, "opening_sentiment": 1e-9, "p_technical": 1e-9,
    "customer_tenure_days": 1e-6, "queue_wait_s": 1e-4, "first_response_s": 1e-4,
    "attention_s": 0.1, "worker_latency_s": 1e-3,
     "owner_probability": 1e-9,
}  # fmt: skip


def test_facts_built_from_events_are_those_written_straight(both: tuple[Path, Path]) -> None:
    straight, built = (rows(folder, Chats, "chat_id") for folder in both)
    assert straight.keys() == built.keys()
    for chat, left in straight.items():
        for name in SAME:
            assert left[name] == built[chat][name], (chat, name)
        if left["queue_wait_s"] == 0:
            # Of those who waited for an owner a run tells the load at the draw, not at opening.
            for name in ("concurrency", "supervised_concurrency"):
                assert left[name] == built[chat][name], (chat, name)
        if left["first_owner_id"]:
            for name in ("worker_prior_chats", "worker_prior_rating", "worker_prior_duration_s"):
                assert left[name] == pytest.approx(built[chat][name], abs=1e-3), (chat, name)
        if left["hand_back_at"] is None:
            # A run tells the first takeover alone; after a hand-back there may be a second.
            assert left["acknowledged_at"] == built[chat]["acknowledged_at"], chat
        for name, tolerance in CLOSE.items():
            assert left[name] == pytest.approx(built[chat][name], abs=tolerance), (chat, name)


def test_matured_returns_are_the_same(both: tuple[Path, Path]) -> None:
    straight, built = (rows(folder, Chats, "chat_id") for folder in both)
    for name in ("retrial_10m", "retrial_24h", "retrial_3d"):
        known = [chat for chat, row in built.items() if row[name] is not None]
        assert len(known) > 50
        for chat in known:
            assert straight[chat][name] == built[chat][name], (chat, name)


@pytest.mark.parametrize(
    ("table", "key", "names"),
    [
        (Takeovers, "chat_id", ("worker_id", "cause", "at", "round", "first_human_message_at")),
        (Workers, "worker_id", ("arm", "treated_from", "pre_chats")),
    ],
)
def test_other_tables_too(
    both: tuple[Path, Path], table: type[Table], key: str, names: tuple[str, ...]
) -> None:
    straight, built = (rows(folder, table, key) for folder in both)
    assert straight.keys() <= built.keys()
    first = {k: r for k, r in built.items() if k in straight and r.get("ordinal", 1) == 1}
    for one, row in first.items():
        for name in names:
            assert straight[one][name] == row[name], (one, name)


def test_the_first_flag_of_each_chat_is_there(both: tuple[Path, Path]) -> None:
    straight, built = (
        {r["chat_id"]: r for r in reversed(list(rows(f, Flags, "flag_id").values()))} for f in both
    )
    assert straight.keys() == built.keys()
    for chat, row in straight.items():
        for name in ("cause", "at", "round", "detector", "shadow"):
            assert row[name] == built[chat][name], (chat, name)
