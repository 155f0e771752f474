"""A file that a command writes: refused before any work if it can't be, whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from stepin.errors import Invalid


def must_be_writable(path: Path) -> None:
    """Raise unless a file can be written there.

    Raises
    ------
    Invalid
        ``no_folder``: its folder isn't there. ``not_writable``: it is a folder, or may not be
        written.
    """
    if not path.parent.is_dir():
        raise Invalid(f"There is no folder {path.parent}.", code="no_folder", hint="Make it first.")
    if path.is_dir():
        raise _not_writable(path, "it is a folder")
    there = path if path.exists() else path.parent
    if not os.access(there, os.W_OK):
        raise _not_writable(path, "permission denied")


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file that appears under its name when the block has ended, and not if it fails.

    Raises
    ------
    Invalid
        It can't be written.
    """
    must_be_writable(path)
    partial = path.with_name(f"{path.name}.partial")
    try:
        with partial.open("wb") as file:
            yield file
        partial.replace(path)
    except OSError as error:
        raise _not_writable(path, error.strerror or str(error)) from error
    finally:
        partial.unlink(missing_ok=True)


def _not_writable(path: Path, why: str) -> Invalid:
    return Invalid(
        f"{path} can't be written: {why}.",
        code="not_writable",
        hint="Name a file in a folder that you may write to.",
        path=str(path),
    )
