"""Compiles functions, and keeps what was compiled as long as no source of the engine changes."""

from __future__ import annotations

import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba.core import config

F = TypeVar("F", bound=Callable[..., Any])


def _sources() -> str:
    here = Path(__file__).parent
    files = [*sorted(here.glob("*.py")), here.parents[1] / "model" / "equations.py"]
    digest = sha256(numba.__version__.encode())
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _folder() -> str:
    """Return where compiled code is kept: numba looks at the caller's file alone, this at all."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return str(Path(base) / "stepin" / "floor" / _sources())


_KEPT = _folder()
_SETTING = "CACHE_DIR"
_HOW: dict[str, Any] = {"cache": True, "error_model": "numpy", "_nrt": False}
"""Without numba's counting of references (`_nrt`): the functions own no memory."""


def compiled(function: F) -> F:
    """Return the function compiled; its callees must be compiled, too."""
    return _compile(function, inline=False)


def small(function: F) -> F:
    """Return a small function compiled into each of its callers: less time to run, more to compile.

    Only what is called often and is short: with every function so, the first run takes three times
    as long to compile.
    """
    return _compile(function, inline=True)


def _compile(function: F, *, inline: bool) -> F:
    before = getattr(config, _SETTING)
    setattr(config, _SETTING, _KEPT)
    try:
        return cast("F", numba.njit(**_HOW, forceinline=inline)(function))
    finally:
        setattr(config, _SETTING, before)
