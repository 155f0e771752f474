"""Reads scenario files, and refuses in words what can't be simulated."""

from __future__ import annotations

import math
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec

from stepin.errors import Invalid, Missing
from stepin.floor.scenario.scenario import FloorScenario

_FOLDER = "stepin.floor.scenario"
_MOST_CHATS = 2**31
_MOST_ALWAYS = 2_000


def shipped() -> list[str]:
    """Return the names of the scenarios that ship with Stepin."""
    folder = files(_FOLDER).joinpath("files")
    return sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name[-5:] == ".toml")


def scenario(name: str, changes: dict[str, str] | None = None) -> FloorScenario:
    """Return a scenario by the path of its file, or by the name of one that ships with Stepin.

    Parameters
    ----------
    changes : keys with dots (`size.workers`) and their new values, as TOML writes them.

    Raises
    ------
    Missing
        ``no_scenario``: there is no such file, and none of that name ships with Stepin.
    Invalid
        ``scenario_invalid``: see `read_scenario`.
    """
    path = Path(name)
    if path.suffix == ".toml" and path.is_file():
        return read_scenario(path.read_text("utf-8"), source=name, changes=changes)
    if name not in shipped():
        raise Missing(
            f"There is no scenario {name!r}.",
            code="no_scenario",
            hint=f"Name a TOML file, or one of {', '.join(shipped())}.",
        )
    text = files(_FOLDER).joinpath("files", f"{name}.toml").read_text("utf-8")
    return read_scenario(text, source=name, changes=changes)


def read_scenario(
    text: str, *, source: str = "scenario", changes: dict[str, str] | None = None
) -> FloorScenario:
    """Return the scenario that a TOML text describes.

    A file may begin from a shipped scenario, `extends = "paper"`, and say only what differs.

    Raises
    ------
    Invalid
        ``scenario_invalid``: the text is no TOML, a key is unknown, a value has the wrong type or
        lies where nothing can be simulated. The message names the key.
    """
    try:
        content = _extended(tomllib.loads(text), source)
        for key, value in (changes or {}).items():
            _put(content, key, _value(value))
        found = msgspec.convert(content, FloorScenario)
    except tomllib.TOMLDecodeError as error:
        raise _bad(f"{source}: {error}", "Write the file as TOML.") from error
    except msgspec.ValidationError as error:
        raise _bad(
            f"{source}: {error}", "See the scenario reference for the keys and their types."
        ) from error
    check(found, source)
    return found


def check(of: FloorScenario, source: str = "scenario") -> None:
    """Refuse a scenario in which numbers contradict each other.

    Raises
    ------
    Invalid
        ``scenario_invalid``.
    """
    size, arrivals = of.size, of.arrivals
    for name, value in _numbers(msgspec.to_builtins(of), ""):
        if not math.isfinite(value):
            raise _bad(f"{source}: {name} is {value}.", "Write a finite number.")
    if size.treated > size.workers:
        raise _bad(
            f"{source}: size.treated is {size.treated}, but there are {size.workers} workers.",
            "Treat at most all of them.",
        )
    if arrivals.by_hour and (len(arrivals.by_hour) != 24 or not sum(arrivals.by_hour)):
        raise _bad(
            f"{source}: arrivals.by_hour has {len(arrivals.by_hour)} weights.",
            "Write 24 weights that aren't all zero, or none.",
        )
    chats = arrivals.per_worker_day * size.workers * size.days
    if chats > _MOST_CHATS:
        raise _bad(f"{source}: {chats:.3g} first contacts are too many.", "Make it smaller.")
    for shift in of.staff.shifts:
        if shift.break_min >= 60 * shift.hours:
            raise _bad(
                f"{source}: a break of {shift.break_min:g} min fills a shift of {shift.hours:g} h.",
                "Shorten the break.",
            )
    if of.returns.resolved > 0.95 and of.returns.unresolved > 0.95:
        raise _bad(
            f"{source}: nearly everybody comes back, for ever.",
            "Lower returns.resolved or returns.unresolved.",
        )
    _check_arms(of, source)


def _check_arms(of: FloorScenario, source: str) -> None:
    size, arrivals = of.size, of.arrivals
    for arm in ("control", "treated"):
        policy = getattr(of.arms, arm)
        if policy.assignment.cap < 1 and policy.assignment.rule == "uniform":
            raise _bad(f"{source}: arms.{arm}.assignment.cap is 0.", "Allow one chat at least.")
        if policy.ai.supervision == "pooled" and not size.specialists:
            raise _bad(
                f"{source}: arms.{arm} pools supervision, but there are no specialists.",
                "Set size.specialists.",
            )
    if arrivals.always_open and size.workers > _MOST_ALWAYS:
        raise _bad(
            f"{source}: arrivals.always_open needs at most {_MOST_ALWAYS} workers.",
            "Lower size.workers.",
        )
    if arrivals.always_open > of.arms.control.assignment.cap:
        raise _bad(
            f"{source}: arrivals.always_open is {arrivals.always_open}, above the cap of "
            f"{of.arms.control.assignment.cap} chats.",
            "Raise arms.control.assignment.cap.",
        )


def _extended(content: dict[str, Any], source: str) -> dict[str, Any]:
    """Return the content laid over that of the shipped scenario which it extends, if any."""
    base = content.pop("extends", None)
    if base is None:
        return content
    if base not in shipped():
        raise _bad(
            f"{source}: extends is {base!r}.", f"Name one of {', '.join(shipped())}, or none."
        )
    text = files(_FOLDER).joinpath("files", f"{base}.toml").read_text("utf-8")
    return _over(_extended(tomllib.loads(text), str(base)), content)


def _over(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    found = dict(below)
    for key, value in above.items():
        old = found.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            found[key] = _over(old, value)
        else:
            found[key] = value
    return found


def _numbers(value: Any, name: str) -> list[tuple[str, float]]:
    if isinstance(value, dict):
        return [n for k, v in value.items() for n in _numbers(v, f"{name}.{k}".lstrip("."))]
    if isinstance(value, list | tuple):
        return [n for v in value for n in _numbers(v, name)]
    return [(name, value)] if isinstance(value, float) else []


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _put(content: dict[str, Any], key: str, value: Any) -> None:
    *tables, last = key.split(".")
    for table in tables:
        inner = content.setdefault(table, {})
        if not isinstance(inner, dict):
            raise _bad(f"{key} can't be set: {table} is no table.", "Name a key with dots.")
        content = inner
    content[last] = value


def _bad(message: str, hint: str) -> Invalid:
    return Invalid(message, code="scenario_invalid", hint=hint)
