"""Sessions of workers: a random token in a cookie, its hash in the log's records."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from hashlib import sha256

import msgspec

from stepin.core.command import Role
from stepin.errors import SignInRequired
from stepin.log.protocol import Log
from stepin.web.auth.account import Account

TABLE = "session"
SEEN = "session_seen"
_TOUCH_US = 60_000_000


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody is signed in. `session_id` is the token's hash and opens nothing."""

    session_id: str
    worker_id: str
    name: str
    role: Role
    created_us: int


class Sessions:
    """The sessions of a desk.

    Parameters
    ----------
    log : keeps them.
    clock_us : real time, UTC µs.
    life_us, idle_us : how long a session lasts, and how long without a request.
    """

    def __init__(
        self, log: Log, *, clock_us: Callable[[], int], life_us: int, idle_us: int
    ) -> None:
        self._log = log
        self._clock_us = clock_us
        self._life_us = life_us
        self._idle_us = idle_us
        self._touched: dict[str, int] = {}

    async def begin(self, account: Account) -> tuple[str, Session]:
        """Return a new token and its session."""
        token = secrets.token_urlsafe(32)
        now = self._clock_us()
        session = Session(
            session_id=session_id_of(token),
            worker_id=account.worker_id,
            name=account.name,
            role=account.role,
            created_us=now,
        )
        await self._log.record_put(
            TABLE,
            session.session_id,
            msgspec.json.encode(session),
            expires_us=now + self._life_us,
        )
        return token, session

    async def find(self, token: str) -> Session:
        """Return the session of a token, and note that it is in use.

        Raises
        ------
        SignInRequired
            It has ended, was revoked, or never was.
        """
        session = await self.alive(session_id_of(token))
        if session is None:
            raise SignInRequired(
                "The session has ended.",
                hint="Sign in again; nothing that you wrote into a field is lost by it.",
                code="session_ended",
            )
        await self._touch(session)
        return session

    async def _touch(self, session: Session) -> None:
        # A record of its own, so that a request on its way can't bring a revoked session back.
        now = self._clock_us()
        if now - self._touched.get(session.session_id, 0) < _TOUCH_US:
            return
        if len(self._touched) > 10_000:
            self._touched.clear()
        self._touched[session.session_id] = now
        await self._log.record_put(SEEN, session.session_id, b"", expires_us=now + self._idle_us)

    async def alive(self, session_id: str) -> Session | None:
        """Return a session if it is still good."""
        body = await self._log.record_get(TABLE, session_id)
        if body is None:
            return None
        session = msgspec.json.decode(body, type=Session)
        age = self._clock_us() - session.created_us
        if age > self._life_us:
            return None
        if age > self._idle_us and await self._log.record_get(SEEN, session_id) is None:
            return None
        return session

    async def end(self, session_id: str) -> bool:
        """End a session; say whether there was one."""
        return await self._log.record_delete(TABLE, session_id)

    async def of(self, worker_id: str | None = None) -> list[Session]:
        """Return the live sessions of a worker, or of everybody."""
        rows = await self._log.record_list(TABLE)
        sessions = [msgspec.json.decode(body, type=Session) for _, body in rows]
        return [s for s in sessions if worker_id is None or s.worker_id == worker_id]

    async def end_all(self, worker_id: str) -> int:
        """End every session of a worker; return how many there were."""
        ended = [await self.end(s.session_id) for s in await self.of(worker_id)]
        return sum(ended)


def session_id_of(token: str) -> str:
    """Return the id under which a token's session is kept."""
    return sha256(token.encode()).hexdigest()


def csrf_of(token: str) -> str:
    """Return what a page of ours must send along with a session's cookie."""
    return hmac.digest(token.encode(), b"stepin csrf", "sha256").hex()
