"""Somebody in danger on the console: in red for everybody, and no words to them become a note."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Browser, expect

from stepin.core.command import Actor, CloseChat
from stepin.core.events.chat import HolderChanged, MessagePosted
from stepin.core.events.supervision import EscalationDeclined
from tests.browser.desk import Desk, at_desk

DESPAIR = "I want to kill myself"
WORDS = "Hello, I am here. Are you safe?"


async def in_danger(desk: Desk) -> str:
    dora = await desk.customer()
    await dora.say("my blender hums")
    chat_id = await dora.chat_id()
    # Whoever is in danger before the AI holds the chat isn't given to it.
    await desk.served.app.desk.services.follower.until(chat_id, lambda c: c.ai_holds)
    await dora.say(DESPAIR)
    return chat_id


async def by_workers(desk: Desk, chat_id: str) -> list[tuple[str, str]]:
    said = await desk.events(chat_id, MessagePosted)
    return [(one.visibility, one.text) for one in said if one.author == "worker"]


async def test_a_reply_that_can_t_be_sent_stays_a_reply_in_the_field(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        ann = await desk.worker("ann")
        chat_id = await in_danger(desk)
        await ann.open(chat_id)
        await ann.key("t")
        await expect(ann.composer("reply")).to_be_visible()
        await ann.field.fill(WORDS)
        await desk.served.app.site.desk.sign_off("ann")
        await expect(ann.holder).to_contain_text("nobody yet")
        await expect(ann.composer("reply")).to_contain_text("you don't hold this chat any more")
        await ann.field.press("Enter")
        await expect(ann.field).to_have_value(WORDS)
        await expect(ann.section("needs").locator(f'[data-chat="{chat_id}"]')).to_be_visible()
        await desk.served.on_duty("ann")
        await expect(ann.holder).to_contain_text("You")
        await ann.field.press("Enter")
        await expect(ann.field).to_have_value("")
        assert await by_workers(desk, chat_id) == [("public", WORDS)]


async def test_a_takeover_off_duty_is_refused_and_leads_into_no_field(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        await desk.worker("ann")
        cal = await desk.worker("cal", "lead")
        await desk.served.app.site.desk.sign_off("cal")
        chat_id = await in_danger(desk)
        await expect(cal.section("needs").locator(f'[data-chat="{chat_id}"]')).to_be_visible()
        await cal.open(chat_id)
        await cal.key("t")
        await expect(cal.page.get_by_role("alert").first).to_contain_text("off duty")
        await expect(cal.field).not_to_be_focused()
        await cal.page.keyboard.type(WORDS)
        await cal.page.keyboard.press("Enter")
        await expect(cal.field).to_have_value("")
        await expect(cal.holder).to_contain_text("AI")
        assert await by_workers(desk, chat_id) == []
        to = [one.to.kind for one in await desk.events(chat_id, HolderChanged)]
        assert to == ["ai"]


async def test_that_there_is_no_danger_is_said_with_a_reason(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        ann = await desk.worker("ann")
        chat_id = await in_danger(desk)
        await ann.open(chat_id)
        await ann.page.get_by_role("button", name="No danger").click()
        dialog = ann.page.get_by_role("dialog")
        await expect(dialog.get_by_role("button", name="No danger")).to_be_disabled()
        await dialog.get_by_role("textbox").fill("a line of a song")
        await dialog.get_by_role("textbox").press("Enter")
        await expect(ann.page.get_by_role("button", name="No danger")).to_have_count(0)
        (declined,) = await desk.events(chat_id, EscalationDeclined)
        assert declined.reason == "a line of a song"


async def test_who_leaves_in_danger_stays_until_somebody_has_seen_it(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        ann = await desk.worker("ann")
        chat_id = await in_danger(desk)
        site = desk.served.app.site
        chat = await site.desk.chat(chat_id)
        customer = Actor(kind="customer", id=chat.customer_id)
        await site.desk.submit(customer, CloseChat(chat_id=chat_id))
        row = ann.section("needs").locator(f'[data-chat="{chat_id}"]')
        await expect(row).to_be_visible()
        await ann.open(chat_id)
        await expect(ann.holder).to_contain_text("closed")
        await expect(ann.page.get_by_role("button", name="Take over")).to_have_count(0)
        await ann.page.get_by_role("button", name="Seen").click()
        await expect(row).to_have_count(0)
