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


def compiled(function: F) -> F:
    """Return the function compiled; its callees must be compiled, too."""
    before = getattr(config, _SETTING)
    setattr(config, _SETTING, _KEPT)
    try:
        return cast("F", numba.njit(cache=True, error_model="numpy")(function))
    finally:
        setattr(config, _SETTING, before)
