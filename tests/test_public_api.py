"""The public API: what `import stepin` offers, loaded only when it is asked for."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import stepin

HEAVY = frozenset(
    """
    argon2 asyncio asyncpg cyclopts duckdb httpx msgspec numpy pyarrow pydantic_ai rich scipy
    sklearn sqlite3 starlette structlog uvicorn uvloop
    """.split()  # noqa: SIM905
)


def test_importing_stepin_loads_nothing_else() -> None:
    code = "import json, sys; import stepin; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(json.loads(done.stdout))
    assert {name for name in loaded if name.split(".")[0] in HEAVY} == set()
    assert {name for name in loaded if name.startswith("stepin.")} == set()


def test_every_public_name_is_there_and_says_what_it_is() -> None:
    found = {name: getattr(stepin, name) for name in stepin.__all__}
    assert all(found.values())
    literals = {"Cause", "Risk"}
    assert {name for name, one in found.items() if not one.__doc__} <= literals
    assert set(stepin.__all__) <= set(dir(stepin))
    assert stepin.__doc__ is not None
    assert {name for name in found if f"`{name}`" not in stepin.__doc__} == set()


def test_a_type_checker_sees_what_is_loaded() -> None:
    tree = ast.parse(Path(stepin.__file__).read_text("utf-8"))
    checked = next(node for node in tree.body if isinstance(node, ast.If))
    seen = {
        alias.asname or alias.name: f"{node.module}:{alias.name}"
        for node in checked.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert seen == stepin._PLACES
    assert sorted(seen) == sorted(stepin.__all__)


def test_another_name_is_an_attribute_error() -> None:
    name = "Dessk"
    with pytest.raises(AttributeError, match="has no attribute 'Dessk'"):
        getattr(stepin, name)
