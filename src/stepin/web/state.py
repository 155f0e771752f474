"""The parts of the desk that the endpoints work with, wired by `stepin.app`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from stepin.core.record import Recorded
from stepin.desk.desk import Desk
from stepin.desk.feeds.hub import Hub
from stepin.evidence.analysis.metrics.rollup import Rollup
from stepin.evidence.analysis.trial_status.keep import Standings
from stepin.log.protocol import Log
from stepin.settings import Settings
from stepin.web.auth.account import Account, Accounts
from stepin.web.auth.apikey import ApiKeys
from stepin.web.auth.limit import RateLimit
from stepin.web.auth.secret import Secrets
from stepin.web.auth.session import Sessions
from stepin.web.auth.signin import SignInLimits
from stepin.web.canned_replies import Replies
from stepin.web.live.stream import Sockets
from stepin.web.metrics import Stats
from stepin.web.readiness import Readiness
from stepin.web.welcome import Guide


@dataclass(frozen=True, slots=True)
class Limits:
    """How fast each kind of request may come."""

    opens: RateLimit
    returns: RateLimit
    messages: RateLimit
    commands: RateLimit
    searches: RateLimit
    sign_ins: SignInLimits


def limits_of(settings: Settings, clock_s: Callable[[], float]) -> Limits:
    """Return the limits that the settings ask for."""

    def limit(what: str, per_minute: int) -> RateLimit:
        return RateLimit(what, per_minute, clock_s=clock_s)

    return Limits(
        opens=limit("chats", settings.opens_per_minute),
        returns=limit("looks for open chats", settings.opens_per_minute * 10),
        messages=limit("messages", settings.messages_per_minute),
        commands=limit("requests", settings.commands_per_minute),
        searches=limit("searches", max(1, settings.commands_per_minute // 10)),
        sign_ins=SignInLimits(settings.sign_ins_per_minute, clock_s=clock_s),
    )


@dataclass(frozen=True, slots=True)
class Site:
    """Everything that an endpoint may need.

    Attributes
    ----------
    clock_us : real time, UTC µs.
    guide : what the first page says besides.
    secrets : what signs chat tokens, and what the host site signs customers with.
    """

    settings: Settings
    log: Log
    desk: Desk
    hub: Hub
    replies: Replies
    accounts: Accounts
    sessions: Sessions
    keys: ApiKeys
    rollup: Rollup
    standings: Standings
    sockets: Sockets
    stats: Stats
    limits: Limits
    readiness: Readiness
    secrets: Secrets
    clock_us: Callable[[], int]
    guide: Guide | None = None

    @property
    def chat_secret(self) -> bytes:
        """What signs chat tokens."""
        return self.secrets.ring("chat").current

    @property
    def chat_secrets(self) -> tuple[bytes, ...]:
        """With what chat tokens may be signed."""
        return self.secrets.ring("chat").accepted

    @property
    def identity_secret(self) -> bytes:
        """What the host site signs customers with."""
        return self.secrets.ring("identity").current

    @property
    def identity_secrets(self) -> tuple[bytes, ...]:
        """With what customers may be signed."""
        return self.secrets.ring("identity").accepted

    async def sign_on(self, account: Account) -> Recorded:
        """Put a worker on the floor with their account's capacity."""
        return await self.desk.sign_on(account.shift())
