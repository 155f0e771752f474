"""The reference of plan files, written from the types that read them."""

from __future__ import annotations

import inspect
from typing import Any, get_args, get_origin, get_type_hints

import msgspec

from stepin.trial.plan import Plan

HEAD = """# The keys of a trial's plan

This page is written from the code (`stepin docs build`); a test fails when it is out of date.
`[]` stands for a place in a list (`[[arms]]` in the file). An unknown key is an error.
"""


def plan_reference() -> str:
    """Return the reference as Markdown: a section a part, a row a key."""
    return "\n".join([HEAD, *_sections(Plan, "")])


def _sections(part: type[msgspec.Struct], prefix: str) -> list[str]:
    hints = get_type_hints(part)
    rows, nested = [], []
    for field in msgspec.structs.fields(part):
        key, kind = prefix + field.encode_name, hints[field.name]
        inner, many = _part_of(kind)
        default = "required" if field.required else _default(field)
        if inner is not None:
            nested += _sections(inner, f"{key}[]." if many else f"{key}.")
            default = "required" if field.required else "may be left out"
        rows.append(f"| `{key}` | {_kind(kind)} | {default} |")
    title = prefix.rstrip(".") or "The plan"
    text = inspect.getdoc(part) or ""
    table = ["| key | kind | default |", "|---|---|---|", *rows]
    return [f"## {title}", "", *_told(text), "", *table, "", *nested]


def _told(doc: str) -> list[str]:
    """Return a docstring as Markdown: attributes become a list."""
    told: list[str] = []
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
    name = str(get_origin(kind))
    if name == "typing.Literal":
        return " or ".join(f"`{value}`" for value in get_args(kind))
    if get_origin(kind) is tuple:
        return f"list of {_kind(get_args(kind)[0])}"
    if type(None) in get_args(kind):
        return _kind(next(a for a in get_args(kind) if a is not type(None)))
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return "table"
    names = {"str": "text", "int": "whole number", "float": "number", "date": "date"}
    return names.get(getattr(kind, "__name__", ""), str(kind))


def _default(field: Any) -> str:
    value = field.default
    if value is msgspec.NODEFAULT or value is None:
        return "none"
    if value in ((), ""):
        return "empty"
    return f"`{', '.join(map(str, value)) if isinstance(value, tuple) else value}`"
