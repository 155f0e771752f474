"""Refusals say what to do: no default that speaks for a case that it doesn't know."""

from __future__ import annotations

import ast
from pathlib import Path

import stepin
from stepin.errors import Forbidden, Refused, SignInRequired, Unavailable

SOURCE = Path(stepin.__file__).parent
OWN = {kind.__name__ for kind in (Forbidden, Refused, SignInRequired, Unavailable)}
PARTS = ("core", "desk", "log", "web")
FITS = {("web/auth/caller.py", "not_allowed")}
"""Where the class's own hint is the right one: a role that isn't enough."""


def test_a_refusal_has_a_hint_of_its_own() -> None:
    bare = set()
    for part in PARTS:
        for file in (SOURCE / part).rglob("*.py"):
            where = file.relative_to(SOURCE).as_posix()
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if not isinstance(node, ast.Call) or getattr(node.func, "id", "") not in OWN:
                    continue
                given = {k.arg: k.value for k in node.keywords}
                code = ast.unparse(given["code"]).strip("'") if "code" in given else ""
                if "hint" not in given and (where, code) not in FITS:
                    bare.add((where, node.lineno, code))
    assert bare == set()
