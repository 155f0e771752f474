"""A catalogue of tools, guarded: time-outs, retries, a breaker for each tool.

A read that fails in transit is tried again; an effect only where the tool can be asked what
became of it, and always under the same key. A tool that keeps failing is left alone for a while,
so that a broken service doesn't hold every chat. Kill switches are the desk's: its one door to
tools asks them before anything here runs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, TypeVar

import msgspec

from stepin.agent.shop.procedure import Limit
from stepin.agent.tools.circuit_breaker import Breaker
from stepin.agent.tools.tool import AiLimit, Caller, CallPlan, OutcomeUnknown, Tool, ToolFailed

Answer = TypeVar("Answer")
Wait = Callable[[float], Awaitable[None]]


class Patience(msgspec.Struct, frozen=True, kw_only=True):
    """How much trouble a tool may give.

    Attributes
    ----------
    tries : how often one call is tried in all.
    pause_s : before the second try; doubled before each further one.
    failures : after this many in a row the tool is left alone.
    rest_s : for this long; then one call is let through to see.
    """

    tries: int = 3
    pause_s: float = 0.2
    failures: int = 5
    rest_s: float = 30.0


PATIENCE = Patience()


class Toolbox:
    """The guarded tools that there are; a `Catalogue`.

    Parameters
    ----------
    tools : the bare tools.
    now_s : a monotonic clock in seconds.
    wait : how to pass time between tries.
    """

    def __init__(
        self,
        tools: Iterable[Tool],
        *,
        now_s: Callable[[], float],
        wait: Wait = asyncio.sleep,
        patience: Patience = PATIENCE,
    ) -> None:
        self._wait, self._patience = wait, patience
        self._breakers: dict[str, Breaker] = {}
        self._tools: dict[str, Tool] = {}
        for tool in sorted(tools, key=lambda tool: tool.name):
            breaker = Breaker(failures=patience.failures, rest_s=patience.rest_s, now_s=now_s)
            self._breakers[tool.name] = breaker
            self._tools[tool.name] = self._guarded(tool, breaker)

    def get(self, name: str) -> Tool | None:
        """Return a guarded tool by its name."""
        return self._tools.get(name)

    def all(self) -> tuple[Tool, ...]:
        """Return every guarded tool, by name."""
        return tuple(self._tools.values())

    def resting(self) -> tuple[str, ...]:
        """Return the tools that are left alone now because they kept failing."""
        return tuple(name for name, breaker in self._breakers.items() if not breaker.closed)

    def limited(self, limits: Iterable[Limit]) -> Toolbox:
        """Return this toolbox with the AI's limits of the procedures; the strictest one holds."""
        for limit in limits:
            tool = self._tools.get(limit.tool)
            if tool is not None:
                self._tools[limit.tool] = limited(tool, limit)
        return self

    def named(
        self, titles: Mapping[str, dict[str, str]], fields: Mapping[str, dict[str, str]]
    ) -> Toolbox:
        """Return this toolbox with what people call the tools and their fields."""
        for name, tool in self._tools.items():
            self._tools[name] = msgspec.structs.replace(
                tool, title=titles.get(name, {}), fields=dict(fields)
            )
        return self

    def _guarded(self, tool: Tool, breaker: Breaker) -> Tool:
        async def plan(caller: Caller, given: Mapping[str, Any]) -> CallPlan:
            return await self._tried(
                tool, breaker, lambda: tool.plan(caller, given), again=True, effect=False
            )

        async def call(caller: Caller, given: Mapping[str, Any]) -> dict[str, Any]:
            effect = tool.risk != "read"
            return await self._tried(
                tool,
                breaker,
                lambda: tool.call(caller, given),
                again=not effect or (bool(caller.key) and tool.reconcile is not None),
                effect=effect,
            )

        return msgspec.structs.replace(tool, plan=plan, call=call)

    async def _tried(
        self,
        tool: Tool,
        breaker: Breaker,
        attempt: Callable[[], Awaitable[Answer]],
        *,
        again: bool,
        effect: bool,
    ) -> Answer:
        if not breaker.may_pass():
            raise ToolFailed("resting", f"{tool.name} kept failing and is left alone for a while.")
        pause_s = self._patience.pause_s
        sent = False
        for left in range((self._patience.tries if again else 1) - 1, -1, -1):
            try:
                async with asyncio.timeout(tool.timeout_s):
                    answer = await attempt()
            except ToolFailed as refusal:
                trouble = refusal.message
                if refusal.code != "unavailable":
                    breaker.worked()
                    if not sent:
                        raise
                    break
            except TimeoutError:
                trouble, sent = f"no answer within {tool.timeout_s:g} s", True
            except (OutcomeUnknown, OSError) as error:
                trouble, sent = str(error), True
            except asyncio.CancelledError:
                raise
            except Exception as error:  # noqa: BLE001 a foreign tool may raise anything
                trouble, sent = f"{type(error).__name__}: {error}", True
            else:
                breaker.worked()
                return answer
            if left and breaker.closed:
                await self._wait(pause_s)
                pause_s *= 2
                continue
            break
        breaker.failed()
        if effect and sent:
            raise OutcomeUnknown(f"{tool.name}: {trouble}")
        raise ToolFailed("unavailable", f"{tool.name}: {trouble}")


def limited(tool: Tool, limit: Limit) -> Tool:
    """Return a tool with a procedure's limit for the AI, where its own isn't stricter."""
    return msgspec.structs.replace(tool, limit=_stricter(tool.limit, limit))


def _stricter(known: AiLimit, limit: Limit) -> AiLimit:
    def least(left: Any, right: Any) -> Any:
        return right if left is None else left if right is None else min(left, right)

    return AiLimit(
        amount=least(known.amount, limit.amount),
        times=least(known.times, limit.times),
        approve_above=least(known.approve_above, limit.approve_above),
        approver="lead" if "lead" in (known.approver, limit.approver) else "worker",
    )
