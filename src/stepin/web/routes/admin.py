"""An admin's part: accounts of workers and keys of integrators."""

from __future__ import annotations

from typing import Annotated

import msgspec
import structlog

from stepin.core.command import Role
from stepin.errors import Refused
from stepin.web.auth.account import Account
from stepin.web.auth.apikey import Scope
from stepin.web.auth.caller import ADMIN, WorkerCaller
from stepin.web.routing.endpoint import Call, Done, Endpoint, endpoint

PART = "Admin"
_ADMIN = frozenset({ADMIN})
_log = structlog.get_logger("stepin.web")
_Capacity = Annotated[int, msgspec.Meta(ge=0, le=100)]
_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
_Password = Annotated[str, msgspec.Meta(max_length=256)]
_Groups = Annotated[tuple[str, ...], msgspec.Meta(max_length=20)]


class NewWorker(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An account to make."""

    worker_id: Annotated[str, msgspec.Meta(max_length=40)]
    name: _Name
    password: _Password
    role: Role = "worker"
    groups: _Groups = ()
    capacity: _Capacity = 4
    supervised_capacity: _Capacity = 12


class WorkerChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to change; what isn't named stays."""

    name: _Name | None = None
    password: _Password | None = None
    role: Role | None = None
    groups: _Groups | None = None
    capacity: _Capacity | None = None
    supervised_capacity: _Capacity | None = None
    disabled: bool | None = None


class AccountLine(msgspec.Struct, frozen=True, kw_only=True):
    """An account without its password."""

    worker_id: str
    name: str
    role: Role
    groups: tuple[str, ...]
    capacity: int
    supervised_capacity: int
    disabled: bool


class AccountList(msgspec.Struct, frozen=True, kw_only=True):
    """Every account, by id."""

    workers: tuple[AccountLine, ...]


class NewKey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key to make."""

    name: _Name
    scopes: Annotated[tuple[Scope, ...], msgspec.Meta(min_length=1)]


class KeyLine(msgspec.Struct, frozen=True, kw_only=True):
    """A key without its secret."""

    key_id: str
    name: str
    scopes: tuple[Scope, ...]
    created_us: int


class KeyMade(KeyLine, frozen=True, kw_only=True):
    """A new key. `secret` is shown this once."""

    secret: str


class KeyList(msgspec.Struct, frozen=True, kw_only=True):
    """Every key."""

    keys: tuple[KeyLine, ...]


@endpoint("GET", "/api/workers", part=PART, who=_ADMIN, returns=AccountList)
async def list_workers(call: Call) -> AccountList:
    """Return every account."""
    return AccountList(workers=tuple(_line(a) for a in await call.site.accounts.load()))


@endpoint(
    "POST", "/api/workers", part=PART, who=_ADMIN, body=NewWorker, returns=AccountLine, status=201
)
async def add_worker(call: Call) -> AccountLine:
    """Make an account."""
    body: NewWorker = call.body
    account = Account(
        worker_id=body.worker_id,
        name=body.name,
        role=body.role,
        groups=body.groups,
        capacity=body.capacity,
        supervised_capacity=body.supervised_capacity,
        created_us=call.site.clock_us(),
    )
    made = await call.site.accounts.add(account, body.password)
    _log.info("worker_added", worker=made.worker_id, role=made.role, by=call.caller.name)
    return _line(made)


@endpoint(
    "POST",
    "/api/workers/{worker_id}",
    part=PART,
    who=_ADMIN,
    body=WorkerChange,
    returns=AccountLine,
)
async def change_worker(call: Call) -> AccountLine:
    """Change an account. Another password or role, or disabling it, ends its sessions."""
    body: WorkerChange = call.body
    site = call.site
    account = await site.accounts.get(call.path["worker_id"])
    assert isinstance(call.caller, WorkerCaller)
    own = account.worker_id == call.caller.session.worker_id
    if own and (body.disabled or (body.role is not None and body.role != "admin")):
        raise Refused(
            "Nobody takes their own admin role away.",
            hint="Let another admin do it.",
            code="last_admin",
        )
    wanted = {k: v for k, v in msgspec.structs.asdict(body).items() if v is not None}
    if body.password is not None:
        wanted["password"] = await site.accounts.hash(body.password)
    changed = msgspec.structs.replace(account, **wanted)
    await site.accounts.put(changed)
    if changed.role != account.role or changed.password != account.password or changed.disabled:
        await site.sessions.end_all(account.worker_id)
    if changed.disabled and account.worker_id in site.hub.board.presence:
        await site.desk.sign_off(account.worker_id)
    _log.info("worker_changed", worker=account.worker_id, by=call.caller.name)
    return _line(changed)


@endpoint("GET", "/api/keys", part=PART, who=_ADMIN, returns=KeyList)
async def list_keys(call: Call) -> KeyList:
    """Return every API key."""
    keys = await call.site.keys.all()
    return KeyList(
        keys=tuple(
            KeyLine(key_id=k.key_id, name=k.name, scopes=k.scopes, created_us=k.created_us)
            for k in keys
        )
    )


@endpoint("POST", "/api/keys", part=PART, who=_ADMIN, body=NewKey, returns=KeyMade, status=201)
async def add_key(call: Call) -> KeyMade:
    """Make an API key; its secret is in the answer and nowhere else."""
    body: NewKey = call.body
    secret, key = await call.site.keys.add(body.name, body.scopes, now_us=call.site.clock_us())
    _log.info("key_added", key=key.key_id, by=call.caller.name)
    return KeyMade(
        key_id=key.key_id,
        name=key.name,
        scopes=key.scopes,
        created_us=key.created_us,
        secret=secret,
    )


@endpoint("DELETE", "/api/keys/{key_id}", part=PART, who=_ADMIN)
async def revoke_key(call: Call) -> Done:
    """Revoke an API key."""
    await call.site.keys.revoke(call.path["key_id"])
    _log.info("key_revoked", key=call.path["key_id"], by=call.caller.name)
    return Done()


def _line(account: Account) -> AccountLine:
    return AccountLine(
        worker_id=account.worker_id,
        name=account.name,
        role=account.role,
        groups=account.groups,
        capacity=account.capacity,
        supervised_capacity=account.supervised_capacity,
        disabled=account.disabled,
    )


ENDPOINTS: tuple[Endpoint, ...] = (
    list_workers,
    add_worker,
    change_worker,
    list_keys,
    add_key,
    revoke_key,
)
