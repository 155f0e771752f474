"""The living demo as real processes: it lives, Ctrl-C ends all of it, the next start goes on."""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from stepin.cli.serve import with_shop
from stepin.settings import load
from tests.agent.conftest import SHOP
from tests.cli.test_root import stepin
from tests.cli.test_terminal import Terminal


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(SHOP, tmp_path / "examples/shop", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


@pytest.fixture
def started() -> Iterator[list[Terminal]]:
    """Every demo that a test starts: none outlives it, also when it fails."""
    demos: list[Terminal] = []
    yield demos
    for demo in demos:
        if demo.process.poll() is None:
            demo.process.kill()
            demo.end()


def begun(folder: Path, started: list[Terminal]) -> tuple[Terminal, str, str]:
    demo = Terminal(folder, "serve", "--demo", "--port", "0", "--every-s", "0.5")
    started.append(demo)
    url = demo.see("The desk is at", timeout_s=120).split()[-1]
    return demo, url, demo.see("the password is").split()[-1]


def ended(demo: Terminal) -> str:
    demo.process.send_signal(signal.SIGINT)
    demo.process.wait(30)
    assert demo.process.stderr is not None
    told = demo.process.stderr.read()
    demo.end()
    return told


def children(pid: int) -> list[int]:
    found = subprocess.run(
        ["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True
    ).stdout
    pairs = [tuple(map(int, line.split())) for line in found.splitlines()]
    return [child for child, parent in pairs if parent == pid]


def kinds(folder: Path) -> dict[str, int]:
    with sqlite3.connect(folder / "stepin-demo.sqlite") as log:
        rows = log.execute("SELECT kind, count(*) FROM event GROUP BY kind").fetchall()
    return dict(rows)


def test_it_lives_ends_with_ctrl_c_and_goes_on_at_the_next_start(
    folder: Path, started: list[Terminal]
) -> None:
    demo, url, password = begun(folder, started)
    looks = Terminal(
        folder, "worker", "watch", "--url", url, "--worker", "demo", STEPIN_PASSWORD=password
    )
    looks.see("held by", timeout_s=120)
    looks.type("/quit")
    assert looks.end() == 0
    chat = Terminal(folder, "chat", "--url", url)
    assert "c1001, this demo's customer" in chat.see("You are")
    chat.type("/quit")
    assert chat.end() == 0
    page = httpx.get(f"{url}/", timeout=30).text
    assert password in page, "the first page says how to sign in"
    helpers = children(demo.process.pid)
    assert helpers, "somebody writes the past trial's report"
    told = ended(demo)
    assert "Traceback" not in told, told
    assert not any(Path(f"/proc/{pid}").exists() for pid in helpers)
    assert not (folder / ".stepin/evidence/past-trial").exists(), "whole or not at all"
    first = kinds(folder)
    assert first["ChatOpened"] >= 1
    assert first["TrialLocked"] == 1
    assert json.loads((folder / ".stepin/customers.json").read_bytes())

    demo, _, again = begun(folder, started)
    assert again == password
    demo.process.send_signal(signal.SIGTERM)
    demo.process.wait(30)
    demo.end()
    second = kinds(folder)
    for once in ("TrialRegistered", "TrialLocked", "WorkerAssigned", "PolicyChanged"):
        assert second[once] == first[once]
    trial = stepin(
        "trial", "status", _trial(folder), "--json", "--log",
        f"sqlite:///{folder}/stepin-demo.sqlite",
    )  # fmt: skip
    state = json.loads(trial.stdout)
    assert (state["phase"], sum(state["arms"].values())) == ("locked", 13)


def _trial(folder: Path) -> str:
    plan = (folder / ".stepin/trial/plan.toml").read_text("utf-8")
    return next(line.split('"')[1] for line in plan.splitlines() if line.startswith("name"))


def test_you_are_in_the_arm_with_the_ai() -> None:
    from datetime import UTC, datetime

    from stepin.cli.demo.setup import YOU, _drawn

    for day in (datetime(2026, 1, 31, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)):
        plan, rows = _drawn("demo", day.date())
        arms = {row.unit: row.arm for row in rows}
        assert arms[YOU] == "with-ai"
        assert sorted(arms.values()).count("by-hand") in (3, 4)
        assert plan.dates.treatment_from == day.date()


def test_a_file_of_dialogues_that_is_none_is_told(folder: Path) -> None:
    (folder / "d.jsonl").write_text("{}")
    done = stepin("demo", "customers", "--customers", str(folder / "d.jsonl"))
    assert done.returncode == 1
    assert "line 1" in done.stderr


def test_a_demo_without_a_shop_says_first_what_is_missing(
    tmp_path: Path, started: list[Terminal]
) -> None:
    demo = Terminal(tmp_path, "serve", "--demo", "--port", "0")
    started.append(demo)
    assert demo.process.stdout is not None
    first = demo.see("NO AI HERE")
    assert "sample shop" in first
    assert "STEPIN_SHOP=" in demo.see("stepin serve --demo")
    demo.see("The desk is at")
    ended(demo)


def test_a_demo_of_a_named_shop_has_its_customer(tmp_path: Path, started: list[Terminal]) -> None:
    shutil.copytree(SHOP, tmp_path / "mine", ignore=shutil.ignore_patterns("__pycache__"))
    named = str(tmp_path / "mine")
    demo = Terminal(tmp_path, "serve", "--demo", "--still", "--port", "0", STEPIN_SHOP=named)
    started.append(demo)
    url = demo.see("The desk is at", timeout_s=120).split()[-1]
    assert httpx.get(f"{url}/api/demo/customer").json()["customer_id"] == "c1001"
    assert "data-identity" in httpx.get(f"{url}/shop").text
    ended(demo)


def test_settings_win_over_the_sample_shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "examples/shop").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    plain = with_shop(load({}, env={}))
    assert (plain.shop, plain.replies) == ("examples/shop", "examples/shop/replies.toml")
    assert plain.demo_customer == "c1001"
    named = with_shop(load({}, env={"STEPIN_SHOP": "mine", "STEPIN_DEMO_CUSTOMER": "k1"}))
    assert (named.shop, named.replies, named.demo_customer) == ("mine", "", "k1")
    (tmp_path / "stepin.toml").write_text('shop = "own"\n')
    assert with_shop(load({}, env={})).shop == "own"
    assert with_shop(load({}, env={"STEPIN_SHOP": ""})).demo_customer == ""
