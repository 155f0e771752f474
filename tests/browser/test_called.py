"""What calls a worker, what they are asked to allow, and a session that ends under their hands."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Browser, expect

from stepin.core.events.action import ActionApproved
from tests.browser.brains import GREETING, STUCK
from tests.browser.desk import at_desk
from tests.browser.test_access import opened
from tests.browser.test_actions import proposed
from tests.desk.shop import Shop
from tests.web.served import PASSWORD


async def test_a_lead_is_told_of_others_chats_that_wait_and_a_key_goes_there(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        await desk.served.on_duty("ben")
        gus = await desk.customer()
        await gus.say("my blender hums")
        await expect(gus.bubble(STUCK)).to_be_visible()
        lea = await desk.worker("lea", "lead")
        middle = lea.page.locator("main")
        waits = "1 chat of a colleague is waiting"
        await expect(middle.get_by_role("heading", name=waits)).to_be_visible()
        await expect(lea.section("needs")).to_contain_text(waits)
        await expect(lea.page.get_by_text("Nobody needs you")).to_have_count(0)
        await lea.key("n")
        chat_id = await gus.chat_id()
        await expect(lea.page).to_have_url(f"{desk.served.url}/console/floor/{chat_id}")
        await lea.key("t")
        await expect(lea.composer("reply")).to_be_visible()
        await lea.page.goto(f"{desk.served.url}/console/floor")
        await expect(middle.get_by_role("heading", name="Nobody needs you")).to_be_visible()
        await gus.say("are you there?")
        own = middle.get_by_role("heading", name="A customer of yours is waiting")
        await expect(own).to_be_visible()


async def test_a_second_press_that_comes_too_late_is_said_and_approves_nothing(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium, tools=Shop()) as desk:
        ann, dora = await proposed(desk)
        page = ann.page
        await page.clock.install()
        await page.goto(page.url)
        asked = page.get_by_role("region", name="Approve refund")
        heading = asked.get_by_role("heading", name="Refund 50.0 · order A-1001")
        await expect(heading.or_(asked.get_by_role("heading", name="Refund 50 ·"))).to_be_visible()
        await ann.key("y")
        await expect(asked.get_by_text("Press again to approve")).to_be_visible()
        await page.clock.run_for(9_000)
        await expect(asked.get_by_role("status")).to_contain_text("Not approved")
        await ann.key("y")
        await expect(asked.get_by_text("Press again to approve")).to_be_visible()
        chat_id = await dora.chat_id()
        assert await desk.events(chat_id, ActionApproved) == []
        await ann.key("y")
        await expect(dora.bubble("The refund was succeeded.")).to_be_visible()
        await expect(asked).to_have_count(0)


async def test_the_brief_follows_a_decision(tmp_path: Path, chromium: Browser) -> None:
    async with at_desk(tmp_path, chromium, tools=Shop()) as desk:
        dora, chat_id = await opened(desk, "light")
        ann = await desk.worker("ann", "lead")
        await ann.open(chat_id)
        brief = ann.page.get_by_role("region", name="Brief")
        await expect(brief).to_contain_text("waits for approval")
        await ann.key("x")
        await ann.page.get_by_label("Why not?").fill("too late")
        await ann.page.keyboard.press("Enter")
        await expect(ann.page.locator("[data-action]")).to_have_count(0)
        await expect(brief).to_contain_text("was denied")
        await expect(brief).not_to_contain_text("waits for approval")
        assert dora


async def test_who_was_signed_out_is_told_so_and_finds_what_they_wrote(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        ann = await desk.worker("ann")
        gus = await desk.customer()
        await gus.say("hello")
        await ann.open(await gus.chat_id())
        await ann.key("t")
        await expect(ann.composer("reply")).to_be_visible()
        await ann.page.context.clear_cookies()
        await ann.write("It comes on Friday.")
        told = ann.page.get_by_role("alert")
        await expect(told).to_contain_text("You were signed out")
        await ann.page.get_by_label("Worker").fill("ann")
        await ann.page.get_by_label("Password").first.fill(PASSWORD)
        await ann.page.get_by_role("button", name="Sign in").click()
        await expect(ann.field).to_have_value("It comes on Friday.")
        await expect(told).to_have_count(0)
        await ann.field.press("Enter")
        await expect(gus.bubble("It comes on Friday.")).to_be_visible()


async def test_another_worker_on_the_same_tab_sees_nothing_of_what_was_written(
    tmp_path: Path, chromium: Browser
) -> None:
    secret = "your card ends in 4111"
    async with at_desk(tmp_path, chromium) as desk:
        ann = await desk.worker("ann")
        gus = await desk.customer()
        await gus.say("hello")
        await expect(gus.bubble(GREETING)).to_be_visible()
        await ann.open(await gus.chat_id())
        await desk.served.on_duty("zoe", "lead")
        await ann.field.focus()
        await ann.page.locator("form[data-mode] label", has_text="Internal note").click()
        await ann.composer("note").locator("textarea").first.fill(secret)
        for worker in ("ann", "zoe"):
            await ann.page.get_by_role("button", name="Ann · Available").click()
            await ann.page.get_by_role("menuitem", name="Sign out").click()
            await ann.page.get_by_label("Worker").fill(worker)
            assert secret not in await ann.page.content()
            await ann.page.get_by_label("Password").first.fill(PASSWORD)
            await ann.page.get_by_role("button", name="Sign in").click()
            await expect(ann.holder).to_be_visible()
            await ann.field.focus()
            await ann.page.locator("form[data-mode] label", has_text="Internal note").click()
            kept = secret if worker == "ann" else ""
            await expect(ann.composer("note").locator("textarea").first).to_have_value(kept)
        stored = await ann.page.evaluate("JSON.stringify({...sessionStorage})")
        assert secret not in stored
