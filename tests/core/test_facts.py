"""The schemas of the facts: complete, documented, and staged by type."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from stepin.core.facts import (
    TABLES,
    After,
    Assigned,
    AtOpening,
    Before,
    Chats,
    Workers,
    at_opening,
    before,
)
from stepin.errors import Invalid, Missing

REQUIRED = (
    "chat_id customer_id issue_class first_owner_id worker_id opened_at closed_at eligible "
    "eligibility_score queue_wait_s duration_s attention_s rounds human_rounds customer_messages "
    "ai_messages worker_messages worker_chars worker_latency_s path delivered_path flag_at "
    "alert_at acknowledged_at takeover_at first_human_message_at hand_back_at takeover_round "
    "rating_invited rating retrial_10m retrial_24h retrial_3d retrial_7d close_reason concurrency "
    "policy_version brain_version day language channel"
)
TEN = "chats flags takeovers turns decisions actions workers shifts worker_days focus"


def test_the_tables_are_the_ten_of_the_design():
    assert " ".join(t.name for t in TABLES) == TEN


def test_chats_hold_every_required_column_and_not_the_arm():
    names = {c.name for c in Chats.columns}
    assert set(REQUIRED.split()) <= names
    assert "arm" not in names


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.name)
def test_every_column_is_documented_and_every_key_exists(table):
    for name in table.key:
        assert not table.column(name).optional
    for column in table.columns:
        assert column.table == table.name
        assert re.fullmatch(r"[A-Z0-9].*\.", column.meaning), column.name
        assert isinstance(column, (Before, AtOpening, Assigned, After))
        if column.name.endswith("_s"):
            assert column.unit == "s"
        if column.name.endswith(("_at", "at")):
            assert column.kind.name == "moment"


def test_outcomes_are_after_and_the_arm_is_assigned():
    for outcome in ("duration_s", "rating", "retrial_7d", "path", "queue_wait_s", "worker_id"):
        assert Chats.column(outcome).stage == "after"
    assert Workers.arm.stage == "assigned"
    assert Chats.policy_version.stage == "assigned"
    assert Chats.eligible.stage == "before"
    assert Chats.worker_prior_rating.stage == "opening"


def test_a_later_column_is_no_control():
    assert before(Chats.column("eligible")) is Chats.eligible
    assert at_opening(Chats.column("concurrency")) is Chats.concurrency
    assert at_opening(Chats.column("eligible")) is Chats.eligible
    for check, name in [
        (before, "duration_s"),
        (before, "concurrency"),
        (before, "chat_id"),
        (before, "policy_version"),
        (at_opening, "rating"),
    ]:
        with pytest.raises(Invalid) as e:
            check(Chats.column(name))
        assert e.value.code == "not_before"
        assert e.value.fields["column"] == name


def test_an_unknown_column_is_named():
    with pytest.raises(Missing) as e:
        Chats.column("mood")
    assert e.value.fields == {"table": "chats", "column": "mood"}


def test_mypy_rejects_a_later_column_as_a_control(tmp_path: Path):
    source = tmp_path / "controls.py"
    source.write_text(
        "from stepin.core.facts import AtOpening, Before, Chats\n"
        "def itt(controls: tuple[Before[float], ...]) -> None: ...\n"
        "def match(controls: tuple[AtOpening[float], ...]) -> None: ...\n"
        "itt((Chats.eligible, Chats.customer_tenure_days))\n"
        "match((Chats.eligible, Chats.concurrency))\n"
        "itt((Chats.duration_s,))\n"
        "itt((Chats.concurrency,))\n"
        "match((Chats.rating,))\n"
        "itt((Chats.policy_version,))\n"
        "itt((Chats.channel,))\n"
    )
    root = Path(__file__).parents[2]
    flags = ["--strict", "--config-file=", "--follow-imports=silent", "--cache-dir", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *flags, str(source)],
        capture_output=True,
        text=True,
        env={"MYPYPATH": str(root / "src"), "PATH": ""},
        check=False,
    )
    lines = sorted(int(x) for x in re.findall(r"controls\.py:(\d+): error", done.stdout))
    assert lines == [6, 7, 8, 9, 10], done.stdout + done.stderr
