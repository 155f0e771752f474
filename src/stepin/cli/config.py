"""`stepin config`: what is set, where it was set, and the desk's secrets."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from cyclopts import App

from stepin.cli import output as out
from stepin.cli.common import Common

if TYPE_CHECKING:
    from stepin.settings import Settings

app = App(
    "config",
    help="Show settings and where each comes from; the desk's secrets.",
    help_format="plaintext",
)
Name = Literal["identity", "chat"]


@app.command
def show(*, common: Common = Common()) -> int:
    """Print every setting with its value and where it came from.

    Example: STEPIN_PORT=9000 stepin config show
    """
    from stepin.settings import KEYS, SECRETS, load

    loaded = load(env=os.environ, file=common.config)
    shown = {}
    for key in KEYS:
        value = getattr(loaded.settings, key)
        shown[key] = ("(set)" if value else _unset(key)) if key in SECRETS else _told(key, value)
    if common.json:
        out.as_json({k: {"value": v, "origin": loaded.origins[k]} for k, v in shown.items()})
    else:
        out.table(
            ("setting", "value", "origin"),
            [(k, _text(v), loaded.origins[k]) for k, v in shown.items()],
        )
    return 0


@app.command
def secret(name: Name = "identity", *, common: Common = Common()) -> int:
    """Print one of the desk's secrets: the one with which your site signs its customers.

    Example: stepin config secret

    Parameters
    ----------
    name
        identity: your site signs its customers with it. chat: the desk signs with it who may return
        to a chat; only other processes of this desk need it.
    """
    import asyncio

    found = asyncio.run(_secret(_settings(common.config), name))
    if common.json:
        out.as_json({"name": name, "secret": found})
    else:
        print(found)
    return 0


@app.command
def rotate(
    name: Name = "identity",
    *,
    overlap_hours: float = 720.0,
    lost: bool = False,
    common: Common = Common(),
) -> int:
    """Make a new secret; the old one stays accepted for a while, so that nobody is cut off.

    Running processes pick it up. Give a new identity secret to your site before the overlap ends.

    Example: stepin config rotate identity --overlap-hours 24

    Parameters
    ----------
    name
        identity or chat.
    overlap_hours
        How long the old one is accepted; 0 after a leak: customers in a chat must then open it
        again.
    lost
        The secrets file is lost for good: make a new one.
    """
    import asyncio

    made = asyncio.run(_rotate(_settings(common.config), name, overlap_hours, lost=lost))
    if common.json:
        out.as_json({"name": name, "secret": made, "overlap_hours": overlap_hours})
        return 0
    print(made)
    print(f"The {name} secret before it is accepted for {overlap_hours:g} hours more.")
    return 0


def _settings(config: Path | None) -> Settings:
    from stepin.settings import load

    return load(env=os.environ, file=config).settings


async def _secret(settings: Settings, name: Name) -> str:
    from stepin.app import opened_log
    from stepin.web.auth.secret import open_secrets

    async with opened_log(settings) as log:
        return (await open_secrets(settings, log)).ring(name).newest.decode()


async def _rotate(settings: Settings, name: Name, overlap_hours: float, *, lost: bool) -> str:
    import time

    from stepin.app import opened_log
    from stepin.errors import Invalid
    from stepin.web.auth import secret as secrets

    if not 0 <= overlap_hours <= 24 * 365:
        raise Invalid(
            "The overlap is 0 hours to a year.", hint="A day is enough for most.", code="overlap"
        )
    async with opened_log(settings) as log:
        if lost:
            await secrets.forget_marks(log)
        return await secrets.rotate(
            settings, log, name, overlap_hours=overlap_hours, now_us=time.time_ns() // 1000
        )


def _unset(key: str) -> str:
    return "(in the secrets file)" if key in ("identity_secret", "chat_secret") else "(none)"


def _told(key: str, value: object) -> object:
    """Return a setting's value; of the log's address without its password."""
    from urllib.parse import urlsplit, urlunsplit

    if key != "log":
        return value
    parts = urlsplit(str(value))
    if not parts.password:
        return value
    place = parts.netloc.replace(f":{parts.password}@", ":…@")
    return urlunsplit(parts._replace(netloc=place))


def _text(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
