"""`stepin trial` as its users type it: from an empty folder to a stopped trial."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from stepin.cli import main
from stepin.core.events.chat import ChatClosed, ChatOpened, EligibilityAssessed, OwnerSet
from stepin.core.events.floor import PolicyChanged
from stepin.core.record import NewEvent
from stepin.log.open import open_log
from stepin.log.protocol import Append
from stepin.log.sqlite import SqliteLog


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for key in ("STEPIN_LOG", "STEPIN_CONFIG"):
        monkeypatch.delenv(key, raising=False)

    async def make() -> None:
        await (await open_log("sqlite:///stepin.sqlite")).close()

    asyncio.run(make())
    rows = [f"w{i:02d},{10 * i}" for i in range(40)]
    (tmp_path / "workers.csv").write_text("worker_id,tenure_days\n" + "\n".join(rows) + "\n")
    return tmp_path


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["trial", *words])
    return int(ended.value.code or 0)


def told(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> Any:
    capsys.readouterr()
    assert run(*words, "--json") == code
    return json.loads(capsys.readouterr().out)


def test_a_trial_from_the_template_to_its_end(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("new", "pilot.toml") == 0
    planned = told(capsys, "plan", "pilot.toml")
    drawn = told(capsys, "draw", "pilot.toml", "--pool", "workers.csv")
    assert {u["arm"] for u in drawn["units"]} == {"people", "ai"}
    assert 0 < told(capsys, "balance", "pilot.toml", "--pool", "workers.csv")["joint_p"] <= 1
    registered = told(capsys, "register", "pilot.toml", "--by", "lead:kim")
    assert (registered["phase"], registered["plan_hash"]) == ("registered", planned["hash"])
    assigned = told(capsys, "assign", "pilot", "--pool", "workers.csv")
    assert assigned["arms"] == {"people": 20, "ai": 20}
    locked = told(capsys, "lock", "pilot", "--pool", "workers.csv")
    assert (locked["phase"], locked["assignment_hash"]) == ("locked", drawn["hash"])
    assert told(capsys, "join", "pilot", "w99")["late"] == 1
    assert told(capsys, "watch", "pilot")["verdict"] == "go"
    seen = told(capsys, "unblind", "pilot", "--why", "a regulator asked", "--by", "lead:kim")
    assert [(s["who"], s["why"]) for s in seen["unblinded"]] == [("lead:kim", "a regulator asked")]
    assert told(capsys, "stop", "pilot", "--why", "enough")["stopped"] == "asked"
    assert told(capsys, "status", "pilot")["phase"] == "stopped"


def test_what_comes_out_of_turn_exits_1_and_changes_nothing(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("new", "pilot.toml")
    missing = told(capsys, "status", "pilot", code=1)
    assert missing["error"]["code"] == "unknown_trial"
    run("register", "pilot.toml")
    again = told(capsys, "register", "pilot.toml", code=1)
    assert again["error"]["code"] == "trial_phase"
    early = told(capsys, "lock", "pilot", "--pool", "workers.csv", code=1)
    assert early["error"]["code"] == "assignment_differs"
    run("assign", "pilot", "--pool", "workers.csv")
    pool = (desk / "workers.csv").read_text()
    (desk / "workers.csv").write_text(pool.replace("w07,70", "w07,385"))
    changed = told(capsys, "lock", "pilot", "--pool", "workers.csv", code=1)
    assert changed["error"]["code"] == "assignment_differs"
    assert told(capsys, "status", "pilot")["phase"] == "assigned"
    assert run("new", "pilot.toml") == 1
    assert run("plan") == 2


def test_the_policies_in_force_are_those_that_were_registered(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("new", "pilot.toml")
    run("register", "pilot.toml")
    text = (desk / "ai.toml").read_text()
    (desk / "ai.toml").write_text("[ai]\nenabled = false\n")

    async def kept() -> dict[str, str]:
        log = await open_log("sqlite:///stepin.sqlite")
        events = [e.event for e in await log.read("trial/pilot")]
        await log.close()
        return {e.name: e.text for e in events if isinstance(e, PolicyChanged)}

    found = asyncio.run(kept())
    assert found["pilot/ai.toml"] == text
    assert set(found) == {"pilot/ai.toml", "pilot/people.toml"}


def test_a_policy_that_routes_otherwise_is_refused(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("new", "pilot.toml")
    (desk / "ai.toml").write_text('[assignment]\nrule = "least_loaded"\n')
    refused = told(capsys, "plan", "pilot.toml", code=1)
    assert refused["error"]["code"] == "policy_routing"
    (desk / "ai.toml").unlink()
    gone = told(capsys, "plan", "pilot.toml", code=1)
    assert gone["error"]["code"] == "plan_policy"


def test_harm_stops_the_trial_and_shows_no_number(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("new", "pilot.toml")
    text = (desk / "pilot.toml").read_text()
    start = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=5)
    dates = {
        "pre_from": start - dt.timedelta(days=9),
        "treatment_from": start,
        "treatment_until": start + dt.timedelta(days=9),
    }
    lines = [
        f"{key} = {dates[key]}" if (key := line.split(" =")[0]) in dates else line
        for line in text.splitlines()
    ]
    (desk / "pilot.toml").write_text("\n".join(lines))
    run("register", "pilot.toml")
    run("assign", "pilot", "--pool", "workers.csv")
    run("lock", "pilot", "--pool", "workers.csv")
    units = told(capsys, "draw", "pilot.toml", "--pool", "workers.csv")["units"]
    asyncio.run(_abandoned({u["unit"] for u in units if u["arm"] == "ai"}, start))
    capsys.readouterr()
    assert run("watch", "pilot", "--pool", "workers.csv") == 1
    assert capsys.readouterr().out == "stop\n"
    ended = told(capsys, "status", "pilot")
    assert (ended["stopped"], ended["harm"]["said"]) == ("harm", "stop")
    assert set(ended["harm"]) == {"said", "looks", "at_us", "trouble"}


def test_customers_are_drawn_when_they_come_and_their_trial_needs_no_pool(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("new", "pilot.toml")
    text = (desk / "pilot.toml").read_text()
    kept = text.replace('unit = "worker"', 'unit = "customer"')
    start, end = kept.index("[randomization]"), kept.index("[routing]")
    (desk / "pilot.toml").write_text(kept[:start] + kept[end:])
    run("register", "pilot.toml")
    nobody = told(capsys, "assign", "pilot", "--pool", "workers.csv", code=1)
    assert nobody["error"]["code"] == "drawn_alone"
    assert told(capsys, "lock", "pilot")["phase"] == "locked"
    assert told(capsys, "watch", "pilot")["verdict"] == "go"
    (desk / "spring").mkdir()
    run("new", "spring/workers.toml")
    run("register", "spring/workers.toml")
    run("assign", "workers", "--pool", "workers.csv")
    assert told(capsys, "lock", "workers", code=1)["error"]["code"] == "no_pool"


async def _abandoned(treated: set[str], start: dt.date) -> None:
    """Write ten chats a worker on the first day; customers of treated workers leave most."""
    began = dt.datetime(start.year, start.month, start.day, 1, tzinfo=dt.UTC)
    log = await SqliteLog.open(
        Path("stepin.sqlite"), clock_us=lambda: int(began.timestamp()) * 1_000_000
    )
    items = []
    for worker in (f"w{i:02d}" for i in range(40)):
        for n in range(10):
            left = n < (8 if worker in treated else 1)
            happened = (
                ChatOpened(customer_id=f"k{worker}{n}", asserted=True),
                EligibilityAssessed(
                    eligible=True, score=1, threshold=0, reason="", classifier_version="1"
                ),
                OwnerSet(owner=worker),
                ChatClosed(reason="abandoned" if left else "resolved"),
            )
            new = tuple(NewEvent(event=e) for e in happened)
            items.append(Append(stream=f"chat/{worker}-{n}", events=new))
    await log.append_many(items)
    await log.close()


def test_balance_draws_its_love_plot(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    told(capsys, "new", "pilot.toml")
    rows = "\n".join(f"w{n:02d},{100 + 13 * n % 400}" for n in range(24))
    Path("workers.csv").write_text(f"worker_id,tenure_days\n{rows}\n", encoding="utf-8")
    told(capsys, "balance", "pilot.toml", "--pool", "workers.csv", "--picture", "love.svg")
    drawn = Path("love.svg").read_text(encoding="utf-8")
    assert "<svg" in drawn
    assert "tenure_days" in drawn
