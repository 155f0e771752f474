"""Finding a past chat by what was said in it."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Browser, expect

from tests.browser.brains import GREETING
from tests.browser.desk import at_desk


async def test_a_past_chat_is_found_by_its_words_and_replayed(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        ann = await desk.worker("ann")
        dora = await desk.customer()
        await dora.say("hello, the purple lamp hums")
        await expect(dora.bubble(GREETING)).to_be_visible()
        await ann.key("/")
        box = ann.page.get_by_role("dialog")
        await ann.page.keyboard.type("no such words")
        await expect(box).to_contain_text("No chat was found.")
        await ann.page.get_by_role("textbox", name="Search past chats").fill("LAMP purple")
        hit = box.locator("[data-chat]")
        await expect(hit).to_have_count(1)
        await expect(hit.locator("mark")).to_have_text(["purple", "lamp"])
        await hit.focus()
        await ann.page.keyboard.press("Enter")
        await expect(ann.page).to_have_url(
            f"{desk.served.url}/console/replay/{await dora.chat_id()}"
        )


async def test_a_replay_goes_to_any_moment_with_the_slider_and_the_keys(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        ann = await desk.worker("ann")
        dora = await desk.customer()
        await dora.say("hello there")
        await expect(dora.bubble(GREETING)).to_be_visible()
        await ann.open(await dora.chat_id())
        await ann.page.get_by_role("link", name="Replay").click()
        slider = ann.page.get_by_role("slider", name="Replay")
        await expect(slider).to_be_visible()
        await expect(ann.line("ai")).to_have_count(1)
        await slider.focus()
        await ann.page.keyboard.press("Home")
        await expect(ann.page.get_by_text("1/")).to_contain_text("Chat opened")
        await expect(ann.line("customer")).to_have_count(0)
        while not await ann.line("customer").count():
            await ann.page.keyboard.press("ArrowRight")
        await expect(ann.line("ai")).to_have_count(0)
        await ann.key("k")
        await expect(ann.line("customer")).to_have_count(0)
        await ann.page.get_by_role("button", name="One event forward").click()
        await expect(ann.line("customer")).to_have_count(1)
