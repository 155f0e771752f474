"""`stepin doctor`: is everything in order, and if not, what to do."""

from __future__ import annotations

from pathlib import Path

import msgspec

from stepin.cli import show as out


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at. `hint` says what to do if it isn't in order."""

    name: str
    fine: bool
    detail: str
    hint: str = ""


def doctor(*, config: Path | None = None, json: bool = False) -> int:
    """Look at settings, log, policy, accounts and disk; exit 1 if anything isn't in order.

    Example: stepin doctor --json

    Parameters
    ----------
    config
        The settings file.
    json
        Print JSON.
    """
    import asyncio

    checks = asyncio.run(_look(config))
    if json:
        out.as_json(checks)
    else:
        for check in checks:
            print(f"{'ok  ' if check.fine else 'FAIL'} {check.name}: {check.detail}")
            if not check.fine and check.hint:
                print(f"     {check.hint}")
    return 0 if all(check.fine for check in checks) else 1


async def _look(config: Path | None) -> list[Check]:
    import os
    import sys

    from stepin.errors import StepinError
    from stepin.settings import load

    version = ".".join(map(str, sys.version_info[:3]))
    checks = [Check(name="python", fine=sys.version_info >= (3, 11), detail=version)]
    try:
        loaded = load(env=os.environ, file=config)
    except StepinError as error:
        return [*checks, _failed("settings", error)]
    set_ = sorted(k for k, origin in loaded.origins.items() if origin != "default")
    checks.append(Check(name="settings", fine=True, detail=", ".join(set_) or "all defaults"))
    settings = loaded.settings
    if settings.host not in ("127.0.0.1", "::1", "localhost"):
        checks.append(
            Check(
                name="cookies",
                fine=settings.secure_cookies,
                detail=f"served on {settings.host}, secure_cookies = {settings.secure_cookies}",
                hint="Put HTTPS in front and set secure_cookies = true.",
            )
        )
    for name, check in (
        ("policy", _policy),
        ("replies", _replies),
        ("helplines", _helplines),
    ):
        try:
            checks.append(Check(name=name, fine=True, detail=check(settings)))
        except StepinError as error:
            checks.append(_failed(name, error))
    try:
        checks += await _log_checks(settings)
    except StepinError as error:
        checks.append(_failed("log", error))
    return checks


def _policy(settings: object) -> str:
    from stepin.app import policy_of
    from stepin.settings import Settings

    assert isinstance(settings, Settings)
    return policy_of(settings).version


def _replies(settings: object) -> str:
    from stepin.settings import Settings
    from stepin.web.replies import load_replies

    assert isinstance(settings, Settings)
    return f"{len(load_replies(settings.replies).replies)} canned replies"


def _helplines(settings: object) -> str:
    """Return which numbers a customer who may harm themselves is told of, and since when."""
    from stepin.agent.helplines import NAME, read_helplines
    from stepin.settings import Settings

    assert isinstance(settings, Settings)
    lines = read_helplines(Path(settings.shop)) if settings.shop else ()
    if not lines:
        return (
            "none: what a customer who may harm themselves is told names no number; "
            f"{NAME} in the shop's folder can name some"
        )
    told = (f"{one.name} ({one.country}, checked {one.checked})" for one in lines)
    return f"{len(lines)}: {', '.join(told)}"


async def _log_checks(settings: object) -> list[Check]:
    import shutil

    from stepin.log.open import open_log, sqlite_path
    from stepin.settings import Settings
    from stepin.web.account import Accounts

    assert isinstance(settings, Settings)
    checks = []
    log = await open_log(settings.log, create=False, write=False)
    try:
        position = await log.position()
        checks.append(Check(name="log", fine=True, detail=f"{position} events"))
        accounts = await Accounts(log).load()
        admins = sum(a.role == "admin" and not a.disabled for a in accounts)
        checks.append(
            Check(
                name="accounts",
                fine=admins > 0,
                detail=f"{len(accounts)} accounts, {admins} admins in use",
                hint="stepin worker add ID --role admin",
            )
        )
    finally:
        await log.close()
    if settings.log.startswith("sqlite:"):
        free = shutil.disk_usage(sqlite_path(settings.log).resolve().parent).free
        checks.append(
            Check(
                name="disk",
                fine=free > 1 << 30,
                detail=f"{free / (1 << 30):.1f} GiB free beside the log",
                hint="Free some space: a full disk stops the desk.",
            )
        )
    return checks


def _failed(name: str, error: object) -> Check:
    from stepin.errors import StepinError

    assert isinstance(error, StepinError)
    return Check(name=name, fine=False, detail=error.message, hint=error.hint)
