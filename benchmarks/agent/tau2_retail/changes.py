"""The domain's seven changes as functions on a store, by its policy."""

from __future__ import annotations

from typing import Any

from benchmarks.agent.tau2_retail.store import Record, Store
from stepin.agent.tools.tool import ToolFailed

REASONS = ("no longer needed", "ordered by mistake")


def _no(message: str) -> ToolFailed:
    return ToolFailed("refused", message)


def cancel_pending_order(store: Store, order_id: str, reason: str) -> Record:
    """Cancel a pending order; everything paid goes back."""
    order = store.get("orders", order_id)
    if order["status"] != "pending":
        raise _no("Non-pending order cannot be cancelled")
    if reason not in REASONS:
        raise _no("Invalid reason")
    for payment in list(order["payment_history"]):
        order["payment_history"].append(
            {
                "transaction_type": "refund",
                "amount": payment["amount"],
                "payment_method_id": payment["payment_method_id"],
            }
        )
        _credit(store, order, payment["payment_method_id"], payment["amount"])
    order["status"], order["cancel_reason"] = "cancelled", reason
    store.put("orders", order_id, order)
    return order


def modify_pending_order_items(
    store: Store,
    order_id: str,
    item_ids: list[str],
    new_item_ids: list[str],
    payment_method_id: str,
) -> Record:
    """Change items of a pending order to other options of the same products, once."""
    order = store.get("orders", order_id)
    if order["status"] != "pending":
        raise _no("Non-pending order cannot be modified")
    pairs = _pairs(store, order, item_ids, new_item_ids)
    difference = sum(new["price"] - old["price"] for old, new in pairs)
    method = _method(store, order, payment_method_id)
    _must_cover(method, difference)
    order["payment_history"].append(
        {
            "transaction_type": "payment" if difference > 0 else "refund",
            "amount": abs(difference),
            "payment_method_id": payment_method_id,
        }
    )
    _credit(store, order, payment_method_id, -difference)
    # The reference gives every changed item the price and the options of the last one.
    last = pairs[-1][1]
    for old, new in pairs:
        item = next(item for item in order["items"] if item["item_id"] == old["item_id"])
        item.update(item_id=new["item_id"], price=last["price"], options=last["options"])
    order["status"] = "pending (item modified)"
    store.put("orders", order_id, order)
    return order


def modify_pending_order_payment(store: Store, order_id: str, payment_method_id: str) -> Record:
    """Pay a pending order by another method of the user's; the first one gets its money back."""
    order = store.get("orders", order_id)
    if not order["status"].startswith("pending"):
        raise _no("Non-pending order cannot be modified")
    method = _method(store, order, payment_method_id)
    history = order["payment_history"]
    if len(history) != 1 or history[0]["transaction_type"] != "payment":
        raise _no("There should be exactly one payment for a pending order")
    before, amount = history[0]["payment_method_id"], history[0]["amount"]
    if before == payment_method_id:
        raise _no("The new payment method should be different from the current one")
    if method["source"] == "gift_card" and method["balance"] < amount:
        raise _no("Insufficient gift card balance to pay for the order")
    for kind, one in (("payment", payment_method_id), ("refund", before)):
        history.append({"transaction_type": kind, "amount": amount, "payment_method_id": one})
        _credit(store, order, one, -amount if kind == "payment" else amount)
    store.put("orders", order_id, order)
    return order


def modify_pending_order_address(
    store: Store,
    order_id: str,
    address1: str,
    address2: str,
    city: str,
    state: str,
    country: str,
    zip: str,
) -> Record:
    """Change the address of a pending order."""
    order = store.get("orders", order_id)
    if not order["status"].startswith("pending"):
        raise _no("Non-pending order cannot be modified")
    order["address"] = _address(address1, address2, city, state, country, zip)
    store.put("orders", order_id, order)
    return order


def modify_user_address(
    store: Store,
    user_id: str,
    address1: str,
    address2: str,
    city: str,
    state: str,
    country: str,
    zip: str,
) -> Record:
    """Change a user's default address."""
    user = store.get("users", user_id)
    user["address"] = _address(address1, address2, city, state, country, zip)
    store.put("users", user_id, user)
    return user


def return_delivered_order_items(
    store: Store, order_id: str, item_ids: list[str], payment_method_id: str
) -> Record:
    """Take items of a delivered order back, to the first payment method or a gift card."""
    order = store.get("orders", order_id)
    if order["status"] != "delivered":
        raise _no("Non-delivered order cannot be returned")
    method = _method(store, order, payment_method_id)
    first = order["payment_history"][0]["payment_method_id"]
    if method["source"] != "gift_card" and payment_method_id != first:
        raise _no("Payment method should be the original payment method or a gift card")
    _must_hold(order, item_ids)
    order["status"] = "return requested"
    order["return_items"] = sorted(item_ids)
    order["return_payment_method_id"] = payment_method_id
    store.put("orders", order_id, order)
    return order


def exchange_delivered_order_items(
    store: Store,
    order_id: str,
    item_ids: list[str],
    new_item_ids: list[str],
    payment_method_id: str,
) -> Record:
    """Exchange items of a delivered order for other options of the same products, once."""
    order = store.get("orders", order_id)
    if order["status"] != "delivered":
        raise _no("Non-delivered order cannot be exchanged")
    pairs = _pairs(store, order, item_ids, new_item_ids)
    difference = round(sum(new["price"] - old["price"] for old, new in pairs), 2)
    _must_cover(_method(store, order, payment_method_id), difference)
    order["status"] = "exchange requested"
    order["exchange_items"] = sorted(item_ids)
    order["exchange_new_items"] = sorted(new_item_ids)
    order["exchange_payment_method_id"] = payment_method_id
    order["exchange_price_difference"] = difference
    store.put("orders", order_id, order)
    return order


def _address(*parts: str) -> dict[str, str]:
    names = ("address1", "address2", "city", "state", "country", "zip")
    return dict(zip(names, parts, strict=True))


def _must_hold(order: Record, item_ids: list[str]) -> None:
    held = [item["item_id"] for item in order["items"]]
    for item_id in item_ids:
        if item_ids.count(item_id) > held.count(item_id):
            raise _no(f"Number of {item_id} not found.")


def _pairs(
    store: Store, order: Record, item_ids: list[str], new_item_ids: list[str]
) -> list[tuple[Any, Any]]:
    _must_hold(order, item_ids)
    if len(item_ids) != len(new_item_ids):
        raise _no("The number of items to be exchanged should match")
    pairs = []
    for item_id, new_id in zip(item_ids, new_item_ids, strict=True):
        item = next(item for item in order["items"] if item["item_id"] == item_id)
        new = store.get("products", item["product_id"])["variants"].get(new_id)
        if new is None or not new["available"]:
            raise _no(f"New item {new_id} not found or available")
        pairs.append((item, new))
    return pairs


def _method(store: Store, order: Record, payment_method_id: str) -> Record:
    methods = store.get("users", order["user_id"])["payment_methods"]
    if payment_method_id not in methods:
        raise _no("Payment method not found")
    found: Record = methods[payment_method_id]
    return found


def _must_cover(method: Record, difference: float) -> None:
    if method["source"] == "gift_card" and method["balance"] < difference:
        raise _no("Insufficient gift card balance to pay for the price difference")


def _credit(store: Store, order: Record, payment_method_id: str, amount: float) -> None:
    user = store.get("users", order["user_id"])
    method = user["payment_methods"][payment_method_id]
    if method["source"] == "gift_card":
        method["balance"] = round(method["balance"] + amount, 2)
        store.put("users", user["user_id"], user)
