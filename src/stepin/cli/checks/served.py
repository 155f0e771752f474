"""What is set, and what that means for those who are served."""

from __future__ import annotations

from stepin.cli.checks.check import At, Check


async def look_at_settings(at: At) -> list[Check]:
    """Say which settings were changed."""
    changed = sorted(key for key, origin in at.origins.items() if origin != "default")
    return [Check(name="settings", fine=True, detail=", ".join(changed) or "all defaults")]


async def look_at_cookies(at: At) -> list[Check]:
    """Look whether sessions stay secret where others than this machine are served."""
    settings = at.settings
    if settings.host in ("127.0.0.1", "::1", "localhost"):
        return []
    return [
        Check(
            name="cookies",
            fine=settings.secure_cookies,
            detail=f"served on {settings.host}, secure_cookies = {settings.secure_cookies}",
            hint="Put HTTPS in front and set secure_cookies = true.",
        )
    ]
