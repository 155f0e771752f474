"""The door: one ASGI application that turns a request into a call and back.

Order: find the endpoint, establish who calls, check that they may, limit and decode what comes
in, call the handler, send what comes out. Bodies are never logged.
"""

from __future__ import annotations

import math
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus
from ipaddress import AddressValueError, IPv6Address, IPv6Network
from typing import Any

import msgspec
import structlog
from starlette.routing import compile_path

from stepin.errors import (
    Forbidden,
    Missing,
    SignInRequired,
    StepinError,
    TooLarge,
    Unavailable,
)
from stepin.web.auth.apikey import PREFIX
from stepin.web.auth.caller import (
    ANYONE,
    Anonymous,
    Caller,
    CustomerCaller,
    KeyCaller,
    WorkerCaller,
    must_be_allowed,
    must_be_own,
)
from stepin.web.auth.session import csrf_of
from stepin.web.auth.token import ChatClaims, verify
from stepin.web.live.stream import EventSocket
from stepin.web.routes.chats import CommandBody
from stepin.web.routes.customer import CHAT_AUDIENCE, IDENTITY_HEADER, must_be_same
from stepin.web.routes.sessions import COOKIE
from stepin.web.routing import wire
from stepin.web.routing.asgi import Headers, Receive, Scope, Send
from stepin.web.routing.endpoint import Call, Endpoint, HttpReply
from stepin.web.state import Site

App = Callable[[Scope, Receive, Send], Awaitable[None]]
_log = structlog.get_logger("stepin.web")
_REQUEST_ID = re.compile(r"[\w.-]{8,64}\Z", re.ASCII)
_SLOW_S = 1.0
_TOKENS_KEPT = 20_000
_UNSAFE = frozenset({"POST", "PUT", "DELETE"})


class _Entry:
    """An endpoint with its compiled path."""

    __slots__ = ("convertors", "endpoint", "methods", "pattern")

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.methods = {endpoint.method, "HEAD"} if endpoint.method == "GET" else {endpoint.method}
        self.pattern, _, self.convertors = compile_path(endpoint.path)


class Front:
    """The ASGI application.

    Parameters
    ----------
    site : the parts of the desk.
    endpoints : the table; earlier ones are found faster.
    start, stop : called at the server's start and end.
    files : takes GET requests that no endpoint takes (the built console).
    """

    def __init__(
        self,
        site: Site,
        endpoints: Sequence[Endpoint],
        *,
        start: Callable[[], Awaitable[None]],
        stop: Callable[[], Awaitable[None]],
        files: App | None = None,
    ) -> None:
        self._site = site
        self._endpoints = tuple(endpoints)
        self._entries = tuple(_Entry(e) for e in endpoints)
        self._start = start
        self._stop = stop
        self._files = files
        self._customers: dict[str, CustomerCaller] = {}
        self._accepted: tuple[bytes, ...] = ()
        self._mark = secrets.token_hex(5)
        self._asked = 0
        self._origins = frozenset(site.settings.widget_origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or follow the server's life."""
        if scope["type"] == "http":
            socket = await self._http(scope, receive, send)
            if socket is not None:
                await socket.stay(receive)
        elif scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        else:
            await send({"type": "websocket.close", "code": 1000})

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                try:
                    await self._start()
                except StepinError as error:
                    _log.error("start_failed", code=error.code, message=error.message)
                    await send({"type": "lifespan.startup.failed", "message": error.message})
                    return
                await send({"type": "lifespan.startup.complete"})
            else:
                await self._stop()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> EventSocket | None:
        began = time.perf_counter()
        request_id = self._request_id(scope)
        endpoint, path, others = self._find(scope)
        headers: Headers = ((b"x-request-id", request_id.encode()),)
        if endpoint is None and self._files is not None and not scope["path"].startswith("/api/"):
            await self._files(scope, receive, send)
            return None
        embeds = endpoint.embeds if endpoint else any(o.embeds for o in others)
        if self._origins and embeds:
            headers += self._cors(scope)
            if scope["method"] == "OPTIONS":
                await wire.send_bytes(send, 204, b"", b"text/plain", headers)
                return None
        call: Call | None = None
        status = 500
        failure: str | None = None
        try:
            if endpoint is None:
                raise _not_found(scope, others)
            call = Call(self._site, self._endpoints, scope, path, _address(scope), headers)
            if endpoint.stream is not None:
                socket = await self._listen(endpoint, call, send)
                status = 200
                return socket
            status = await self._answer(endpoint, call, receive, send, headers)
        except StepinError as error:
            status, failure = error.status, error.code
            if error.__cause__ is not None and status >= 500:
                _log.warning(
                    "request_unavailable",
                    request_id=request_id,
                    code=failure,
                    cause=type(error.__cause__).__name__,
                )
            if isinstance(error, _WrongMethod):
                status = HTTPStatus.METHOD_NOT_ALLOWED
                headers += ((b"allow", ", ".join(e.method for e in others).encode()),)
            if "retry_s" in error.fields:
                headers += ((b"retry-after", b"%d" % math.ceil(error.fields["retry_s"] or 0)),)  # type: ignore[arg-type]
            if isinstance(error, TooLarge):
                headers += ((b"connection", b"close"),)
            await wire.send_json(send, status, wire.error_body(error), headers)
        except wire.Disconnected:
            status, failure = 499, "disconnected"
        except Exception:  # noqa: BLE001 - the door answers 500 whatever a handler does
            failure = "bug"
            with structlog.contextvars.bound_contextvars(request_id=request_id):
                _log.exception("request_failed", endpoint=endpoint.name if endpoint else "")
            bug = StepinError(
                "Something went wrong here.", hint=f"Ask for request {request_id}.", code="bug"
            )
            await wire.send_json(send, 500, wire.error_body(bug), headers)
        finally:
            took = time.perf_counter() - began
            name = endpoint.name if endpoint else "none"
            self._site.stats.request(name, status, took)
            self._tell(request_id, name, call, status, failure, took)
        return None

    async def _admit(self, endpoint: Endpoint, call: Call) -> None:
        call.caller = await self._caller(endpoint, call.scope)
        must_be_allowed(call.caller, endpoint.who)
        must_be_own(call.caller, call.path)
        if isinstance(call.caller, CustomerCaller):
            must_be_same(call, call.caller.customer_id)
        for value in call.path.values():
            wire.must_be_clean(str(value), lines=False)
        if endpoint.method in _UNSAFE:
            self._check_csrf(call)
        if endpoint.query is not None:
            call.query = wire.decode_query(call.scope, endpoint.query)

    async def _listen(self, endpoint: Endpoint, call: Call, send: Send) -> EventSocket:
        await self._admit(endpoint, call)
        if self._site.sockets.stopping:
            raise Unavailable(
                "The desk is stopping.",
                hint="Connect again in a moment: another process answers, or this one again.",
                code="stopping",
            )
        assert endpoint.stream is not None
        return await endpoint.stream(call, send)

    async def _answer(
        self, endpoint: Endpoint, call: Call, receive: Receive, send: Send, headers: Headers
    ) -> int:
        await self._admit(endpoint, call)
        if endpoint.body is not None:
            raw = await wire.read_body(call.scope, receive, self._site.settings.body_bytes)
            kind = Any if endpoint.body is CommandBody else endpoint.body
            call.body = wire.decode_body(call.scope, raw, kind)
        assert endpoint.handle is not None
        answer = await endpoint.handle(call)
        if not isinstance(answer, HttpReply):
            await wire.send_json(send, endpoint.status, answer, headers)
            return endpoint.status
        if isinstance(answer.body, bytes):
            media = answer.media.encode()
            await wire.send_bytes(send, answer.status, answer.body, media, headers + answer.headers)
        else:
            await wire.send_json(send, answer.status, answer.body, headers + answer.headers)
        return answer.status

    def _request_id(self, scope: Scope) -> str:
        given = wire.header(scope, b"x-request-id")
        if given is not None and _REQUEST_ID.match(given):
            return given
        self._asked += 1
        return f"{self._mark}-{self._asked:x}"

    def _find(self, scope: Scope) -> tuple[Endpoint | None, dict[str, str], list[Endpoint]]:
        others: list[Endpoint] = []
        path, method = scope["path"].removeprefix(scope.get("root_path", "")), scope["method"]
        for entry in self._entries:
            found = entry.pattern.match(path)
            if found is None:
                continue
            if method in entry.methods:
                values = found.groupdict()
                named = {name: entry.convertors[name].convert(values[name]) for name in values}
                return entry.endpoint, named, others
            others.append(entry.endpoint)
        return None, {}, others

    async def _caller(self, endpoint: Endpoint, scope: Scope) -> Caller:
        if endpoint.who == _ONLY_ANYONE:
            return Anonymous()
        bearer = wire.header(scope, b"authorization")
        if bearer is not None:
            scheme, _, token = bearer.partition(" ")
            if scheme.lower() != "bearer":
                raise SignInRequired(
                    "Only bearer tokens are understood.",
                    hint="Send Authorization: Bearer TOKEN.",
                    code="token_unreadable",
                )
            return await self._bearer(token.strip())
        if endpoint.stream is not None and b"token=" in scope["query_string"]:
            query = wire.decode_query(scope, _Token)
            return await self._bearer(query.token)
        token_in_cookie = wire.cookie(scope, COOKIE)
        if token_in_cookie:
            session = await self._site.sessions.find(token_in_cookie)
            return WorkerCaller(session=session, token=token_in_cookie)
        return Anonymous()

    async def _bearer(self, token: str) -> Caller:
        if token.startswith(PREFIX):
            return KeyCaller(key=await self._site.keys.find(token))
        accepted = self._site.chat_secrets
        if accepted is not self._accepted:
            self._accepted = accepted
            self._customers.clear()
        known = self._customers.get(token)
        now_s = self._site.clock_us() / 1e6
        if known is not None and known.expires_s > now_s:
            return known
        claims = verify(
            token,
            ChatClaims,
            secret=accepted,
            audience=CHAT_AUDIENCE,
            now_s=now_s,
        )
        caller = CustomerCaller(chat_id=claims.chat, customer_id=claims.sub, expires_s=claims.exp)
        if len(self._customers) >= _TOKENS_KEPT:
            self._customers.clear()
        self._customers[token] = caller
        return caller

    def _check_csrf(self, call: Call) -> None:
        caller = call.caller
        if not isinstance(caller, WorkerCaller):
            return
        sent = wire.header(call.scope, b"x-csrf-token") or ""
        if not secrets.compare_digest(sent.encode(), csrf_of(caller.token).encode()):
            raise Forbidden(
                "The request doesn't come from a page of this desk.",
                hint="Send the csrf of GET /api/session in the header X-CSRF-Token.",
                code="csrf",
            )

    def _cors(self, scope: Scope) -> Headers:
        origin = wire.header(scope, b"origin")
        if origin is None or origin not in self._origins:
            return ((b"vary", b"origin"),)
        return (
            (b"vary", b"origin"),
            (b"access-control-allow-origin", origin.encode()),
            (b"access-control-allow-methods", b"GET, POST"),
            (
                b"access-control-allow-headers",
                b"authorization, content-type, last-event-id, " + IDENTITY_HEADER,
            ),
            (b"access-control-max-age", b"600"),
        )

    def _tell(
        self,
        request_id: str,
        name: str,
        call: Call | None,
        status: int,
        failure: str | None,
        took_s: float,
    ) -> None:
        wanted = self._site.settings.access_log
        slow = took_s > _SLOW_S
        if wanted == "none" or (wanted == "failed" and status < 400 and not slow):
            return
        caller = getattr(call, "caller", None)
        _log.info(
            "request",
            request_id=request_id,
            endpoint=name,
            status=status,
            code=failure,
            caller=caller.name if caller is not None else None,
            chat=call.path.get("chat_id") if call is not None else None,
            took_ms=round(took_s * 1e3, 1),
        )


_ONLY_ANYONE = frozenset({ANYONE})


class _Token(msgspec.Struct):
    token: str = ""


class _WrongMethod(Missing):
    code = "wrong_method"


def _not_found(scope: Scope, others: list[Endpoint]) -> StepinError:
    if others:
        allowed = ", ".join(sorted({e.method for e in others}))
        return _WrongMethod(f"This path takes {allowed}.", hint="See /api/reference.")
    return Missing("There is nothing here.", hint="See /api/reference.", code="no_route")


def _address(scope: Scope) -> str:
    """Return where a request came from: an IPv6 network, since a house has 2**64 addresses."""
    client = scope.get("client")
    if not client:
        return "unknown"
    address: str = client[0]
    if ":" not in address:
        return address
    try:
        host = IPv6Address(address.partition("%")[0])
    except AddressValueError:
        return address
    return str(host.ipv4_mapped or IPv6Network((host, 64), strict=False))
