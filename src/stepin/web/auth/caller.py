"""Who is calling, established at the door from a cookie, a token or a key; never from a body."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from stepin.core.command import Actor
from stepin.desk.feeds.masking import Viewer
from stepin.errors import Forbidden, SignInRequired
from stepin.web.auth.apikey import ApiKey
from stepin.web.auth.session import Session

ANYONE = "anyone"
CUSTOMER = "customer"
WORKER = "worker"
LEAD = "lead"
ADMIN = "admin"
_AT_LEAST: dict[str, frozenset[str]] = {
    WORKER: frozenset({WORKER}),
    LEAD: frozenset({WORKER, LEAD}),
    ADMIN: frozenset({WORKER, LEAD, ADMIN}),
}


class Anonymous(msgspec.Struct, frozen=True):
    """Nobody that the desk knows."""

    @property
    def name(self) -> str:
        """What logs call this caller."""
        return "anonymous"


class CustomerCaller(msgspec.Struct, frozen=True, kw_only=True):
    """The customer of one chat."""

    chat_id: str
    customer_id: str
    expires_s: float

    @property
    def name(self) -> str:
        """What logs call this caller."""
        return f"customer:{self.customer_id}"

    @property
    def actor(self) -> Actor:
        """The actor of this caller's commands."""
        return Actor(kind="customer", id=self.customer_id)


class WorkerCaller(msgspec.Struct, frozen=True, kw_only=True):
    """A worker who is signed in. `token` is the session's secret."""

    session: Session
    token: str

    @property
    def name(self) -> str:
        """What logs call this caller."""
        return f"worker:{self.session.worker_id}"

    @property
    def actor(self) -> Actor:
        """The actor of this caller's commands."""
        return Actor(kind="worker", id=self.session.worker_id, role=self.session.role)


class KeyCaller(msgspec.Struct, frozen=True, kw_only=True):
    """An integrator's program."""

    key: ApiKey

    @property
    def name(self) -> str:
        """What logs call this caller."""
        return f"key:{self.key.name}"


Caller = Anonymous | CustomerCaller | WorkerCaller | KeyCaller


_CUSTOMER = frozenset({ANYONE, CUSTOMER})


def grants(caller: Caller) -> frozenset[str]:
    """Return what a caller counts as."""
    match caller:
        case CustomerCaller():
            return _CUSTOMER
        case WorkerCaller():
            return _AT_LEAST[caller.session.role] | {ANYONE}
        case KeyCaller():
            return frozenset({ANYONE, *(f"key:{scope}" for scope in caller.key.scopes)})
        case _:
            return frozenset({ANYONE})


def must_be_allowed(caller: Caller, who: frozenset[str]) -> None:
    """Raise unless the caller counts as one of `who`.

    Raises
    ------
    SignInRequired
        Nobody has signed in.
    Forbidden
        Somebody has, but may not do this.
    """
    if grants(caller) & who:
        return
    if isinstance(caller, Anonymous):
        raise SignInRequired(
            "This needs a sign-in, a chat token or an API key.",
            hint="Sign in, or send Authorization: Bearer TOKEN; the reference says who may ask.",
        )
    raise Forbidden(f"{caller.name} may not do this.", code="not_allowed")


def must_be_own(caller: Caller, path: Mapping[str, str]) -> None:
    """Raise `Forbidden` if a customer asks for a chat that isn't the one of their token."""
    if isinstance(caller, CustomerCaller) and path.get("chat_id", caller.chat_id) != caller.chat_id:
        raise Forbidden(
            "This token is for another chat.",
            hint="Send the token that this chat's opening has answered.",
            code="another_chat",
        )


def viewer(caller: Caller) -> Viewer:
    """Return whose eyes a caller of the floor reads with; a program reads as a lead does."""
    if isinstance(caller, KeyCaller):
        return Viewer(f"key:{caller.key.key_id}", "lead")
    assert isinstance(caller, WorkerCaller)
    return Viewer(caller.session.worker_id, caller.session.role)
