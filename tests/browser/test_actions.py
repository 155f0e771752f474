"""Actions that wait for a person: decided by mouse and by key, carried out once."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.browser.brains import Waiting
from tests.browser.desk import Console, Desk, Widget, at_desk
from tests.browser.tap import Page as HostPage
from tests.desk.shop import Shop


async def signed_in(desk: Desk) -> Widget:
    """Return the customer dora at a host site's page that has signed who she is."""
    identity = desk.served.identity("dora", name="Dora")
    script = f'<script src="/widget/stepin.js" data-auto data-identity="{identity}"></script>'
    desk.tap.pages["/host"] = HostPage(f'<html lang="en"><title>Shop</title>{script}')
    return await desk.customer("/host")


async def proposed(desk: Desk) -> tuple[Console, Widget]:
    """Return Ann and Dora, with a refund that waits for Ann."""
    ann = await desk.worker("ann")
    dora = await signed_in(desk)
    await dora.say("please refund my order")
    await expect(dora.bubble("approve this")).to_be_visible()
    await expect(ann.section("needs").locator("[data-chat]")).to_contain_text("Approve")
    await ann.open(await dora.chat_id())
    await expect(ann.page.locator("[data-action]")).to_contain_text("A-1001")
    return ann, dora


@pytest.mark.parametrize("by", ["mouse", "key"])
async def test_05_an_approved_refund_is_carried_out_once(
    tmp_path: Path, chromium: Browser, by: str
) -> None:
    shop = Shop()
    async with at_desk(tmp_path, chromium, tools=shop) as desk:
        ann, dora = await proposed(desk)
        approve = ann.page.get_by_role("button", name="Approve", exact=True)
        if by == "mouse":
            await approve.click()
        else:
            await ann.key("y")
        sure = ann.page.get_by_role("button", name="Press again to approve")
        await expect(sure).to_be_visible()
        assert shop.calls == [], "money asks twice"
        if by == "mouse":
            await sure.click()
        else:
            await ann.key("y")
        await expect(dora.bubble("The refund was succeeded.")).to_be_visible()
        await expect(ann.page.locator("[data-action]")).to_have_count(0)
        assert len(shop.calls) == 1


@pytest.mark.parametrize("by", ["mouse", "key"])
async def test_05_a_denied_refund_is_never_carried_out(
    tmp_path: Path, chromium: Browser, by: str
) -> None:
    shop = Shop()
    async with at_desk(tmp_path, chromium, tools=shop) as desk:
        ann, dora = await proposed(desk)
        deny = ann.page.get_by_role("button", name="Deny")
        if by == "mouse":
            await deny.click()
        else:
            await ann.key("x")
        reason = ann.page.get_by_label("Why not?")
        await expect(reason).to_be_focused()
        await reason.fill("too late")
        if by == "mouse":
            await deny.click()
        else:
            await ann.page.keyboard.press("Enter")
        await expect(dora.bubble("The refund was denied.")).to_be_visible()
        assert shop.calls == []


async def test_05_an_undecided_refund_expires(tmp_path: Path, chromium: Browser) -> None:
    shop = Shop()
    policy = tmp_path / "policy.toml"
    policy.write_text("[approvals]\nexpires_s = 4.0\n")
    async with at_desk(tmp_path, chromium, tools=shop, policy=str(policy)) as desk:
        ann, dora = await proposed(desk)
        await expect(ann.page.locator("[data-action]")).to_have_count(0)
        await expect(dora.bubble("The refund was expired.")).to_be_visible()
        assert shop.calls == []


async def test_05_an_approver_sees_what_the_customer_has_written_since(
    tmp_path: Path, chromium: Browser
) -> None:
    shop = Shop()
    async with at_desk(tmp_path, chromium, tools=shop, brain=Waiting()) as desk:
        ann, dora = await proposed(desk)
        card = ann.page.locator("[data-action]")
        approve = card.get_by_role("button", name="Approve", exact=True)
        sure = card.get_by_role("button", name="Press again to approve")
        await expect(card.get_by_role("status")).to_have_count(0)
        await approve.click()
        await expect(sure).to_be_visible()
        await dora.say("算了，不要退了 refund")
        wrote = card.locator("[data-wrote]")
        await expect(wrote).to_have_text("The customer has written since: “算了，不要退了 refund”")
        await expect(card.get_by_role("status").nth(1)).to_contain_text("press twice")
        assert await sure.count() == 0, "at once, not when the first press has run out"
        await approve.click()
        await expect(sure).to_be_visible()
        assert shop.calls == [], "the press before the customer's word doesn't count"
        await sure.click()
        await expect(dora.bubble("The refund was succeeded.")).to_be_visible()
        assert len(shop.calls) == 1


async def test_05_a_refund_that_the_customer_stops_leaves_the_approvers_hands(
    tmp_path: Path, chromium: Browser
) -> None:
    shop = Shop()
    async with at_desk(tmp_path, chromium, tools=shop, brain=Waiting()) as desk:
        ann, dora = await proposed(desk)
        await dora.say("no, stop")
        await expect(dora.bubble("I have taken it back.")).to_be_visible()
        await expect(ann.page.locator("[data-action]")).to_have_count(0)
        await expect(ann.line("tool")).to_contain_text("the customer doesn't want it")
        assert shop.calls == []
