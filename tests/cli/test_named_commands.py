"""Every `stepin …` command that a page, a setting, a docstring or a hint names is there."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from cyclopts import App

from stepin.cli import COMMANDS, build

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    ROOT / "examples/extension/README.md",
]
SOURCES = [*sorted((ROOT / "src").rglob("*.py")), *sorted((ROOT / "examples").rglob("*.py"))]
_NAMED = re.compile(r"(?<![\w./@-])stepin((?: +[a-z][a-z-]*)+)")
_QUOTED = re.compile(r"`(?:[A-Z_]+=\S+ +)*stepin((?: +[a-z][a-z-]*)+)")
_FENCED = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_BEGINS = re.compile(r"^\s*(?:\$ )?(?:[A-Z_]+=\S+ +)*stepin((?: +[a-z][a-z-]*)+)", re.MULTILINE)
_EXAMPLE = re.compile(r"^ *Example: (?:[A-Z_]+=\S+ +)*stepin((?: +[a-z][a-z-]*)+)", re.MULTILINE)


@cache
def app_of(name: str) -> App:
    return build(name)[name]


def resolves(words: tuple[str, ...]) -> bool:
    """Return whether words begin with a command, and go on with one of its own if it has some."""
    if words[0] not in {name for name, *_ in COMMANDS}:
        return False
    node = app_of(words[0])
    for word in words[1:]:
        below = {n for n in node if not n.startswith("-")}
        if not below:
            return True
        if word not in below:
            return False
        node = node[word]
    return True


def named(text: str) -> set[tuple[str, ...]]:
    return {tuple(m.group(1).split()) for m in _QUOTED.finditer(text)}


def in_page(path: Path) -> set[tuple[str, ...]]:
    text = path.read_text("utf-8")
    typed = {
        tuple(m.group(1).split())
        for block in _FENCED.findall(text)
        for m in _BEGINS.finditer(block)
    }
    return named(text) | typed


def in_source(path: Path) -> set[tuple[str, ...]]:
    found: set[tuple[str, ...]] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found |= named(node.value)
            for m in re.finditer(
                r"^ *Example: (?:[A-Z_]+=\S+ +)*stepin((?: +[a-z][a-z-]*)+)", node.value, re.M
            ):
                found.add(tuple(m.group(1).split()))
        elif isinstance(node, ast.keyword) and node.arg == "hint":
            for part in ast.walk(node.value):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    found |= {tuple(m.group(1).split()) for m in _NAMED.finditer(part.value)}
    return found


@pytest.mark.parametrize("kind", ["pages", "sources"])
def test_a_command_that_is_named_is_there(kind: str) -> None:
    named_in = (
        {p: in_page(p) for p in PAGES} if kind == "pages" else {p: in_source(p) for p in SOURCES}
    )
    ghosts = {
        f"{path.relative_to(ROOT)}: stepin {' '.join(words)}"
        for path, found in named_in.items()
        for words in found
        if not resolves(words)
    }
    assert ghosts == set()


def test_the_search_finds_what_it_should() -> None:
    everything = set().union(*map(in_page, PAGES), *map(in_source, SOURCES))
    for known in [("config", "secret"), ("config", "rotate"), ("log", "verify"), ("doctor",)]:
        assert known in everything, known
    assert not resolves(("config", "ghost"))
    assert not resolves(("ghost",))
    assert named("`stepin config ghost`") == {("config", "ghost")}
