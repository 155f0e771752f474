"""A PostgreSQL server for the tests: the one that is named, or one started from the binaries.

`STEPIN_TEST_POSTGRES` names a database in which schemas may be made and dropped. Without it a
server is started on a socket of its own from the installed binaries (as the user `postgres` if the
tests run as root, since `initdb` refuses root). Without either, the tests that need it are skipped,
or fail if `STEPIN_TEST_REQUIRE=all`.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path


def binaries() -> Path | None:
    """The folder of `initdb` and `pg_ctl`, the newest version first."""
    on_path = shutil.which("initdb")
    if on_path is not None:
        return Path(on_path).parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    return next((found for found in versions if (found / "initdb").exists()), None)


def _version(folder: Path) -> float:
    try:
        return float(folder.parent.name)
    except ValueError:
        return 0.0


class Server:
    """A server of our own, on a Unix socket in its folder; it can be stopped and started."""

    def __init__(self, folder: Path, bin_folder: Path) -> None:
        self.folder = folder
        self._bin = bin_folder
        self._as = "postgres" if os.getuid() == 0 else None

    @property
    def dsn(self) -> str:
        user = self._as or pwd.getpwuid(os.getuid()).pw_name
        return f"postgresql://{user}@/postgres?host={self.folder}"

    def create(self) -> None:
        if self._as is not None:
            shutil.chown(self.folder, self._as)
        self._run("initdb", "-D", str(self.folder / "data"), "-A", "trust", "-E", "UTF8", "-N")

    def start(self) -> None:
        options = f"-c listen_addresses='' -c unix_socket_directories='{self.folder}'"
        self._run(
            *("pg_ctl", "-D", str(self.folder / "data"), "-l", str(self.folder / "log")),
            *("-w", "-o", options, "start"),
        )

    def stop(self, mode: str = "fast") -> None:
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", mode, "-w", "stop")

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(self._bin / program), *arguments],
            check=True,
            user=self._as,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


@contextlib.contextmanager
def own_server() -> Iterator[Server | None]:
    """A running server of our own, None if there are no binaries (or nobody to run them as)."""
    found = binaries()
    if found is None or (os.getuid() == 0 and not _user_exists("postgres")):
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="stepin-pg-"))
    folder.chmod(0o755)
    server = Server(folder, found)
    try:
        server.create()
        server.start()
        yield server
    finally:
        with contextlib.suppress(subprocess.CalledProcessError):
            server.stop("immediate")
        shutil.rmtree(folder, ignore_errors=True)


def _user_exists(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


@contextlib.contextmanager
def dsn_for_benchmarks() -> Iterator[str | None]:
    """The named database or a server of our own; None, said aloud, without either."""
    named = os.environ.get("STEPIN_TEST_POSTGRES")
    if named:
        yield named
        return
    with own_server() as server:
        if server is None:
            print("PostgreSQL: not measured, it is not installed here")
        yield None if server is None else server.dsn
