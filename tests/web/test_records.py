"""What a worker sees of a chat's customer, from the tools that only read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stepin.agent.tools.tool import Caller, CallPlan, Tool, ToolFailed
from tests.web.served import serving

NO_ARGUMENTS = {"type": "object", "properties": {}, "required": []}


async def as_asked(caller: Caller, arguments: Mapping[str, Any]) -> CallPlan:
    return CallPlan(arguments=dict(arguments))


async def orders(caller: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {"orders": [{"order": f"A-{caller.customer_id}"}]}


async def broken(caller: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
    raise ToolFailed("down", "The shop is closed.")


def reading(name: str, **more: Any) -> Tool:
    settled: dict[str, Any] = {
        "parameters": NO_ARGUMENTS,
        "risk": "read",
        "customer_scoped": True,
        "call": orders,
        **more,
    }
    return Tool(name=name, version="1", doc=name, plan=as_asked, **settled)


class Shop:
    """One tool that may speak for itself, and others that must not be called unasked."""

    def all(self) -> tuple[Tool, ...]:
        return (
            reading("list_orders"),
            reading("one_order", parameters={**NO_ARGUMENTS, "required": ["order"]}),
            reading("any_order", parameters={"type": "object"}),
            reading("pay_out", risk="money"),
            reading("opening_hours", customer_scoped=False),
            reading("broken", call=broken),
        )

    def get(self, name: str) -> Tool | None:
        return next((t for t in self.all() if t.name == name), None)


async def test_a_worker_sees_the_orders_of_a_customer_who_was_vouched_for(tmp_path: Path) -> None:
    async with serving(tmp_path, tools=Shop()) as served:
        ann = await served.on_duty("ann")
        _, dora = await served.customer(identity=served.identity("dora"))
        known = (await ann.get(f"/api/chats/{dora['chat_id']}/records")).json()
        assert known == {
            "records": [{"tool": "list_orders", "result": {"orders": [{"order": "A-dora"}]}}]
        }
        _, nobody = await served.customer()
        unknown = await ann.get(f"/api/chats/{nobody['chat_id']}/records")
        assert unknown.json() == {"records": []}
        assert (await ann.get("/api/chats/none/records")).status_code == 404
