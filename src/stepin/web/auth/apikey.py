"""API keys of integrators: named, scoped, revocable, kept as hashes."""

from __future__ import annotations

import secrets
from hashlib import sha256
from typing import Literal, get_args

import msgspec

from stepin.errors import Missing, SignInRequired
from stepin.log.protocol import Log

TABLE = "api_key"
PREFIX = "stepin_"
Scope = Literal["chats:open", "chats:read", "floor:read", "metrics:read"]
SCOPES: tuple[Scope, ...] = get_args(Scope)


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key as it is kept: its id is the beginning of its hash."""

    key_id: str
    name: str
    scopes: tuple[Scope, ...]
    created_us: int


class ApiKeys:
    """The keys of a desk."""

    def __init__(self, log: Log) -> None:
        self._log = log

    async def add(self, name: str, scopes: tuple[Scope, ...], *, now_us: int) -> tuple[str, ApiKey]:
        """Return a new secret, shown this once, and its key."""
        secret = PREFIX + secrets.token_urlsafe(32)
        digest = _digest(secret)
        key = ApiKey(key_id=digest[:16], name=name, scopes=scopes, created_us=now_us)
        await self._log.record_put(TABLE, digest, msgspec.json.encode(key))
        return secret, key

    async def find(self, secret: str) -> ApiKey:
        """Return the key of a secret.

        Raises
        ------
        SignInRequired
            There is none, or it was revoked.
        """
        body = await self._log.record_get(TABLE, _digest(secret))
        if body is None:
            raise SignInRequired(
                "The API key isn't known.",
                hint="Send the whole key; a revoked one is replaced by an admin: `stepin key add`.",
                code="key_unknown",
            )
        return msgspec.json.decode(body, type=ApiKey)

    async def all(self) -> list[ApiKey]:
        """Return every key."""
        rows = await self._log.record_list(TABLE)
        return [msgspec.json.decode(body, type=ApiKey) for _, body in rows]

    async def revoke(self, key_id: str) -> None:
        """Delete a key.

        Raises
        ------
        Missing
            There is none with that id.
        """
        for digest, body in await self._log.record_list(TABLE):
            if msgspec.json.decode(body, type=ApiKey).key_id == key_id:
                await self._log.record_delete(TABLE, digest)
                return
        raise Missing(f"There is no API key {key_id}.", code="no_key")


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
