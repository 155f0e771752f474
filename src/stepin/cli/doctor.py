"""`stepin doctor`: is everything in order, and if not, what to do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from stepin.cli import output as out
from stepin.cli.common import Common

if TYPE_CHECKING:
    from stepin.cli.checks.check import Check


def doctor(*, common: Common = Common()) -> int:
    """Check settings, log, policy, shop, accounts and disk; exit 1 if anything needs attention.

    Opens what `stepin serve` opens, and writes nothing to the log.

    Example: stepin doctor --json
    """
    import asyncio

    checks = asyncio.run(_look(common.config))
    if common.json:
        out.as_json(checks)
    else:
        for check in checks:
            print(f"{'ok  ' if check.fine else 'FAIL'} {check.name}: {check.detail}")
            if not check.fine and check.hint:
                print(f"     {check.hint}")
    return 0 if all(check.fine for check in checks) else 1


async def _look(config: Path | None) -> list[Check]:
    import os

    from stepin.cli.checks import LOOKS
    from stepin.cli.checks.check import At, Check, failed
    from stepin.errors import StepinError
    from stepin.settings import load

    try:
        loaded = load(env=os.environ, file=config)
    except StepinError as error:
        return [failed("settings", error)]
    at = At(loaded.settings, loaded.origins)
    checks: list[Check] = []
    told: dict[Check, str] = {}
    for name, look in LOOKS:
        try:
            checks += await look(at)
        except StepinError as error:
            checks.append(_once(failed(name, error), told))
        except Exception as error:  # noqa: BLE001 - one check that breaks must not end the others
            detail = f"this could not be looked at: {type(error).__name__}: {error}"
            hint = "`stepin serve` would break on it too, with the place in its log."
            checks.append(_once(Check(name=name, fine=False, detail=detail, hint=hint), told))
    return checks


def _once(check: Check, told: dict[Check, str]) -> Check:
    """Return a failure, or, where an earlier check met the same one, which check that was.

    Parameters
    ----------
    told : the failures so far without their checks' names, and the check that met each first.
    """
    from msgspec.structs import replace

    first = told.setdefault(replace(check, name=""), check.name)
    if first == check.name:
        return check
    return replace(check, detail=f"not looked at, because of what {first} says above", hint="")
