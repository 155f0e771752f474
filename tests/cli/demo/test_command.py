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
