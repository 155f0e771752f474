"""`stepin key`: API keys of integrators."""

from __future__ import annotations

from cyclopts import App

from stepin.cli import output as out
from stepin.cli.common import Common, Configured

app = App("key", help="API keys of integrators.", help_format="plaintext")


@app.command
def add(name: str, *scope: str, common: Common = Common()) -> int:
    """Make a key and print its secret, this once.

    Example: stepin key add helpdesk chats:open chats:read

    Parameters
    ----------
    name
        What the key is for.
    scope
        Chats:open, chats:read, floor:read or metrics:read.
    """
    import asyncio

    return asyncio.run(_add(name, scope, common))


async def _add(name: str, scopes: tuple[str, ...], common: Common) -> int:
    import time

    import msgspec

    from stepin.errors import Invalid
    from stepin.web.auth.apikey import SCOPES, ApiKeys, Scope

    try:
        wanted = msgspec.convert(scopes, tuple[Scope, ...])
    except msgspec.ValidationError as error:
        raise Invalid(
            f"{' '.join(scopes)}: {error}.", hint=f"Scopes: {', '.join(SCOPES)}.", code="no_scope"
        ) from error
    if not wanted:
        raise Invalid("A key needs a scope.", hint=f"Scopes: {', '.join(SCOPES)}.", code="no_scope")
    async with common.opened() as log:
        secret, key = await ApiKeys(log).add(name, wanted, now_us=time.time_ns() // 1000)
    if common.json:
        out.as_json({"key_id": key.key_id, "name": name, "scopes": wanted, "secret": secret})
    else:
        print(f"{secret}\nKeep it: it is not shown again. Revoke: stepin key revoke {key.key_id}")
    return 0


@app.command(name="list")
def list_(*, common: Common = Common()) -> int:
    """Print every key without its secret.

    Example: stepin key list
    """
    import asyncio

    return asyncio.run(_list(common))


async def _list(common: Common) -> int:

    from stepin.web.auth.apikey import ApiKeys

    async with common.opened() as log:
        keys = await ApiKeys(log).all()
    if common.json:
        out.as_json(keys)
    else:
        out.table(("id", "name", "scopes"), [(k.key_id, k.name, " ".join(k.scopes)) for k in keys])
    return 0


@app.command
def revoke(key_id: str, *, common: Configured = Configured()) -> int:
    """Revoke a key at once.

    Example: stepin key revoke 3f2a9c0d1b5e7788

    Parameters
    ----------
    key_id
        As `stepin key list` prints it.
    """
    import asyncio

    return asyncio.run(_revoke(key_id, common))


async def _revoke(key_id: str, common: Configured) -> int:

    from stepin.web.auth.apikey import ApiKeys

    async with common.opened() as log:
        await ApiKeys(log).revoke(key_id)
    return 0
