"""The root of the command line: fast, lazy, honest exit codes."""

from __future__ import annotations

import importlib
import io
import json
import os
import re
import resource
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from rich.console import Console

from stepin.cli import COMMANDS, build

HEAVY = ("numpy", "scipy", "sklearn", "duckdb", "pyarrow", "matplotlib", "asyncpg", "uvicorn")
THERE = {"config", "init", "serve", "worker", "chat", "key", "doctor", "docs"}
SRC = str(Path(__file__).parents[2] / "src")


def stepin(*args: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("STEPIN_")}
    return subprocess.run(
        [sys.executable, "-m", "stepin", *args],
        env={**clean, "PYTHONPATH": SRC, "COLUMNS": "100", **env},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def cpu_s(*command: str) -> float:
    """Return the least CPU time of three runs of a Python program."""
    took = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            [sys.executable, *command],
            env={**os.environ, "PYTHONPATH": SRC},
            stdout=subprocess.DEVNULL,
            check=True,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        took.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(took)


def test_help_costs_little_more_than_an_empty_command_line() -> None:
    empty = cpu_s("-c", "from cyclopts import App; App('x').help_print([])")
    assert cpu_s("-m", "stepin", "--help") < 1.6 * empty


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys\nfrom stepin.cli import build\nbuild().help_print([])\n"
        f"print([m for m in {HEAVY} if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": SRC},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr.strip() == "[]"


@pytest.mark.parametrize(("name", "target"), [row[:2] for row in COMMANDS])
def test_every_command_that_is_there_can_be_loaded(name: str, target: str) -> None:
    module, _, attribute = target.partition(":")
    if find_spec(module) is None:
        assert name not in THERE
        return
    assert hasattr(importlib.import_module(module), attribute)


def test_wrong_usage_is_2_and_a_refusal_is_1_with_a_hint() -> None:
    assert stepin("config", "show", "--jsn").returncode == 2
    assert stepin("nonsense").returncode == 2
    refused = stepin("config", "show", STEPIN_PROT="1")
    assert refused.returncode == 1
    assert "Did you mean 'port'?" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_json_refusals_are_one_document() -> None:
    refused = stepin("config", "show", "--json", STEPIN_PROT="1")
    assert json.loads(refused.stdout)["error"]["code"] == "settings_unknown"


def test_config_show_prints_values_with_their_origins_and_no_secret() -> None:
    shown = json.loads(
        stepin("config", "show", "--json", STEPIN_PORT="9", STEPIN_IDENTITY_SECRET="s3cret").stdout
    )
    assert shown["port"] == {"value": 9, "origin": "STEPIN_PORT"}
    assert shown["identity_secret"] == {"value": "(set)", "origin": "STEPIN_IDENTITY_SECRET"}


def commands() -> list[tuple[str, ...]]:
    """Return the words of every command."""
    found: list[tuple[str, ...]] = []
    for name, target, _, _ in COMMANDS:
        if find_spec(target.partition(":")[0]) is None:
            continue
        inside = [sub for sub in build(name)[name] if not sub.startswith("-")]
        found += [(name, sub) for sub in inside] or [(name,)]
    return found


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_command_has_an_example_and_says_what_each_parameter_is(
    words: tuple[str, ...],
) -> None:
    app = build(words[0])
    for word in words:
        app = app[word]
    shown = io.StringIO()
    app.help_print([], console=Console(file=shown, width=120))
    assert re.search(rf"Example: (\w+=\S+ )?stepin {' '.join(words)}\b", shown.getvalue())
    option = re.compile(r"│ (?=\S)(?:[A-Z]\S* )?(?:--[a-z-]+ ?)+(?:[A-Z]+ +| +)(?P<text>.*?) *│")
    for line in shown.getvalue().splitlines():
        first = option.match(line)
        assert first is None or re.match(r"[^\[\s]", first["text"]), line
