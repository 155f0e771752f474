from __future__ import annotations

from typing import Any

import pytest
from examples.shop import tools_of
from examples.shop.database import Shop

from stepin.agent.tools.tool import Caller, Tool, ToolFailed


def tool(shop: Shop, name: str) -> Tool:
    return {tool.name: tool for tool in tools_of(shop)}[name]


def caller(customer_id: str = "c1001", key: str = "k1") -> Caller:
    return Caller(customer_id=customer_id, asserted=True, key=key)


def order(shop: Shop, status: str, customer_id: str = "c1001", *, oldest: bool = False) -> str:
    row = shop.one(
        "SELECT order_id FROM orders WHERE customer_id = ? AND status = ? ORDER BY placed "
        + ("ASC" if oldest else "DESC"),
        customer_id,
        status,
    )
    assert row is not None
    return str(row["order_id"])


async def test_the_same_key_changes_once_and_another_change_may_not_use_it(shop: Shop) -> None:
    cancel, paid = tool(shop, "cancel_order"), order(shop, "paid")
    first = await cancel.call(caller(), {"order": paid})
    assert await cancel.call(caller(), {"order": paid}) == first
    assert len(shop.all("SELECT * FROM changes")) == 1
    with pytest.raises(ToolFailed) as again:
        await cancel.call(caller(key="k2"), {"order": paid})
    assert again.value.code == "already_cancelled"
    delivered = order(shop, "delivered")
    with pytest.raises(ToolFailed) as reused:
        await tool(shop, "refund_item").call(caller(), {"order": delivered, "item": 1})
    assert reused.value.code == "key_reused"
    assert cancel.reconcile is not None
    assert await cancel.reconcile(caller()) == ("succeeded", first)
    assert await cancel.reconcile(caller(key="other")) == ("failed", {})


async def test_the_record_version_moves_with_every_change(shop: Shop) -> None:
    change, paid = tool(shop, "change_address"), order(shop, "paid")
    arguments = {"order": paid, "address": "1 New Street, Ely CB7 4AA"}
    before = (await change.plan(caller(), arguments)).record_version
    await change.call(caller(), arguments)
    assert (await change.plan(caller(), arguments)).record_version != before


@pytest.mark.parametrize(
    ("name", "first", "second"),
    [
        ("change_address", {"address": "1 New Street, Ely"}, {"address": "2 Old Street, Ely"}),
        ("send_invoice", {"title": "Mill Ltd"}, {"title": "Lane Ltd"}),
        ("change_contact", {"value": "a@example.org"}, {"value": "b@example.org"}),
    ],
)
async def test_a_change_there_and_back_and_there_again_happens_three_times(
    shop: Shop, name: str, first: dict[str, Any], second: dict[str, Any]
) -> None:
    change, keys = tool(shop, name), list[str]()
    own = {"field": "email"} if name == "change_contact" else {"order": order(shop, "paid")}
    for wanted in (first, second, first):
        plan = await change.plan(caller(), own | wanted)
        assert plan.intent is not None
        keys.append(plan.intent)
        await change.call(caller(key=plan.intent), own | wanted)
    assert len(set(keys)) == len(shop.all("SELECT * FROM changes")) == 3


async def test_the_same_invoice_again_is_the_same_business(shop: Shop) -> None:
    send, wanted = tool(shop, "send_invoice"), {"order": order(shop, "paid"), "title": "Mill Ltd"}
    plan = await send.plan(caller(), wanted)
    await send.call(caller(key=plan.intent or ""), wanted)
    assert (await send.plan(caller(), wanted)).intent == plan.intent


@pytest.mark.parametrize(
    ("name", "status", "extra", "code"),
    [
        ("cancel_order", "shipped", {}, "already_sent"),
        ("change_address", "shipped", {"address": "1 New Street, Ely"}, "already_sent"),
        ("refund_item", "paid", {"item": 1}, "not_delivered"),
        ("exchange_item", "old", {"item": 1, "variant": "black"}, "too_late"),
        ("refund_item", "old", {"item": 1}, "too_late"),
        ("refund_item", "delivered", {"item": 9}, "no_such_item"),
        ("change_address", "paid", {"address": "x"}, "bad_address"),
        ("cancel_order", "paid", {"order": "ST-000000"}, "no_such_order"),
        ("cancel_order", "paid", {"amount": 5}, "bad_arguments"),
    ],
)
async def test_the_shop_says_no(
    shop: Shop, name: str, status: str, extra: dict[str, Any], code: str
) -> None:
    chosen = order(shop, "delivered", oldest=True) if status == "old" else order(shop, status)
    for way in (tool(shop, name).plan, tool(shop, name).call):
        with pytest.raises(ToolFailed) as refused:
            await way(caller(), {"order": chosen} | extra)
        assert refused.value.code == code
    assert shop.all("SELECT * FROM changes") == []


def mine(shop: Shop, name: str) -> dict[str, Any]:
    """Arguments that the owner of the order or coupon may use."""
    statuses = {"cancel_order": "paid", "change_address": "paid", "trace_parcel": "shipped"}
    arguments: dict[str, Any] = {}
    names = tool(shop, name).parameters["properties"]
    if "order" in names:
        arguments["order"] = order(shop, statuses.get(name, "delivered"))
    if "item" in names:
        arguments["item"] = 1
    if "variant" in names:
        row = shop.one(
            "SELECT v.variant FROM lines l JOIN variants v USING (sku)"
            " WHERE order_id = ? AND line = 1 AND stock > 0 AND v.variant != l.variant",
            arguments["order"],
        )
        assert row is not None
        arguments["variant"] = row["variant"]
    for field, value in {
        "problem": "it hums",
        "address": "1 New Street, Ely",
        "title": "Ann",
    }.items():
        if field in names:
            arguments[field] = value
    if "code" in names:
        row = shop.one("SELECT code FROM coupons WHERE customer_id = 'c1001'")
        assert row is not None
        arguments["code"] = row["code"]
    return arguments


WITH_A_RECORD = [
    "cancel_order", "change_address", "check_coupon", "check_warranty", "claim_warranty",
    "exchange_item", "get_order", "list_variants", "refund_item", "replace_item", "send_invoice",
    "trace_parcel", "track_parcel",
]  # fmt: skip


@pytest.mark.parametrize("name", WITH_A_RECORD)
async def test_another_customer_reaches_nothing_and_learns_nothing(shop: Shop, name: str) -> None:
    arguments = mine(shop, name)
    await tool(shop, name).plan(caller(), arguments)
    wrong = caller("c1002")
    unknown = arguments | {
        key: value
        for key, value in {"order": "ST-000000", "code": "NONE-000000"}.items()
        if key in arguments
    }
    ways = [tool(shop, name).plan, tool(shop, name).call]
    for way in ways[1:] if name == "check_coupon" else ways:
        with pytest.raises(ToolFailed) as refused:
            await way(wrong, arguments)
        with pytest.raises(ToolFailed) as absent:
            await way(wrong, unknown)
        assert refused.value.code == absent.value.code
    assert shop.all("SELECT * FROM changes") == []
    assert (await tool(shop, name).call(caller(), arguments)) is not None


async def test_the_seed_is_reproducible(shop: Shop) -> None:
    from datetime import date

    from examples.shop.seed import seed

    other = Shop(":memory:", now=shop.now)
    seed(other, today=date(2026, 3, 2))
    for table in ("customers", "orders", "lines", "coupons", "variants", "parcels"):
        query = f"SELECT * FROM {table}"
        assert [tuple(r) for r in shop.all(query)] == [tuple(r) for r in other.all(query)]
    other.close()
