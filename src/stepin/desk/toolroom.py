"""The way from a tool's name and arguments to a call that code has resolved."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from stepin.agent.limits import admit
from stepin.agent.tool import Caller, Catalogue, OutcomeUnknown, Tool, ToolFailed
from stepin.core.action import Resolved
from stepin.core.chat import Chat
from stepin.desk.policies import Policies
from stepin.errors import Conflict, Forbidden, Missing, Refused, Unavailable
from stepin.log.protocol import Log

MAX_ORDINAL = 100


class NoTools:
    """A catalogue without tools."""

    def get(self, name: str) -> Tool | None:
        """Return None."""
        return None

    def all(self) -> tuple[Tool, ...]:
        """Return nothing."""
        return ()


class ToolRoom:
    """The catalogue with what code decides about a call: access, records, keys, switches."""

    def __init__(self, log: Log, catalogue: Catalogue, policies: Policies) -> None:
        self._log, self._catalogue, self._policies = log, catalogue, policies

    def known(self, name: str) -> Tool | None:
        """Return a tool even where it may not be called: to ask it what had happened."""
        return self._catalogue.get(name)

    @property
    def names(self) -> frozenset[str]:
        """The names of all tools."""
        return frozenset(tool.name for tool in self._catalogue.all())

    def offered(self, chat: Chat) -> dict[str, Tool]:
        """Return the tools that may be called in a chat, by name."""
        return {
            t.name: t
            for t in self._catalogue.all()
            if (chat.customer_asserted or not t.customer_scoped)
            and not self._policies.tool_stopped(t.name)
        }

    def get(self, chat: Chat, name: str) -> Tool:
        """Return a tool that may be called in a chat.

        Raises
        ------
        Missing
            There is no such tool.
        Forbidden
            It needs a customer whom the host site has signed for, or was switched off.
        """
        tool = self._catalogue.get(name)
        if tool is None:
            raise Missing(f"There is no tool {name}.", code="no_tool")
        if tool.customer_scoped and not chat.customer_asserted:
            raise Forbidden(
                f"{name} needs a customer who is signed in.",
                hint="Ask the customer to sign in.",
                code="not_asserted",
            )
        if self._policies.tool_stopped(name):
            raise Forbidden(f"{name} was switched off.", code="tool_stopped")
        return tool

    async def resolve(
        self, chat: Chat, name: str, arguments: Mapping[str, Any], *, again: bool
    ) -> Resolved:
        """Return what a call would do for the customer of this chat.

        Raises
        ------
        Conflict
            The same business intent was carried out already, and `again` is not set.
        Refused
            The tool says that this customer may not, or that the arguments make no sense.
        """
        tool = self.get(chat, name)
        resolved = await self.plan(chat, tool, arguments)
        if resolved.risk == "read":
            return resolved
        for ordinal in range(1, MAX_ORDINAL):
            numbered = _numbered(resolved, ordinal)
            if await self._log.claimant(numbered.business_key) is None:
                return numbered
            if not again:
                raise Conflict(
                    f"{name} was already done for {resolved.intent}.",
                    hint="Propose it again on purpose if it is meant to happen twice.",
                    code="already_done",
                    business_key=numbered.business_key,
                )
        raise Refused(f"{name} was done {MAX_ORDINAL} times.", code="too_often")

    async def plan(self, chat: Chat, tool: Tool, arguments: Mapping[str, Any]) -> Resolved:
        """Return the tool's plan for the asserted customer, with ordinal 1.

        Raises
        ------
        Refused
            The tool says no; `code` is the tool's.
        Unavailable
            The tool didn't answer in its time.
        """
        caller = Caller(customer_id=chat.customer_id, asserted=chat.customer_asserted)
        try:
            async with asyncio.timeout(tool.timeout_s):
                plan = await tool.plan(caller, arguments)
        except ToolFailed as error:
            raise Refused(error.message, code=error.code, tool=tool.name) from error
        except (TimeoutError, OutcomeUnknown) as error:
            raise Unavailable(
                f"{tool.name} didn't answer.", code="tool_timeout", tool=tool.name
            ) from error
        return Resolved(
            tool=tool.name,
            tool_version=tool.version,
            risk=tool.risk,
            arguments=plan.arguments,
            records=plan.records,
            record_version=plan.record_version,
            amount=plan.amount,
            intent=plan.intent or f"{tool.name}:{chat.customer_id}",
            approve_above=tool.limit.approve_above,
            ai_approver=tool.limit.approver,
        )

    def admit(self, chat: Chat, resolved: Resolved) -> None:
        """Refuse a call of the AI's that is beyond what the tool allows the AI in one chat.

        Raises
        ------
        Refused
            It would move too much money, or was called often enough.
        """
        try:
            admit(self.get(chat, resolved.tool), resolved.amount, chat.actions)
        except ToolFailed as error:
            raise Refused(error.message, code=error.code, tool=resolved.tool) from error

    def ordinal_of(self, business_key: str) -> int:
        """Return the ordinal in a business key."""
        return int(business_key.rpartition("#")[2] or 1)

    async def planned_again(
        self, chat: Chat, name: str, arguments: Mapping[str, Any], business_key: str
    ) -> Resolved:
        """Return what an approved call would do now, under its old ordinal."""
        tool = self.get(chat, name)
        return _numbered(await self.plan(chat, tool, arguments), self.ordinal_of(business_key))


def _numbered(resolved: Resolved, ordinal: int) -> Resolved:
    return Resolved(
        tool=resolved.tool,
        tool_version=resolved.tool_version,
        risk=resolved.risk,
        arguments=resolved.arguments,
        records=resolved.records,
        record_version=resolved.record_version,
        amount=resolved.amount,
        intent=resolved.intent,
        ordinal=ordinal,
        approve_above=resolved.approve_above,
        ai_approver=resolved.ai_approver,
    )
