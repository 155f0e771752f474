"""Tools that only read."""

from __future__ import annotations

from datetime import date, timedelta

from stepin.agent.tools.definition import define
from stepin.agent.tools.tool import Caller, CallPlan, Tool, ToolFailed

from .database import Row, Shop, may_touch
from .records import (
    Account,
    Coupon,
    Item,
    Order,
    Orders,
    Parcel,
    Summary,
    Variant,
    Variants,
    Warranty,
)
from .seed import COLOURS

RETURN_DAYS = 30
DAMAGE_DAYS = 14
COLOUR_ZH = dict(COLOURS)


def returnable_until(order: Row) -> str:
    """Return the last day on which an order may be sent back, empty if it isn't delivered."""
    if not order["delivered"]:
        return ""
    return str(date.fromisoformat(order["delivered"]) + timedelta(days=RETURN_DAYS))


def warranty_until(order: Row, line: Row) -> date | None:
    """Return the last day of an item's warranty, None if it isn't delivered."""
    if not order["delivered"]:
        return None
    days = round(int(line["warranty_months"]) * 30.44)
    return date.fromisoformat(order["delivered"]) + timedelta(days=days)


def reading_tools(shop: Shop) -> list[Tool]:
    """Return the shop's tools that change nothing."""

    def lines(order: str) -> list[Row]:
        return shop.all(
            "SELECT * FROM lines JOIN products USING (sku) WHERE order_id = ? ORDER BY line", order
        )

    def since(order: Row) -> str:
        """Return the day on which an order came into its status; of its placing if it's paid."""
        if order["status"] == "cancelled":
            done = shop.one(
                "SELECT at FROM changes WHERE tool = 'cancel_order' AND subject = ?",
                order["order_id"],
            )
            return str(done["at"])[:10] if done is not None else str(order["placed"])
        return str(order[order["status"]] if order["status"] != "paid" else order["placed"])

    async def list_orders(caller: Caller) -> Orders:
        """List the customer's orders, newest first, with their status and items."""
        found = shop.all(
            "SELECT * FROM orders WHERE customer_id = ? ORDER BY placed DESC, order_id",
            caller.customer_id,
        )
        return Orders(
            orders=[
                Summary(
                    order=row["order_id"],
                    status=row["status"],
                    since=since(row),
                    placed=row["placed"],
                    total=row["total"],
                    items=", ".join(line["name_en"] for line in lines(row["order_id"])),
                    items_zh="、".join(line["name_zh"] for line in lines(row["order_id"])),
                )
                for row in found
            ]
        )

    async def get_order(caller: Caller, *, order: str) -> Order:
        """Show one order of the customer's: status, items, address, until when it can go back."""
        row = shop.own_order(caller, order)
        until = returnable_until(row)
        today = str(shop.today())
        recent = bool(row["delivered"]) and (
            shop.today() - date.fromisoformat(row["delivered"]) <= timedelta(days=DAMAGE_DAYS)
        )
        return Order(
            order=order,
            status=row["status"],
            placed=row["placed"],
            total=row["total"],
            address=row["address"],
            payment=row["payment"],
            items=[
                Item(
                    item=line["line"],
                    name=line["name_en"],
                    name_zh=line["name_zh"],
                    variant=line["variant"],
                    variant_zh=COLOUR_ZH.get(line["variant"], line["variant"]),
                    price=line["price"],
                    state=line["state"],
                )
                for line in lines(order)
            ],
            delivered=row["delivered"] or "",
            returnable_until=until,
            returnable=bool(until) and today <= until,
            damage_reportable=recent,
        )

    async def track_parcel(caller: Caller, *, order: str) -> Parcel:
        """Say where the parcel of an order is and when it is expected."""
        row = shop.own_order(caller, order)
        parcel = shop.one("SELECT * FROM parcels WHERE order_id = ?", order)
        if parcel is None:
            return Parcel(order=order, status=row["status"], sent=False)
        updated = date.fromisoformat(parcel["updated"])
        return Parcel(
            order=order,
            status=row["status"],
            sent=True,
            carrier=parcel["carrier"],
            tracking=parcel["tracking"],
            place=parcel["place"],
            place_zh=parcel["place_zh"],
            updated=parcel["updated"],
            eta=parcel["eta"],
            delivered=row["delivered"] or "",
            days_silent=(shop.today() - updated).days,
        )

    async def check_coupon(caller: Caller, *, code: str) -> Coupon:
        """Say whether a coupon of the customer's works, and if not, why."""
        row = shop.one("SELECT * FROM coupons WHERE code = ?", code.upper())
        if row is None or not may_touch(caller, row["customer_id"]):
            raise ToolFailed("no_such_coupon", f"No coupon {code} in this account.")
        holder = shop.one("SELECT basket FROM customers WHERE customer_id = ?", row["customer_id"])
        basket = 0.0 if holder is None else float(holder["basket"])
        status = "valid"
        if row["used"]:
            status = "used"
        elif row["expires"] < str(shop.today()):
            status = "expired"
        elif basket < row["minimum"]:
            status = "below_minimum"
        return Coupon(
            code=row["code"],
            status=status,
            off=row["off"],
            minimum=row["minimum"],
            basket=basket,
            expires=row["expires"],
        )

    async def check_warranty(caller: Caller, *, order: str, item: int) -> Warranty:
        """Say until when an item of an order is under warranty."""
        line = shop.own_line(caller, order, item)
        until = warranty_until(shop.own_order(caller, order), line)
        return Warranty(
            order=order,
            item=item,
            name=line["name_en"],
            name_zh=line["name_zh"],
            delivered=until is not None,
            covered=until is not None and shop.today() <= until,
            until="" if until is None else str(until),
            months=line["warranty_months"],
        )

    async def list_variants(caller: Caller, *, order: str, item: int) -> Variants:
        """List what an item can be exchanged for: other variants of it that are in stock."""
        line = shop.own_line(caller, order, item)
        found = shop.all(
            "SELECT * FROM variants WHERE sku = ? AND stock > 0 AND variant != ? ORDER BY variant",
            line["sku"],
            line["variant"],
        )
        return Variants(
            item=item,
            name=line["name_en"],
            name_zh=line["name_zh"],
            variants=[
                Variant(variant=row["variant"], variant_zh=row["variant_zh"], stock=row["stock"])
                for row in found
            ],
        )

    async def get_account(caller: Caller) -> Account:
        """Show the customer's own name, e-mail, phone and level."""
        row = shop.one("SELECT * FROM customers WHERE customer_id = ?", caller.customer_id)
        if row is None:
            raise ToolFailed("no_such_customer", "There is no such account.")
        return Account(name=row["name"], email=row["email"], phone=row["phone"], level=row["level"])

    async def plan_order(caller: Caller, *, order: str) -> CallPlan:
        shop.own_order(caller, order)
        return CallPlan(arguments={"order": order})

    async def plan_item(caller: Caller, *, order: str, item: int) -> CallPlan:
        shop.own_line(caller, order, item)
        return CallPlan(arguments={"order": order, "item": item})

    return [
        define(list_orders),
        define(get_order, plan=plan_order),
        define(track_parcel, plan=plan_order),
        define(check_coupon),
        define(check_warranty, plan=plan_item),
        define(list_variants, plan=plan_item),
        define(get_account),
    ]
