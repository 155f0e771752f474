"""Customers and workers in one chat, each in a browser of their own."""

from __future__ import annotations

import asyncio
from pathlib import Path

from playwright.async_api import Browser, Route, expect

from stepin.core.events.chat import ChatClosed, RatingGiven
from tests.browser.brains import AFTER_WHISPER, GOODBYE, GREETING, SORRY, STUCK, Slow
from tests.browser.desk import at_desk


async def test_01_the_ai_resolves_and_the_rating_is_stored(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        await desk.served.on_duty("ann")
        dora = await desk.customer()
        await dora.say("hello")
        await expect(dora.bubble(GREETING)).to_be_visible()
        chat_id = await dora.chat_id()
        await dora.page.reload()
        await expect(dora.bubble(GREETING)).to_be_visible()
        await dora.say("thanks")
        await expect(dora.bubble(GOODBYE)).to_be_visible()
        await dora.page.get_by_role("button", name="4 of 5").click()
        await dora.page.get_by_label("Anything you want to add?").fill("quick")
        await dora.page.get_by_role("button", name="Send").click()
        await expect(dora.page.get_by_text("Thank you.")).to_be_visible()
        (rating,) = await desk.events(chat_id, RatingGiven)
        assert (rating.rating, rating.comment) == (4, "quick")
        (closed,) = await desk.events(chat_id, ChatClosed)
        assert closed.reason == "resolved"


async def test_02_stuck_ai_alert_take_over_reply_hand_back(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        ann = await desk.worker("ann")
        dora = await desk.customer()
        await dora.say("my blender hums")
        await expect(dora.bubble(STUCK)).to_be_visible()
        chat_id = await dora.chat_id()
        needs = ann.section("needs").locator(f'[data-chat="{chat_id}"]')
        await expect(needs).to_contain_text("AI is stuck")
        await expect(ann.page).to_have_title("(1) Stepin")
        await ann.open(chat_id)
        await expect(ann.page.get_by_text("no procedure for blenders").first).to_be_visible()
        await ann.page.get_by_role("button", name="Take over").click()
        await expect(ann.holder).to_have_text("held by You")
        await expect(ann.field).to_be_focused()
        await expect(ann.composer("reply")).to_be_visible()
        await ann.page.keyboard.type("I will send you a new one.")
        await ann.page.keyboard.press("Enter")
        await expect(dora.bubble("I will send you a new one.")).to_be_visible()
        await expect(dora.page.get_by_text("You are talking to Ann.")).to_be_visible()
        await ann.page.get_by_role("button", name="Hand back").click()
        await ann.page.get_by_label("What should the AI know?").fill("a new one is on its way")
        await ann.page.keyboard.press("Enter")
        await expect(ann.holder).to_have_text("held by Assistant (AI)")
        await expect(ann.composer("whisper")).to_be_visible()
        await dora.say("hello again")
        await expect(dora.bubble(GREETING)).to_be_visible()


async def test_03_an_upset_customer_is_an_alert_with_its_cause(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        ann = await desk.worker("ann")
        dora = await desk.customer()
        await dora.say("this is the third time I ask")
        await expect(dora.bubble(SORRY)).to_be_visible()
        chat_id = await dora.chat_id()
        await expect(ann.section("needs").locator("[data-chat]")).to_contain_text(
            "Customer is upset"
        )
        await ann.key("n")
        await expect(ann.page).to_have_url(f"{desk.served.url}/console/floor/{chat_id}")
        await expect(ann.holder).to_be_visible()
        await ann.key("t")
        await expect(ann.holder).to_have_text("held by You")
        chat = await desk.served.app.desk.services.projection.fresh(chat_id)
        assert chat.escalation is not None
        assert (chat.escalation.cause, chat.escalation.state) == ("emotional", "taken")


async def test_04_a_worker_steps_in_unasked(tmp_path: Path, chromium: Browser) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        ann = await desk.worker("ann")
        dora = await desk.customer()
        await dora.say("hello")
        await expect(dora.bubble(GREETING)).to_be_visible()
        chat_id = await dora.chat_id()
        await ann.open(chat_id)
        await ann.key("t")
        await expect(ann.holder).to_have_text("held by You")
        await ann.write("Let me help you myself.")
        await expect(dora.bubble("Let me help you myself.")).to_be_visible()
        chat = await desk.served.app.desk.services.projection.fresh(chat_id)
        assert chat.escalation is None


async def test_06_two_workers_take_over_at_once(tmp_path: Path, chromium: Browser) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text("[ladder]\nowner_s = 0.1\n")
    async with at_desk(tmp_path, chromium, policy=str(policy)) as desk:
        ann, ben = await desk.worker("ann"), await desk.worker("ben")
        dora = await desk.customer()
        await dora.say("my blender hums")
        chat_id = await dora.chat_id()
        for console in (ann, ben):
            await console.open(chat_id)
        # Ben's browser still shows the old picture while his command is on its way.
        routes: asyncio.Queue[Route] = asyncio.Queue()
        await ben.page.route("**/commands", routes.put)
        await ben.page.get_by_role("button", name="Take over").click()
        held = await routes.get()
        await ann.page.get_by_role("button", name="Take over").click()
        await expect(ann.holder).to_have_text("held by You")
        await expect(ben.page.get_by_text("This chat has left your floor.")).to_be_visible()
        async with ben.page.expect_response("**/commands") as answer:
            await held.continue_()
        refused = await answer.value
        assert refused.status == 409
        assert (await refused.json())["error"]["code"] == "stale_picture"
        await expect(ben.page.get_by_role("alert")).to_contain_text("Ann holds this chat now")
        chat = await desk.served.app.desk.services.projection.fresh(chat_id)
        assert chat.held_by("ann")


async def test_07_a_whisper_reaches_the_ai_and_never_the_customer(
    tmp_path: Path, chromium: Browser
) -> None:
    secret = "offer free shipping, code ZX81"
    async with at_desk(tmp_path, chromium) as desk:
        ann = await desk.worker("ann")
        dora = await desk.customer()
        await dora.say("hello")
        await expect(dora.bubble(GREETING)).to_be_visible()
        await ann.open(await dora.chat_id())
        await expect(ann.composer("whisper")).to_be_visible()
        await ann.write(secret)
        await expect(ann.line("whisper")).to_contain_text("ZX81")
        await expect(dora.bubble(AFTER_WHISPER)).to_be_visible()
        await ann.page.locator("form[data-mode] label", has_text="Internal note").click()
        await ann.composer("note").locator("textarea").first.fill("note ZX82")
        await ann.page.keyboard.press("Enter")
        await expect(ann.line("note")).to_contain_text("ZX82")
        await dora.page.reload()
        await expect(dora.bubble(AFTER_WHISPER)).to_be_visible()
        wire = desk.tap.to_customers()
        assert AFTER_WHISPER in wire, "the tap hears what customers get"
        assert "ZX8" not in wire
        assert "ZX8" not in await dora.page.evaluate(
            "document.querySelector('stepin-chat').shadowRoot.innerHTML"
        )


async def test_08_no_text_of_the_ai_after_a_take_over(tmp_path: Path, chromium: Browser) -> None:
    brain = Slow()
    async with at_desk(tmp_path, chromium, brain=brain) as desk:
        ann = await desk.worker("ann")
        dora = await desk.customer()
        await dora.say("where is my parcel")
        await ann.open(await dora.chat_id())
        brain.begin.set()
        await expect(ann.line("draft")).to_contain_text("Your parcel will")
        await ann.key("t")
        await expect(ann.holder).to_have_text("held by You")
        await expect(ann.line("draft")).to_have_count(0)
        brain.go.set()
        async with asyncio.timeout(10):
            await brain.said.wait()
        assert brain.fenced
        # What was kept at the takeover and what the AI said after it are one draft.
        await expect(ann.line("discarded")).to_contain_text("come tomorrow")
        await expect(ann.line("discarded")).to_have_count(1)
        await ann.write("It comes on Friday.")
        await expect(dora.bubble("It comes on Friday.")).to_be_visible()
        await expect(dora.log.locator("li.ai")).to_have_count(0)
        assert "tomorrow" not in desk.tap.to_customers()
