"""The reference of a file's keys, written from the frozen types that read the file.

A key's meaning is its line under ``Attributes`` in the docstring of its table. A unit stands in
front of the meaning, in brackets.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

import msgspec

_UNIT = re.compile(r"\[([^]]+)\] *")
_KINDS = {
    "str": "text",
    "int": "whole number",
    "float": "number",
    "bool": "true or false",
    "date": "date",
}


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """One key of a file.

    Attributes
    ----------
    name : with the tables that it stands in, as ``ai.brain``.
    part : the type that the key holds, if it is a table.
    many : whether it is a list of tables.
    unit, meaning : from the docstring; empty if there is none.
    """

    name: str
    kind: str
    default: str
    unit: str
    meaning: str
    part: type[msgspec.Struct] | None
    many: bool


def keys(part: type[msgspec.Struct], prefix: str = "") -> list[Key]:
    """Return the keys of one table, in the order of its fields."""
    hints = get_type_hints(part)
    told = explained(part)
    found = []
    for field in msgspec.structs.fields(part):
        kind = hints[field.name]
        inner, many = _part_of(kind)
        meaning = told.get(field.name, "")
        unit = _UNIT.match(meaning)
        if not meaning and inner is not None:
            meaning = _first_line(inner)
        found.append(
            Key(
                name=prefix + field.encode_name,
                kind=_kind(kind),
                default=_default(field, table=inner is not None),
                unit=unit[1] if unit else "",
                meaning=meaning[unit.end() :] if unit else meaning,
                part=inner,
                many=many,
            )
        )
    return found


def all_keys(part: type[msgspec.Struct], prefix: str = "") -> Iterator[Key]:
    """Yield the keys of a file, those of its tables included."""
    for key in keys(part, prefix):
        yield key
        if key.part is not None:
            yield from all_keys(key.part, _below(key))


def explained(part: type[msgspec.Struct]) -> dict[str, str]:
    """Return what a type's docstring says of each of its attributes."""
    found: dict[str, str] = {}
    names: list[str] = []
    for line in (inspect.getdoc(part) or "").partition("----------")[2].splitlines():
        head, colon, text = line.partition(" : ")
        if colon and not line.startswith(" "):
            names = [name.strip() for name in head.split(",")]
            found |= dict.fromkeys(names, text.strip())
        elif line.strip():
            found |= {name: f"{found[name]} {line.strip()}" for name in names}
    return found


def listed_reference(part: type[msgspec.Struct], title: str, prefix: str = "") -> list[str]:
    """Return sections in which a list above each table explains the keys that need it."""
    rows = [f"| `{key.name}` | {key.kind} | {key.default} |" for key in keys(part, prefix)]
    table = ["| key | kind | default |", "|---|---|---|", *rows]
    lines = [f"## {prefix.rstrip('.') or title}", "", *_told(part), "", *table, ""]
    for key in keys(part, prefix):
        if key.part is not None:
            lines += listed_reference(key.part, title, _below(key))
    return lines


def full_reference(part: type[msgspec.Struct], title: str, prefix: str = "") -> list[str]:
    """Return sections with one row per key: kind, default, unit and meaning."""
    rows = [
        f"| `{key.name}` | {key.kind} | {key.default} | {key.unit} | {_begun(key.meaning)} |"
        for key in keys(part, prefix)
    ]
    table = ["| key | kind | default | unit | meaning |", "|---|---|---|---|---|", *rows]
    about = (inspect.getdoc(part) or "").partition("Attributes\n----------")[0].strip()
    lines = [f"## {prefix.rstrip('.') or title}", "", about, "", *table, ""]
    for key in keys(part, prefix):
        if key.part is not None:
            lines += full_reference(key.part, title, _below(key))
    return lines


def _begun(meaning: str) -> str:
    return meaning[:1].upper() + meaning[1:]


def _below(key: Key) -> str:
    return f"{key.name}[]." if key.many else f"{key.name}."


def _first_line(part: type[msgspec.Struct]) -> str:
    return (inspect.getdoc(part) or "").partition("\n")[0]


def _told(part: type[msgspec.Struct]) -> list[str]:
    """Return a docstring as Markdown: attributes become a list."""
    told: list[str] = []
    doc = inspect.getdoc(part) or ""
    for line in doc.replace("Attributes\n----------\n", "").splitlines():
        name, colon, rest = line.partition(" : ")
        listed = bool(colon) and name.replace(", ", "").replace("_", "").isalnum()
        told.append(f"- `{name}`: {rest}" if listed else line)
    return told


def _part_of(kind: Any) -> tuple[type[msgspec.Struct] | None, bool]:
    for one in (kind, *get_args(kind)):
        if isinstance(one, type) and issubclass(one, msgspec.Struct):
            return one, get_origin(kind) is tuple
    return None, False


def _kind(kind: Any) -> str:
    arguments = get_args(kind)
    if str(get_origin(kind)) == "typing.Literal":
        return " or ".join(f"`{value}`" for value in arguments)
    if get_origin(kind) is tuple:
        return f"list of {_kind(arguments[0])}"
    if get_origin(kind) is dict:
        return f"table of {_kind(arguments[1])}"
    if NoneType in arguments:
        return _kind(next(a for a in arguments if a is not NoneType))
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return "table"
    return _KINDS.get(getattr(kind, "__name__", ""), str(kind))


def _default(field: Any, *, table: bool) -> str:
    if field.required:
        return "required"
    if table:
        return "may be left out"
    value = field.default_factory() if field.default is msgspec.NODEFAULT else field.default
    if value is None:
        return "none"
    if value in ((), "", {}):
        return "empty"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{', '.join(map(str, value)) if isinstance(value, tuple) else value}`"
