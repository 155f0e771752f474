"""Secrets that the desk keeps in its log's records, made once whoever comes first."""

from __future__ import annotations

import secrets

from stepin.log.protocol import Log

TABLE = "secret"


async def kept_secret(log: Log, name: str) -> bytes:
    """Return the secret of that name, the same for every process on the log."""
    known = await log.record_get(TABLE, name)
    if known is None:
        await log.record_add(TABLE, name, secrets.token_urlsafe(32).encode())
        known = await log.record_get(TABLE, name)
        assert known is not None
    return known
