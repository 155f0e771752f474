"""Standings are counted again when they are old, computed once, and a failure is told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from stepin.core.record import NewEvent
from stepin.evidence.analysis.trial_status.keep import Standings
from stepin.log.mirror import Mirror
from stepin.log.protocol import Append
from stepin.trial.state import record, register
from tests.evidence.analysis.metrics.weeks import Weeks, weeks
from tests.evidence.analysis.trial_status.floor import PLAN, rows, trial
from tests.golden.story import ARMS

OF = {unit: {"treated": "ai", "control": "people"}[arm] for unit, arm in ARMS.items()}
ROWS = rows(OF)
TRIAL = trial(ROWS)
NOVEMBER_US = 1_793_491_200_000_000


class Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
async def told(tmp_path: Path) -> AsyncIterator[Weeks]:
    """A log in which the trial's four workers have had a day since treatment began."""
    async with weeks(tmp_path, start_us=NOVEMBER_US) as log:
        events = (register(PLAN, "f" * 64), *record(PLAN, ROWS))
        new = tuple(NewEvent(event=event) for event in events)
        await log.log.append(Append(stream=f"trial/{PLAN.name}", events=new))
        await log.day(3)
        yield log


def chats(found: object) -> int:
    return sum(arm.chats for arm in found)  # type: ignore[attr-defined]


async def test_what_was_seen_is_counted_again_when_it_is_old(told: Weeks, tmp_path: Path) -> None:
    clock = Clock()
    kept = Standings(Mirror(told.log, tmp_path / "mirror"), clock_s=clock, fresh_s=30)
    assert chats(await kept.seen(TRIAL)) == 3
    await told.day(2)
    clock.now_s = 29.9
    assert chats(await kept.seen(TRIAL)) == 3
    clock.now_s = 30
    assert chats(await kept.seen(TRIAL)) == 5


async def test_a_trial_that_grew_is_counted_at_once(told: Weeks, tmp_path: Path) -> None:
    kept = Standings(Mirror(told.log, tmp_path / "mirror"), clock_s=Clock())
    few = trial(ROWS[:1])
    assert [arm.assigned for arm in await kept.seen(few)] == [0, 1]
    assert [arm.assigned for arm in await kept.seen(TRIAL)] == [2, 2]


async def test_what_was_before_is_computed_once_beside_the_desk(
    told: Weeks, tmp_path: Path
) -> None:
    kept = Standings(Mirror(told.log, tmp_path / "mirror"), clock_s=Clock())
    assert kept.before(TRIAL).state == "working"
    assert kept.before(TRIAL).state == "working"
    await kept.settled()
    found = kept.before(TRIAL)
    # The floor has no day before treatment, and the answer says so.
    assert found.state == "ready"
    assert found.no_balance
    assert kept.before(TRIAL) is found
    grown = trial([*ROWS, *rows({"w9": "ai"}, late=["w9"])])
    assert kept.before(grown).state == "working"
    await kept.settled()
    assert kept.before(TRIAL) is found


async def test_a_failure_is_told_and_the_desk_goes_on(tmp_path: Path) -> None:
    async with weeks(tmp_path) as empty:
        kept = Standings(Mirror(empty.log, tmp_path / "mirror"), clock_s=Clock())
        kept.before(TRIAL)
        await kept.settled()
        found = kept.before(TRIAL)
        assert (found.state, bool(found.no_balance), bool(found.no_power)) == ("failed", True, True)
        assert chats(await kept.seen(TRIAL)) == 0


async def test_a_stop_leaves_off_what_is_being_computed(told: Weeks, tmp_path: Path) -> None:
    kept = Standings(Mirror(told.log, tmp_path / "mirror"), clock_s=Clock())
    kept.before(TRIAL)
    await kept.stop()
    # It was never finished: it begins anew.
    assert kept.before(TRIAL).state == "working"
    await kept.stop()
