"""A shift without a pointer, and keys that do nothing where somebody types."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Browser, expect

from stepin.core.events.chat import HolderChanged
from tests.browser.brains import AFTER_WHISPER, GREETING, STUCK
from tests.browser.desk import at_desk


async def test_13_watch_whisper_take_over_reply_hand_back_close_by_keyboard(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        ann = await desk.worker("ann")
        keys = ann.page.keyboard
        dora, gus = await desk.customer(), await desk.customer()
        await dora.say("hello")
        await expect(dora.bubble(GREETING)).to_be_visible()
        await gus.say("my blender hums")
        await expect(gus.bubble(STUCK)).to_be_visible()
        await expect(ann.section("needs").locator("[data-chat]")).to_have_count(1)

        await keys.press("n")
        await expect(ann.page).to_have_url(f"{desk.served.url}/console/floor/{await gus.chat_id()}")
        await expect(ann.holder).to_be_visible()
        await keys.press("a")
        await keys.press("t")
        await expect(ann.field).to_be_focused()
        await keys.type("The next one is on us: j, k, t, h, e.")
        await keys.press("Enter")
        await expect(gus.bubble("j, k, t, h, e.")).to_be_visible()
        await expect(ann.holder).to_have_text("held by You")
        await keys.press("Escape")
        await keys.press("e")
        await expect(ann.page.get_by_role("dialog")).to_be_visible()
        await keys.press("t")
        await keys.press("Escape")
        await expect(ann.page.get_by_role("dialog")).to_have_count(0)

        await keys.press("j")
        await expect(ann.composer("whisper")).to_be_visible()
        await keys.press("w")
        await keys.type("ship it for free")
        await keys.press("Enter")
        await expect(dora.bubble(AFTER_WHISPER)).to_be_visible()


async def test_13_keys_can_be_switched_off(tmp_path: Path, chromium: Browser) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        ann = await desk.worker("ann", path="settings")
        await ann.page.locator("label", has_text="Single-key shortcuts").click()
        await ann.page.get_by_role("link", name="Floor").click()
        await expect(ann.section("needs")).to_be_visible()
        await ann.key("?")
        await ann.page.get_by_role("button", name="Ann").click()
        await ann.page.get_by_role("menuitem", name="Keys").click()
        await expect(ann.page.get_by_role("dialog")).to_contain_text("Single keys are off")
        await expect(ann.page.get_by_role("dialog")).to_have_count(1)


async def test_13_a_key_can_be_given_another_place_and_keeps_it(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        ann = await desk.worker("ann", path="settings")
        page, keys = ann.page, ann.page.keyboard
        take, following = page.get_by_label("Take over"), page.get_by_label("Next chat")
        await take.focus()
        await keys.press("j")
        await expect(page.get_by_text("“j” is already used for “Next chat”.")).to_be_visible()
        await expect(take).to_have_value("t")
        await expect(take).to_have_attribute("aria-invalid", "true")
        await keys.press("3")
        await expect(page.get_by_text("1 to 9 open a row.")).to_be_visible()
        await expect(take).to_have_value("t")
        await keys.press("g")
        await expect(take).to_have_value("g")
        await expect(page.get_by_text("already used")).to_have_count(0)
        await following.focus()
        await keys.press("t")
        await expect(following).to_have_value("t")

        await page.reload()
        await expect(take).to_have_value("g")
        await page.get_by_role("link", name="Floor").click()
        await expect(ann.section("needs")).to_be_visible()
        _, opened = await desk.served.customer("hello", identity=desk.served.identity("dora"))
        await desk.served.settled(opened["chat_id"])
        await expect(ann.row(opened["chat_id"])).to_be_visible()
        await ann.key("j")
        await expect(ann.holder).to_have_count(0)
        await ann.key("t")
        await expect(ann.holder).to_have_text("held by Assistant (AI)")
        button = page.get_by_role("button", name="Take over")
        await expect(button).to_have_attribute("aria-keyshortcuts", "g")
        await expect(button.locator("kbd")).to_have_text("G")
        await ann.key("t")
        await ann.key("g")
        await expect(ann.holder).to_have_text("held by You")
        held = await desk.events(opened["chat_id"], HolderChanged)
        assert [e.to.id for e in held if e.reason == "takeover"] == ["ann"]

        await page.get_by_role("link", name="Settings").click()
        await page.get_by_role("button", name="Restore the default keys").click()
        await expect(take).to_have_value("t")
        await expect(following).to_have_value("j")


async def test_13_a_hand_back_can_be_undone_for_a_moment(tmp_path: Path, chromium: Browser) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        ann = await desk.worker("ann")
        page, keys = ann.page, ann.page.keyboard
        await page.clock.install()
        _, opened = await desk.served.customer("hello", identity=desk.served.identity("dora"))
        chat_id = opened["chat_id"]
        await desk.served.settled(chat_id)
        await ann.open(chat_id)
        await ann.key("t")
        await expect(ann.composer("reply")).to_be_visible()

        async def hand_back() -> None:
            await ann.key("h")
            await expect(page.get_by_role("dialog").locator("[data-autofocus]")).to_be_focused()
            await page.clock.pause_at(await page.evaluate("Date.now() / 1_000 + 0.1"))
            await page.get_by_label("What should the AI know?").fill("all is well")
            await keys.press("Enter")
            await expect(page.get_by_test_id("handing-back")).to_contain_text("in 3 s")

        await hand_back()
        await page.clock.run_for(1_500)
        await expect(page.get_by_test_id("handing-back")).to_contain_text("in 2 s")
        await ann.key("z")
        await expect(page.get_by_test_id("handing-back")).to_have_count(0)
        await page.clock.run_for(5_000)
        await page.clock.resume()
        await desk.served.caught_up()
        await expect(ann.holder).to_have_text("held by You")
        backs = [e for e in await desk.events(chat_id, HolderChanged) if e.reason == "hand_back"]
        assert backs == []

        await hand_back()
        await page.clock.run_for(3_100)
        await page.clock.resume()
        await expect(ann.holder).to_have_text("held by Assistant (AI)")
        backs = [e for e in await desk.events(chat_id, HolderChanged) if e.reason == "hand_back"]
        assert [e.note for e in backs] == ["all is well"]
