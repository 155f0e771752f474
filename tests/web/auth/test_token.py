"""Tokens, checked against an independent hand-made JWT and against every way to forge one."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepin.errors import SignInRequired
from stepin.web.auth.token import ChatClaims, Claims, IdentityClaims, peek, sign, verify

SECRET = b"s" * 32
HS = {"alg": "HS256"}
CLAIMS = IdentityClaims(sub="dora", aud="stepin", exp=2_000.0, name="Dora")


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def by_hand(payload: dict[str, Any], header: dict[str, Any], secret: bytes = SECRET) -> str:
    """Return a token made with the standard library alone, as RFC 7515 says."""
    body = f"{_b64(json.dumps(header).encode())}.{_b64(json.dumps(payload).encode())}"
    return f"{body}.{_b64(hmac.new(secret, body.encode(), hashlib.sha256).digest())}"


def check(token: str, now_s: float = 1_000.0, audience: str = "stepin") -> IdentityClaims:
    return verify(token, IdentityClaims, secret=SECRET, audience=audience, now_s=now_s)


def test_what_is_signed_is_read_again() -> None:
    assert check(sign(CLAIMS, SECRET)) == CLAIMS
    assert peek(sign(CLAIMS, SECRET), IdentityClaims) == CLAIMS


def test_another_library_s_token_is_understood() -> None:
    payload = {"sub": "dora", "aud": "stepin", "exp": 2_000, "iat": 900, "name": "Dora"}
    assert check(by_hand(payload, {"typ": "JWT", "alg": "HS256", "kid": "1"})) == CLAIMS


@pytest.mark.parametrize(
    ("token", "code"),
    [
        (by_hand({"sub": "d", "aud": "stepin", "exp": 2e3}, HS, b"other"), "token_signature"),
        (by_hand({"sub": "d", "aud": "stepin", "exp": 2e3}, {"alg": "none"}), "token_algorithm"),
        (by_hand({"sub": "d", "aud": "stepin", "exp": 2e3}, {"alg": "RS256"}), "token_algorithm"),
        (by_hand({"sub": "d", "aud": "else", "exp": 2e3}, {"alg": "HS256"}), "token_audience"),
        (by_hand({"sub": "d", "aud": "stepin", "exp": 1e3}, {"alg": "HS256"}), "token_expired"),
        (by_hand({"sub": "", "aud": "stepin", "exp": 2e3}, {"alg": "HS256"}), "token_subject"),
        (by_hand({"sub": "d", "aud": "stepin"}, {"alg": "HS256"}), "token_unreadable"),
        (by_hand({"sub": 1, "aud": "stepin", "exp": 2e3}, {"alg": "HS256"}), "token_unreadable"),
        ("", "token_unreadable"),
        ("a.b", "token_unreadable"),
        ("ä.b.c", "token_unreadable"),
        ("x" * 5_000, "token_unreadable"),
    ],
)  # fmt: skip
def test_a_token_that_won_t_do_says_why_and_is_not_repeated(token: str, code: str) -> None:
    with pytest.raises(SignInRequired) as caught:
        check(token)
    assert caught.value.code == code
    if token:
        assert token not in str(caught.value)


def test_a_chat_token_names_its_chat() -> None:
    visitor = sign(Claims(sub="d", aud="stepin", exp=2e3), SECRET)
    with pytest.raises(SignInRequired):
        verify(visitor, ChatClaims, secret=SECRET, audience="stepin", now_s=1.0)


@given(st.integers(0, 300), st.integers(0, 5))
def test_no_changed_character_is_accepted(place: int, bit: int) -> None:
    token = sign(CLAIMS, SECRET)
    place %= len(token)
    last = len(token) - 1
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    if token[place] == ".":
        return
    other = alphabet[alphabet.index(token[place]) ^ (1 << bit)]
    changed = token[:place] + other + token[place + 1 :]
    if place == last and bit < 2:
        assert changed != token
    with pytest.raises(SignInRequired):
        check(changed)
