"""The policy and the canned replies, as `serve` reads them."""

from __future__ import annotations

from stepin.cli.checks.check import At, Check


async def look_at_policy(at: At) -> list[Check]:
    """Read the policy file."""
    from stepin.app import policy_of

    return [Check(name="policy", fine=True, detail=policy_of(at.settings).version)]


async def look_at_replies(at: At) -> list[Check]:
    """Read the canned replies."""
    from stepin.web.replies import load_replies

    found = len(load_replies(at.settings.replies).replies)
    return [Check(name="replies", fine=True, detail=f"{found} canned replies")]
