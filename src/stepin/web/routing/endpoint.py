"""One endpoint: a method and a path, who may call it, what goes in, what comes out.

The table of endpoints is the one source of routing, of access, of the OpenAPI document and of
the tests that try every endpoint as everybody.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Literal

import msgspec

from stepin.web.auth.caller import Caller
from stepin.web.live.stream import EventSocket
from stepin.web.routing.asgi import Headers, Scope, Send
from stepin.web.state import Site

MOST = 2**62
"""The largest cursor that a request may name: what both stores can compare."""


class Done(msgspec.Struct, frozen=True):
    """It is done."""

    done: bool = True


class Call:
    """One request on its way through a handler.

    Attributes
    ----------
    site : the parts of the desk.
    endpoints : the whole table that the front serves.
    caller : who calls.
    path : the values of the path's parameters.
    body, query : decoded and checked, of the endpoint's types.
    address : where the request came from.
    headers : what the answer carries, whatever the handler says.
    """

    __slots__ = (
        "address",
        "body",
        "caller",
        "endpoints",
        "headers",
        "path",
        "query",
        "scope",
        "site",
    )

    def __init__(
        self,
        site: Site,
        endpoints: Sequence[Endpoint],
        scope: Scope,
        path: dict[str, str],
        address: str,
        headers: Headers = (),
    ) -> None:
        self.site = site
        self.endpoints = endpoints
        self.scope = scope
        self.path = path
        self.address = address
        self.headers = headers
        self.caller: Caller
        self.body: Any = None
        self.query: Any = None


class HttpReply(msgspec.Struct, frozen=True, kw_only=True):
    """An answer that isn't just a body with status 200."""

    body: Any = None
    status: int = 200
    headers: Headers = ()
    media: str = "application/json"


Handler = Callable[[Call], Awaitable[Any]]
StreamHandler = Callable[[Call, Send], Awaitable[EventSocket]]


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """An endpoint.

    Attributes
    ----------
    who : who may call it: anyone, customer, worker, lead, admin, `key:SCOPE`. A lead counts as a
        worker and an admin as a lead.
    handle : the handler; its docstring is the description in the OpenAPI document.
    body, query : the types of what comes in.
    returns : the type of what goes out, or a media type.
    status : of a success.
    part : the heading under which it is listed.
    embeds : whether pages of other sites may call it (see `widget_origins`).
    csrf : whether a session's cookie alone isn't enough.
    stream : takes the place of `handle` where frames are sent for as long as somebody listens;
        returns the socket once it is attached to its feed.
    frames : the types of what a stream's frames carry.
    """

    method: Literal["GET", "POST", "DELETE", "PUT"]
    path: str
    part: str
    who: frozenset[str]
    handle: Handler | None = None
    stream: StreamHandler | None = None
    body: Any = None
    query: Any = None
    returns: Any = Done
    frames: tuple[type[msgspec.Struct], ...] = ()
    status: int = 200
    embeds: bool = False

    @property
    def name(self) -> str:
        """The operation's id: the handler's name."""
        handler = self.handle or self.stream
        assert handler is not None
        return handler.__name__

    @property
    def doc(self) -> str:
        """What the endpoint does."""
        return ((self.handle or self.stream).__doc__ or "").strip()


def endpoint(
    method: Literal["GET", "POST", "DELETE", "PUT"],
    path: str,
    *,
    part: str,
    who: frozenset[str],
    body: Any = None,
    query: Any = None,
    returns: Any = Done,
    status: int = 200,
    embeds: bool = False,
) -> Callable[[Handler], Endpoint]:
    """Return a decorator that makes an endpoint of the handler below it; see `Endpoint`.

    The handler's name then is the endpoint; its module lists it in ``ENDPOINTS``.
    """

    def declared(handle: Handler) -> Endpoint:
        return Endpoint(
            method=method,
            path=path,
            part=part,
            who=who,
            handle=handle,
            body=body,
            query=query,
            returns=returns,
            status=status,
            embeds=embeds,
        )

    return declared


def feed_endpoint(
    path: str,
    *,
    part: str,
    who: frozenset[str],
    frames: tuple[type[msgspec.Struct], ...],
    query: Any = None,
    embeds: bool = False,
) -> Callable[[StreamHandler], Endpoint]:
    """Return a decorator that makes a feed of server-sent events of the handler below it."""

    def declared(stream: StreamHandler) -> Endpoint:
        return Endpoint(
            method="GET",
            path=path,
            part=part,
            who=who,
            stream=stream,
            query=query,
            returns="text/event-stream",
            frames=frames,
            embeds=embeds,
        )

    return declared
