"""What a customer's browser, or a channel on a customer's behalf, may do."""

from __future__ import annotations

import secrets
from typing import Annotated

import msgspec

from stepin.core.chat import chat_id_of
from stepin.core.command import Actor, CloseChat, OpenChat, PostMessage, Rate
from stepin.core.decide.decision import TEXT_CHARS
from stepin.core.text import controls, is_exact
from stepin.desk.feeds.customer import CustomerSnapshot, CustomerUpdate
from stepin.desk.feeds.ephemeral import Typing
from stepin.desk.state.identity import CustomerIdentity
from stepin.errors import Forbidden, Invalid, SignInRequired
from stepin.web.auth.caller import ANYONE, CUSTOMER, CustomerCaller
from stepin.web.auth.token import IDENTITY_HOURS, ChatClaims, Claims, IdentityClaims, sign, verify
from stepin.web.live.stream import EventSocket
from stepin.web.routing import wire
from stepin.web.routing.asgi import Send
from stepin.web.routing.endpoint import MOST, Call, Done, Endpoint, endpoint, feed_endpoint

PART = "Customers"
_CUSTOMER = frozenset({CUSTOMER})
_CHAT = "/api/customer/chats/{chat_id}"
CHAT_AUDIENCE = "stepin chat"
VISITOR_AUDIENCE = "stepin visitor"
VISITOR_DAYS = 30
IDENTITY_HEADER = b"x-stepin-identity"
"""Carries, beside a chat token, the identity token of whoever the host site says is there."""
ID_CHARS = 100
_Short = Annotated[str, msgspec.Meta(max_length=64)]
_CommandId = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


class WhoIAm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who a customer is: a token signed by the host site, or the one this desk gave a visitor."""

    identity: str | None = None
    visitor: str | None = None


class Open(WhoIAm, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A chat's first message."""

    text: str
    language: _Short = "en"
    channel: _Short = "web"
    issue_class: _Short | None = None
    command_id: _CommandId | None = None


class OpenFor(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A chat's first message, from a program that vouches for the customer."""

    customer_id: Annotated[str, msgspec.Meta(min_length=1, max_length=ID_CHARS)]
    text: str
    name: str | None = None
    language: _Short = "en"
    channel: _Short = "api"
    issue_class: _Short | None = None
    command_id: _CommandId | None = None


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """A chat, and the token that opens it again until `expires_s` (Unix time).

    `text_chars` is how many characters a message may have.
    """

    chat_id: str
    seq: int
    token: str
    expires_s: float
    visitor: str | None = None
    text_chars: int = TEXT_CHARS


class OpenChats(msgspec.Struct, frozen=True, kw_only=True):
    """The customer's chats that are still open, newest first.

    `visitor` is the token to come back with, for somebody who named nobody; `text_chars` is how
    many characters a message may have.
    """

    chats: tuple[Opened, ...]
    visitor: str | None = None
    text_chars: int = TEXT_CHARS


class Message(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A message. The same `command_id` again posts nothing twice."""

    text: str
    command_id: _CommandId | None = None


class Rating(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """1 (worst) to 5."""

    rating: int
    comment: Annotated[str, msgspec.Meta(max_length=2_000)] | None = None
    command_id: _CommandId | None = None


class Leave(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The customer is done."""

    command_id: _CommandId | None = None


class Posted(msgspec.Struct, frozen=True, kw_only=True):
    """It is in the log, at this seq of the chat."""

    seq: int


class FeedQuery(msgspec.Struct, frozen=True, kw_only=True):
    """`after` is the last id that was seen; the header `Last-Event-ID` wins over it.

    `token` is for browsers' `EventSource`, which can't send headers.
    """

    after: Annotated[int, msgspec.Meta(ge=0, le=MOST)] | None = None
    token: str = ""


@endpoint(
    "POST",
    "/api/customer/chats",
    part=PART,
    who=frozenset({ANYONE}),
    body=Open,
    returns=Opened,
    status=201,
    embeds=True,
)
async def open_chat(call: Call) -> Opened:
    """Open a chat with its first message.

    The customer is who the host site's signed token says; without one, an anonymous visitor, who
    gets a visitor token to come back with.
    """
    call.site.limits.opens.take(call.address)
    body: Open = call.body
    who, visitor = _who(call, body)
    return await _open(call, body, who, visitor)


@endpoint(
    "POST",
    "/api/integration/chats",
    part="Integrators",
    who=frozenset({"key:chats:open"}),
    body=OpenFor,
    returns=Opened,
    status=201,
)
async def open_chat_for(call: Call) -> Opened:
    """Open a chat for a customer whom the integrator vouches for."""
    call.site.limits.commands.take(call.caller.name)
    body: OpenFor = call.body
    _must_name_one(body.customer_id)
    who = CustomerIdentity(customer_id=body.customer_id, asserted=True, name=body.name)
    return await _open(call, body, who, None)


@endpoint(
    "POST",
    "/api/customer/return",
    part=PART,
    who=frozenset({ANYONE}),
    body=WhoIAm,
    returns=OpenChats,
    embeds=True,
)
async def return_to_chats(call: Call) -> OpenChats:
    """Return a customer's open chats, each with a fresh token.

    Somebody who names neither an identity nor a visitor becomes a new visitor, who has none yet:
    a first message that is sent as this visitor can be sent again without opening a second chat.
    """
    call.site.limits.returns.take(call.address)
    body: WhoIAm = call.body
    nameless = body.identity is None and body.visitor is None
    who, visitor = _who(call, body)
    if nameless:
        return OpenChats(chats=(), visitor=visitor)
    streams = await call.site.log.streams(ref=f"customer:{who.customer_id}")
    found = []
    for stream in streams[:20]:
        chat_id = chat_id_of(stream)
        seen = None if chat_id is None else await call.site.desk.chat(chat_id)
        if seen is not None and seen.open and seen.customer_asserted == who.asserted:
            found.append(_opened(call, seen.chat_id, seen.seq, who.customer_id, None))
    return OpenChats(chats=tuple(found))


@endpoint("GET", _CHAT, part=PART, who=_CUSTOMER, returns=CustomerSnapshot, embeds=True)
async def read_chat(call: Call) -> CustomerSnapshot:
    """Return the chat as its customer sees it."""
    return await call.site.hub.customer_view(_own(call).chat_id)


@endpoint(
    "POST", f"{_CHAT}/messages", part=PART, who=_CUSTOMER, body=Message, returns=Posted, embeds=True
)
async def post_message(call: Call) -> Posted:
    """Say something."""
    caller = _own(call)
    call.site.limits.messages.take(caller.chat_id)
    body: Message = call.body
    command = PostMessage(chat_id=caller.chat_id, text=body.text, command_id=body.command_id)
    receipt = await call.site.desk.submit(caller.actor, command)
    return Posted(seq=receipt.seq)


@endpoint(
    "POST", f"{_CHAT}/rating", part=PART, who=_CUSTOMER, body=Rating, returns=Posted, embeds=True
)
async def rate_chat(call: Call) -> Posted:
    """Rate the chat, once, after its end."""
    caller = _own(call)
    call.site.limits.messages.take(caller.chat_id)
    body: Rating = call.body
    command = Rate(
        chat_id=caller.chat_id,
        rating=body.rating,
        comment=body.comment,
        command_id=body.command_id,
    )
    receipt = await call.site.desk.submit(caller.actor, command)
    return Posted(seq=receipt.seq)


@endpoint(
    "POST", f"{_CHAT}/leave", part=PART, who=_CUSTOMER, body=Leave, returns=Posted, embeds=True
)
async def leave_chat(call: Call) -> Posted:
    """End the chat."""
    caller = _own(call)
    call.site.limits.messages.take(caller.chat_id)
    body: Leave = call.body
    command = CloseChat(chat_id=caller.chat_id, command_id=body.command_id)
    receipt = await call.site.desk.submit(caller.actor, command)
    return Posted(seq=receipt.seq)


@endpoint("POST", f"{_CHAT}/typing", part=PART, who=_CUSTOMER, embeds=True)
async def customer_typing(call: Call) -> Done:
    """Tell the worker that the customer types; never stored."""
    caller = _own(call)
    call.site.limits.messages.take(f"typing:{caller.chat_id}")
    call.site.hub.customer_types(caller.chat_id)
    return Done()


@feed_endpoint(
    f"{_CHAT}/feed",
    part=PART,
    who=_CUSTOMER,
    query=FeedQuery,
    frames=(CustomerSnapshot, CustomerUpdate, Typing),
    embeds=True,
)
async def customer_feed(call: Call, send: Send) -> EventSocket:
    """Follow the chat live: server-sent events whose ids are the chat's seq.

    Without a cursor the feed begins with `event: snapshot`. A frame replaces `chat` and each of
    `messages` by its seq; ignore an id that isn't above the last one that you saw. `event: typing`
    has no id and is never replayed. `event: beat`, whose data is empty, is a sign of life.
    """
    caller = _own(call)
    site = call.site
    socket = EventSocket(
        send,
        limit=site.settings.feed_kb * 1024,
        holder=f"chat:{caller.chat_id}",
        address=call.address,
        expires_s=caller.expires_s,
        headers=call.headers,
    )
    hub, chat_id = site.hub, caller.chat_id
    return await socket.open(
        site.sockets,
        lambda: hub.watch_chat(socket, chat_id, after_of(call)),
        lambda: hub.leave(socket, chat_id),
    )


def after_of(call: Call) -> int | None:
    """Return the cursor of a feed request."""
    for key, value in call.scope["headers"]:
        if key == b"last-event-id" and value.isdigit() and len(value) < 19:
            return int(value)
    after: int | None = call.query.after
    return after


def _own(call: Call) -> CustomerCaller:
    caller = call.caller
    assert isinstance(caller, CustomerCaller)
    assert caller.chat_id == call.path["chat_id"]
    return caller


def must_be_same(call: Call, customer_id: str) -> None:
    """Raise unless the identity token beside a chat token, if there is one, names its customer.

    The token only says who sits at the page and grants nothing, so one that has run out still
    counts: a page that is open for long must not lose its chat.

    Raises
    ------
    Forbidden
        ``another_customer``: it names somebody else.
    SignInRequired
        It can't be read, or isn't the host site's.
    """
    beside = wire.header(call.scope, IDENTITY_HEADER)
    if beside is not None and _asserted(call, beside, now_s=0.0).sub != customer_id:
        raise _another()


def _another() -> Forbidden:
    return Forbidden(
        "This chat is another customer's.",
        hint="Forget the chat token; ask for this customer's own chats.",
        code="another_customer",
    )


def _asserted(call: Call, token: str, *, now_s: float) -> IdentityClaims:
    """Return what the host site says of its customer."""
    site = call.site
    claims = verify(
        token,
        IdentityClaims,
        secret=site.identity_secrets,
        audience=site.settings.identity_audience,
        now_s=now_s,
    )
    _must_name_one(claims.sub)
    return claims


def _must_name_one(customer_id: str) -> None:
    """Raise ``customer_id`` for an id that two customers could have who look like one."""
    if controls(customer_id, lines=False):
        return  # Every door refuses control characters in its own words.
    if len(customer_id) <= ID_CHARS and is_exact(customer_id):
        return
    raise Invalid(
        "The customer's id has spaces around it, characters that nobody sees or that can be "
        f"written otherwise, or more than {ID_CHARS} characters.",
        hint="Send it trimmed, in the form NFKC and without zero-width characters.",
        code="customer_id",
    )


def _who(call: Call, body: WhoIAm) -> tuple[CustomerIdentity, str | None]:
    who, visitor = _named(call, body)
    named = body.identity is not None or body.visitor is not None
    if named and _token_is_for(call) not in (None, who.customer_id):
        raise _another()
    return who, visitor


def _token_is_for(call: Call) -> str | None:
    """Return whose chat token came with a request that needs none, None without one."""
    scheme, _, token = (wire.header(call.scope, b"authorization") or "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    secret = call.site.chat_secrets
    try:
        return verify(token, ChatClaims, secret=secret, audience=CHAT_AUDIENCE, now_s=0.0).sub
    except SignInRequired:
        return None


def _named(call: Call, body: WhoIAm) -> tuple[CustomerIdentity, str | None]:
    site = call.site
    now_s = site.clock_us() / 1e6
    if body.identity is not None:
        claims = _asserted(call, body.identity, now_s=now_s)
        if claims.exp > now_s + IDENTITY_HOURS * 3_600:
            raise Forbidden(
                "The identity token lives too long.",
                hint=f"Let it expire within {IDENTITY_HOURS:.0f} hours.",
                code="token_too_long",
            )
        who = CustomerIdentity(
            customer_id=claims.sub, asserted=True, name=claims.name, covariates=claims.covariates
        )
        return who, None
    if body.visitor is not None:
        known = verify(
            body.visitor,
            Claims,
            secret=site.chat_secrets,
            audience=VISITOR_AUDIENCE,
            now_s=now_s,
        )
        return CustomerIdentity(customer_id=known.sub), body.visitor
    customer_id = f"visitor-{secrets.token_hex(8)}"
    fresh = Claims(sub=customer_id, aud=VISITOR_AUDIENCE, exp=now_s + VISITOR_DAYS * 86_400)
    return CustomerIdentity(customer_id=customer_id), sign(fresh, site.chat_secret)


async def _open(
    call: Call, body: Open | OpenFor, who: CustomerIdentity, visitor: str | None
) -> Opened:
    command = OpenChat(
        text=body.text,
        channel=body.channel,
        language=body.language,
        issue_class=body.issue_class,
        command_id=body.command_id,
    )
    actor = Actor(kind="customer", id=who.customer_id)
    receipt = await call.site.desk.open_chat(actor, command, who)
    return _opened(call, receipt.chat_id, receipt.seq, who.customer_id, visitor)


def _opened(call: Call, chat_id: str, seq: int, customer_id: str, visitor: str | None) -> Opened:
    until = call.site.clock_us() / 1e6 + call.site.settings.chat_token_hours * 3_600
    claims = ChatClaims(sub=customer_id, aud=CHAT_AUDIENCE, exp=until, chat=chat_id)
    token = sign(claims, call.site.chat_secret)
    return Opened(chat_id=chat_id, seq=seq, token=token, expires_s=until, visitor=visitor)


ENDPOINTS: tuple[Endpoint, ...] = (
    post_message,
    customer_feed,
    customer_typing,
    read_chat,
    rate_chat,
    leave_chat,
    open_chat,
    return_to_chats,
    open_chat_for,
)
