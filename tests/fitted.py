"""Fitted models, kept between test runs under a hash of all that they were fitted from."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

import msgspec

import stepin
from stepin.errors import StepinError
from stepin.judge.models.store import FileModel

M = TypeVar("M", bound=FileModel)
SOURCE = Path(stepin.__file__).parent
SOURCES = ("agent/shop/intent_training.py", "core", "errors.py", "judge", "language")
"""What fitting may read inside `src/stepin`: every file there is part of the hash."""
LIBRARIES = ("msgspec", "numpy", "scikit-learn", "scipy")


def digest_of(root: Path, names: Iterable[str], versions: Mapping[str, str]) -> str:
    """Return a hash of files and folders below `root`, with their names, and of versions."""
    digest = hashlib.sha256(msgspec.json.encode(versions, order="sorted"))
    for name in sorted(names):
        place = root / name
        inside = place.rglob("*") if place.is_dir() else [place]
        for path in sorted(p for p in inside if p.is_file() and "__pycache__" not in p.parts):
            digest.update(f"\0{path.relative_to(root).as_posix()}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def of_this_code() -> str:
    """Return the hash of the code that fits, its data files and the libraries."""
    versions = {name: version(name) for name in LIBRARIES} | {"python": sys.version}
    return digest_of(SOURCE, SOURCES, versions)


class FittedModels:
    """A folder of models; what another code has fitted is removed from it.

    Parameters
    ----------
    folder : where they are kept; any number of processes may use it at once.
    code : the hash of the code that fits them.
    """

    def __init__(self, folder: Path, code: str) -> None:
        self._folder = folder
        self._code = code[:16]
        for old in folder.glob("*.model*"):
            if not old.name.startswith(f"{self._code}-"):
                old.unlink(missing_ok=True)

    def get(self, kind: type[M], made_from: object, fit: Callable[[], M]) -> M:
        """Return the model that was kept for `made_from` (JSON types), or fit and keep it."""
        told = msgspec.json.encode([kind.__qualname__, made_from], order="sorted")
        name = f"{self._code}-{hashlib.sha256(told).hexdigest()}.model"
        try:
            return kind.load(self._folder / name)
        except StepinError:
            pass
        model = fit()
        mine = self._folder / f"{name}.{os.getpid()}"
        model.save(mine)
        mine.replace(self._folder / name)
        return kind.load(self._folder / name)
