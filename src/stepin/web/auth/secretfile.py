"""A small file that only its owner reads: replaced as a whole, changed by one process at a time."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

from stepin.errors import Unavailable
from stepin.private import private_folder

try:
    import fcntl
except ImportError:  # Windows: one process at a time is up to whoever runs the desk there
    fcntl = None  # type: ignore[assignment]


class SecretFile:
    """The file at a path; it need not be there.

    Raises
    ------
    Unavailable
        ``secrets_unavailable`` wherever it can't be read or written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def version(self) -> object:
        """Return something that differs when the file was changed."""
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size

    def read(self) -> bytes:
        """Return what it holds, nothing if it isn't there."""
        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise _unavailable(self.path, error) from error

    def change(self, how: Callable[[bytes], bytes]) -> bytes:
        """Replace what it holds by what `how` makes of it, and return that."""
        try:
            with self._alone():
                before = self.read()
                after = how(before)
                if after != before:
                    self._replace(after)
                return after
        except OSError as error:
            raise _unavailable(self.path, error) from error

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the lock of the file that is at the path now, made if there is none."""
        handle = self._locked()
        try:
            yield
        finally:
            os.close(handle)

    def _locked(self) -> int:
        private_folder(self.path.parent)
        while True:
            handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
            if fcntl is not None:
                fcntl.flock(handle, fcntl.LOCK_EX)
            # Whoever held the lock before may have put another file in this one's place.
            with contextlib.suppress(FileNotFoundError):
                if os.fstat(handle).st_ino == self.path.stat().st_ino:
                    return handle
            os.close(handle)

    def _replace(self, body: bytes) -> None:
        fresh = self.path.with_name(f"{self.path.name}.{secrets.token_hex(4)}")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self.path)
        except BaseException:
            fresh.unlink(missing_ok=True)
            raise
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _unavailable(path: Path, error: OSError) -> Unavailable:
    return Unavailable(
        f"The desk's secrets in {path} can't be used: {error.strerror}.",
        hint="Let the desk's user read and write that file and its folder, or name another one "
        "with the setting secrets.",
        code="secrets_unavailable",
    )
