"""Numbers that a customer who may harm themselves is told of: the shop's ``helplines.toml``.

None ships: a wrong number costs more than none, and only who runs the shop knows where its
customers live. ::

    [[helpline]]
    country = "…"             # as customers read it
    name = "…"
    number = "…"
    source = "https://…"      # where somebody looked it up
    checked = "2026-11-30"    # on which day
    languages = ["en"]        # what is spoken there
"""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import msgspec

from stepin.core.danger import Helpline
from stepin.errors import Invalid

NAME = "helplines.toml"


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    helpline: tuple[Helpline, ...] = ()


def read_helplines(folder: Path) -> tuple[Helpline, ...]:
    """Return the numbers that a shop's folder names; none without a file.

    Raises
    ------
    Invalid
        ``helplines_invalid``: a table lacks a field or has one too many, or a field can't be used.
        The message names the file, the number's place and the field.
    """
    path = folder / NAME
    if not path.exists():
        return ()
    try:
        lines = msgspec.convert(tomllib.loads(path.read_text("utf-8")), _File).helpline
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _invalid(path, str(error)) from error
    except msgspec.ValidationError as error:
        raise _invalid(path, str(error)) from error
    for place, line in enumerate(lines, start=1):
        wrong = _wrong(line)
        if wrong:
            raise _invalid(path, f"helpline {place} ({line.name or '?'}): {wrong}")
    return lines


def _wrong(line: Helpline) -> str:
    empty = [name for name in ("country", "name", "number", "source") if not _text(line, name)]
    if empty:
        return f"{empty[0]} is empty"
    if any(mark in _text(line, name) for name in ("country", "name", "number") for mark in "{}\n"):
        return "country, name and number are plain words on one line"
    if not any(letter.isdigit() for letter in line.number):
        return f"number {line.number!r} has no digit"
    try:
        date.fromisoformat(line.checked)
    except ValueError:
        return f"checked {line.checked!r} is no day like 2026-11-30"
    return "" if line.languages and all(line.languages) else "languages names none"


def _text(line: Helpline, name: str) -> str:
    value: str = getattr(line, name)
    return value.strip()


def _invalid(path: Path, told: str) -> Invalid:
    return Invalid(
        f"{path}: {told}.",
        hint="Each [[helpline]] has country, name, number, source, checked and languages.",
        code="helplines_invalid",
    )
