"""Beside others: who looks and writes, what a whisper led to, what is under way, rows that stay."""

from __future__ import annotations

import asyncio
from pathlib import Path

from playwright.async_api import Browser, Route, expect

from stepin.core.events.supervision import AlertShown
from tests.browser.brains import AFTER_WHISPER, GREETING, STUCK
from tests.browser.desk import at_desk


async def test_a_colleague_who_looks_or_writes_is_seen_and_recorded_nowhere(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        ann = await desk.worker("ann")
        gus = await desk.customer()
        await gus.say("hello")
        await expect(gus.bubble(GREETING)).to_be_visible()
        chat_id = await gus.chat_id()
        lena = await desk.worker("lena", "lead")
        await ann.open(chat_id)
        await ann.key("t")
        await expect(ann.composer("reply")).to_be_visible()
        seen = ann.page.locator("[data-colleagues]")
        await expect(seen).to_have_attribute("data-colleagues", "0")
        before = await desk.served.app.site.log.position()
        await lena.open(chat_id)
        await expect(seen).to_have_attribute("aria-label", "Lena is looking")
        await ann.page.reload()
        await expect(ann.holder).to_be_visible()
        hers = lena.page.locator("[data-colleagues]")
        await expect(hers).to_have_attribute("aria-label", "Ann is looking")
        await ann.field.press_sequentially("One mom")
        await expect(hers).to_have_attribute("aria-label", "Ann is writing")
        kinds = {
            e.kind
            for e in await desk.served.app.site.log.read_all(after_position=before, limit=1_000)
        }
        assert kinds <= {"FocusMoved", "DraftStarted", "BriefShown", "SuggestionShown"}


async def test_a_whisper_says_whether_it_was_read_and_in_which_message(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        ann = await desk.worker("ann")
        gus = await desk.customer()
        await gus.say("hello")
        await expect(gus.bubble(GREETING)).to_be_visible()
        await ann.open(await gus.chat_id())
        await ann.write("shipping is free today")
        receipt = ann.page.locator("[data-receipt]")
        await expect(receipt).to_have_attribute("data-receipt", "said")
        await expect(receipt).to_contain_text("Read, then answered")
        await receipt.get_by_role("button").click()
        await expect(ann.line("ai").filter(has_text=AFTER_WHISPER)).to_be_in_viewport()
        assert await gus.page.locator("stepin-chat").get_by_text("Read, then").count() == 0


async def test_what_was_sent_stands_in_its_place_until_its_line_has_come(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        ann = await desk.worker("ann")
        gus = await desk.customer()
        await gus.say("hello")
        await expect(gus.bubble(GREETING)).to_be_visible()
        await ann.open(await gus.chat_id())
        await ann.key("t")
        await expect(ann.composer("reply")).to_be_visible()
        go = asyncio.Event()

        async def slowly(route: Route) -> None:
            await go.wait()
            await route.continue_()

        await ann.page.route("**/commands", slowly)
        await ann.write("One moment, please.")
        pending = ann.page.locator("[data-pending]")
        await expect(pending).to_contain_text("One moment, please.")
        await expect(pending).to_contain_text("sending")
        go.set()
        await expect(ann.line("worker")).to_contain_text("One moment, please.")
        await expect(pending).to_have_count(0)
        await ann.page.unroute("**/commands")
        await ann.page.route("**/commands", lambda route: route.abort())
        await ann.write("It is on its way.")
        await expect(ann.field).to_have_value("It is on its way.")
        await expect(pending).to_have_count(0)


async def test_a_row_stays_under_the_pointer_and_is_as_high_as_every_other(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        ann = await desk.worker("ann")
        gus, dora = await desk.customer(), await desk.customer()
        await gus.say("hello")
        await expect(gus.bubble(GREETING)).to_be_visible()
        await dora.say("hello")
        await expect(dora.bubble(GREETING)).to_be_visible()
        first, second = await gus.chat_id(), await dora.chat_id()
        row = ann.row(second)
        await expect(row).to_be_visible()
        await expect(row.locator("[data-whose]")).to_have_text("AI · You")
        before = await row.bounding_box()
        assert before is not None
        assert before == {**(await ann.row(first).bounding_box() or {}), "y": before["y"]}
        await ann.page.mouse.move(before["x"] + 40, before["y"] + 20)
        await gus.say("my blender hums")
        await expect(gus.bubble(STUCK)).to_be_visible()
        assert await desk.events(first, AlertShown)
        await expect(ann.row(first)).to_contain_text("AI is stuck")
        assert await row.bounding_box() == before
        await expect(ann.page.get_by_text("1 chat has moved")).to_be_visible()
        await ann.page.mouse.move(700, 400)
        await expect(ann.section("needs").locator(f'[data-chat="{first}"]')).to_be_visible()
        after = await ann.row(first).bounding_box()
        assert after is not None
        assert after["height"] == before["height"]


async def test_what_was_pulled_folded_or_packed_closer_is_remembered(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        ann = await desk.worker("ann")
        gus = await desk.customer()
        await gus.say("my blender hums")
        await expect(gus.bubble(STUCK)).to_be_visible()
        await ann.open(await gus.chat_id())
        page = ann.page
        aside = page.locator("aside")
        line = page.locator("[data-divider=side]")
        box, was = await line.bounding_box(), await aside.bounding_box()
        assert box is not None
        assert was is not None
        await page.mouse.move(box["x"], box["y"] + 200)
        await page.mouse.down()
        await page.mouse.move(box["x"] - 90, box["y"] + 200, steps=4)
        await page.mouse.up()
        wide = await aside.bounding_box()
        assert wide is not None
        assert abs(wide["width"] - was["width"] - 90) < 4
        await line.focus()
        await page.keyboard.press("ArrowRight")
        narrower = await aside.bounding_box()
        assert narrower is not None
        assert narrower["width"] == wide["width"] - 24
        brief = page.get_by_role("region", name="Brief")
        await brief.get_by_role("button", name="The case").click()
        await expect(brief.locator("dt")).to_have_count(0)
        await expect(brief).to_contain_text("my blender hums")
        row = await ann.row(await gus.chat_id()).bounding_box()
        await page.get_by_role("link", name="Settings").click()
        await page.locator("label", has_text="Compact").click()
        await page.get_by_role("link", name="Floor").click()
        await ann.row(await gus.chat_id()).click()
        await page.reload()
        await expect(brief.get_by_role("button", expanded=False)).to_be_visible()
        again = await aside.bounding_box()
        assert again is not None
        assert again["width"] == narrower["width"]
        closer = await ann.row(await gus.chat_id()).bounding_box()
        assert row is not None
        assert closer is not None
        assert closer["height"] < row["height"]
