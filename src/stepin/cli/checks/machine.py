"""What the machine gives to a process."""

from __future__ import annotations

from stepin.cli.checks.check import At, Check


async def look_at_python(at: At) -> list[Check]:
    """Look at Python's version."""
    import sys

    version = ".".join(map(str, sys.version_info[:3]))
    return [Check(name="python", fine=sys.version_info >= (3, 11), detail=version)]


FEW = 4_096


async def look_at_open_files(at: At) -> list[Check]:
    """Look how many connections and live feeds a process may have."""
    from stepin.web.live.open_files import limits, most_connections, most_feeds, raise_limit

    raised, (_, hard) = raise_limit(), limits()
    return [
        Check(
            name="open files",
            fine=hard >= FEW,
            detail=f"{raised}: {most_connections(raised)} connections, of them "
            f"{most_feeds(raised)} live feeds",
            hint=f"Let the process have at least {FEW} (systemd: LimitNOFILE=65536; a shell: "
            "ulimit -Hn).",
        )
    ]
