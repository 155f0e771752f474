"""Take a guard out and see that its test fails: the mutants of the whole house.

Each file in ``mutants/`` holds entries::

    [[mutant]]
    name = "the fence does not look at the epoch"
    file = "src/stepin/core/fence.py"
    old = '''    if fence.epoch != head.epoch:'''
    new = '''    if False:'''
    test = "tests/log/test_protocol.py::test_a_takeover_refuses_the_ai"

`old` must stand exactly once in the file. The source is patched in a copy of the tree and the named
test is run there: it must pass before and fail after. `needs = "postgres"` leaves an entry out
where no PostgreSQL is named or installed. Where a guard stands in `frontend/` the pages are built
again without it.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.postgres import binaries

from benchmarks.harness import finish, line

ROOT = Path(__file__).parents[2]
FOLDER = Path(__file__).parent / "mutants"
COPIED = ("src", "tests", "examples", "benchmarks", "pyproject.toml")
PAGES = ("frontend", "hatch_build.py", "docs/reference/openapi.json")


@dataclass(frozen=True, slots=True)
class Mutant:
    """One guard taken out, and the test that must fail."""

    name: str
    file: str
    old: str
    new: str
    test: str
    needs: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a mutant: caught, or why it was not."""

    mutant: Mutant
    caught: bool
    why: str


def read(folder: Path = FOLDER) -> list[Mutant]:
    """Return the entries of all files."""
    return [
        Mutant(**entry)
        for path in sorted(folder.glob("*.toml"))
        for entry in tomllib.loads(path.read_text("utf-8"))["mutant"]
    ]


def patched(source: str, mutant: Mutant) -> str:
    """Return the source without the guard.

    Raises
    ------
    ValueError
        If the guard does not stand exactly once in the source.
    """
    found = source.count(mutant.old)
    if found != 1:
        raise ValueError(f"{mutant.file}: the text to replace stands {found} times")
    return source.replace(mutant.old, mutant.new)


def run(mutant: Mutant, *, first: bool = True) -> Verdict:
    """Return whether the named test fails without the guard.

    Parameters
    ----------
    mutant : the guard and its test.
    first : whether to look first that the test passes with the guard.
    """
    with tempfile.TemporaryDirectory(prefix="stepin-mutant-") as name:
        tree = Path(name)
        _copy(tree, COPIED)
        in_pages = mutant.file.startswith("frontend/")
        if in_pages:
            _copy(tree, PAGES)
            for folder in ("frontend", "frontend/console", "frontend/widget"):
                if (packages := ROOT / folder / "node_modules").exists():
                    (tree / folder / "node_modules").symlink_to(packages)
        path = tree / mutant.file
        try:
            without = patched(path.read_text("utf-8"), mutant)
        except (OSError, ValueError) as error:
            return Verdict(mutant, False, str(error))
        if first and (code := _test(tree, mutant.test)) != 0:
            return Verdict(mutant, False, f"the test fails with the guard in place (exit {code})")
        path.write_text(without, "utf-8")
        if in_pages and not _built(tree):
            return Verdict(mutant, False, "the pages can't be built without the guard")
        code = _test(tree, mutant.test)
    if code == 1:
        return Verdict(mutant, True, "")
    return Verdict(mutant, False, "nothing failed" if code == 0 else f"pytest ended with {code}")


def _built(tree: Path) -> bool:
    command = [sys.executable, "hatch_build.py", "build"]
    return not subprocess.run(command, cwd=tree, capture_output=True, check=False).returncode


def _copy(tree: Path, names: Sequence[str]) -> None:
    for name in names:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(
                source, tree / name, ignore=shutil.ignore_patterns("__pycache__", "node_modules")
            )
        elif source.exists():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, tree / name)


def _test(tree: Path, test: str) -> int:
    command = [
        *(
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-x",
            "-p",
            "no:randomly",
            "-p",
            "no:cacheprovider",
        ),
        *("--timeout=120", test),
    ]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    environment["PYTHONPATH"] = os.pathsep.join([str(tree / "src"), str(tree)])
    return subprocess.run(
        command, cwd=tree, env=environment, capture_output=True, check=False
    ).returncode


def possible(mutants: list[Mutant]) -> list[Mutant]:
    """Return those that can be tried on this machine, and say how many can't."""
    if os.environ.get("STEPIN_TEST_POSTGRES") or binaries() is not None:
        return mutants
    kept = [mutant for mutant in mutants if mutant.needs != "postgres"]
    if len(kept) < len(mutants):
        print(f"{len(mutants) - len(kept)} mutants need PostgreSQL and are left out")
    return kept


def main() -> None:
    """Try every mutant, those of the files that are named, or one of each file with --quick."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--quick", action="store_true", help="only the first of each file")
    parser.add_argument("--only", default="", help="only those whose file or name holds this")
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args()
    mutants: list[Mutant] = []
    for path in sorted(FOLDER.glob("*.toml")):
        entries = [Mutant(**entry) for entry in tomllib.loads(path.read_text("utf-8"))["mutant"]]
        chosen = [m for m in entries if given.only in path.stem or given.only in m.name]
        mutants += chosen[:1] if given.quick else chosen
    mutants = possible(mutants)
    with ThreadPoolExecutor(given.jobs) as pool:
        verdicts = []
        for verdict in pool.map(run, mutants):
            verdicts.append(verdict)
            told = "caught" if verdict.caught else f"NOT CAUGHT: {verdict.why}"
            print(f"  {verdict.mutant.name}: {told}", flush=True)
    caught = sum(verdict.caught for verdict in verdicts)
    line(
        "mutants caught by their test",
        ours=caught,
        reference=len(verdicts),
        ratio=caught / len(verdicts) if verdicts else 0.0,
        goal=">= 1",
        holds=bool(verdicts) and caught == len(verdicts),
    )
    finish()


if __name__ == "__main__":
    main()
