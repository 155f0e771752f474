"""Nothing that a customer writes is lost, cut or sent twice, whatever the line does."""

from __future__ import annotations

import asyncio
from pathlib import Path

from playwright.async_api import Browser, Page, Route, expect

from stepin.core.decide.decision import TEXT_CHARS
from stepin.core.events.chat import MessagePosted
from tests.browser.brains import GREETING
from tests.browser.desk import Desk, Widget, at_desk
from tests.browser.test_widget_customers import chats

POSTS = "**/api/customer/**"
NO_STORAGE = """Object.defineProperty(window, "localStorage", {
    get() { throw new DOMException("refused", "SecurityError"); },
});"""


async def said(desk: Desk, chat_id: str) -> list[str]:
    """Return what the customer has written in a chat."""
    posted = await desk.events(chat_id, MessagePosted)
    return [event.text for event in posted if event.author == "customer"]


async def down(page: Page) -> None:
    async def refuse(route: Route) -> None:
        await route.abort()

    await page.route(POSTS, refuse)


async def up(page: Page) -> None:
    await page.unroute(POSTS)
    await page.evaluate("dispatchEvent(new Event('online'))")


async def test_two_messages_written_while_the_server_is_down_outlive_a_reload(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        await desk.served.on_duty("ann")
        dora = await desk.customer()
        await dora.say("hello")
        await expect(dora.bubble(GREETING)).to_be_visible()
        chat_id = await dora.chat_id()
        await down(dora.page)
        await dora.say("message A")
        await dora.say("message B")
        waits = dora.log.locator("li.u")
        await expect(waits).to_have_count(2)
        await expect(waits.first).to_contain_text("message A")
        await expect(waits.first).to_contain_text("Not sent yet.")
        await dora.page.reload()
        await expect(waits).to_have_count(2)
        await expect(waits.last).to_contain_text("message B")
        await up(dora.page)
        await expect(waits).to_have_count(0)
        await expect(dora.bubble("message A")).to_have_count(1)
        assert await said(desk, chat_id) == ["hello", "message A", "message B"]


async def test_a_first_message_written_while_the_server_is_down_opens_one_chat(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        await desk.served.on_duty("ann")
        dora = await desk.customer()
        await down(dora.page)
        await dora.say("message A")
        await dora.say("message B")
        await dora.page.reload()
        await dora.page.locator("stepin-chat .l").click()
        await expect(dora.log.locator("li.u")).to_have_count(2)
        await up(dora.page)
        await expect(dora.log.locator("li.u")).to_have_count(0)
        assert await said(desk, await dora.chat_id()) == ["message A", "message B"]
        assert len(await chats(desk)) == 1


async def test_a_message_whose_answer_was_lost_is_posted_once(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        await desk.served.on_duty("ann")
        dora = await desk.customer()
        lost: list[str] = []

        async def lose(route: Route) -> None:
            if route.request.post_data_json["text"] in lost:  # type: ignore[index]
                await route.continue_()
                return
            lost.append(route.request.post_data_json["text"])  # type: ignore[index]
            await route.fetch()
            await route.abort()

        await dora.page.route("**/api/customer/chats", lose)
        await dora.page.route("**/messages", lose)
        for text in ("hello", "and this"):
            await dora.say(text)
            await dora.page.evaluate("dispatchEvent(new Event('online'))")
            await expect(dora.log.locator("li.customer", has_text=text)).to_have_count(1)
            await expect(dora.log.locator("li.u")).to_have_count(0)
        assert lost == ["hello", "and this"]
        assert await said(desk, await dora.chat_id()) == lost
        assert len(await chats(desk)) == 1
        await dora.page.reload()
        await expect(dora.bubble("and this")).to_have_count(1)
        # The page's policy lets no text be evaluated again and again, as a waiting function is.
        async with asyncio.timeout(8):
            while await dora.page.evaluate(
                "Object.keys(localStorage).some(k => k.includes('out-'))"
            ):
                await asyncio.sleep(0)


async def test_an_unsent_message_is_removed_or_sent_again_by_hand(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        await desk.served.on_duty("ann")
        dora = await desk.customer()
        await dora.say("hello")
        await expect(dora.bubble(GREETING)).to_be_visible()
        await down(dora.page)
        await dora.say("not this")
        await dora.say("but this")
        await dora.page.get_by_role("button", name="Remove").first.click()
        await expect(dora.bubble("not this")).to_have_count(0)
        await dora.page.unroute(POSTS)
        await dora.page.get_by_role("button", name="Send again").click()
        await expect(dora.log.locator("li.u")).to_have_count(0)
        assert await said(desk, await dora.chat_id()) == ["hello", "but this"]


async def test_a_message_to_a_chat_that_has_ended_meanwhile_opens_the_next_one(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        ann = await desk.served.on_duty("ann")
        dora = await desk.customer()
        await dora.say("hello")
        await expect(dora.bubble(GREETING)).to_be_visible()
        first = await dora.chat_id()
        await down(dora.page)
        await dora.say("one more thing")
        await expect(dora.log.locator("li.u")).to_contain_text("Not sent yet.")
        await desk.served.held(ann, first)
        await desk.served.command(ann, first, type="CloseChat")
        await expect(dora.log.get_by_text("This chat has ended.")).to_be_visible()
        await up(dora.page)
        await expect(dora.log.locator("li.u")).to_have_count(0)
        second = await dora.chat_id()
        assert second != first
        assert await said(desk, second) == ["one more thing"]


async def test_a_long_text_is_sent_whole_and_a_longer_one_is_kept_with_a_word(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        await desk.served.on_duty("ann")
        dora = await desk.customer()
        long = "long " + "x" * 4_995
        await dora.say(long)
        await expect(dora.bubble(GREETING)).to_be_visible()
        assert await said(desk, await dora.chat_id()) == [long]
        field = dora.page.get_by_label("Write a message")
        await field.fill("y" * (TEXT_CHARS + 12))
        word = f"A message may have {TEXT_CHARS} characters; this one has {TEXT_CHARS + 12}."
        await expect(dora.page.get_by_text(word)).to_be_visible()
        await field.press("Enter")
        await expect(field).to_have_value("y" * (TEXT_CHARS + 12))
        await dora.page.reload()
        await expect(field).to_have_value("y" * (TEXT_CHARS + 12))
        await field.fill("z" * TEXT_CHARS)
        await field.press("Enter")
        await expect(dora.bubble(GREETING)).to_have_count(2)
        assert await said(desk, await dora.chat_id()) == [long, "z" * TEXT_CHARS]


async def test_where_storage_is_refused_all_works_till_the_page_is_left(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        await desk.served.on_duty("ann")
        context = await desk.context()
        await context.add_init_script(NO_STORAGE)
        page = await context.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        await page.goto(f"{desk.served.url}/shop")
        dora = Widget(page)
        await dora.say("hello")
        await expect(dora.bubble(GREETING)).to_be_visible()
        await down(page)
        await dora.say("message A")
        await expect(dora.log.locator("li.u")).to_contain_text("Not sent yet.")
        await up(page)
        await expect(dora.log.locator("li.u")).to_have_count(0)
        await expect(dora.bubble(GREETING)).to_have_count(2)
        assert errors == []
        assert len(await chats(desk)) == 1


async def test_a_window_that_was_closed_stays_closed_and_none_takes_the_focus(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        await desk.served.on_duty("ann")
        dora = await desk.customer()
        await dora.say("hello")
        await expect(dora.bubble(GREETING)).to_be_visible()
        focused = "document.activeElement === document.body"
        await dora.page.reload()
        await expect(dora.bubble(GREETING)).to_be_visible()
        assert await dora.page.evaluate(focused)
        await dora.page.get_by_role("button", name="Close the chat window").click()
        await dora.page.reload()
        launcher = dora.page.locator("stepin-chat .l")
        await expect(launcher).to_be_visible()
        await launcher.click()
        await expect(dora.page.get_by_label("Write a message")).to_be_focused()
        await expect(dora.bubble(GREETING)).to_be_visible()
