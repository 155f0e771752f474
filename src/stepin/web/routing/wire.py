"""Requests and responses on the wire: bodies within a limit, JSON, headers that protect."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

import msgspec

from stepin.core.text import controls
from stepin.errors import Invalid, StepinError, TooLarge
from stepin.web.routing.asgi import Headers, Receive, Scope, Send

_ENCODER = msgspec.json.Encoder()
DEEPEST = 32
_SUSPICIOUS = (b"\\u", b"\\b", b"\x7f")

JSON = b"application/json"
SECURITY: Headers = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
    (
        b"content-security-policy",
        b"default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
        b"img-src 'self' data:; connect-src 'self'; font-src 'self' data:; object-src 'none'; "
        b"base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
)
NO_STORE: Headers = ((b"cache-control", b"no-store"),)
JSON_SECURITY: Headers = (
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)
"""For answers that no browser renders: nothing may be loaded by them, nothing may frame them."""


class Disconnected(Exception):
    """The client went away before its request was whole."""


def header(scope: Scope, name: bytes) -> str | None:
    """Return a request header, None if it isn't there."""
    for key, value in scope["headers"]:
        if key == name:
            return str(value, "latin-1")
    return None


def cookie(scope: Scope, name: str) -> str | None:
    """Return a cookie of the request."""
    for part in (header(scope, b"cookie") or "").split(";"):
        key, _, value = part.strip().partition("=")
        if key == name:
            return value
    return None


async def read_body(scope: Scope, receive: Receive, limit: int) -> bytes:
    """Return the request's body.

    Raises
    ------
    TooLarge
        It is longer than `limit` bytes; nothing more of it is read.
    """
    declared = header(scope, b"content-length")
    if declared is not None and declared.isdigit() and int(declared) > limit:
        raise _too_large(limit)
    message = await receive()
    if not message.get("more_body", False) and message["type"] == "http.request":
        body: bytes = message.get("body", b"")
        if len(body) > limit:
            raise _too_large(limit)
        return body
    parts: list[bytes] = []
    size = 0
    while True:
        if message["type"] == "http.disconnect":
            raise Disconnected
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > limit:
            raise _too_large(limit)
        if not message.get("more_body", False):
            return b"".join(parts)
        message = await receive()


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"The body is longer than {limit} bytes.", code="body_too_large", limit=limit)


def decode_body(scope: Scope, raw: bytes, kind: Any) -> Any:
    """Return the body as its type.

    Raises
    ------
    Invalid
        It is no JSON, doesn't fit, is nested more than `DEEPEST` deep or has a control character
        in a text; where it doesn't fit the message names the field.
    """
    media = (header(scope, b"content-type") or "").partition(";")[0].strip().lower()
    if media != "application/json":
        raise Invalid(
            "The body must be JSON.", hint="Send content-type: application/json.", code="not_json"
        )
    try:
        _must_be_plain(raw)
        return msgspec.json.decode(raw, type=kind)
    except RecursionError as error:
        raise _too_deep() from error
    except msgspec.ValidationError as error:
        raise Invalid(f"The body doesn't fit: {error}.", code="body_invalid") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Invalid("The body is no JSON.", code="not_json") from error


def _must_be_plain(raw: bytes) -> None:
    """Refuse what is nested too deep, and texts that hold control characters.

    What can't be either is seen without decoding it: JSON writes most control characters as an
    escape, and few brackets can't be deep.
    """
    deep = raw.count(b"[") + raw.count(b"{") > DEEPEST
    if not deep and not any(sign in raw for sign in _SUSPICIOUS):
        return
    level: list[Any] = [msgspec.json.decode(raw)]
    for _ in range(DEEPEST + 1):
        below: list[Any] = []
        for value in level:
            if isinstance(value, str):
                must_be_clean(value)
            elif isinstance(value, list):
                below += value
            elif isinstance(value, dict):
                below += value.keys()
                below += value.values()
        if not below:
            return
        level = below
    raise _too_deep()


def must_be_clean(text: str, *, lines: bool = True) -> None:
    """Refuse a text with control characters; with `lines` tabs and line breaks are fine.

    Raises
    ------
    Invalid
        ``control_character``.
    """
    if found := controls(text, lines=lines):
        raise Invalid(
            f"The request has a control character in it (U+{ord(found):04X}).",
            hint="Send plain text; in a body, line breaks and tabs are fine.",
            code="control_character",
        )


def _too_deep() -> Invalid:
    return Invalid(
        f"The body is nested more than {DEEPEST} levels deep.",
        hint="Send the value without so many brackets.",
        code="body_too_deep",
    )


def decode_query(scope: Scope, kind: Any) -> Any:
    """Return the query as its type; `Invalid` as for a body."""
    try:
        pairs = parse_qsl(
            scope["query_string"].decode("ascii"), keep_blank_values=True, max_num_fields=50
        )
        for _, value in pairs:
            must_be_clean(value, lines=False)
        return msgspec.convert(dict(pairs), kind, strict=False)
    except (msgspec.ValidationError, ValueError) as error:
        raise Invalid(f"The query doesn't fit: {error}.", code="query_invalid") from error


async def send_json(send: Send, status: int, body: Any, headers: Headers = ()) -> None:
    """Send a whole answer."""
    await send_bytes(send, status, _ENCODER.encode(body), JSON, headers)


async def send_bytes(
    send: Send, status: int, body: bytes, media: bytes, headers: Headers = ()
) -> None:
    """Send a whole answer of a media type."""
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [
                (b"content-type", media),
                (b"content-length", b"%d" % len(body)),
                *NO_STORE,
                *(JSON_SECURITY if media == JSON else SECURITY),
                *headers,
            ],
        }
    )
    await send({"type": "http.response.body", "body": body})


def error_body(error: StepinError) -> dict[str, object]:
    """Return what an error looks like on the wire."""
    return {"error": error.as_dict()}
