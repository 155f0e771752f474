"""Signed, expiring tokens: JSON Web Tokens (RFC 7519) with HMAC-SHA256 and nothing else.

The host site signs who the customer is with any JWT library; the desk signs who may come back to
which chat. The algorithm is fixed here: what a token's header asks for is compared, never obeyed.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from typing import TypeVar

import msgspec

from stepin.core.events.base import Scalar
from stepin.errors import SignInRequired

LONGEST = 4_096
IDENTITY_HOURS = 24.0
"""An identity token that lives longer than this is refused: it would be a password."""


class Claims(msgspec.Struct, frozen=True, kw_only=True):
    """What every token says: about whom, for which reader, until when (Unix seconds)."""

    sub: str
    aud: str
    exp: float


class IdentityClaims(Claims, frozen=True, kw_only=True):
    """What the host site says about its customer. `covariates` are recorded at opening."""

    name: str | None = None
    covariates: dict[str, Scalar] = {}


class ChatClaims(Claims, frozen=True, kw_only=True):
    """Who may read and write one chat."""

    chat: str


C = TypeVar("C", bound=Claims)
_HEADER = urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').rstrip(b"=")


class _Header(msgspec.Struct):
    alg: str


def sign(claims: Claims, secret: bytes) -> str:
    """Return a token."""
    body = _HEADER + b"." + urlsafe_b64encode(msgspec.json.encode(claims)).rstrip(b"=")
    return (body + b"." + _mac(body, secret)).decode()


def verify(
    token: str, kind: type[C], *, secret: bytes | tuple[bytes, ...], audience: str, now_s: float
) -> C:
    """Return what a token claims.

    Parameters
    ----------
    secret : with which it may be signed; several while one is changed for another.
    audience : for whom it must be meant.
    now_s : Unix time.

    Raises
    ------
    SignInRequired
        The token can't be read, was signed with another secret, is meant for somebody else, or
        has expired. The message doesn't repeat the token.
    """
    if len(token) > LONGEST or token.count(".") != 2 or not token.isascii():
        raise _refused("can't be read", "token_unreadable")
    body, _, mac = token.encode().rpartition(b".")
    accepted = (secret,) if isinstance(secret, bytes) else secret
    if not any([hmac.compare_digest(mac, _mac(body, one)) for one in accepted]):
        raise _refused("was not signed with this desk's secret", "token_signature")
    header, _, payload = body.partition(b".")
    try:
        if msgspec.json.decode(_unpad(header), type=_Header).alg != "HS256":
            raise _refused("is not signed with HS256", "token_algorithm")
        claims = msgspec.json.decode(_unpad(payload), type=kind)
    except (msgspec.DecodeError, NotBase64, UnicodeDecodeError, RecursionError) as error:
        raise _refused("can't be read", "token_unreadable") from error
    if claims.aud != audience:
        raise _refused("is meant for another audience", "token_audience")
    if not claims.sub:
        raise _refused("names nobody", "token_subject")
    if claims.exp <= now_s:
        raise _refused("has expired", "token_expired")
    return claims


def peek(token: str, kind: type[C]) -> C:
    """Return what a token claims, unverified: for the one who holds it, never for a server."""
    try:
        return msgspec.json.decode(_unpad(token.encode().split(b".")[1]), type=kind)
    except (IndexError, ValueError, msgspec.DecodeError, RecursionError) as error:
        raise _refused("can't be read", "token_unreadable") from error


def _mac(body: bytes, secret: bytes) -> bytes:
    return urlsafe_b64encode(hmac.digest(secret, body, "sha256")).rstrip(b"=")


def _unpad(part: bytes) -> bytes:
    return urlsafe_b64decode(part + b"=" * (-len(part) % 4))


def _refused(why: str, code: str) -> SignInRequired:
    return SignInRequired(f"The token {why}.", hint="Ask for a new token.", code=code)
