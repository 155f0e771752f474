"""What the machine gives to a process."""

from __future__ import annotations

from stepin.cli.checks.check import At, Check


async def look_at_python(at: At) -> list[Check]:
    """Look at Python's version."""
    import sys

    version = ".".join(map(str, sys.version_info[:3]))
    return [Check(name="python", fine=sys.version_info >= (3, 11), detail=version)]
