"""The log, the accounts in it and the disk under it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from stepin.cli.checks.check import At, Check

if TYPE_CHECKING:
    from stepin.log.protocol import Log
    from stepin.settings import Settings
    from stepin.web.auth.account import Account

MOST_SKEW_S = 5.0


@asynccontextmanager
async def read_only(at: At) -> AsyncIterator[Log]:
    """Open the log only to read it, where there is one."""
    from stepin.errors import StepinError
    from stepin.log.open import open_log

    if at.log_error is not None:
        raise at.log_error
    try:
        log = await open_log(at.settings.log, create=False, write=False)
    except StepinError as error:
        at.log_error = error
        raise
    try:
        yield log
    finally:
        await log.close()


async def look_at_log(at: At) -> list[Check]:
    """Open the log, and look whether this user may write it."""
    import os

    from stepin.log.open import sqlite_path

    async with read_only(at) as log:
        events = await log.position()
    fine = True
    if at.settings.log.startswith("sqlite:"):
        path = sqlite_path(at.settings.log).absolute()
        fine = os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
    return [
        Check(
            name="log",
            fine=fine,
            detail=f"{events} events" + ("" if fine else ", and this user may not write it"),
            hint="Let the desk's user write the log's file and its folder.",
        )
    ]


async def look_at_secrets(at: At) -> list[Check]:
    """Look whether the secrets are there, and the same as those of other processes."""
    from stepin.errors import StepinError
    from stepin.web.auth.secret import file_of, look_at_file

    path = file_of(at.settings)
    try:
        async with read_only(at) as log:
            said = await look_at_file(at.settings, log)
    except StepinError as error:
        if error.code.startswith("secret"):
            raise
        return []
    return [Check(name="secrets", fine=True, detail=f"{path}: {said}")]


async def look_at_clock(at: At) -> list[Check]:
    """Look whether this machine's clock and the database's agree."""
    import time

    from stepin.core.events.floor import LogOpened
    from stepin.errors import StepinError

    if at.settings.log.startswith("sqlite:"):
        return []
    try:
        async with read_only(at) as log:
            first = await log.read_all(limit=1)
            asked_s = time.time()
            now_us = await log.now_us()
            took_s = time.time() - asked_s
    except StepinError:
        return []
    opened = first[0].event if first else None
    assert isinstance(opened, LogOpened)
    skew_s = (now_us - opened.offset_us) / opened.scale / 1e6 - (asked_s + took_s / 2)
    return [
        Check(
            name="clock",
            fine=abs(skew_s) <= MOST_SKEW_S + took_s,
            detail=f"the database's clock is {skew_s:+.1f} s from this machine's",
            hint="Let both follow a time server (NTP): tokens and leases end by their clocks.",
        )
    ]


async def look_at_accounts(at: At) -> list[Check]:
    """Look whether somebody can look after the desk."""
    from stepin.errors import StepinError
    from stepin.web.auth.account import Accounts

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
        ),
        _capacity(at.settings, accounts),
    ]


def _capacity(settings: Settings, accounts: Sequence[Account]) -> Check:
    """Say where the accounts' capacities and the default policy's cap contradict each other."""
    from stepin.app import policy_of
    from stepin.core.assignment import hidden_by_cap

    rule = policy_of(settings).assignment
    known = {a.worker_id: (a.capacity, a.supervised_capacity) for a in accounts if not a.disabled}
    hidden = hidden_by_cap(rule, known)
    counts = "the accounts' capacities count"
    if rule.rule == "uniform":
        counts = f"the policy's cap counts: {rule.cap} chats in all for each worker"
    named = f"; what the accounts of {', '.join(hidden)} say beyond has no effect" if hidden else ""
    return Check(name="capacity", fine=True, detail=counts + named)


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
