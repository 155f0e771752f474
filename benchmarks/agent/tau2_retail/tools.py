"""The domain's tools: six look-ups, a calculator and every change that its policy names.

Its own transfer to a person is no tool here: the desk escalates.
"""

from __future__ import annotations

import ast
import inspect
import operator
from collections.abc import Callable, Mapping
from hashlib import sha256
from json import dumps
from typing import Any

from benchmarks.agent.tau2_retail import changes
from benchmarks.agent.tau2_retail.store import Record, Store
from stepin.agent.tools.tool import Caller, CallPlan, Reconciled, Tool, ToolFailed
from stepin.core.events.base import Risk

Crash = Callable[[str], None]
_ARITHMETIC: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
}  # fmt: skip
READS = (
    "find_user_id_by_name_zip", "find_user_id_by_email", "get_user_details", "get_order_details",
    "get_product_details", "get_item_details", "calculate",
)  # fmt: skip
CHANGES: dict[Callable[..., Record], Risk] = {
    changes.cancel_pending_order: "money",
    changes.modify_pending_order_items: "money",
    changes.return_delivered_order_items: "money",
    changes.exchange_delivered_order_items: "money",
    changes.modify_pending_order_payment: "money",
    changes.modify_pending_order_address: "reversible",
    changes.modify_user_address: "reversible",
}


class Catalogue:
    """The tools on one store; `step` is told before and after whatever happens.

    `asks_first` is False where the gold calls are played, in whose chats no customer answers.
    """

    def __init__(
        self, store: Store, step: Crash = lambda name: None, *, asks_first: bool = True
    ) -> None:
        self._store, self._step, self._asks_first = store, step, asks_first
        made = [self._read(getattr(self, name)) for name in READS]
        made += [self._change(change, risk) for change, risk in CHANGES.items()]
        self._tools = {tool.name: tool for tool in made}

    def get(self, name: str) -> Tool | None:
        """Return a tool by its name."""
        return self._tools.get(name)

    def all(self) -> tuple[Tool, ...]:
        """Return every tool."""
        return tuple(self._tools.values())

    def find_user_id_by_name_zip(self, first_name: str, last_name: str, zip: str) -> Any:
        """Return the user with this name and zip code."""
        wanted = (first_name.lower(), last_name.lower(), zip)
        for user in self._store.all("users"):
            name = user["name"]
            if (
                name["first_name"].lower(),
                name["last_name"].lower(),
                user["address"]["zip"],
            ) == wanted:
                return user["user_id"]
        raise ToolFailed("not_found", "User not found")

    def find_user_id_by_email(self, email: str) -> Any:
        """Return the user with this e-mail address."""
        for user in self._store.all("users"):
            if user["email"].lower() == email.lower():
                return user["user_id"]
        raise ToolFailed("not_found", "User not found")

    def get_user_details(self, user_id: str) -> Any:
        """Return a user's profile."""
        return self._store.get("users", user_id)

    def get_order_details(self, order_id: str) -> Any:
        """Return an order."""
        return self._store.get("orders", order_id)

    def get_product_details(self, product_id: str) -> Any:
        """Return a product with its variants."""
        return self._store.get("products", product_id)

    def get_item_details(self, item_id: str) -> Any:
        """Return one variant of a product."""
        for product in self._store.all("products"):
            if item_id in product["variants"]:
                return product["variants"][item_id]
        raise ToolFailed("not_found", "Item not found")

    def calculate(self, expression: str) -> Any:
        """Return what an arithmetic expression is worth."""
        return str(round(_worth(ast.parse(expression, mode="eval").body), 2))

    def _read(self, function: Callable[..., Any]) -> Tool:
        async def plan(caller: Caller, given: Mapping[str, Any]) -> CallPlan:
            return CallPlan(arguments=dict(given))

        async def call(caller: Caller, given: Mapping[str, Any]) -> dict[str, Any]:
            self._step(f"before {function.__name__}")
            return {"value": function(**given)}

        return self._tool(function, "read", plan, call)

    def _change(self, function: Callable[..., Record], risk: Risk) -> Tool:
        name = function.__name__

        async def plan(caller: Caller, given: Mapping[str, Any]) -> CallPlan:
            record = self._own(caller, given)
            shown = dumps(given, sort_keys=True)
            return CallPlan(
                arguments=dict(given),
                records={"record": record},
                record_version=sha256(dumps(record, sort_keys=True).encode()).hexdigest()[:16],
                amount=sum(p["amount"] for p in record.get("payment_history", ())[:1]),
                intent=f"{name}:{sha256(shown.encode()).hexdigest()[:24]}",
            )

        async def call(caller: Caller, given: Mapping[str, Any]) -> dict[str, Any]:
            self._step(f"before {name}")

            def change() -> Record:
                self._own(caller, given)
                return function(self._store, **given)

            result = self._store.once(caller.key, name, change)
            self._step(f"after {name}")
            return {"value": result}

        async def reconcile(caller: Caller) -> tuple[Reconciled, dict[str, Any]]:
            done = self._store.done(caller.key)
            return ("failed", {}) if done is None else ("succeeded", {"value": done})

        tool = self._tool(function, risk, plan, call, skip=1)
        return Tool(**{**{f: getattr(tool, f) for f in tool.__struct_fields__},
                       "reconcile": reconcile})  # fmt: skip

    def _own(self, caller: Caller, given: Mapping[str, Any]) -> Record:
        if "order_id" in given:
            record = self._store.get("orders", given["order_id"])
        else:
            record = self._store.get("users", given["user_id"])
        if not caller.asserted or record["user_id"] != caller.customer_id:
            raise ToolFailed("not_yours", "It belongs to another user.")
        return record

    def _tool(
        self, function: Callable[..., Any], risk: Risk, plan: Any, call: Any, *, skip: int = 0
    ) -> Tool:
        names = list(inspect.signature(function).parameters)[skip:]
        return Tool(
            name=function.__name__,
            version="1",
            doc=function.__doc__ or "",
            parameters={"type": "object", "properties": {name: {} for name in names}},
            risk=risk,
            customer_scoped=risk != "read",
            plan=plan,
            call=call,
            asks_first=self._asks_first,
        )


def _worth(node: ast.expr) -> float:
    match node:
        case ast.Constant(value=int() | float() as value):
            return float(value)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
            return _ARITHMETIC[type(op)](_worth(left), _worth(right))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_worth(operand)
        case _:
            raise ToolFailed("refused", "Invalid characters in expression")
