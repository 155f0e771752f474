"""Signing in and out, and looking after one's sessions."""

from __future__ import annotations

import asyncio
from typing import Annotated

import msgspec
import structlog

from stepin.core.command import Role
from stepin.errors import Forbidden, Missing
from stepin.web.auth.caller import ADMIN, ANYONE, WORKER, WorkerCaller, grants
from stepin.web.auth.session import csrf_of
from stepin.web.auth.signin import COOKIE as BROWSER
from stepin.web.auth.signin import DAYS as BROWSER_DAYS
from stepin.web.auth.signin import browser_of, new_browser
from stepin.web.routing import wire
from stepin.web.routing.endpoint import Call, Done, Endpoint, HttpReply, endpoint

PART = "Sign-in"
_WORKER = frozenset({WORKER})
COOKIE = "stepin_session"
_log = structlog.get_logger("stepin.web")
_Short = Annotated[str, msgspec.Meta(max_length=256)]


class SignIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A worker's id and password."""

    worker_id: _Short
    password: _Short


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """Who is signed in.

    `csrf` goes into the header `X-CSRF-Token` of every request that changes something.
    `supervision` says whether the AI may hold this worker's chats, so that a console shows what
    belongs to it only to those who need it.
    """

    worker_id: str
    name: str
    role: Role
    csrf: str
    attention: bool
    supervision: bool
    desk: str


class SessionLine(msgspec.Struct, frozen=True, kw_only=True):
    """A session. Its id ends it, and opens nothing."""

    session_id: str
    worker_id: str
    created_us: int
    current: bool


class SessionList(msgspec.Struct, frozen=True, kw_only=True):
    """Live sessions."""

    sessions: tuple[SessionLine, ...]


class SessionsQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Whose sessions; one's own if nobody is named."""

    worker_id: str | None = None


@endpoint("POST", "/api/session", part=PART, who=frozenset({ANYONE}), body=SignIn, returns=SignedIn)
async def sign_in(call: Call) -> HttpReply:
    """Begin a session: its token comes as an HttpOnly, SameSite=Strict cookie.

    A second cookie says for half a year that this worker has signed in in this browser, so that
    attempts from elsewhere never keep them out.
    """
    body: SignIn = call.body
    site, now_s = call.site, call.site.clock_us() / 1e6
    known = wire.cookie(call.scope, BROWSER)
    browser = browser_of(known, accepted=site.chat_secrets, now_s=now_s)
    wait_s = site.limits.sign_ins.take(body.worker_id, call.address, browser)
    if wait_s:
        await asyncio.sleep(wait_s)
    account = await site.accounts.sign_in(body.worker_id, body.password)
    token, session = await site.sessions.begin(account)
    _log.info("signed_in", worker=session.worker_id)
    caller = WorkerCaller(session=session, token=token)
    return HttpReply(
        body=await _signed_in(call, caller),
        headers=(
            _cookie(COOKIE, token, int(site.settings.session_hours * 3_600), call),
            _cookie(
                BROWSER,
                new_browser(session.worker_id, secret=site.chat_secret, now_s=now_s),
                BROWSER_DAYS * 86_400,
                call,
            ),
        ),
    )


@endpoint("GET", "/api/session", part=PART, who=_WORKER, returns=SignedIn)
async def who_am_i(call: Call) -> SignedIn:
    """Return who is signed in, and the CSRF token after a reload."""
    return await _signed_in(call, _worker(call))


@endpoint("DELETE", "/api/session", part=PART, who=_WORKER)
async def sign_out(call: Call) -> HttpReply:
    """End this session."""
    caller = _worker(call)
    await call.site.sessions.end(caller.session.session_id)
    _log.info("signed_out", worker=caller.session.worker_id)
    return HttpReply(body=Done(), headers=(_cookie(COOKIE, "", 0, call),))


@endpoint("GET", "/api/sessions", part=PART, who=_WORKER, query=SessionsQuery, returns=SessionList)
async def list_sessions(call: Call) -> SessionList:
    """Return one's own live sessions; an admin may name somebody else."""
    caller = _worker(call)
    own = caller.session.worker_id
    asked = call.query.worker_id or own
    if asked != own and ADMIN not in grants(caller):
        raise Forbidden(
            "These are somebody else's sessions.",
            hint="Ask for your own, or let an admin look.",
            code="not_yours",
        )
    lines = (
        SessionLine(
            session_id=s.session_id,
            worker_id=s.worker_id,
            created_us=s.created_us,
            current=s.session_id == caller.session.session_id,
        )
        for s in await call.site.sessions.of(asked)
    )
    return SessionList(sessions=tuple(lines))


@endpoint("DELETE", "/api/sessions/{session_id}", part=PART, who=_WORKER)
async def revoke_session(call: Call) -> Done:
    """End a session of one's own; an admin may end anybody's. Its feeds end within a heartbeat."""
    caller = _worker(call)
    session = await call.site.sessions.alive(call.path["session_id"])
    admin = ADMIN in grants(caller)
    if session is None or (session.worker_id != caller.session.worker_id and not admin):
        raise Missing("There is no such session.", code="no_session")
    await call.site.sessions.end(session.session_id)
    return Done()


async def _signed_in(call: Call, caller: WorkerCaller) -> SignedIn:
    now_us = await call.site.log.now_us()
    policies = call.site.desk.policies
    return SignedIn(
        worker_id=caller.session.worker_id,
        name=caller.session.name,
        role=caller.session.role,
        csrf=csrf_of(caller.token),
        attention=call.site.settings.attention,
        supervision=caller.session.role != "worker"
        or policies.may_supervise(caller.session.worker_id, now_us=now_us),
        desk=call.site.settings.name,
    )


def _cookie(name: str, token: str, seconds: int, call: Call) -> tuple[bytes, bytes]:
    secure = call.site.settings.secure_cookies or call.scope.get("scheme") == "https"
    text = f"{name}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict"
    return b"set-cookie", (text + "; Secure" if secure else text).encode()


def _worker(call: Call) -> WorkerCaller:
    assert isinstance(call.caller, WorkerCaller)
    return call.caller


ENDPOINTS: tuple[Endpoint, ...] = (
    sign_in,
    who_am_i,
    sign_out,
    list_sessions,
    revoke_session,
)
