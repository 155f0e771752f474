"""Files and folders that only the desk's user may look into, whatever the umask says."""

from __future__ import annotations

import os
from pathlib import Path

SECRET_FILE = 0o600
SECRET_FOLDER = 0o700


def private_folder(folder: Path) -> Path:
    """Make a folder, and what is missing above it, for its owner alone; return it."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    for one in reversed(missing):
        one.mkdir(mode=SECRET_FOLDER, exist_ok=True)
    return folder


def write_private(path: Path, text: str) -> None:
    """Write a new file for its owner alone.

    Raises
    ------
    FileExistsError
        There is one already.
    """
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, SECRET_FILE)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)


def open_to_others(path: Path) -> int | None:
    """Return a file's or folder's mode if others than its owner may use it, else None.

    None also where it isn't there, and where a system has no such modes.
    """
    if os.name == "nt" or not path.exists():
        return None
    mode = path.stat().st_mode & 0o777
    return mode if mode & 0o077 else None
