"""What `stepin trial` does with a log: read a trial's stream, decide, append."""

from __future__ import annotations

import asyncio
import getpass
import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from stepin.desk.trials.trials import append, read_trial

if TYPE_CHECKING:
    from stepin.log.protocol import Log

T = TypeVar("T")

__all__ = ["append", "read_trial", "who", "with_log"]


def with_log(url: str | None, config: Path | None, work: Callable[[Log], Awaitable[T]]) -> T:
    """Open the log that the flags or the settings name, do the work, close it."""
    from stepin.log.open import open_log
    from stepin.settings import load

    address = load({"log": url}, env=os.environ, file=config).settings.log

    async def run() -> T:
        log = await open_log(address, create=False)
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
