"""Writes the plan of a run and its two policies as files that `stepin evidence run` reads."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import msgspec

from stepin.floor.engine.trace import Run
from stepin.floor.trial import ARMS, trial_plan, trial_seed


def write_plan(run: Run, folder: Path) -> Path:
    """Write `plan.toml`, `control.toml` and `treated.toml`; return the plan's path."""
    folder.mkdir(parents=True, exist_ok=True)
    of = run.inputs.scenario
    for arm in ARMS:
        body = toml_of(msgspec.structs.asdict(getattr(of.arms, arm)))
        (folder / f"{arm}.toml").write_text(body, "utf-8")
    plan = trial_plan(of, trial_seed(run.inputs.seed, run.inputs.replication))
    path = folder / "plan.toml"
    path.write_text(toml_of(msgspec.structs.asdict(plan)), "utf-8")
    return path


def toml_of(content: dict[str, Any], prefix: str = "") -> str:
    """Return TOML for nested structs; what is None is left out."""
    plain, tables = [], []
    for name, value in content.items():
        if isinstance(value, msgspec.Struct):
            value = msgspec.structs.asdict(value)
        key = f"{prefix}{name}"
        if value is None:
            continue
        if isinstance(value, dict):
            body = toml_of(value, f"{key}.")
            tables.append(f"[{key}]\n{body}" if body else "")
        elif isinstance(value, tuple | list) and value and isinstance(value[0], msgspec.Struct):
            for one in value:
                tables.append(f"[[{key}]]\n{toml_of(msgspec.structs.asdict(one), f'{key}.')}")
        else:
            plain.append(f"{name} = {_cell(value)}\n")
    return "".join(plain) + "".join("\n" + table for table in tables if table)


def _cell(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case dt.date() | int() | float():
            return str(value)
        case tuple() | list():
            return f"[{', '.join(_cell(one) for one in value)}]"
        case _:
            return msgspec.json.encode(value).decode()
