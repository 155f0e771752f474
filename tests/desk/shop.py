"""A shop outside of the desk: it keeps its own ledger, and can be slow, silent or wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from stepin.agent.tools.tool import Caller, CallPlan, OutcomeUnknown, Reconciled, Tool, ToolFailed


class Shop:
    """One order of dora's, refunds in a ledger by idempotency key.

    `before` and `after` are awaited around every refund: tests hold a call open with them.
    """

    def __init__(self) -> None:
        self.orders = {"A-1001": {"owner": "dora", "status": "shipped", "version": 1}}
        self.ledger: dict[str, float] = {}
        self.calls: list[tuple[str, str]] = []
        self.lose_answers = False
        self.before: Callable[[], Awaitable[None]] = _nothing
        self.after: Callable[[], Awaitable[None]] = _nothing

    def get(self, name: str) -> Tool | None:
        return next((t for t in self.all() if t.name == name), None)

    def all(self) -> tuple[Tool, ...]:
        return (
            Tool(
                name="find_order",
                version="1",
                doc="Look an order up.",
                parameters={"type": "object"},
                risk="read",
                customer_scoped=True,
                plan=self._plan_find,
                call=self._find,
            ),
            Tool(
                name="refund",
                version="1",
                doc="Refund an order.",
                parameters={"type": "object"},
                risk="money",
                customer_scoped=True,
                plan=self._plan_refund,
                call=self._refund,
                reconcile=self._reconcile,
                timeout_s=0.5,
                asks_first=False,
            ),
        )

    def _order(self, caller: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        order = self.orders.get(str(arguments.get("order")))
        if order is None or order["owner"] != caller.customer_id or not caller.asserted:
            raise ToolFailed("no_order", "There is no such order.")
        return order

    async def _plan_find(self, caller: Caller, arguments: Mapping[str, Any]) -> CallPlan:
        self._order(caller, arguments)
        return CallPlan(arguments={"order": str(arguments["order"])})

    async def _find(self, caller: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        return {"status": self.orders[arguments["order"]]["status"]}

    async def _plan_refund(self, caller: Caller, arguments: Mapping[str, Any]) -> CallPlan:
        order = self._order(caller, arguments)
        amount = float(arguments["amount"])
        return CallPlan(
            arguments={"order": str(arguments["order"]), "amount": amount},
            records={"order": dict(order)},
            record_version=str(order["version"]),
            amount=amount,
            intent=f"refund:{arguments['order']}",
        )

    async def _refund(self, caller: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        await self.before()
        self.calls.append((caller.key, str(arguments["order"])))
        self.ledger.setdefault(caller.key, float(arguments["amount"]))
        await self.after()
        if self.lose_answers:
            raise OutcomeUnknown("the line broke")
        return {"refunded": arguments["amount"]}

    async def _reconcile(self, caller: Caller) -> tuple[Reconciled, dict[str, Any]]:
        if caller.key in self.ledger:
            return "succeeded", {"refunded": self.ledger[caller.key]}
        return "failed", {}


async def _nothing() -> None:
    await asyncio.sleep(0)
