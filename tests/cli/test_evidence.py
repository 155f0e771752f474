"""`stepin evidence` as a user types it: files, words, JSON and exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stepin.cli import main
from stepin.evidence.data.synthetic import CORE_COLUMNS, World, plant
from tests.evidence.report.conftest import PLAN


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("evidence")
    world = World(workers=24, treated=12, chats=9_600, eligible_share=0.3, response_share=0.3)
    plant(world, folder / "facts", 4, tables=(), chat_columns=CORE_COLUMNS)
    (folder / "plan.toml").write_text(PLAN, encoding="utf-8")
    return folder


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["evidence", *words])
    shown = capsys.readouterr()
    return int(ended.value.code or 0), shown.out, shown.err


def test_run_writes_a_report_and_compare_reads_it(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--facts", str(data / "facts"), "--plan", str(data / "plan.toml")]
    code, text, _ = run(capsys, "run", *where, "--out", str(data / "report"))
    assert code == 0
    assert "On eligible chats: time to close" in text
    assert (data / "report" / "report.html").is_file()
    assert list((data / "report" / "figures").glob("*.svg"))
    code, text, _ = run(capsys, "compare", "--report", str(data / "report"), "--json")
    assert code == 0
    beside = json.loads(text)
    paper = [b for b in beside if b["source"] == "arXiv 2605.14830"]
    (row,) = [b for b in paper if (b["outcome"], b["chats"]) == ("duration_s", "eligible")]
    assert row["published"] == "\u221216.8%"
    assert row["here"].endswith("%")


def test_power_prints_what_designs_would_see(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--facts", str(data / "facts"), "--plan", str(data / "plan.toml")]
    code, text, _ = run(
        capsys, "power", *where, "--days", "7", "--workers", "20", "--repetitions", "80", "--json"
    )
    found = json.loads(text)
    kinds = {p["kind"] for p in found["points"]}
    assert kinds == {"unit", "pool", "switchback"}
    assert code == (0 if found["enough"] else 1)
    assert any(p["units"] == 20 for p in found["points"])


def test_what_is_wrong_is_said_with_a_hint(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, text = run(capsys, "run", "--facts", str(data / "facts"), "--plan", "nowhere.toml")
    assert code == 1
    assert "--plan" in text
    code, _, text = run(capsys, "compare", "--report", str(data / "facts"))
    assert code == 1
    assert "stepin evidence run" in text
    code, _, _ = run(capsys, "run", "--facts")
    assert code == 2


def test_what_can_t_be_read_is_said_before_anything_is_written(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    facts, plan, out = data / "facts", data / "plan.toml", tmp_path / "out"
    latin = tmp_path / "latin.toml"
    latin.write_bytes(b'name = "caf\xe9"')
    syntax = tmp_path / "syntax.toml"
    syntax.write_text("name =", encoding="utf-8")
    (tmp_path / "file").touch()
    for words, said in (
        (("--facts", str(facts), "--plan", str(latin), "--out", str(out)), "Save it as UTF-8"),
        (("--facts", str(facts), "--plan", str(syntax), "--out", str(out)), "stepin trial new"),
        (
            ("--facts", str(facts), "--plan", str(plan), "--arm", "robots", "--out", str(out)),
            "Its arms are control, treated",
        ),
        (
            ("--facts", str(facts), "--plan", str(plan), "--out", str(tmp_path / "file")),
            "Name a folder",
        ),
        (("--facts", str(tmp_path), "--plan", str(plan), "--out", str(out)), "Build the facts"),
    ):
        code, _, text = run(capsys, "run", *words)
        assert code == 1
        assert said in text
    assert not out.exists()


def test_help_shows_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    code, text, _ = run(capsys, "run", "--help")
    assert code == 0
    assert "stepin evidence run --facts facts --plan plan.toml --out report" in text
