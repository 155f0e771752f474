"""Balance and power of a running trial come from before its treatment, and from nothing later."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from stepin.evidence.analysis.trial_status.before import BeforeTreatment, before
from stepin.evidence.data.facts.events import write_events
from tests.evidence.analysis.trial_status.floor import (
    PLAN,
    START_US,
    Told,
    log,
    registered,
    rows,
    weeks,
)

NAMES = [f"w{i:02d}" for i in range(24)]
ARMS = {name: ("people", "ai")[i % 2] for i, name in enumerate(NAMES)}
# Two outcomes would take twice the time and show nothing else.
FAST = msgspec.structs.replace(
    PLAN,
    outcomes=PLAN.outcomes[:1],
)
PRE = weeks(NAMES, range(-14, 0), seed=1)


def told(folder: Path, *parts: list[Told]) -> BeforeTreatment:
    write_events(log(registered(rows(ARMS)), *parts), folder)
    return before(folder, FAST)


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> BeforeTreatment:
    return told(tmp_path_factory.mktemp("events"), PRE)


def test_balance_is_that_of_the_chats_before(known: BeforeTreatment) -> None:
    assert (known.state, known.no_balance) == ("ready", "")
    ratings: dict[str, list[int]] = {name: [] for name in NAMES}
    for _, stream, event in PRE:
        if (given := getattr(event, "rating", None)) is not None:
            ratings[stream.removeprefix("chat/").split("-")[0]].append(given)
    row = next(r for r in known.balance if r.covariate == "earlier rating")
    for arm, mean in (("people", row.control_mean), ("ai", row.arm_mean)):
        mine = [sum(ratings[n]) / len(ratings[n]) for n in NAMES if ARMS[n] == arm]
        assert mean == pytest.approx(sum(mine) / len(mine))
    assert row.arm == "ai"
    assert row.p is not None
    assert row.band is not None
    assert known.joint_p is not None
    assert 0 < known.joint_p <= 1


def test_power_is_of_the_trials_own_workers_and_grows_with_its_days(known: BeforeTreatment) -> None:
    assert known.no_power == ""
    assert known.power is not None
    assert known.power.worth_value == pytest.approx(0.2)
    own = [p for p in known.power.points if p.workers == len(NAMES)]
    minima = [p.minimum_value for p in sorted(own, key=lambda p: p.days)]
    assert len(minima) >= 2
    assert all(m is not None and 0 < m < 4 for m in minima)
    assert minima[-1] < minima[0]  # type: ignore[operator]
    assert all(p.minimum for p in own)


def test_what_came_after_changes_nothing(known: BeforeTreatment, tmp_path: Path) -> None:
    treated = [name for name, arm in ARMS.items() if arm == "ai"]
    later = weeks(treated, range(0, 4), seed=2, each=9)
    assert min(t[0] for t in later if t[1].startswith("chat/")) >= START_US
    assert told(tmp_path, PRE, later) == known


def test_a_part_that_cannot_be_told_says_why(tmp_path: Path) -> None:
    nothing = told(tmp_path / "none")
    assert nothing.state == "ready"
    assert (nothing.balance, nothing.joint_p, nothing.power) == ((), None, None)
    assert nothing.no_balance
    assert nothing.no_power
    (tmp_path / "empty").mkdir()
    failed = before(tmp_path / "empty", FAST)
    assert failed.state == "failed"
    assert failed.no_balance == failed.no_power != ""
