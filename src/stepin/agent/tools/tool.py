"""What a tool is: a typed Python function, its risk, and who it may be called for.

Code decides what a call may touch, from the asserted customer; never a prompt.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal, Protocol

import msgspec

from stepin.core.events.base import Risk


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """For whom a tool is called, established at the door.

    Attributes
    ----------
    customer_id : the customer of the chat.
    asserted : whether the host site has signed for this customer; an anonymous customer gets no
        customer-scoped tool.
    key : the idempotency key of the effect; the same intent has the same key, across retries.
    """

    customer_id: str
    asserted: bool
    key: str = ""


class CallPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What a call would do, resolved by code before anybody approves it.

    Attributes
    ----------
    arguments : the resolved arguments.
    records : the records that an approval card shows.
    record_version : the version of the record seen; another one at the call refuses it.
    amount : money that would move, in the shop's currency, 0 if none.
    intent : the business intent (order, line, kind) from which the effect's key is derived.
    """

    arguments: dict[str, Any]
    records: dict[str, Any] = {}
    record_version: str = ""
    amount: float = 0.0
    intent: str = ""


class ToolFailed(Exception):
    """The tool did not do it, and that is certain. `code` is stable, the text is for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


class OutcomeUnknown(Exception):
    """Nobody can say whether the tool did it (a lost answer, a time-out after sending)."""


class AiLimit(msgspec.Struct, frozen=True, kw_only=True):
    """How far the AI may go with a tool; workers are bound by their role's limits instead.

    Attributes
    ----------
    amount : the most money that one call may move; above it the AI must not even propose.
    times : how many of its calls may have been carried out in one chat.
    approve_above : from which amount on a person has to approve, whatever the policy allows.
    approver : the role that may approve.
    """

    amount: float | None = None
    times: int | None = None
    approve_above: float | None = None
    approver: Literal["worker", "lead"] = "worker"


Reconciled = Literal["succeeded", "failed", "unknown"]


class Tool(msgspec.Struct, frozen=True, kw_only=True):
    """A tool that the AI and workers call through the same actions.

    Attributes
    ----------
    name, version, doc : as the catalogue and the LLM see it.
    parameters : the JSON schema of its arguments.
    risk : read, reversible, money or irreversible.
    customer_scoped : whether it needs an asserted customer.
    plan : checks access and resolves the arguments; raises `ToolFailed` if the customer may not.
    call : does it; the same `Caller.key` must not do it twice.
    reconcile : asks whether the call under a key was done; returns the outcome and its result.
    timeout_s : after which a read has failed, and an effect is unknown.
    returns : the JSON schema of its result; empty if it isn't known.
    limit : how far the AI may go with it.
    asks_first : whether the AI may change something with it only after the customer's clear yes
        to a question about this very call. False is for effects that aren't the customer's
        business, such as a note to a colleague.
    title : what people call it, by language; empty for its name in words.
    fields : what people call its arguments and what it returns, by language.
    """

    name: str
    version: str
    doc: str
    parameters: dict[str, Any]
    risk: Risk
    customer_scoped: bool
    plan: Callable[[Caller, Mapping[str, Any]], Awaitable[CallPlan]]
    call: Callable[[Caller, Mapping[str, Any]], Awaitable[dict[str, Any]]]
    reconcile: Callable[[Caller], Awaitable[tuple[Reconciled, dict[str, Any]]]] | None = None
    timeout_s: float = 10.0
    returns: dict[str, Any] = {}
    limit: AiLimit = AiLimit()
    asks_first: bool = True
    title: dict[str, str] = {}
    fields: dict[str, dict[str, str]] = {}

    @property
    def needs_yes(self) -> bool:
        """Whether the customer has to agree to each call of the AI's."""
        return self.asks_first and self.risk != "read"


class Catalogue(Protocol):
    """The tools that there are."""

    def get(self, name: str) -> Tool | None:
        """Return a tool by its name."""
        ...

    def all(self) -> tuple[Tool, ...]:
        """Return every tool, by name."""
        ...
