"""`stepin config`: what is set, and where it was set."""

from __future__ import annotations

import os
from pathlib import Path

from cyclopts import App

from stepin.cli import show as out

app = App("config", help="What is set, and where it was set.", help_format="plaintext")


@app.command
def show(*, config: Path | None = None, json: bool = False) -> int:
    """Print every setting with its value and where it came from.

    Example: STEPIN_PORT=9000 stepin config show

    Parameters
    ----------
    config
        The settings file.
    json
        Print JSON.
    """
    from stepin.settings import KEYS, SECRETS, load

    loaded = load(env=os.environ, file=config)
    shown = {}
    for key in KEYS:
        value = getattr(loaded.settings, key)
        shown[key] = ("(set)" if value else "(kept in the log)") if key in SECRETS else value
    if json:
        out.as_json({k: {"value": v, "origin": loaded.origins[k]} for k, v in shown.items()})
    else:
        out.table(
            ("setting", "value", "origin"),
            [(k, _text(v), loaded.origins[k]) for k, v in shown.items()],
        )
    return 0


def _text(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
