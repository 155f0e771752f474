"""Writes a template and its test; never over what is there."""

from __future__ import annotations

import builtins
import keyword
import re
from importlib.resources import files
from pathlib import Path
from string import Template

import msgspec

import stepin
from stepin.cli.new.place import Kind, place_of
from stepin.errors import Conflict, Invalid

_NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*", re.ASCII)
_NAME_CHARS = 40
_USED = frozenset(
    """
    annotations asyncio closing db json msgspec out pytest sqlite3 tests url stepin
    """.split()  # noqa: SIM905
)


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """What was written, and what to do next, in order."""

    kind: Kind
    name: str
    written: tuple[str, ...]
    next: tuple[str, ...]


def write_new(kind: Kind, name: str, into: Path) -> Made:
    """Write the template of a kind and its failing test.

    Raises
    ------
    Invalid
        ``bad_name``: the name can't be that of a module and a function; ``wrong_folder``: nothing
        of the kind goes there.
    Conflict
        ``already_there``: a file or a package of that name is there; nothing is written.
    """
    _check(kind, name)
    place = place_of(kind, into)
    values = {
        "name": name,
        "NAME": name.upper(),
        "Class": _class_of(name),
        "title": name.replace("_", " ").capitalize(),
    }
    values |= place.values
    made = {
        place.folder / f"{name}.py": rendered(kind, values),
        place.tests / f"test_{name}.py": rendered(place.test or f"test_{kind}", values),
    }
    for path in (*made, place.folder / name):
        if path.exists():
            raise Conflict(
                f"{path} is already there; nothing was written.",
                code="already_there",
                hint="Choose another name, or delete what is there if it may go.",
                path=str(path),
            )
    for path, text in made.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    module, test = made
    return Made(
        kind=kind,
        name=name,
        written=(str(module), str(test)),
        next=(
            f"Write the body in {module}, and in the test what it should do.",
            f"Run the test, which fails until then: {_run(kind, into, test)}",
            *(Template(line).substitute(values) for line in place.next),
        ),
    )


def rendered(template: str, values: dict[str, str]) -> str:
    """Return the text of a template with its gaps filled."""
    text = (files("stepin.cli.new") / "templates" / f"{template}.py.tmpl").read_text("utf-8")
    return Template(text).substitute(values)


def _run(kind: Kind, into: Path, test: Path) -> str:
    if kind in ("section", "command") or (into / "domain.toml").is_file():
        return f"python -m pytest {test}"
    return f"cd {into} && python -m pytest {test.relative_to(into)}"


def _class_of(name: str) -> str:
    return "".join(part.title() for part in name.split("_"))


def _check(kind: Kind, name: str) -> None:
    if _NAME.fullmatch(name) is None:
        why = "it isn't lower-case letters and digits, joined by underscores, a letter first"
    elif len(name) > _NAME_CHARS:
        why = f"it has more than {_NAME_CHARS} letters"
    elif keyword.iskeyword(name) or keyword.issoftkeyword(name) or hasattr(builtins, name):
        why = "Python has a word of that name"
    elif {name, _class_of(name)} & {*_USED, *stepin.__all__}:
        why = "the template has something of that name"
    else:
        return
    raise Invalid(
        f"A {kind} can't be called {name!r}: {why}.",
        code="bad_name",
        hint="Take a name that can be a Python function, e.g. return_label.",
        name=name,
    )
