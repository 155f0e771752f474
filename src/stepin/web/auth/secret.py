"""The desk's secrets: a file beside the log, never the log's database.

Whoever reads the database, or a backup of it, must not be able to sign in as a customer. So what
signs tokens stands in a file that only the desk's user reads, or in the settings. The database
holds a mark of each secret, from which nothing can be signed, so that two processes of one desk
with different files notice it at their start instead of refusing each other's tokens.
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Literal

import msgspec

from stepin.errors import Conflict, Invalid
from stepin.log.open import postgres_address, sqlite_path
from stepin.log.protocol import Log
from stepin.settings import Settings
from stepin.web.auth.secretfile import SecretFile

OLD_TABLE = "secret"
"""Where earlier versions kept the secrets themselves."""
MARKS = "secret_mark"
Name = Literal["chat", "identity", "demo"]
NAMES: tuple[Name, ...] = ("chat", "identity")
WITH_DEMO: tuple[Name, ...] = (*NAMES, "demo")
"""A demo's workers have passwords that are made of one more."""
NOTICED_S = 10.0
"""How long a new secret is accepted before it signs: every process has read the file by then."""
LOOK_S = 1.0
OVERLAP_HOURS = 720.0
"""How long an old secret stays accepted: as long as a visitor's token lives."""


class StoredSecrets(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One secret: it signs from `signs_us` on and is accepted until `until_us`, real UTC µs."""

    value: str
    signs_us: int = 0
    until_us: int | None = None


def file_of(settings: Settings) -> Path:
    """Return where a desk's secrets are: where the settings say, else beside its log.

    Beside `stepin.sqlite` that is `stepin.secrets`; for a log in PostgreSQL the file lies in the
    data folder and is named after the schema.
    """
    if settings.secrets:
        return Path(settings.secrets)
    if settings.log.startswith("sqlite:"):
        return sqlite_path(settings.log).with_suffix(".secrets")
    return Path(settings.data) / f"{postgres_address(settings.log)[1]}.secrets"


class Ring:
    """The accepted secrets of one name, and the one that signs; reads the file when it changes.

    Parameters
    ----------
    file : where they are; None if `fixed` are all.
    fixed : secrets of the settings: the first signs if there is no file.
    now_us, clock_s : real time, and a monotonic clock.
    """

    def __init__(
        self,
        name: Name,
        file: SecretFile | None,
        fixed: tuple[bytes, ...],
        *,
        now_us: Callable[[], int],
        clock_s: Callable[[], float],
    ) -> None:
        self._name, self._file, self._fixed = name, file, fixed
        self._now_us, self._clock_s = now_us, clock_s
        self._looked_s = -LOOK_S
        self._version: object = None
        self._kept: tuple[StoredSecrets, ...] = ()
        self._until_us = -1
        self._accepted = fixed
        self._signs = fixed[0] if fixed else b""

    @property
    def current(self) -> bytes:
        """The secret that signs."""
        self._look()
        return self._signs

    @property
    def newest(self) -> bytes:
        """The secret that signs, or will in a moment: what the other side is given."""
        self._look()
        last = max(self._kept, key=lambda k: k.signs_us, default=None)
        return self._signs if last is None else last.value.encode()

    @property
    def accepted(self) -> tuple[bytes, ...]:
        """The secrets with which a token may be signed; the same object until they change."""
        self._look()
        return self._accepted

    def _look(self) -> None:
        if self._file is None:
            return
        now_s, now_us = self._clock_s(), self._now_us()
        if now_s - self._looked_s >= LOOK_S:
            self._looked_s = now_s
            version = self._file.version()
            if version != self._version:
                self._version, self._until_us = version, -1
                self._kept = kept(self._file).get(self._name, ())
        if now_us < self._until_us:
            return
        valid = [k for k in self._kept if k.until_us is None or k.until_us > now_us]
        signing = [k for k in valid if k.signs_us <= now_us] or valid
        first = max(signing, key=lambda k: k.signs_us)
        accepted = (*(k.value.encode() for k in valid), *self._fixed)
        self._signs = first.value.encode()
        self._accepted = self._accepted if accepted == self._accepted else accepted
        edges = [e for k in valid for e in (k.signs_us, k.until_us) if e is not None and e > now_us]
        self._until_us = min(edges, default=1 << 62)


class Secrets:
    """The secrets of one desk. Use `await open_secrets(settings, log)`."""

    def __init__(self, rings: dict[Name, Ring]) -> None:
        self._rings = rings

    def ring(self, name: Name) -> Ring:
        """Return the secrets of a name."""
        return self._rings[name]


def kept(file: SecretFile) -> dict[str, tuple[StoredSecrets, ...]]:
    """Return what a file holds, by name.

    Raises
    ------
    Invalid
        ``secrets_unreadable``: it isn't such a file.
    """
    raw = file.read()
    if not raw:
        return {}
    try:
        return msgspec.json.decode(raw, type=dict[str, tuple[StoredSecrets, ...]])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Invalid(
            f"{file.path} holds no secrets of a desk.",
            hint="Restore it from a copy; `secrets` in the settings names the file. Without one, "
            "move it away: new secrets are made, and customers' tokens end.",
            code="secrets_unreadable",
        ) from error


async def open_secrets(
    settings: Settings,
    log: Log,
    *,
    names: tuple[Name, ...] = NAMES,
    now_us: Callable[[], int] | None = None,
    clock_s: Callable[[], float] = time.monotonic,
) -> Secrets:
    """Return a desk's secrets, made where there are none yet.

    Secrets that an earlier version kept in the log's database move into the file; then they are
    overwritten in the database as far as it can.

    Raises
    ------
    Conflict
        ``secrets_differ``: another process of this desk has other secrets than this file.
    Invalid
        The file can't be read.
    """
    clock = now_us or _real_us
    file = SecretFile(file_of(settings))
    old = {name: body.decode() for name, body in await log.record_list(OLD_TABLE)}
    found = file.change(lambda _: _completed(file, names, old, clock()))
    known = msgspec.json.decode(found, type=dict[str, tuple[StoredSecrets, ...]])
    for name in names:
        if not _set(settings, name):
            await _must_be_the_same(log, name, known[name], file.path)
    if old:
        for key in old:
            await log.record_delete(OLD_TABLE, key)
        await log.erase()
    rings = {}
    for name in names:
        own, fixed = _set(settings, name), _fixed(settings, name)
        source = None if own else file
        rings[name] = Ring(name, source, fixed, now_us=clock, clock_s=clock_s)
    return Secrets(rings)


def _completed(
    file: SecretFile, names: tuple[Name, ...], old: dict[str, str], now_us: int
) -> bytes:
    """Return the file with what the database had, and with what is missing."""
    known = dict(kept(file))
    until_us = now_us + int(OVERLAP_HOURS * 3_600e6)
    for name, value in old.items():
        if name not in known:
            known[name] = (StoredSecrets(value=value),)
        elif all(k.value != value for k in known[name]):
            known[name] = (*known[name], StoredSecrets(value=value, signs_us=-1, until_us=until_us))
    for name in names:
        if not known.get(name):
            known[name] = (StoredSecrets(value=secrets.token_urlsafe(32)),)
    return msgspec.json.format(msgspec.json.encode(known), indent=1) + b"\n"


async def look_at_file(settings: Settings, log: Log) -> str:
    """Return in words what the secrets file holds, without changing anything.

    Raises
    ------
    Conflict, Invalid, Unavailable
        What `open_secrets` would refuse with.
    """
    file = SecretFile(file_of(settings))
    known = kept(file)
    for name in NAMES:
        if not _set(settings, name) and known.get(name):
            mark = await log.record_get(MARKS, name)
            if mark is not None and all(_mark(k.value) != mark for k in known[name]):
                raise _differ(file.path)
        elif not _set(settings, name) and await log.record_get(MARKS, name) is not None:
            raise _differ(file.path)
    if all(_set(settings, name) for name in NAMES):
        return "not needed, all are in the settings"
    return "the same as the desk's" if known else "made at the first start"


async def rotate(
    settings: Settings, log: Log, name: Name, *, overlap_hours: float, now_us: int
) -> str:
    """Put a new secret into the file and return it; the old ones stay accepted for a while.

    Running processes notice it within seconds: they accept it at once, and sign with it when all
    have noticed. With an overlap of 0 the old ones end at that moment.

    Raises
    ------
    Conflict
        ``secret_is_set``: the secret stands in the settings, where only you can change it.
    """
    if _set(settings, name):
        raise Conflict(
            f"The {name} secret stands in the settings, not in the desk's file.",
            hint=f"Set {name}_secret to a new one and {name}_secret_previous to the old one.",
            code="secret_is_set",
        )
    await open_secrets(settings, log)
    file = SecretFile(file_of(settings))
    value = secrets.token_urlsafe(32)
    signs_us = now_us + int(NOTICED_S * 1e6)
    ends_us = signs_us + int(overlap_hours * 3_600e6)

    def changed(_: bytes) -> bytes:
        known = dict(kept(file))
        old = (
            msgspec.structs.replace(k, until_us=min(k.until_us or ends_us, ends_us))
            for k in known[name]
            if k.until_us is None or k.until_us > now_us
        )
        known[name] = (StoredSecrets(value=value, signs_us=signs_us), *old)
        return msgspec.json.format(msgspec.json.encode(known), indent=1) + b"\n"

    file.change(changed)
    await log.record_put(MARKS, name, _mark(value))
    return value


async def _must_be_the_same(
    log: Log, name: str, known: tuple[StoredSecrets, ...], path: Path
) -> None:
    newest = max(known, key=lambda k: k.signs_us)
    mine = _mark(newest.value)
    if await log.record_get(MARKS, name) is None:
        await log.record_add(MARKS, name, mine)
    mark = await log.record_get(MARKS, name)
    if mark == mine:
        return
    if any(_mark(k.value) == mark for k in known):
        await log.record_put(MARKS, name, mine)
        return
    raise _differ(path)


def _differ(path: Path) -> Conflict:
    return Conflict(
        f"Another process of this desk has other secrets than {path}.",
        hint="Copy its secrets file here, or set chat_secret and identity_secret in the settings "
        "of each. If that file is lost: `stepin config rotate --lost`.",
        code="secrets_differ",
    )


async def forget_marks(log: Log) -> None:
    """Let the next process that opens the desk's secrets say what they are."""
    for name in WITH_DEMO:
        await log.record_delete(MARKS, name)


def _mark(value: str) -> bytes:
    return hmac.digest(value.encode(), b"stepin mark of a secret", sha256).hex()[:32].encode()


def _set(settings: Settings, name: Name) -> str:
    value: str = getattr(settings, f"{name}_secret", "")
    return value


def _fixed(settings: Settings, name: Name) -> tuple[bytes, ...]:
    both = (_set(settings, name), getattr(settings, f"{name}_secret_previous", ""))
    return tuple(value.encode() for value in both if value)


def _real_us() -> int:
    return time.time_ns() // 1000
