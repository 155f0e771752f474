"""How often somebody may try to sign in, without a stranger locking anybody out.

A limit that is keyed by the victim is a lock in a stranger's hand. So attempts are counted for an
account *from an address*, and for an address; where an account, or the desk, gets many attempts
from everywhere, each waits a little and none is refused for it. A browser in which this worker has
signed in before carries a signed cookie that says so, and has a count of its own that no stranger
can use up.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

from stepin.errors import SignInRequired
from stepin.web.auth.limit import RateLimit
from stepin.web.auth.token import Claims, sign, verify

COOKIE = "stepin_browser"
AUDIENCE = "stepin browser"
DAYS = 180
WAIT_S = 1.0
_WHAT = "attempts to sign in"


class Browser(Claims, frozen=True, kw_only=True):
    """A browser in which a worker has signed in: it opens nothing by itself."""

    jti: str


class SignInLimits:
    """The attempts of everybody.

    Parameters
    ----------
    per_minute : attempts for one account from one address, and of one known browser; ten times as
        many from one address for all accounts, and of one account from everywhere before each of
        the next waits `WAIT_S`; sixty times as many at the whole desk.
    clock_s : a monotonic clock.
    """

    def __init__(self, per_minute: int, *, clock_s: Callable[[], float]) -> None:
        def limit(times: int) -> RateLimit:
            return RateLimit(_WHAT, per_minute * times, clock_s=clock_s)

        self._known, self._pair = limit(1), limit(1)
        self._address, self._account, self._all = limit(10), limit(10), limit(60)

    def take(self, worker_id: str, address: str, browser: Browser | None) -> float:
        """Count an attempt; return how many seconds it has to wait before it is made.

        Raises
        ------
        TooMany
            There were too many from this address, or in this browser.
        """
        if browser is not None and browser.sub == worker_id:
            self._known.take(browser.jti)
            return 0.0
        self._address.take(address)
        self._pair.take(f"{address} {worker_id}")
        crowded = [self._account.spend(worker_id), self._all.spend("")]
        return 0.0 if all(crowded) else WAIT_S


def browser_of(token: str | None, *, accepted: tuple[bytes, ...], now_s: float) -> Browser | None:
    """Return what a browser's cookie says; None if it says nothing that counts."""
    if not token:
        return None
    try:
        return verify(token, Browser, secret=accepted, audience=AUDIENCE, now_s=now_s)
    except SignInRequired:
        return None


def new_browser(worker_id: str, *, secret: bytes, now_s: float) -> str:
    """Return the cookie's value for a browser in which a worker has just signed in."""
    exp = now_s + DAYS * 86_400
    claims = Browser(sub=worker_id, aud=AUDIENCE, exp=exp, jti=secrets.token_hex(8))
    return sign(claims, secret)
