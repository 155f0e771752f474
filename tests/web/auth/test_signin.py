"""Signing in: guessing is slow, and no stranger locks a worker out."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepin.errors import Invalid, TooMany
from stepin.web.auth.account import Accounts
from stepin.web.auth.limit import KEPT
from stepin.web.auth.signin import COOKIE, WAIT_S, Browser, SignInLimits, browser_of, new_browser
from stepin.web.auth.token import sign
from tests.web.served import CHEAP, PASSWORD, Served, serving

FAR = 1e12


def from_(address: str) -> dict[str, str]:
    """Return what a proxy on this machine would say of a request from an address."""
    return {"x-forwarded-for": address}


async def attempt(
    client: httpx.AsyncClient, password: str, *, worker: str = "ann", **headers: str
) -> httpx.Response:
    body = {"worker_id": worker, "password": password}
    return await client.post("/api/session", json=body, headers=headers)


async def test_a_stranger_s_guesses_never_keep_the_worker_out(tmp_path: Path) -> None:
    async with serving(tmp_path, sign_ins_per_minute=3) as served:
        await served.worker("ann")
        client = served.client()
        seen = [
            (await attempt(client, "wrong password", **from_("203.0.113.9"))).status_code
            for _ in range(14)
        ]
        assert seen == [401] * 3 + [429] * 11
        mine = await attempt(client, PASSWORD, **from_("198.51.100.7"))
        assert mine.status_code == 200, mine.text


async def test_a_browser_that_signed_in_before_has_a_count_of_its_own(tmp_path: Path) -> None:
    async with serving(tmp_path, sign_ins_per_minute=3) as served:
        await served.worker("ann")
        await served.worker("bob")
        known = served.client()
        first = await attempt(known, PASSWORD)
        cookies = first.headers.get_list("set-cookie")
        (mine,) = [c for c in cookies if c.startswith(COOKIE)]
        assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(mine.split("; "))
        stranger = served.client()
        for _ in range(6):
            await attempt(stranger, "wrong password")
        assert (await attempt(stranger, PASSWORD)).status_code == 429
        assert (await attempt(known, PASSWORD)).status_code == 200
        seen = [(await attempt(known, "wrong password")).status_code for _ in range(4)]
        assert seen == [401, 401, 401, 429]
        assert (await attempt(known, PASSWORD, worker="bob")).status_code == 200


async def test_a_cookie_opens_nothing_and_can_not_be_made_up(served: Served) -> None:
    await served.worker("ann")
    site = served.app.site
    forged = sign(Browser(sub="ann", aud="stepin browser", exp=FAR, jti="1"), b"guess")
    real = new_browser("ann", secret=site.chat_secret, now_s=0.0)
    assert browser_of(forged, accepted=site.chat_secrets, now_s=0.0) is None
    assert browser_of(real, accepted=site.chat_secrets, now_s=FAR) is None
    assert browser_of(None, accepted=site.chat_secrets, now_s=0.0) is None
    found = browser_of(real, accepted=site.chat_secrets, now_s=0.0)
    assert found is not None
    assert found.sub == "ann"
    with_it = served.client({"cookie": f"{COOKIE}={real}"})
    assert (await with_it.get("/api/session")).status_code == 401
    as_token = served.client({"authorization": f"Bearer {real}"})
    assert (await as_token.get("/api/session")).status_code == 401


def test_an_account_that_everybody_tries_is_slow_and_never_shut() -> None:
    limits = SignInLimits(10, clock_s=lambda: 0.0)
    waits = [limits.take("ann", f"10.0.{n // 250}.{n % 250}", None) for n in range(400)]
    assert set(waits[:100]) == {0.0}
    assert set(waits[100:]) == {WAIT_S}
    mine = Browser(sub="ann", aud="", exp=FAR, jti="mine")
    assert limits.take("ann", "10.0.0.1", mine) == 0.0
    other = Browser(sub="bob", aud="", exp=FAR, jti="his")
    assert limits.take("ann", "10.9.0.1", other) == WAIT_S


@given(st.lists(st.sampled_from(["ann", "bob", "carl"]), max_size=300))
def test_one_address_never_gets_beyond_its_share(names: list[str]) -> None:
    limits = SignInLimits(2, clock_s=lambda: 0.0)
    passed: list[str] = []
    for name in names:
        try:
            limits.take(name, "1.1.1.1", None)
        except TooMany:
            continue
        passed.append(name)
    assert len(passed) <= 20
    assert all(passed.count(name) <= 2 for name in set(passed))


def test_what_is_counted_is_forgotten_in_the_end() -> None:
    limits = SignInLimits(1, clock_s=lambda: 0.0)
    for n in range(2 * KEPT):
        limits.take(f"w{n}", f"a{n}", None)
    sizes = [len(one._buckets) for one in vars(limits).values()]
    assert max(sizes) <= KEPT + 1


async def test_an_office_behind_one_address_may_come_back(tmp_path: Path) -> None:
    async with serving(tmp_path, opens_per_minute=5) as served:
        _, opened = await served.customer()
        client = served.client()
        back = {"visitor": opened["visitor"]}
        seen = [await client.post("/api/customer/return", json=back) for _ in range(20)]
        assert {answer.status_code for answer in seen} == {200}
        more = [
            (await client.post("/api/customer/chats", json={"text": "Hello"})).status_code
            for _ in range(5)
        ]
        assert more == [201] * 4 + [429]


@pytest.mark.parametrize(
    "password", [" " * 12, "a" * 12, "aaaaaaaaaab", "ababababab", "\u3000" * 12, "short"]
)
async def test_a_password_is_more_than_a_few_characters(served: Served, password: str) -> None:
    with pytest.raises(Invalid) as refused:
        await Accounts(served.app.site.log, hasher=CHEAP).hash(password)
    assert refused.value.code in ("password_simple", "password_length")
    assert "words" in refused.value.hint
