"""Whether anybody else on this machine may read what the desk keeps."""

from __future__ import annotations

from pathlib import Path

from stepin.cli.checks.check import At, Check


async def look_at_modes(at: At) -> list[Check]:
    """Look at the modes of the log, its companions, the secrets, the settings and the data."""
    from stepin.log.open import sqlite_path
    from stepin.private import open_to_others
    from stepin.web.auth.secret import file_of

    settings = at.settings
    files = [file_of(settings)]
    if settings.log.startswith("sqlite:"):
        log = sqlite_path(settings.log)
        files += [log, log.with_name(f"{log.name}-wal"), log.with_name(f"{log.name}-shm")]
    files += [Path(o) for o in sorted({*at.origins.values()}) if o.endswith(".toml")]
    folders = [Path(settings.data)]
    wide = [f"{path} ({mode:04o})" for path in files if (mode := open_to_others(path))]
    wide += [f"{path} ({mode:04o})" for path in folders if (mode := open_to_others(path))]
    return [
        Check(
            name="modes",
            fine=not wide,
            detail=f"others may read {', '.join(wide)}" if wide else "only the desk's user reads",
            hint=_hint([f for f in files if open_to_others(f)], folders),
        )
    ]


def _hint(files: list[Path], folders: list[Path]) -> str:
    from stepin.private import open_to_others

    steps = [f"chmod 600 {' '.join(map(str, files))}"] if files else []
    wide = [f for f in folders if open_to_others(f)]
    steps += [f"chmod 700 {' '.join(map(str, wide))}"] if wide else []
    return " && ".join(steps)
