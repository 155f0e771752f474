"""The texts that people read: pages, and what the source says to users."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
SOURCE = ROOT / "src" / "stepin"
PAGES = (
    *sorted(DOCS.rglob("*.md")),
    *(path for name in ("README", "CONTRIBUTING", "CHANGELOG", "SECURITY")
      if (path := ROOT / f"{name}.md").exists()),
    ROOT / "examples" / "extension" / "README.md",
)  # fmt: skip

_FENCE = re.compile(r"^( *)```.*?^\1```", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)


@cache
def read(path: Path) -> str:
    return path.read_text("utf-8")


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def prose(path: Path) -> str:
    """Return a page without its fenced code; lines keep their numbers."""
    return _FENCE.sub(lambda found: "\n" * found[0].count("\n"), read(path))


def headings(path: Path) -> list[str]:
    """Return the headings of a page, without their marks."""
    return [re.sub(r"[`*]", "", heading) for heading in _HEADING.findall(prose(path))]


def anchors(path: Path) -> set[str]:
    """Return what a link may name behind the `#` of a page."""
    return {re.sub(r"[^\w\- ]", "", h.lower()).strip().replace(" ", "-") for h in headings(path)}


def hints() -> Iterator[tuple[str, str]]:
    """Yield every hint of an error with its place."""
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(read(path))):
            given = _hint(node)
            if given is not None:
                yield f"{name_of(path)}:{given.lineno}", said(given)


def strings() -> Iterator[tuple[str, str]]:
    """Yield every text in the source that may name a command, with its place."""
    for path in (*sorted(SOURCE.rglob("*.py")), *sorted((ROOT / "examples").rglob("*.py"))):
        if "stepin " in read(path):
            for node in ast.walk(ast.parse(read(path))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield f"{name_of(path)}:{node.lineno}", node.value


def _hint(node: ast.AST) -> ast.expr | None:
    if isinstance(node, ast.keyword):
        return node.value if node.arg == "hint" else None
    if not isinstance(node, ast.Assign | ast.AnnAssign):
        return None
    target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
    return node.value if ast.unparse(target) == "hint_default" else None


def said(given: ast.expr) -> str:
    """Return the text of an expression, with `…` where values are put in."""
    return "".join(
        part.value if isinstance(part.value, str) else ""
        for part in ast.walk(given)
        if isinstance(part, ast.Constant)
    )
