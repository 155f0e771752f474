"""Where a new file goes: into an extension, a shop's folder, or the repository of Stepin itself."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from stepin.errors import Invalid

Kind = Literal["tool", "detector", "section", "command"]


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a template and its test go.

    Attributes
    ----------
    folder, tests : of the module and of its test.
    test : the test's template, if it isn't the kind's.
    values : what the templates need besides the name.
    next : what is left to do by hand, with ``$name``, ``$NAME`` and ``$Class`` in it.
    """

    folder: Path
    tests: Path
    test: str = ""
    values: dict[str, str] = {}
    next: tuple[str, ...] = ()


def place_of(kind: Kind, into: Path) -> Place:
    """Return where something of a kind goes in a folder.

    Raises
    ------
    Invalid
        ``wrong_folder``: nothing of the kind goes there.
    """
    package = _package(into)
    if kind == "detector" and package is not None:
        return _in_extension(into, package, "detectors=($Class(),)", "$Class")
    if kind == "tool" and package is not None:
        return _in_extension(into, package, _TOOLS, "${name}_tool")
    if kind == "tool" and (into / "domain.toml").is_file() and (into / "__init__.py").is_file():
        return Place(
            folder=into,
            tests=into / "tests",
            test="test_shop_tool",
            next=(
                f"In {into / '__init__.py'} write `from .$name import ${{name}}_tool`, and add the "
                "tool on the shop's connection to the list that open_tools returns.",
            ),
        )
    if kind == "section" and (sections := into / _SECTIONS).is_dir():
        registry = sections.parent / "registry.py"
        return Place(
            folder=sections,
            tests=into / "tests/evidence/report",
            next=(
                f"In {registry} import $name from the sections, and add `$name.SPEC` to SECTIONS "
                "where the section should stand.",
            ),
        )
    if kind == "command" and (into / _COMMANDS).is_file():
        return Place(
            folder=into / "src/stepin/cli",
            tests=into / "tests/cli",
            next=(
                f"In {into / _COMMANDS} add to COMMANDS: "
                '("$name", "stepin.cli.$name:$name", DATA, "What it does in one line."),',
                "Write its reference: stepin docs build",
            ),
        )
    raise Invalid(
        f"{into} is no folder for a {kind}.", code="wrong_folder", hint=_HINTS[kind], into=str(into)
    )


_SECTIONS = Path("src/stepin/evidence/report/sections")
_COMMANDS = Path("src/stepin/cli/__init__.py")
_EXTENSION = "an extension (a folder with pyproject.toml and one package in src/)"
_TOOLS = "tools=Toolbox([${name}_tool(db)], now_s=time.monotonic), on a connection db of your own"
_HINTS: dict[Kind, str] = {
    "tool": f"Name with --into {_EXTENSION}, or a shop's folder (with domain.toml and "
    "__init__.py), e.g. --into examples/extension.",
    "detector": f"Name with --into {_EXTENSION}, e.g. --into examples/extension.",
    "section": "A section is part of Stepin: name with --into the root of its repository.",
    "command": "A command is part of Stepin: name with --into the root of its repository.",
}


def _package(into: Path) -> Path | None:
    """Return the package of an extension, None if the folder is none."""
    if not (into / "pyproject.toml").is_file():
        return None
    found = sorted(init.parent for init in into.glob("src/*/__init__.py"))
    return found[0] if len(found) == 1 and found[0].name != "stepin" else None


def _in_extension(into: Path, package: Path, part: str, value: str) -> Place:
    wiring = package / "wiring.py"
    where = str(wiring) if wiring.is_file() else "the function that returns your Parts"
    return Place(
        folder=package,
        tests=into / "tests",
        values={"package": package.name},
        next=(
            f"In {where} write `from {package.name}.$name import {value}`, and add it to the "
            f"parts: {part}",
        ),
    )
