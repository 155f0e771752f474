"""The log, the accounts in it and the disk under it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from stepin.cli.checks.check import At, Check

if TYPE_CHECKING:
    from stepin.log.protocol import Log


@asynccontextmanager
async def read_only(at: At) -> AsyncIterator[Log]:
    """Open the log only to read it, where there is one."""
    from stepin.log.open import open_log

    log = await open_log(at.settings.log, create=False, write=False)
    try:
        yield log
    finally:
        await log.close()


async def look_at_log(at: At) -> list[Check]:
    """Open the log."""
    async with read_only(at) as log:
        return [Check(name="log", fine=True, detail=f"{await log.position()} events")]


async def look_at_accounts(at: At) -> list[Check]:
    """Look whether somebody can look after the desk."""
    from stepin.errors import StepinError
    from stepin.web.account import Accounts

    try:
        async with read_only(at) as log:
            accounts = await Accounts(log).load()
    except StepinError:
        return []
    admins = sum(a.role == "admin" and not a.disabled for a in accounts)
    return [
        Check(
            name="accounts",
            fine=admins > 0,
            detail=f"{len(accounts)} accounts, {admins} admins in use",
            hint="stepin worker add ID --role admin",
        )
    ]


async def look_at_disk(at: At) -> list[Check]:
    """Look how much space is left beside the log."""
    import shutil

    from stepin.log.open import sqlite_path

    if not at.settings.log.startswith("sqlite:"):
        return []
    folder = sqlite_path(at.settings.log).resolve().parent
    if not folder.is_dir():
        return []
    free = shutil.disk_usage(folder).free
    return [
        Check(
            name="disk",
            fine=free > 1 << 30,
            detail=f"{free / (1 << 30):.1f} GiB free beside the log",
            hint="Free some space: a full disk stops the desk.",
        )
    ]
