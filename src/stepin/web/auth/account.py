"""Accounts of workers: who they are, what they may do, and their password's hash."""

from __future__ import annotations

import asyncio
import re

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from stepin.core.command import Role
from stepin.core.events.base import Scalar
from stepin.core.events.floor import WorkerSignedOn
from stepin.errors import Conflict, Invalid, Missing, SignInRequired
from stepin.log.protocol import Log

TABLE = "account"
PASSWORD_MIN = 10
PASSWORD_KINDS = 4
_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}\Z")


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """A worker's account. `password` is an argon2id hash; empty means nobody can sign in."""

    worker_id: str
    name: str
    role: Role = "worker"
    password: str = ""
    groups: tuple[str, ...] = ()
    capacity: int = 4
    supervised_capacity: int = 12
    disabled: bool = False
    created_us: int = 0
    covariates: dict[str, Scalar] = {}

    def shift(self) -> WorkerSignedOn:
        """Return the event that puts the worker on the floor with the account's capacity."""
        return WorkerSignedOn(
            worker_id=self.worker_id,
            capacity=self.capacity,
            supervised_capacity=self.supervised_capacity,
            groups=self.groups,
            role=self.role,
            covariates=self.covariates,
        )


class Accounts:
    """The accounts of a desk. `names` holds display names by id, as last read."""

    def __init__(self, log: Log, *, hasher: PasswordHasher | None = None) -> None:
        self._log = log
        self._hasher = hasher or PasswordHasher()
        self._nobody = self._hasher.hash("nobody signs in with this")
        self.names: dict[str, str] = {}

    def name_of(self, worker_id: str) -> str:
        """Return a worker's display name."""
        return self.names.get(worker_id, worker_id)

    async def load(self) -> list[Account]:
        """Return every account, by id, and remember the names."""
        rows = await self._log.record_list(TABLE)
        accounts = [msgspec.json.decode(body, type=Account) for _, body in rows]
        self.names = {account.worker_id: account.name for account in accounts}
        return accounts

    async def get(self, worker_id: str) -> Account:
        """Return an account.

        Raises
        ------
        Missing
            There is none.
        """
        body = await self._log.record_get(TABLE, worker_id)
        if body is None:
            raise Missing(f"There is no worker {worker_id}.", code="no_worker")
        return msgspec.json.decode(body, type=Account)

    async def add(self, account: Account, password: str) -> Account:
        """Store a new account.

        Raises
        ------
        Invalid
            The id or the password won't do.
        Conflict
            The id is taken.
        """
        if not _ID.match(account.worker_id):
            raise Invalid(
                f"{account.worker_id!r} can't be a worker's id.",
                hint="Use up to 40 of a-z, 0-9, dot, dash and underscore.",
                code="worker_id_invalid",
            )
        new = msgspec.structs.replace(account, password=await self.hash(password))
        if not await self._log.record_add(TABLE, new.worker_id, msgspec.json.encode(new)):
            raise Conflict(f"There is a worker {new.worker_id} already.", code="worker_exists")
        self.names[new.worker_id] = new.name
        return new

    async def put(self, account: Account) -> None:
        """Store an account that is there already."""
        await self._log.record_put(TABLE, account.worker_id, msgspec.json.encode(account))
        self.names[account.worker_id] = account.name

    async def hash(self, password: str) -> str:
        """Return a password's hash; refuse one that is short, or a few characters over and over."""
        if not PASSWORD_MIN <= len(password) <= 256:
            raise Invalid(
                f"A password has {PASSWORD_MIN} to 256 characters.",
                hint="Some words with spaces between them are easy to remember.",
                code="password_length",
            )
        if len(set(password.strip())) < PASSWORD_KINDS:
            raise Invalid(
                f"A password has at least {PASSWORD_KINDS} different characters.",
                hint="Some words with spaces between them are easy to remember.",
                code="password_simple",
            )
        return await asyncio.to_thread(self._hasher.hash, password)

    async def sign_in(self, worker_id: str, password: str) -> Account:
        """Return the account whose password this is.

        Raises
        ------
        SignInRequired
            The same for an unknown id, a wrong password and a disabled account, after the same
            work, so that nobody learns which it was.
        """
        body = await self._log.record_get(TABLE, worker_id)
        account = None if body is None else msgspec.json.decode(body, type=Account)
        hashed = account.password if account and account.password else self._nobody
        fits = await asyncio.to_thread(self._fits, hashed, password)
        if account is None or not account.password or account.disabled or not fits:
            raise SignInRequired(
                "The id and the password don't match an account in use.",
                hint="Check both; `stepin worker add` makes an account.",
                code="sign_in_failed",
            )
        return account

    def _fits(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False
