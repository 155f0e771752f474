"""Reads procedure files; every error names the file and the line.

``facts.toml`` beside them holds facts that several procedures share.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import msgspec

from stepin.agent.shop.procedure import Fact, Procedure
from stepin.errors import Invalid
from stepin.language.given import given

SHARED = "facts.toml"
_AT = re.compile(r" - at `\$(.*)`$")
_UNKNOWN = re.compile(r"unknown field `([^`]+)`")
_TOML_LINE = re.compile(r"\(at line (\d+)")


def read_procedures(folder: Path) -> dict[str, Procedure]:
    """Return the procedures of a folder by name.

    Raises
    ------
    Invalid
        If a file can't be read as a procedure, or its name isn't the procedure's.
    """
    shared_path = folder / SHARED
    shared: dict[str, Fact] = {}
    if shared_path.exists():
        shared = _convert(shared_path, _toml(shared_path), dict[str, Fact])
        _check_patterns(shared_path, shared, "")
    found: dict[str, Procedure] = {}
    for path in sorted(folder.glob("*.toml")):
        if path.name == SHARED:
            continue
        procedure = _convert(path, _toml(path), Procedure)
        if procedure.name != path.stem:
            raise bad(path, "name", f"the file is called {path.name}")
        _check_patterns(path, procedure.facts, "facts.")
        found[procedure.name] = _with_shared(path, procedure, shared)
    if not found:
        raise Invalid(
            f"There are no procedures in {folder}.",
            code="no_procedures",
            hint="Put NAME.toml files there.",
            folder=str(folder),
        )
    return found


def _check_patterns(path: Path, facts: dict[str, Fact], place: str) -> None:
    """Refuse a pattern that can't be used, or that has fewer groups than its format speaks of."""
    for name, fact in facts.items():
        if not fact.pattern:
            continue
        try:
            pattern = given(fact.pattern)
        except Invalid as error:
            why = f"{error.message} {error.hint}".rstrip(".")
            raise bad(path, f"{place}{name}.pattern", why) from error
        try:
            fact.format.format(*("x" for _ in range(max(1, pattern.n_groups))))
        except (IndexError, KeyError, ValueError) as error:
            why = f"the format {fact.format!r} speaks of a group that the pattern doesn't have"
            raise bad(path, f"{place}{name}.format", why) from error


def _with_shared(path: Path, procedure: Procedure, shared: dict[str, Fact]) -> Procedure:
    facts = dict(procedure.facts)
    for place, step in enumerate(procedure.steps):
        if step.need and step.need not in facts:
            if step.need not in shared:
                raise bad(path, f"steps[{place}].need", f"no fact {step.need!r} is defined")
            facts[step.need] = shared[step.need]
    return msgspec.structs.replace(procedure, facts=facts)


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        where = _TOML_LINE.search(str(error))
        raise _error(path, int(where[1]) if where else 1, str(error)) from error


def _convert(path: Path, data: dict[str, Any], kind: Any) -> Any:
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        where = _AT.search(str(error))
        place = where[1].lstrip(".") if where else ""
        if unknown := _UNKNOWN.search(str(error)):
            place = f"{place}.{unknown[1]}".lstrip(".")
        raise bad(path, place, _AT.sub("", str(error))) from error


def bad(path: Path, place: str, why: str) -> Invalid:
    """Return the error for a place such as ``steps[2].say`` in a procedure file."""
    return _error(path, line_of(path.read_text("utf-8"), place), f"{why} (at {place or 'top'})")


def _error(path: Path, line: int, why: str) -> Invalid:
    return Invalid(
        f"{path.name}, line {line}: {why}.",
        code="procedure_invalid",
        hint="See the reference page on procedures.",
        file=str(path),
        line=line,
    )


def line_of(text: str, place: str) -> int:
    """Return the line, from 1, where a place such as ``steps[2].say.en`` stands, or begins."""
    parts = re.findall(r"[\w-]+|\[\d+\]", place)
    line, header, count = 1, "", -1
    wanted = parts[0] if parts else ""
    nth = int(parts[1][1:-1]) if len(parts) > 1 and parts[1].startswith("[") else None
    best = 1
    for line, raw in enumerate(text.splitlines(), 1):
        stripped = raw.strip()
        if match := re.match(r"\[\[?([\w.-]+)\]", stripped):
            header = match[1]
            if stripped.startswith("[[") and header == wanted:
                count += 1
                if count == nth:
                    best = line
            elif nth is None and place.startswith(header):
                best = line
            continue
        inside = (
            count == nth and header.split(".")[0] == wanted
            if nth is not None
            else not header or place.startswith(header)
        )
        key = re.match(r"([\w-]+)[\w.-]*\s*=", stripped)
        if inside and key and key[1] in parts:
            best = line
            if key[1] == parts[-1] or stripped.startswith(".".join(parts[-2:])):
                return line
    return best
