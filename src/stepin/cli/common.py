"""Options that many commands share, and the one way in which a command opens its log."""

from __future__ import annotations

import asyncio
import getpass
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from cyclopts import Parameter

if TYPE_CHECKING:
    from stepin.log.protocol import Log
    from stepin.settings import Settings

T = TypeVar("T")


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Configured:
    """What a command takes that reads the settings.

    Parameters
    ----------
    config
        The settings file.
    """

    config: Path | None = None

    def settings(self) -> Settings:
        """Return the settings of the file and the environment."""
        from stepin.settings import load

        return load(env=os.environ, file=self.config).settings

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Log]:
        """Open the log that the settings name, and close it in the end."""
        from stepin.app import opened_log

        async with opened_log(self.settings()) as log:
            yield log


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Common(Configured):
    """What most commands take.

    Parameters
    ----------
    json
        Print JSON.
    """

    json: bool = False


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class AtDesk(Configured):
    """What a command takes that talks with people, not with programs.

    Parameters
    ----------
    log
        The desk's log, if it isn't the settings'.
    """

    log: str | None = None


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class OnLog(Common):
    """What a command takes that works on a log.

    Parameters
    ----------
    log
        The log's URL, if it isn't the settings': sqlite:///FILE or
        postgresql://HOST/DATABASE?schema=NAME.
    """

    log: str | None = None

    def address(self) -> str:
        """Return the URL of the log: the option's, else the settings'."""
        from stepin.settings import load

        return load({"log": self.log}, env=os.environ, file=self.config).settings.log

    def on_log(self, work: Callable[[Log], Awaitable[T]], *, write: bool = True) -> T:
        """Open the log, which must be there, do the work, close the log.

        Parameters
        ----------
        write : False opens the log for reading only.
        """
        from stepin.log.open import open_log

        address = self.address()

        async def run() -> T:
            log = await open_log(address, create=False, write=write)
            try:
                return await work(log)
            finally:
                await log.close()

        return asyncio.run(run())


def who(by: str | None) -> str:
    """Return the actor of a command typed on this machine."""
    if by is not None:
        return by
    with suppress(OSError, KeyError, ImportError):
        return f"user:{getpass.getuser()}"
    return "user:unknown"
