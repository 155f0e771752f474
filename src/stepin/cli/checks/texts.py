"""The policy and the canned replies, as `serve` reads them."""

from __future__ import annotations

from stepin.cli.checks.check import At, Check


async def look_at_policy(at: At) -> list[Check]:
    """Read the policy file."""
    from stepin.app import policy_of

    return [Check(name="policy", fine=True, detail=policy_of(at.settings).version)]


async def look_at_replies(at: At) -> list[Check]:
    """Read the canned replies."""
    from stepin.web.canned_replies import load_replies

    found = len(load_replies(at.settings.replies).replies)
    return [Check(name="replies", fine=True, detail=f"{found} canned replies")]


async def look_at_helplines(at: At) -> list[Check]:
    """Look which numbers a customer who may harm themselves is told of, and since when."""
    from pathlib import Path

    from stepin.agent.shop.helplines import NAME, read_helplines

    settings = at.settings
    lines = read_helplines(Path(settings.shop)) if settings.shop else ()
    detail = (
        "none: what a customer who may harm themselves is told names no number; "
        f"{NAME} in the shop's folder can name some"
    )
    if lines:
        told = (f"{one.name} ({one.country}, checked {one.checked})" for one in lines)
        detail = f"{len(lines)}: {', '.join(told)}"
    return [Check(name="helplines", fine=True, detail=detail)]
