"""`stepin floor` as a user types it: files, words, JSON and exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stepin.cli import main

SMALL = ("--workers", "8", "--days", "2", "--engine", "reference", "--set", "size.burn_in_days=1",
         "--set", "size.before_days=2")  # fmt: skip


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["floor", *words])
    shown = capsys.readouterr()
    return int(ended.value.code or 0), shown.out, shown.err


def test_a_run_says_what_it_shows_and_what_comes_next(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "floor"
    code, text, _ = run(capsys, "run", "small-team", *SMALL, "--out", str(out))
    assert code == 0
    assert "treated/eligible" in text
    assert "reference engine" in text
    assert f"stepin evidence run --facts {out}/facts --plan {out}/plan.toml" in text
    assert (out / "control.toml").is_file()


def test_facts_through_events_have_the_same_chats(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = []
    for name, more in (("a", ()), ("b", ("--events",))):
        where = ("--out", str(tmp_path / name), "--set", "size.burn_in_days=0", "--json", *more)
        code, text, _ = run(capsys, "run", "small-team", *SMALL[:-2], *where)
        assert code == 0
        rows.append(json.loads(text)["rows"])
    assert rows[0]["chats"] == rows[1]["chats"] > 100
    assert rows[0]["workers"] == rows[1]["workers"]


def test_the_scenarios_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    code, text, _ = run(capsys, "scenarios", "--json")
    assert code == 0
    assert {"paper", "null"} <= {one["name"] for one in json.loads(text)}


def test_a_sweep_prints_a_row_for_each_value_and_writes_a_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "sweep.html"
    code, text, _ = run(
        capsys, "sweep", "ratio", "--key", "arrivals.always_open", "--values", "1,4",
        "--workers", "3", "--days", "1", "--engine", "reference", "--replications", "2",
        "--jobs", "1", "--picture", str(page),
    )  # fmt: skip
    assert code == 0
    lines = text.splitlines()
    assert lines[0].startswith("arrivals.always_open")
    assert [line.split()[0] for line in lines[1:3]] == ["1", "4"]
    html = page.read_text("utf-8")
    assert html.count("<svg") >= 8
    assert "<script" not in html


def test_a_floor_compared_with_itself_differs_by_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, text, _ = run(
        capsys, "compare", "small-team", "small-team", *SMALL, "--replications", "2", "--jobs",
        "1", "--json",
    )  # fmt: skip
    assert code == 0
    other = json.loads(text)["worlds"][1]["outcomes"]
    assert all(one["difference"] == 0 for one in other.values())


def test_staff_exits_with_1_if_no_team_is_enough(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("staff", "small-team", *SMALL, "--replications", "2", "--jobs", "1", "--teams", "8")
    code, text, _ = run(capsys, *asked, "--most-unanswered", "0")
    assert code == 1
    assert "no team that was tried with the AI" in text
    code, text, _ = run(capsys, *asked, "--most-unanswered", "1", "--json")
    assert code == 0
    assert json.loads(text)["with_ai"] == 8


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("run", "papre"), "There is no scenario"),
        (("run", "paper", "--set", "size.workers=0"), "size.workers"),
        (("run", "paper", "--set", "size.workers"), "has no value"),
        (("run", "paper", "--set", "size.wrokers=3"), "wrokers"),
    ],
)
def test_what_cannot_be_run_is_refused_in_words(
    words: tuple[str, ...], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, error = run(capsys, *words)
    assert code == 1
    assert why in error
