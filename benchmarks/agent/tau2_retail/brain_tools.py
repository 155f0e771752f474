"""The domain's tools as the built-in brain needs them: lists to pick from, one item per change."""

from __future__ import annotations

from typing import Any

import msgspec

from benchmarks.agent.tau2_retail.store import Record, Store
from benchmarks.agent.tau2_retail.tools import Catalogue
from stepin.agent.tools.definition import define
from stepin.agent.tools.tool import Caller, CallPlan, Tool, ToolFailed


class Summary(msgspec.Struct, frozen=True):
    """An order in a list."""

    order: str
    status: str
    items: str


class Orders(msgspec.Struct, frozen=True):
    """The customer's orders, newest first."""

    orders: list[Summary]


class Item(msgspec.Struct, frozen=True):
    """One item of an order."""

    item: str
    name: str
    options: str


class Items(msgspec.Struct, frozen=True):
    """The items of an order."""

    items: list[Item]


class Variant(msgspec.Struct, frozen=True):
    """Another variant of a product."""

    variant: str
    options: str
    price: float


class Variants(msgspec.Struct, frozen=True):
    """What an item can become."""

    variants: list[Variant]


class Payment(msgspec.Struct, frozen=True):
    """A way to pay that the customer has."""

    payment: str
    kind: str


class Payments(msgspec.Struct, frozen=True):
    """The customer's ways to pay."""

    payments: list[Payment]


class Order(msgspec.Struct, frozen=True):
    """An order after a change."""

    order: str
    status: str


def options_of(variant: Record) -> str:
    """Return the options of a variant as a customer would name them."""
    return ", ".join(str(value) for value in variant["options"].values())


def brain_tools(store: Store) -> list[Tool]:
    """Return the tools on one store."""
    catalogue = Catalogue(store)

    def own(caller: Caller, order: str) -> Record:
        record = store.find("orders", order)
        if record is None or not caller.asserted or record["user_id"] != caller.customer_id:
            raise ToolFailed("no_such_order", f"No order {order} in this account.")
        return record

    async def list_orders(caller: Caller) -> Orders:
        """List the customer's orders."""
        user = store.get("users", caller.customer_id)
        records = [store.get("orders", order) for order in reversed(user["orders"])]
        return Orders(
            [
                Summary(one["order_id"], one["status"], ", ".join(i["name"] for i in one["items"]))
                for one in records
            ]
        )

    async def list_items(caller: Caller, *, order: str) -> Items:
        """List the items of an order."""
        items = own(caller, order)["items"]
        return Items([Item(one["item_id"], one["name"], options_of(one)) for one in items])

    async def list_variants(caller: Caller, *, order: str, item: str) -> Variants:
        """List the other variants of an item that are available."""
        bought = next(one for one in own(caller, order)["items"] if one["item_id"] == item)
        variants = store.get("products", bought["product_id"])["variants"]
        return Variants(
            [
                Variant(name, options_of(one), one["price"])
                for name, one in variants.items()
                if one["available"] and name != item
            ]
        )

    async def list_payments(caller: Caller) -> Payments:
        """List the customer's ways to pay."""
        methods = store.get("users", caller.customer_id)["payment_methods"]
        return Payments(
            [Payment(name, one["source"].replace("_", " ")) for name, one in methods.items()]
        )

    def change(tool: str, doc: str, name: str, given: dict[str, type], build: Any) -> Tool:
        """Return a change of one item as the domain's change of a list."""
        known = catalogue.get(tool)
        assert known is not None

        async def plan(caller: Caller, arguments: Any) -> CallPlan:
            planned = await known.plan(caller, build(**arguments))
            return msgspec.structs.replace(planned, arguments=dict(arguments))

        async def call(caller: Caller, arguments: Any) -> dict[str, Any]:
            record = (await known.call(caller, build(**arguments)))["value"]
            return {"order": record["order_id"], "status": record["status"]}

        schema = {"type": "object", "properties": {one: {"type": "string"} for one in given}}
        return msgspec.structs.replace(
            known, name=name, doc=doc, plan=plan, call=call,
            parameters={**schema, "required": list(given)}, returns={
                "type": "object", "properties": {"order": {}, "status": {}},
            },
        )  # fmt: skip

    one = {"order": str, "item": str, "payment": str}
    other = {"order": str, "item": str, "variant": str, "payment": str}

    def swapped(order: str, item: str, variant: str, payment: str) -> dict[str, Any]:
        return {
            "order_id": order, "item_ids": [item], "new_item_ids": [variant],
            "payment_method_id": payment,
        }  # fmt: skip

    return [
        *(define(read) for read in (list_orders, list_items, list_variants, list_payments)),
        change(
            "cancel_pending_order", "Cancel a pending order.", "cancel_order",
            {"order": str, "reason": str},
            lambda order, reason: {"order_id": order, "reason": reason},
        ),
        change(
            "return_delivered_order_items", "Return one item.", "return_item", one,
            lambda order, item, payment: {
                "order_id": order, "item_ids": [item], "payment_method_id": payment,
            },
        ),
        change(
            "exchange_delivered_order_items", "Exchange one item.", "exchange_item", other, swapped
        ),
        change("modify_pending_order_items", "Change one item.", "modify_item", other, swapped),
    ]  # fmt: skip
