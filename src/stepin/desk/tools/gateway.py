"""The one door to tools: whoever wants a tool's code to run at a desk asks here.

Access, kill switches, time limits and the AI's limits are decided here and nowhere else; a brain
gets descriptions of tools, whose code it can't reach, and the web gets plans and records.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NoReturn, TypeVar

import msgspec
import structlog

from stepin.agent.tools.limits import admit, must_be_an_amount
from stepin.agent.tools.tool import (
    Caller,
    CallPlan,
    Catalogue,
    OutcomeUnknown,
    Reconciled,
    Tool,
    ToolFailed,
)
from stepin.core.action import Resolved
from stepin.core.chat import Chat
from stepin.desk.state.fault_site import place_of
from stepin.desk.state.policies import Policies
from stepin.errors import Conflict, Forbidden, Missing, Refused, StepinError, Unavailable
from stepin.log.protocol import Log

Answer = TypeVar("Answer")
MAX_ORDINAL = 100
_log = structlog.get_logger("stepin.desk")


class NoTools:
    """A catalogue without tools."""

    def get(self, name: str) -> Tool | None:
        """Return None."""
        return None

    def all(self) -> tuple[Tool, ...]:
        """Return nothing."""
        return ()


class OfferedTool(msgspec.Struct, frozen=True, kw_only=True):
    """What a desk says of a tool; `stopped` where its kill switch is thrown."""

    tool: Tool
    stopped: bool


class CustomerRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What a reading tool knows of a customer."""

    tool: str
    result: dict[str, Any]


class ToolRoom:
    """The catalogue with what code decides about a call: access, records, keys, switches."""

    def __init__(self, log: Log, catalogue: Catalogue, policies: Policies) -> None:
        self._log, self._catalogue, self._policies = log, catalogue, policies

    def all(self) -> tuple[OfferedTool, ...]:
        """Return every tool's description, also of those that are switched off."""
        return tuple(
            OfferedTool(tool=_described(t), stopped=self._policies.tool_stopped(t.name))
            for t in self._catalogue.all()
        )

    @property
    def names(self) -> frozenset[str]:
        """The names of all tools."""
        return frozenset(tool.name for tool in self._catalogue.all())

    def offered(self, chat: Chat) -> dict[str, Tool]:
        """Return the tools that may be called in a chat, by name: their descriptions.

        Their code raises `Forbidden` if it is called directly.
        """
        return {t.name: _described(t) for t in self._allowed(chat)}

    def needs_yes(self, chat: Chat, name: str) -> bool:
        """Return whether the AI may call a tool only after the customer's yes.

        Raises
        ------
        Missing, Forbidden
            There is no such tool, or it may not be called in this chat.
        """
        return self._get(chat, name).needs_yes

    def _allowed(self, chat: Chat) -> list[Tool]:
        return [
            t
            for t in self._catalogue.all()
            if (chat.customer_asserted or not t.customer_scoped)
            and not self._policies.tool_stopped(t.name)
        ]

    def _get(self, chat: Chat, name: str) -> Tool:
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
            raise Missing(
                f"There is no tool {name}.",
                hint="GET /api/tools lists the tools of this desk.",
                code="no_tool",
            )
        if tool.customer_scoped and not chat.customer_asserted:
            raise Forbidden(
                f"{name} needs a customer who is signed in.",
                hint="Ask the customer to sign in on your site, and to write from there.",
                code="not_asserted",
            )
        if self._policies.tool_stopped(name):
            raise Forbidden(
                f"{name} was switched off, for everybody.",
                hint="Help without it; a lead can say why, and put its switch back.",
                code="tool_stopped",
            )
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
        resolved = await self.preview(chat, name, arguments)
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
        raise Refused(
            f"{name} was done {MAX_ORDINAL} times.",
            hint="Look at what was done before; a person has to look into this order.",
            code="too_often",
        )

    async def preview(self, chat: Chat, name: str, arguments: Mapping[str, Any]) -> Resolved:
        """Return the tool's plan for the asserted customer, with ordinal 1; nothing is done.

        Raises
        ------
        Missing, Forbidden
            There is no such tool, or it may not be called in this chat.
        Refused
            The tool says no; `code` is the tool's.
        Unavailable
            The tool didn't answer in its time, or broke.
        """
        tool = self._get(chat, name)
        plan = await self._planned(chat, tool, arguments)
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

    async def _planned(self, chat: Chat, tool: Tool, arguments: Mapping[str, Any]) -> CallPlan:
        caller = Caller(customer_id=chat.customer_id, asserted=chat.customer_asserted)
        try:
            plan = await _within(tool, lambda: tool.plan(caller, arguments))
            must_be_an_amount(plan)
            return plan
        except ToolFailed as error:
            raise Refused(
                error.message,
                hint="The tool says so: check the arguments, or help without it.",
                code=error.code,
                tool=tool.name,
            ) from error
        except (TimeoutError, OutcomeUnknown, OSError) as error:
            raise _silent(tool) from error
        except StepinError:
            raise
        except Exception as error:
            _log.error("tool_raised", tool=tool.name, during="plan", **place_of(error))
            raise _silent(tool, code="tool_raised") from error

    async def records(self, chat: Chat) -> list[CustomerRecord]:
        """Return what the reading tools that need no arguments say of a chat's customer.

        A tool that fails, is late or switched off is left out.
        """
        caller = Caller(customer_id=chat.customer_id, asserted=chat.customer_asserted)
        found = []
        for tool in self._allowed(chat):
            needed = tool.parameters.get("required") or "required" not in tool.parameters
            if tool.risk != "read" or not tool.customer_scoped or needed:
                continue
            try:
                plan = await self._planned(chat, tool, {})
                result = await _within(tool, lambda: tool.call(caller, plan.arguments))  # noqa: B023
            except (StepinError, ToolFailed, OutcomeUnknown, TimeoutError, OSError):
                continue
            except Exception as error:  # noqa: BLE001 - a tool is foreign code
                _log.error("tool_raised", tool=tool.name, during="records", **place_of(error))
                continue
            found.append(CustomerRecord(tool=tool.name, result=result))
        return found

    def may_call(self, chat: Chat, name: str) -> None:
        """Refuse a call that `call` would refuse, before it is begun.

        Raises
        ------
        Missing, Forbidden
            There is no such tool, or it may not be called in this chat.
        """
        self._get(chat, name)

    async def call(
        self, chat: Chat, name: str, arguments: Mapping[str, Any], *, key: str
    ) -> dict[str, Any]:
        """Call a tool and return its result.

        Raises
        ------
        Missing, Forbidden
            There is no such tool, or it may not be called in this chat: it was not called.
        Exception
            Whatever the tool raises: `ToolFailed` if it did nothing for certain, else nobody
            knows; `TimeoutError` after its time limit.
        """
        tool = self._get(chat, name)
        caller = Caller(customer_id=chat.customer_id, asserted=chat.customer_asserted, key=key)
        return await _within(tool, lambda: tool.call(caller, arguments))

    async def reconcile(
        self, chat: Chat, name: str, *, key: str
    ) -> tuple[Reconciled, dict[str, Any]]:
        """Return what became of a call that was sent; unknown where nobody can say.

        A tool that was switched off is asked as well: the question changes nothing, and without
        its answer nobody learns whether the money has moved.
        """
        tool = self._catalogue.get(name)
        if tool is None or tool.reconcile is None:
            return "unknown", {}
        ask = tool.reconcile
        caller = Caller(customer_id=chat.customer_id, asserted=chat.customer_asserted, key=key)
        try:
            return await _within(tool, lambda: ask(caller))
        except (ToolFailed, OutcomeUnknown, TimeoutError, OSError):
            return "unknown", {}
        except Exception as error:  # noqa: BLE001 - a tool is foreign code
            _log.error("tool_raised", tool=name, during="reconcile", **place_of(error))
            return "unknown", {}

    def admit(self, chat: Chat, resolved: Resolved) -> None:
        """Refuse a call of the AI's that is beyond what the tool allows the AI in one chat.

        Raises
        ------
        Refused
            It would move too much money, or was called often enough.
        """
        try:
            admit(self._get(chat, resolved.tool), resolved.amount, chat.actions)
        except ToolFailed as error:
            raise Refused(
                error.message,
                hint="The AI may not; a worker may within the limits of their role.",
                code=error.code,
                tool=resolved.tool,
            ) from error

    def ordinal_of(self, business_key: str) -> int:
        """Return the ordinal in a business key."""
        return int(business_key.rpartition("#")[2] or 1)

    async def planned_again(
        self, chat: Chat, name: str, arguments: Mapping[str, Any], business_key: str
    ) -> Resolved:
        """Return what an approved call would do now, under its old ordinal."""
        now = await self.preview(chat, name, arguments)
        return _numbered(now, self.ordinal_of(business_key))


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


async def _within(tool: Tool, run: Callable[[], Awaitable[Answer]]) -> Answer:
    """Run a tool's code within its time limit."""
    async with asyncio.timeout(tool.timeout_s):
        return await run()


def _silent(tool: Tool, *, code: str = "tool_timeout") -> Unavailable:
    return Unavailable(
        f"{tool.name} didn't answer.",
        hint="Nothing was done. Try again in a moment, or help without it.",
        code=code,
        tool=tool.name,
    )


def _described(tool: Tool) -> Tool:
    """Return a tool without its code: what it says of itself, and nothing that runs."""

    async def closed(*_: object) -> NoReturn:
        raise Forbidden(
            f"{tool.name} is called through the desk.",
            hint="Call it through a turn's hands, or propose an action.",
            code="not_here",
        )

    return msgspec.structs.replace(
        tool, plan=closed, call=closed, reconcile=closed if tool.reconcile else None
    )
