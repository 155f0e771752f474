"""One word per thing: no public class name in two packages, no module named by a retired word."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

import stepin

SOURCE = Path(stepin.__file__).parent
RETIRED = frozenset(
    """
    across acting advice asked breaker cube guide hands harmwatch hear ink inside lines lively
    numbers orders outfile passing past pick placing planted ranking rehearsal resample rooms
    scribe shelf show shown site solve stage standing stats switches toolroom trouble
    understanding veil watch workbench workshop
    """.split()  # noqa: SIM905
)
"""Names that modules had once; the field's terms stand in their place (decision 0023)."""
RETIRED_NAMES = frozenset({"Scribe", "Workbench", "bench", "look_again", "scribe"})
"""Names that classes, functions and attributes had once (decision 0023)."""
ROUTES = {"web/routes/numbers.py", "cli/console/lines.py"}
"""Modules that are named after a page of the console, or by the plain meaning of the word."""


def modules() -> dict[str, ast.Module]:
    return {
        path.relative_to(SOURCE).as_posix(): ast.parse(path.read_text("utf-8"))
        for path in sorted(SOURCE.rglob("*.py"))
    }


def test_a_public_class_has_a_name_of_its_own() -> None:
    places = defaultdict(list)
    for path, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(path)
    assert {name: where for name, where in places.items() if len(where) > 1} == {}


def test_no_module_is_named_by_a_retired_word() -> None:
    named = {
        path
        for path in modules()
        if path not in ROUTES and RETIRED & set(path.removesuffix(".py").split("/"))
    }
    assert named == set()


def names(tree: ast.Module) -> set[str]:
    """Return every name that a module gives or uses, without its leading underscores."""
    found = set()
    for node in ast.walk(tree):
        for field in ("id", "attr", "arg", "name"):
            name = getattr(node, field, None)
            if isinstance(name, str):
                found.add(name.lstrip("_"))
    return found


def test_nothing_is_named_by_a_retired_name() -> None:
    named = {path: RETIRED_NAMES & names(tree) for path, tree in modules().items()}
    assert {path: found for path, found in named.items() if found} == {}


def test_every_package_says_what_belongs_there() -> None:
    silent = {
        path
        for path, tree in modules().items()
        if path.endswith("__init__.py") and not ast.get_docstring(tree)
    }
    assert silent == set()
