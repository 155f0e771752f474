"""`stepin new`: what it writes compiles and fails for its stated reason; nothing is overwritten."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from stepin.cli import main
from stepin.cli.new.place import Kind
from stepin.cli.new.writing import Made, write_new
from stepin.errors import Conflict, Invalid

ROOT = Path(__file__).parents[2]
_SKIP = shutil.ignore_patterns("static", "*.npz", "__pycache__", ".intents-*")
PLAIN = ("-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:asyncio")
NAMES: dict[Kind, str] = {
    "tool": "return_label",
    "detector": "deadline",
    "section": "handovers",
    "command": "archive",
}


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copies of the extension, the shop, and the repository, where sections and commands go."""
    folder = tmp_path_factory.mktemp("copies")
    shutil.copytree(ROOT / "examples/extension", folder / "extension", ignore=_SKIP)
    shutil.copytree(ROOT / "examples/shop", folder / "shop", ignore=_SKIP)
    shutil.copytree(ROOT / "src", folder / "repository/src", ignore=_SKIP)
    for test in ("__init__.py", "evidence/report/conftest.py", "cli/__init__.py"):
        (folder / "repository/tests" / test).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "tests" / test, folder / "repository/tests" / test)
    return folder


@pytest.fixture(scope="module")
def made(copies: Path) -> list[Made]:
    """What `stepin new` writes of every kind, a tool in both its places."""
    found = [write_new("tool", "shipping_note", copies / "shop")]
    for kind, name in NAMES.items():
        own = kind in ("section", "command")
        found.append(write_new(kind, name, copies / ("repository" if own else "extension")))
    return found


def test_every_kind_has_a_name_here() -> None:
    assert set(NAMES) == set(get_args(Kind))


def test_every_template_compiles_and_leaves_no_gap(made: list[Made]) -> None:
    for one in made:
        for written in one.written:
            text = Path(written).read_text("utf-8")
            compile(text, written, "exec")
            assert "$" not in text, written
        assert all("$" not in step for step in one.next), one.next


def tried(copies: Path, *tests: str) -> str:
    """Run tests among the copies, and return what pytest says."""
    ini = copies / "pytest.ini"
    ini.write_text("[pytest]\naddopts = --import-mode=importlib\n")
    repository = copies / "repository"
    path = (repository / "src", repository, copies / "extension/src")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--tb=line", "-c", str(ini), *PLAIN, *tests],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path))},
        cwd=copies,
        capture_output=True,
        text=True,
    )
    return done.stdout + done.stderr


def test_every_test_fails_until_the_body_is_written_and_says_so(
    copies: Path, made: list[Made]
) -> None:
    said = tried(copies, *(one.written[1] for one in made))
    wrong = re.findall(r"^/.*: NotImplementedError: (.*)$", said, re.MULTILINE)
    assert sorted(wrong) == sorted(
        ["write plan_shipping_note: whose record is it?"] * 2
        + ["write plan_return_label: whose record is it?"] * 2
        + ["write the update of deadline: what does this turn change?"] * 2
        + ["write the section handovers: its blocks and its findings"]
        + ["write the body of stepin archive"]
    ), said
    assert "8 failed" in said
    assert "passed" not in said


BODIES: dict[Kind, dict[str, str]] = {
    "tool": {
        'raise NotImplementedError("write plan_filled_tool: whose record is it?")': """
        own = "SELECT 1 FROM records WHERE record = ? AND customer = ?"
        if db.execute(own, (record, caller.customer_id)).fetchone() is None:
            raise ToolFailed("no_record", "There is no such record.")
        return CallPlan(arguments={"record": record})""",
        'raise NotImplementedError("write the body of filled_tool")': (
            "return FilledToolResult(record=record)"
        ),
        "from stepin import Caller": "from stepin import ToolFailed, Caller",
    },
    "detector": {
        'raise NotImplementedError("write the update of filled_detector: what does this turn '
        'change?")': 'return state + ("should flag" in turn.text)',
    },
    "command": {
        'raise NotImplementedError("write the body of stepin filled_command")': (
            'return {"events": await log.position()}'
        ),
    },
}


def test_with_a_body_the_tests_pass(copies: Path) -> None:
    tests = []
    for kind, bodies in BODIES.items():
        into = copies / ("repository" if kind == "command" else "extension")
        one = write_new(kind, f"filled_{kind}", into)
        module = Path(one.written[0])
        text = module.read_text("utf-8")
        for gap, body in bodies.items():
            assert gap in text
            text = text.replace(gap, body)
        module.write_text(text, "utf-8")
        tests.append(one.written[1])
    assert "5 passed" in tried(copies, *tests)


def test_a_second_time_nothing_is_written_and_the_way_out_is_said(
    copies: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = write_new("detector", "twice", copies / "extension")
    module = Path(one.written[0])
    module.write_text("# mine\n", "utf-8")
    with pytest.raises(SystemExit) as ended:
        main(["new", "detector", one.name, "--into", str(module.parents[2])])
    assert ended.value.code == 1
    said = capsys.readouterr().err
    assert f"{module} is already there; nothing was written." in said
    assert "Choose another name" in said
    assert module.read_text("utf-8") == "# mine\n"


def test_a_test_or_a_package_of_that_name_refuses_too(copies: Path) -> None:
    (copies / "extension/tests").mkdir(exist_ok=True)
    (copies / "extension/tests/test_taken.py").write_text("")
    with pytest.raises(Conflict, match=r"test_taken\.py"):
        write_new("tool", "taken", copies / "extension")
    assert not (copies / "extension/src/stepin_parcels/taken.py").exists()
    with pytest.raises(Conflict, match="trial is already there"):
        write_new("command", "trial", copies / "repository")


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Return", "lower-case"),
        ("return-label", "lower-case"),
        ("3d", "lower-case"),
        ("_hidden", "lower-case"),
        ("two__parts", "lower-case"),
        ("../up", "lower-case"),
        ("\u00e9tiquette", "lower-case"),
        ("import", "a word of that name"),
        ("match", "a word of that name"),
        ("list", "a word of that name"),
        ("turn", "has something of that name"),
        ("msgspec", "has something of that name"),
        ("db", "has something of that name"),
    ],
)
def test_a_name_that_can_t_be_one_is_refused(name: str, why: str, copies: Path) -> None:
    with pytest.raises(Invalid, match=why) as caught:
        write_new("detector", name, copies / "extension")
    assert caught.value.code == "bad_name"


@pytest.mark.parametrize("kind", get_args(Kind))
def test_a_folder_where_nothing_of_the_kind_goes_is_refused(kind: Kind, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=f"no folder for a {kind}") as caught:
        write_new(kind, "something", tmp_path)
    assert "--into" in caught.value.hint
    assert list(tmp_path.iterdir()) == []


def test_json_names_what_was_written_and_what_is_next(
    copies: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    into = copies / "extension"
    with pytest.raises(SystemExit) as ended:
        main(["new", "tool", "weigh", "--into", str(into), "--json"])
    assert ended.value.code == 0
    made = json.loads(capsys.readouterr().out)
    assert (made["kind"], made["name"]) == ("tool", "weigh")
    assert all(Path(path).is_file() for path in made["written"])
    assert "wiring.py" in made["next"][-1]
    with pytest.raises(SystemExit):
        main(["new", "tool", "weigh_again", "--into", str(into)])
    assert "Next:\n  1. Write the body" in capsys.readouterr().out
