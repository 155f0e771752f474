"""Outcomes of a running trial stay hidden, in files and in the log, until somebody says why."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from stepin.cli import main
from stepin.core.events.floor import TrialRegistered, TrialStopped, Unblinded
from stepin.core.record import NewEvent
from stepin.errors import Refused
from stepin.evidence.data.facts.blind import is_over, require_open
from stepin.evidence.data.facts.build import build_facts
from stepin.evidence.data.facts.events import slices, write_events
from stepin.evidence.data.facts.registered import Registered, midnight_us, registered
from stepin.log.open import open_log
from stepin.log.protocol import Append
from stepin.trial.plan import Plan
from stepin.trial.ramp import starts_on
from stepin.trial.reading import canonical
from tests.evidence.data.facts.test_build import read
from tests.golden.story import load, tell_to
from tests.trial.plans import plan

DAY_US = 86_400_000_000
PLAN = plan()
START_US = midnight_us(PLAN.dates.treatment_from)
END_US = midnight_us(PLAN.dates.treatment_until) + DAY_US
KNOWN = Registered(trial_id="pilot", plan=PLAN, treatment_us=START_US)


def test_a_running_trial_is_hidden_until_its_end() -> None:
    for now in (START_US, END_US - 1):
        with pytest.raises(Refused) as caught:
            require_open(KNOWN, now)
        assert caught.value.code == "blinded"
    require_open(KNOWN, END_US)
    assert is_over(Registered(), 0)


def test_what_came_before_treatment_is_no_secret() -> None:
    require_open(KNOWN, START_US + 5, before_us=START_US)
    with pytest.raises(Refused):
        require_open(KNOWN, START_US + 5, before_us=START_US + 1)


def test_a_plan_that_cannot_be_read_hides_too() -> None:
    with pytest.raises(Refused):
        require_open(Registered(trial_id="pilot"), END_US)
    require_open(Registered(trial_id="pilot", stopped_us=1), END_US)
    require_open(Registered(trial_id="pilot", unblinded=1), END_US)


def test_before_treatment_leaves_later_events_out(tmp_path: Path) -> None:
    events = load()
    write_events(events, tmp_path / "events")
    cut = next(e.at_us for e in events if e.stream == "chat/c4") + 1
    built = build_facts(tmp_path / "events", tmp_path / "facts", before_us=cut)
    chats = {r["chat_id"]: r for r in read(tmp_path / "facts", "chats")}
    assert set(chats) == {"c1", "c2", "c3"}
    assert built.until_us == cut
    assert all(r["arm"] for r in read(tmp_path / "facts", "workers"))
    assert chats["c1"]["retrial_10m"] is None


def test_the_trial_is_read_from_the_events(tmp_path: Path) -> None:
    events = [
        e if e.kind != "TrialRegistered" else _replaced(e) for e in load()
    ]  # fmt: skip
    write_events(events, tmp_path / "events")
    known = registered(slices(tmp_path / "events", rows=100), None)
    assert (known.trial_id, known.plan, known.treatment_us) == ("t1", PLAN, START_US)
    assert known.starts_us == dict.fromkeys(("w1", "w2", "w3", "w4"), START_US)


def test_a_worker_whom_the_ramp_never_reaches_was_never_treated(tmp_path: Path) -> None:
    ramped = plan("[[ramp]]\nfrom = 2026-03-01\nshare = 0.5")
    events = [e if e.kind != "TrialRegistered" else _replaced(e, ramped) for e in load()]
    write_events(events, tmp_path / "events")
    build_facts(tmp_path / "events", tmp_path / "facts")
    rows = read(tmp_path / "facts", "workers")
    starts = {r["worker_id"]: r["treated_from"] for r in rows if r["arm"]}
    reached = {w for w in starts if starts_on(ramped, w) is not None}
    assert set() < reached < set(starts)
    for name, begun in starts.items():
        assert (begun is not None and begun.date() == dt.date(2026, 3, 1)) == (name in reached)
        assert (begun is None) == (name not in reached)


def _replaced(recorded: Any, registered_plan: Plan = PLAN) -> Any:
    event = TrialRegistered(trial_id="t1", plan=canonical(registered_plan), plan_hash="h")
    return msgspec.structs.replace(recorded, event=event)


def run(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> Any:
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main(["evidence", *words, "--json"])
    assert int(ended.value.code or 0) == code
    return json.loads(capsys.readouterr().out)


def test_the_command_asks_for_a_reason_and_writes_it_down(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"sqlite:///{tmp_path / 'log.sqlite'}"
    asyncio.run(tell_to(tmp_path / "log.sqlite"))
    refused = run(capsys, "facts", "--log", url, "--out", str(tmp_path / "a"), code=1)
    assert refused["error"]["code"] == "blinded"
    early = run(capsys, "facts", "--log", url, "--out", str(tmp_path / "b"), "--before-treatment")
    assert early["rows"]["chats"] == 0
    words = ("--why", "a regulator asked", "--by", "lead:kim")
    told = run(capsys, "facts", "--log", url, "--out", str(tmp_path / "c"), *words)
    assert told["rows"]["chats"] == 6
    seen = asyncio.run(_unblinded(url))
    assert [(e.why, e.scope) for e in seen] == [("a regulator asked", "facts")]
    found = run(capsys, "check", str(tmp_path / "c"), code=0)
    assert {f["analysis"]: f["supported"] for f in found}["duration"]


def test_a_stopped_trial_needs_no_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"sqlite:///{tmp_path / 'log.sqlite'}"
    asyncio.run(tell_to(tmp_path / "log.sqlite"))
    asyncio.run(_stop(url))
    assert run(capsys, "facts", "--log", url, "--out", str(tmp_path / "a"))["rows"]["chats"] == 6
    assert asyncio.run(_unblinded(url)) == []


async def _unblinded(url: str) -> list[Unblinded]:
    log = await open_log(url)
    events = [e.event for e in await log.read("trial/t1")]
    await log.close()
    return [e for e in events if isinstance(e, Unblinded)]


async def _stop(url: str) -> None:
    log = await open_log(url)
    new = (NewEvent(event=TrialStopped(trial_id="t1", reason="end")),)
    await log.append(Append(stream="trial/t1", events=new))
    await log.close()
