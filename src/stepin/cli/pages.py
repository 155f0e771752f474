"""The generated reference pages, as Markdown."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

from stepin.cli.python_api import python_api

_COMMON = """\
Exit codes: 0 done, 1 a check or the desk said no, 2 usage.

Every command has `--help`. Commands that read the settings take `--config FILE`; those that print
something for programs take `--json`; those that work on a log take `--log URL`.
"""
_NOTE = "<!-- Written by `stepin docs build`; change the code instead. -->\n"


def pages() -> dict[str, str]:
    """Return every generated page by its file name."""
    return {
        "commands.md": _commands(),
        "settings.md": _settings(),
        "events.md": _events(),
        "errors.md": _errors(),
        "http-api.md": _http_api(),
        "openapi.json": _openapi(),
        "trial-plan.md": _trial_plan(),
        "policy.md": _policy(),
        "scenario.md": _scenario(),
        "python-api.md": python_api(_NOTE),
    }


def _trial_plan() -> str:
    from stepin.cli.struct_reference import listed_reference
    from stepin.trial.plan import Plan

    head = (
        "# The keys of a trial's plan\n\n"
        "This page is written from the code (`stepin docs build`); a test fails when it is out of "
        "date.\n`[]` stands for a place in a list (`[[arms]]` in the file). An unknown key is an "
        "error.\n"
    )
    return "\n".join([head, *listed_reference(Plan, "The plan")])


def _policy() -> str:
    from stepin.cli.struct_reference import full_reference
    from stepin.core.policy import Policy

    head = (
        "# The keys of a policy\n\n"
        f"{_NOTE}\n"
        "A policy is a TOML file that says how the desk treats a chat. The setting `policy` names "
        "the one in force; during a trial each arm has its own. `stepin init` writes one to begin "
        "with, and `stepin config show` says which one is used. A dot stands for a table: "
        "`ai.brain` is the key `brain` under `[ai]`. An unknown key is an error. The version of a "
        "policy, which every event of a chat carries, is a hash of its content.\n"
    )
    return "\n".join([head, *full_reference(Policy, "The policy")])


def _scenario() -> str:
    from stepin.cli.struct_reference import full_reference
    from stepin.floor.scenario.reading import shipped
    from stepin.floor.scenario.scenario import FloorScenario

    head = (
        "# The keys of a scenario\n\n"
        f"{_NOTE}\n"
        "A scenario is a TOML file that says what `stepin floor` simulates. It may begin from one "
        f"that ships with Stepin ({', '.join(f'`{name}`' for name in shipped())}) by "
        '`extends = "NAME"`, and then says only what differs. A dot stands for a table, `[]` for a '
        "place in a list. The tables under `arms` are policies, whose keys are in the "
        "[policy reference](policy.md). An unknown key is an error. What the numbers do is told in "
        "[The floor](../explanation/floor.md).\n"
    )
    lines = full_reference(FloorScenario, "The scenario")
    first = next(n for n, line in enumerate(lines) if line.startswith("## arms.control"))
    return "\n".join([head, *lines[:first]]).rstrip() + "\n"


def _openapi() -> str:
    """Return the document that the console's types are generated from."""
    import json

    from stepin.web.routing.openapi import openapi
    from stepin.web.routing.table import ENDPOINTS

    return json.dumps(openapi(ENDPOINTS), indent=1, ensure_ascii=False) + "\n"


def _commands() -> str:
    from importlib import import_module

    from stepin.cli import COMMANDS

    lines = ["# Commands\n", _NOTE, _COMMON]
    for name, target, _, text in COMMANDS:
        module, _, attribute = target.partition(":")
        lines += [f"## stepin {name}\n", f"{text}\n"]
        found = getattr(import_module(module), attribute)
        if inspect.isfunction(found):
            lines.append(f"```\n{_help_of(found)}\n```\n")
            continue
        for sub in sorted(found):
            if sub.startswith("-"):
                continue
            function = found[sub].default_command
            if inspect.isfunction(function):
                lines += [f"### stepin {name} {sub}\n", f"```\n{_help_of(function)}\n```\n"]
    return "\n".join(lines)


def _help_of(function: Any) -> str:
    return inspect.cleandoc(function.__doc__ or "").strip()


def _settings() -> str:
    from stepin.cli.struct_reference import explained
    from stepin.settings import KEYS, Settings

    defaults = Settings()
    told = explained(Settings)
    lines = [
        "# Settings\n",
        _NOTE,
        "Order: flag > environment (`STEPIN_PORT`) > `stepin.toml` > default. An unknown key is an "
        "error. `stepin config show` prints every value with its origin.\n",
        "| key | default | meaning |",
        "|---|---|---|",
    ]
    for key in KEYS:
        value = getattr(defaults, key)
        shown = ", ".join(value) if isinstance(value, tuple) else str(value)
        lines.append(f"| `{key}` | {f'`{shown}`' if shown else '(empty)'} | {told[key]} |")
    return "\n".join(lines) + "\n"


def _events() -> str:
    import msgspec

    from stepin.core.events import KINDS
    from stepin.core.private import private_fields
    from stepin.desk.feeds.visibility import WORKER_FIELDS

    lines = [
        "# Events\n",
        _NOTE,
        "Private fields are kept beside the hash chain and can be redacted. *Workers read* names "
        "what a worker's console gets; a customer gets the public messages' text and author, and "
        "nothing else of any event.\n",
    ]
    for name, kind in sorted(KINDS.items()):
        private = private_fields(kind)
        shown = WORKER_FIELDS.get(name, ())
        lines += [f"## {name}\n", f"{_help_of(kind)}\n"]
        lines += ["| field | type | default | private | workers read |", "|---|---|---|---|---|"]
        for field in msgspec.structs.fields(kind):
            default = "required" if field.required else f"`{_default(field)!r}`"
            lines.append(
                f"| `{field.encode_name}` | `{_type_name(kind, field.name)}` | {default} | "
                f"{'yes' if field.encode_name in private else ''} | "
                f"{'yes' if field.name in shown else ''} |"
            )
        lines.append("")
    return "\n".join(lines)


def _default(field: Any) -> Any:
    import msgspec

    return field.default_factory() if field.default is msgspec.NODEFAULT else field.default


def _type_name(kind: type, field: str) -> str:
    for cls in kind.__mro__:
        if field in getattr(cls, "__annotations__", {}):
            return str(cls.__annotations__[field]).replace("|", "\\|")
    return ""


def _errors() -> str:
    from stepin import errors

    lines = [
        "# Errors\n",
        _NOTE,
        'On the wire: `{"error": {code, message, hint, fields}}` with the status below. Codes are '
        "stable; a class's own code is used where nothing more exact is known.\n",
        "| class | status | code | meaning | what to do |",
        "|---|---|---|---|---|",
    ]
    for cls in _tree(errors.StepinError):
        meaning = _help_of(cls).splitlines()[0]
        lines.append(
            f"| {cls.__name__} | {cls.status} | `{cls.code}` | {meaning} | {cls.hint_default} |"
        )
    return "\n".join(lines) + "\n"


def _tree(cls: Any) -> Iterator[Any]:
    yield cls
    for below in sorted(cls.__subclasses__(), key=lambda c: (c.status, c.__name__)):
        if below.__module__ == "stepin.errors":
            yield from _tree(below)


def _http_api() -> str:
    import msgspec

    from stepin.web.routes.chats import COMMANDS
    from stepin.web.routing.table import ENDPOINTS

    lines = [
        "# HTTP API\n",
        _NOTE,
        "The OpenAPI 3.1 document is at `/api/openapi.json`. A worker's request that changes "
        "something carries the cookie and the header `X-CSRF-Token`; customers and integrators "
        "send `Authorization: Bearer …`.\n",
    ]
    parts = dict.fromkeys(endpoint.part for endpoint in ENDPOINTS)
    for part in parts:
        lines.append(f"## {part}\n")
        for e in (e for e in ENDPOINTS if e.part == part):
            lines += [f"### {e.method} {e.path}\n", f"{inspect.cleandoc(e.doc)}\n"]
            lines.append(f"- who: {', '.join(sorted(e.who))}")
            for what, kind in (("query", e.query), ("body", e.body), ("answer", e.returns)):
                if kind is not None:
                    lines.append(f"- {what}: {_shape(kind)}")
            if e.frames:
                lines.append(f"- frames: {'; '.join(map(_shape, e.frames))}")
            lines.append("")
    lines += ["## Commands\n", "Bodies of `POST /api/chats/{chat_id}/commands`, by `type`.\n"]
    for command in COMMANDS:
        fields = [f.name for f in msgspec.structs.fields(command) if f.name != "chat_id"]
        lines.append(f"- `{command.__name__}` ({', '.join(fields)}): {_help_of(command)}")
    return "\n".join(lines) + "\n"


def _shape(kind: Any) -> str:
    import msgspec

    if isinstance(kind, str):
        return f"`{kind}`"
    if not (isinstance(kind, type) and issubclass(kind, msgspec.Struct)):
        return "JSON"
    fields = msgspec.structs.fields(kind)
    shown = ", ".join(f.name if f.required else f"[{f.name}]" for f in fields)
    return f"`{kind.__name__}`" + (f" ({shown})" if shown else "")
