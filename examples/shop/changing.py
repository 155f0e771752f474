"""Tools that change something: each once for a key, each in one transaction."""

from __future__ import annotations

import json
import re
from typing import Any, Literal

import msgspec

from stepin.agent.tools.definition import define
from stepin.agent.tools.tool import Caller, CallPlan, Reconciled, Tool, ToolFailed

from .database import Row, Shop
from .reading import COLOUR_ZH, returnable_until, warranty_until
from .records import Change

EMAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")
PHONE = re.compile(r"\+?\d{7,15}")
OWN_NAME = re.compile(
    r"(?:just |to )?(?:me|my ?self|personal|(?:in |under )?my (?:own )?name)\b"
    r"(?!.*(?:ltd|inc|company))|个人|本人|我自己|我的名字|我本人",
    re.I,
)
Contact = Literal["email", "phone"]


def money(amount: float) -> str:
    """Return an amount as people read it, in the shop's currency."""
    return f"£{amount:.2f}"


def changing_tools(shop: Shop) -> list[Tool]:
    """Return the shop's tools that change something."""

    def version(order: Row) -> str:
        return f"{order['order_id']}@{order['version']}"

    def touch(order: str) -> None:
        shop.run("UPDATE orders SET version = version + 1 WHERE order_id = ?", order)

    def card(order: Row, line: Row | None = None) -> dict[str, Any]:
        shown = {
            "order": order["order_id"],
            "status": order["status"],
            "placed": order["placed"],
            "total": money(order["total"]),
            "payment": order["payment"],
        }
        if line is not None:
            shown |= {
                "item": line["name_en"],
                "variant": line["variant"],
                "price": money(line["price"]),
            }
        return shown

    def cancellable(caller: Caller, order: str) -> Row:
        row = shop.own_order(caller, order)
        if row["status"] != "paid":
            code = "already_cancelled" if row["status"] == "cancelled" else "already_sent"
            raise ToolFailed(code, f"Order {order} is {row['status']}.")
        return row

    def with_customer(caller: Caller, order: str, item: int) -> tuple[Row, Row]:
        row, line = shop.own_order(caller, order), shop.own_line(caller, order, item)
        if row["status"] != "delivered":
            raise ToolFailed("not_delivered", f"Order {order} is {row['status']}.")
        if line["state"] != "ordered":
            raise ToolFailed(f"already_{line['state']}", f"The item is {line['state']} already.")
        return row, line

    def returnable(caller: Caller, order: str, item: int) -> tuple[Row, Row]:
        row, line = with_customer(caller, order, item)
        if str(shop.today()) > returnable_until(row):
            raise ToolFailed("too_late", f"It could be returned until {returnable_until(row)}.")
        return row, line

    def stocked(sku: str, variant: str) -> None:
        row = shop.one("SELECT stock FROM variants WHERE sku = ? AND variant = ?", sku, variant)
        if row is None or row["stock"] < 1:
            raise ToolFailed("out_of_stock", f"{variant} is not in stock.")

    async def plan_cancel(caller: Caller, *, order: str) -> CallPlan:
        row = cancellable(caller, order)
        return CallPlan(
            arguments={"order": order},
            records=card(row),
            record_version=version(row),
            amount=row["total"],
            intent=f"cancel:{order}",
        )

    async def cancel_order(caller: Caller, *, order: str) -> Change:
        """Cancel an order that isn't sent yet; what was paid goes back the way it came."""

        def change() -> tuple[dict[str, Any], float]:
            row = cancellable(caller, order)
            shop.run("UPDATE orders SET status = 'cancelled' WHERE order_id = ?", order)
            shop.run("UPDATE lines SET state = 'cancelled' WHERE order_id = ?", order)
            touch(order)
            return {"reference": f"C-{order[3:]}", "order": order, "amount": row["total"]}, row[
                "total"
            ]

        return _change(shop.once(caller, "cancel_order", order, {"order": order}, change))

    async def plan_refund(caller: Caller, *, order: str, item: int) -> CallPlan:
        row, line = returnable(caller, order, item)
        return CallPlan(
            arguments={"order": order, "item": item},
            records=card(row, line),
            record_version=version(row),
            amount=line["price"],
            intent=f"refund:{order}:{item}",
        )

    async def refund_item(caller: Caller, *, order: str, item: int) -> Change:
        """Refund one delivered item within 30 days; the customer gets a return label."""

        def change() -> tuple[dict[str, Any], float]:
            row, line = returnable(caller, order, item)
            return _settle(row, line, "refunded", "R"), line["price"]

        arguments = {"order": order, "item": item}
        return _change(shop.once(caller, "refund_item", f"{order}/{item}", arguments, change))

    def _settle(order: Row, line: Row, state: str, letter: str) -> dict[str, Any]:
        shop.run(
            "UPDATE lines SET state = ? WHERE order_id = ? AND line = ?",
            state,
            order["order_id"],
            line["line"],
        )
        touch(order["order_id"])
        return {
            "reference": f"{letter}-{order['order_id'][3:]}-{line['line']}",
            "order": order["order_id"],
            "item": line["line"],
            "name": line["name_en"],
            "name_zh": line["name_zh"],
            "amount": line["price"],
        }

    async def plan_replace(caller: Caller, *, order: str, item: int, problem: str) -> CallPlan:
        row, line = with_customer(caller, order, item)
        return CallPlan(
            arguments={"order": order, "item": item, "problem": problem},
            records=card(row, line) | {"problem": problem},
            record_version=version(row),
            amount=line["price"],
            intent=f"replace:{order}:{item}",
        )

    async def replace_item(caller: Caller, *, order: str, item: int, problem: str) -> Change:
        """Send a new one for an item that arrived damaged."""

        def change() -> tuple[dict[str, Any], float]:
            row, line = with_customer(caller, order, item)
            return _settle(row, line, "replaced", "N"), line["price"]

        arguments = {"order": order, "item": item, "problem": problem}
        return _change(shop.once(caller, "replace_item", f"{order}/{item}", arguments, change))

    async def plan_exchange(caller: Caller, *, order: str, item: int, variant: str) -> CallPlan:
        row, line = returnable(caller, order, item)
        stocked(line["sku"], variant)
        return CallPlan(
            arguments={"order": order, "item": item, "variant": variant},
            records=card(row, line) | {"new variant": variant},
            record_version=version(row),
            intent=f"exchange:{order}:{item}",
        )

    async def exchange_item(caller: Caller, *, order: str, item: int, variant: str) -> Change:
        """Exchange a delivered item for another variant of it, at the same price."""

        def change() -> tuple[dict[str, Any], float]:
            row, line = returnable(caller, order, item)
            stocked(line["sku"], variant)
            shop.run(
                "UPDATE variants SET stock = stock - 1 WHERE sku = ? AND variant = ?",
                line["sku"],
                variant,
            )
            result = _settle(row, line, "exchanged", "X")
            return result | {"detail": variant, "detail_zh": COLOUR_ZH.get(variant, variant)}, 0.0

        arguments = {"order": order, "item": item, "variant": variant}
        return _change(shop.once(caller, "exchange_item", f"{order}/{item}", arguments, change))

    async def plan_address(caller: Caller, *, order: str, address: str) -> CallPlan:
        row = cancellable(caller, order)
        return CallPlan(
            arguments={"order": order, "address": _address(address)},
            records=card(row) | {"old address": row["address"], "new address": address},
            record_version=version(row),
            intent=f"address:{version(row)}",
        )

    async def change_address(caller: Caller, *, order: str, address: str) -> Change:
        """Send an order that hasn't left yet to another address."""

        def change() -> tuple[dict[str, Any], float]:
            cancellable(caller, order)
            new = _address(address)
            shop.run("UPDATE orders SET address = ? WHERE order_id = ?", new, order)
            touch(order)
            result = {"reference": f"A-{order[3:]}", "order": order, "detail": new}
            return result | {"detail_zh": new}, 0.0

        arguments = {"order": order, "address": address}
        return _change(shop.once(caller, "change_address", order, arguments, change))

    def _title(order: Row, title: str) -> str:
        if OWN_NAME.match(title.strip()):
            row = shop.one("SELECT name FROM customers WHERE customer_id = ?", order["customer_id"])
            return title if row is None else str(row["name"])
        return " ".join(title.split())[:120]

    def _ordinal(order: str, title: str) -> int:
        """Return which invoice of an order this is: the one sent last, or one more."""
        sent = shop.all(
            "SELECT result FROM changes WHERE tool = 'send_invoice' AND subject = ? ORDER BY rowid",
            order,
        )
        same = bool(sent) and json.loads(sent[-1]["result"])["name"] == title
        return len(sent) if same else len(sent) + 1

    async def plan_invoice(caller: Caller, *, order: str, title: str, tax_id: str = "") -> CallPlan:
        row = shop.own_order(caller, order)
        if row["status"] == "cancelled":
            raise ToolFailed("already_cancelled", f"Order {order} is cancelled.")
        return CallPlan(
            arguments={"order": order, "title": _title(row, title), "tax_id": tax_id},
            records=card(row) | {"invoice to": title},
            record_version=version(row),
            intent=f"invoice:{order}:{_ordinal(order, _title(row, title))}",
        )

    async def send_invoice(caller: Caller, *, order: str, title: str, tax_id: str = "") -> Change:
        """Send the invoice of an order to the customer's own e-mail address.

        `title` is whom it is made out to, `tax_id` a company's tax number if there is one.
        """

        def change() -> tuple[dict[str, Any], float]:
            row = shop.own_order(caller, order)
            holder = shop.one("SELECT * FROM customers WHERE customer_id = ?", row["customer_id"])
            email = "" if holder is None else holder["email"]
            name = _title(row, title)
            result = {"reference": f"I-{order[3:]}", "order": order, "name": name}
            return result | {"detail": email, "detail_zh": email}, 0.0

        arguments = {"order": order, "title": title, "tax_id": tax_id}
        return _change(shop.once(caller, "send_invoice", order, arguments, change))

    def covered(caller: Caller, order: str, item: int) -> tuple[Row, Row]:
        row, line = with_customer(caller, order, item)
        until = warranty_until(row, line)
        if until is None or shop.today() > until:
            raise ToolFailed("not_covered", f"The warranty ended on {until}.")
        return row, line

    async def plan_warranty(caller: Caller, *, order: str, item: int, problem: str) -> CallPlan:
        row, line = covered(caller, order, item)
        return CallPlan(
            arguments={"order": order, "item": item, "problem": problem},
            records=card(row, line) | {"problem": problem},
            record_version=version(row),
            intent=f"warranty:{order}:{item}",
        )

    async def claim_warranty(caller: Caller, *, order: str, item: int, problem: str) -> Change:
        """Open a warranty claim for a faulty item; the customer gets a label for the repair."""

        def change() -> tuple[dict[str, Any], float]:
            _, line = covered(caller, order, item)
            return {
                "reference": f"W-{order[3:]}-{item}",
                "order": order,
                "item": item,
                "name": line["name_en"],
                "name_zh": line["name_zh"],
                "detail": problem[:500],
            }, 0.0

        arguments = {"order": order, "item": item, "problem": problem}
        return _change(shop.once(caller, "claim_warranty", f"{order}/{item}", arguments, change))

    async def trace_parcel(caller: Caller, *, order: str) -> Change:
        """Ask the carrier to search for a parcel that hasn't moved for days."""

        def change() -> tuple[dict[str, Any], float]:
            row = shop.own_order(caller, order)
            if row["status"] != "shipped":
                raise ToolFailed("not_on_its_way", f"Order {order} is {row['status']}.")
            return {"reference": f"T-{order[3:]}", "order": order}, 0.0

        return _change(shop.once(caller, "trace_parcel", order, {"order": order}, change))

    async def plan_trace(caller: Caller, *, order: str) -> CallPlan:
        row = shop.own_order(caller, order)
        return CallPlan(arguments={"order": order}, records=card(row), intent=f"trace:{order}")

    async def plan_contact(caller: Caller, *, field: Contact, value: str) -> CallPlan:
        row = shop.one("SELECT * FROM customers WHERE customer_id = ?", caller.customer_id)
        if row is None:
            raise ToolFailed("no_such_customer", "There is no such account.")
        value = _contact(field, value)
        return CallPlan(
            arguments={"field": field, "value": value},
            records={f"old {field}": row[field], f"new {field}": value},
            record_version=f"{caller.customer_id}@{row['version']}",
            intent=f"contact:{caller.customer_id}@{row['version']}:{field}",
        )

    async def change_contact(caller: Caller, *, field: Contact, value: str) -> Change:
        """Change the e-mail address or the phone number of the customer's own account."""

        def change() -> tuple[dict[str, Any], float]:
            new = _contact(field, value)
            column = {"email": "email", "phone": "phone"}[field]
            shop.run(
                f"UPDATE customers SET {column} = ?, version = version + 1 WHERE customer_id = ?",
                new,
                caller.customer_id,
            )
            result = {"reference": f"K-{caller.customer_id}", "name": field}
            return result | {"detail": new, "detail_zh": new}, 0.0

        arguments = {"field": field, "value": value}
        return _change(shop.once(caller, "change_contact", caller.customer_id, arguments, change))

    async def ask(caller: Caller) -> tuple[Reconciled, dict[str, Any]]:
        outcome, result = await shop.reconcile(caller)
        return outcome, msgspec.to_builtins(_change(result)) if result else {}

    return [
        define(cancel_order, risk="money", plan=plan_cancel, reconcile=ask),
        define(refund_item, risk="money", plan=plan_refund, reconcile=ask),
        define(replace_item, risk="money", plan=plan_replace, reconcile=ask),
        define(exchange_item, risk="reversible", plan=plan_exchange, reconcile=ask),
        define(change_address, risk="reversible", plan=plan_address, reconcile=ask),
        define(send_invoice, risk="reversible", plan=plan_invoice, reconcile=ask),
        define(claim_warranty, risk="reversible", plan=plan_warranty, reconcile=ask),
        define(trace_parcel, risk="reversible", plan=plan_trace, reconcile=ask),
        define(change_contact, risk="reversible", plan=plan_contact, reconcile=ask),
    ]


def _change(result: dict[str, Any]) -> Change:
    return Change(**result)


def _address(text: str) -> str:
    address = " ".join(text.split())
    if not 6 <= len(address) <= 200:
        raise ToolFailed("bad_address", "An address has between 6 and 200 characters.")
    return address


def _contact(field: Contact, value: str) -> str:
    value = value.strip() if field == "email" else re.sub(r"[\s()-]", "", value)
    if not (EMAIL if field == "email" else PHONE).fullmatch(value):
        raise ToolFailed("bad_contact", f"This is no {field}.")
    return value
