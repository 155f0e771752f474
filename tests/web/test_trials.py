"""The trial's page over HTTP: what was fixed and who showed up, and no effect before its time."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from stepin.core.events import Event
from stepin.core.events.floor import TrialLocked, TrialStopped, Unblinded
from stepin.core.record import NewEvent
from stepin.log.protocol import Append, Log
from stepin.trial.assignment import AssignedUnit, assignment_hash
from stepin.trial.plan import Arm, Plan
from stepin.trial.state import record, register
from tests.evidence.analysis.metrics.weeks import weeks
from tests.golden.story import ARMS
from tests.trial.plans import plan
from tests.web.served import Served, serving
from tests.web.shelf import SECRET, put_report, running_plan

ROWS = [
    AssignedUnit(unit=unit, arm=arm, block="b1", draw_key=f"k{unit}", late=False)
    for unit, arm in ARMS.items()
]
OUTCOMES = ("rating", "duration", "retrial", "attention", "abandoned", "first_reply", "alone_share")


def of_workers() -> Plan:
    """Return a plan whose arms are those of the told weeks, treated for four days so far."""
    today = dt.datetime.now(dt.UTC).date()
    made = running_plan()
    dates = msgspec.structs.replace(made.dates, treatment_from=today - dt.timedelta(days=4))
    arms = (
        Arm(name="control", policy="control.toml", share=0.5),
        Arm(name="treated", policy="treated.toml", share=0.5),
    )
    return msgspec.structs.replace(made, control="control", arms=arms, dates=dates)


async def tell(log: Log, *events: Event) -> None:
    new = tuple(NewEvent(event=e, actor="worker:lena") for e in events)
    await log.append(Append(stream="trial/pilot", events=new))


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Served]:
    """A desk on a log of ten days in which a trial of four workers has run for four."""
    start_us = (time.time_ns() // 86_400_000_000_000 - 10) * 86_400_000_000
    locked = TrialLocked(trial_id="pilot", assignment_hash=assignment_hash(ROWS))
    async with weeks(tmp_path, start_us=start_us) as told:
        made = of_workers()
        await tell(told.log, register(made, "f" * 64), *record(made, ROWS), locked)
        for _ in range(10):
            await told.day(5)
    async with serving(tmp_path, log=f"sqlite:///{tmp_path}/weeks.sqlite") as running:
        yield running


async def view(desk: Served) -> dict[str, Any]:
    lead = await desk.worker("lena", "lead")
    await lead.get("/api/trials/pilot")
    async with asyncio.timeout(120):
        await desk.app.site.standings.settled()
    answer = await lead.get("/api/trials/pilot")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_running_trial_is_told_without_its_effects(desk: Served, tmp_path: Path) -> None:
    put_report(tmp_path / "data")
    told = await view(desk)
    assert (told["phase"], told["hidden"], told["over"], told["effects"]) == (
        "locked",
        True,
        False,
        None,
    )
    assert SECRET not in json.dumps(told)
    live = {key: told[key] for key in ("seen", "arms", "unblinded", "effects")}
    assert not [word for word in OUTCOMES if f'"{word}' in json.dumps(live)]
    assert {a["arm"]: (a["assigned"], a["late"]) for a in told["seen"]} == {
        "control": (2, 0),
        "treated": (2, 0),
    }
    assert sum(a["chats"] for a in told["seen"]) == 20
    treated = next(a for a in told["seen"] if a["arm"] == "treated")
    control = next(a for a in told["seen"] if a["arm"] == "control")
    assert treated["by_ai"] == treated["eligible"] > 0
    assert control["by_ai"] == 0 < control["eligible"]
    assert treated["p"] == 1
    assert (told["day"], told["days"], told["harm"]["said"]) == (5, 25, "go")


async def test_balance_and_power_come_from_before_treatment(desk: Served) -> None:
    told = await view(desk)
    before = told["before"]
    assert before["state"] == "ready"
    names = {row["covariate"] for row in before["balance"]}
    assert {"earlier chats", "earlier rating"} <= names
    chats = next(row for row in before["balance"] if row["covariate"] == "earlier chats")
    assert 2 * chats["control_mean"] + 2 * chats["arm_mean"] == 30
    assert 0 < before["joint_p"] <= 1
    # Four workers are too few for power; the page says so instead of drawing a line.
    power = before["power"]
    assert before["no_power"] or all(p["minimum"] or p["refused"] for p in power["points"])


async def test_who_unblinds_and_why_stays_in_the_log(desk: Served, tmp_path: Path) -> None:
    put_report(tmp_path / "data")
    lead = await desk.worker("lena", "lead")
    for body in ({}, {"why": ""}, {"why": "   "}):
        assert (await lead.post("/api/trials/pilot/unblind", json=body)).status_code == 400
    assert (await view(desk))["hidden"]
    answer = await lead.post("/api/trials/pilot/unblind", json={"why": "the board asked"})
    assert answer.json() == {"done": True}
    told = await view(desk)
    assert (told["hidden"], told["over"]) == (False, False)
    assert told["effects"]["headlines"][0]["reading"] == SECRET
    (look,) = told["unblinded"]
    assert (look["who"], look["why"], look["scope"]) == (
        "worker:lena",
        "the board asked",
        "console",
    )
    events = await desk.app.site.log.read("trial/pilot")
    assert isinstance(events[-1].event, Unblinded)
    missing = await lead.post("/api/trials/none/unblind", json={"why": "x"})
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "unknown_trial")


async def test_a_stop_for_harm_is_told_and_ends_the_blinding(desk: Served) -> None:
    await tell(desk.app.site.log, TrialStopped(trial_id="pilot", reason="harm"))
    told = await view(desk)
    assert (told["harm"]["said"], told["stopped"], told["hidden"]) == ("stop", "harm", False)
    assert told["harm"]["next_look"] == ""
    assert told["effects"] is None


async def test_trials_are_listed_and_one_that_can_t_be_read_says_so(desk: Served) -> None:
    from stepin.core.events.floor import TrialRegistered

    broken = TrialRegistered(trial_id="old", plan="{", plan_hash="")
    log = desk.app.site.log
    await log.append(Append(stream="trial/old", events=(NewEvent(event=broken),)))
    lead = await desk.worker("lena", "lead")
    old, pilot = (await lead.get("/api/trials")).json()["trials"]
    assert (old["trial"], old["hidden"], bool(old["problem"])) == ("old", True, True)
    assert (pilot["trial"], pilot["question"], pilot["units"]) == ("pilot", plan().question, 4)
    assert (await lead.get("/api/trials/none")).status_code == 404
    assert (await lead.get("/api/trials/old")).json()["error"]["code"] == "plan_unreadable"
