"""Everyday tools: macros by a short code, the palette, search with filters, many chats at once."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Browser, expect

from stepin.core.events.chat import LabelsChanged, MessagePosted, WrapUpStarted
from tests.browser.brains import GREETING, STUCK
from tests.browser.desk import Console, Desk, at_desk
from tests.browser.test_access import faults

REPLIES = """
labels = ["refund", "parcel"]
dispositions = ["solved", "passed on"]

[[replies]]
reply_id = "hello"
title = "Greeting"
text = "Hello {customer}, this is {worker}."
short = "hi"

[[replies]]
reply_id = "bye"
title = "Goodbye"
text = "Have a good day."
short = "bye"
labels = ["parcel"]
note = "settled by phone"
close = "solved"
"""


async def held(desk: Desk, text: str = "hello") -> tuple[Console, str]:
    """Return a worker who holds a chat, and the chat."""
    ann = await desk.worker("ann")
    gus = await desk.customer()
    await gus.say(text)
    await expect(gus.bubble(GREETING)).to_be_visible()
    chat_id = await gus.chat_id()
    await ann.open(chat_id)
    await ann.key("t")
    await expect(ann.composer("reply")).to_be_visible()
    return ann, chat_id


def with_replies(folder: Path) -> str:
    (folder / "replies.toml").write_text(REPLIES)
    return str(folder / "replies.toml")


async def test_a_short_code_brings_a_reply_and_a_macro_does_the_rest_once_it_is_sent(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium, replies=with_replies(tmp_path)) as desk:
        ann, chat_id = await held(desk)
        await ann.field.press_sequentially("/")
        await expect(ann.page.get_by_role("option")).to_have_count(2)
        assert await faults(ann.page) == []
        await ann.page.keyboard.type("hi")
        await ann.page.keyboard.press("Enter")
        await expect(ann.field).to_have_value("Hello, this is Ann.")
        await expect(ann.page.locator("[data-macro]")).to_have_count(0)
        await ann.field.fill("/by")
        await ann.page.keyboard.press("Tab")
        await expect(ann.field).to_have_value("Have a good day.")
        macro = ann.page.locator("[data-macro=bye]")
        await expect(macro).to_contain_text("+parcel · closes as “solved”")
        await macro.get_by_role("button", name="Only send").click()
        await expect(macro).to_have_count(0)
        await ann.field.fill("/bye")
        await ann.page.keyboard.press("Enter")
        await expect(macro).to_be_visible()
        await ann.field.press("Enter")
        await expect(ann.section("wrap").locator(f'[data-chat="{chat_id}"]')).to_be_visible()
        said = await desk.events(chat_id, MessagePosted)
        assert [(m.text, m.template) for m in said if m.author == "worker"] == [
            ("Have a good day.", "bye"),
            ("settled by phone", None),
        ]
        assert [e.added for e in await desk.events(chat_id, LabelsChanged)] == [("parcel",)]
        assert [e.disposition for e in await desk.events(chat_id, WrapUpStarted)] == ["solved"]


async def test_the_palette_does_what_a_key_does_and_finds_chats_and_pages(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        ann = await desk.worker("ann")
        gus = await desk.customer()
        await gus.say("my parcel")
        await expect(gus.bubble(GREETING)).to_be_visible()
        chat_id = await gus.chat_id()
        page = ann.page
        await page.keyboard.press("Control+k")
        field = page.get_by_role("combobox", name="Do or find anything")
        await expect(field).to_be_focused()
        assert await faults(page) == []
        await page.keyboard.type("parcel")
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(f"{desk.served.url}/console/floor/{chat_id}")
        await expect(ann.holder).to_be_visible()
        await page.keyboard.press("Control+k")
        await expect(field).to_be_focused()
        await page.keyboard.type("take")
        await expect(page.locator("[data-choice='do/takeOver']")).to_be_visible()
        await page.keyboard.press("Enter")
        await expect(ann.composer("reply")).to_be_visible()
        await expect(ann.field).to_be_focused()
        await page.keyboard.press("Control+k")
        await expect(field).to_be_focused()
        await page.keyboard.type("set")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Settings")


async def test_a_chat_is_found_by_its_customer_and_filters_and_the_search_is_kept(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium, replies=with_replies(tmp_path)) as desk:
        ann = await desk.worker("ann")
        found = []
        for name in ("Dora", "Dorian"):
            identity = desk.served.identity(name.lower(), name=name)
            _, opened = await desk.served.customer("my lamp hums", identity=identity)
            await desk.served.settled(opened["chat_id"])
            found.append(opened["chat_id"])
        client = await desk.served.worker("ann")
        await desk.served.command(client, found[0], type="ChangeLabels", add=["refund"])
        page = ann.page
        await ann.key("/")
        box = page.get_by_role("dialog")
        await expect(box.get_by_role("textbox", name="Search past chats")).to_be_focused()
        await page.keyboard.type("dor")
        hits = box.locator("[data-chat]")
        await expect(hits).to_have_count(2)
        await expect(hits.last).to_contain_text("Dora · open")
        await box.get_by_role("combobox", name="Labels").click()
        await page.get_by_role("option", name="refund").click()
        await expect(hits).to_have_count(1)
        await expect(hits).to_contain_text("#refund")
        assert await faults(page) == []
        await box.get_by_role("button", name="Keep this search").click()
        await box.get_by_label("From (day of opening)").fill("2030-01-01")
        await expect(box).to_contain_text("No chat was found.")
        await page.reload()
        await expect(ann.section("needs")).to_be_visible()
        await ann.key("/")
        await box.get_by_role("button", name="“dor” · #refund").click()
        await expect(hits).to_have_count(1)
        await hits.click()
        await expect(page).to_have_url(f"{desk.served.url}/console/replay/{found[0]}")


async def test_what_is_written_in_one_tab_stands_in_the_other_and_is_sent_once(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        ann, chat_id = await held(desk)
        await ann.field.fill("It comes on Friday.")
        other = Console(await ann.page.context.new_page())
        await other.page.goto(ann.page.url)
        await expect(other.composer("reply")).to_be_visible()
        await expect(other.field).to_have_value("It comes on Friday.")
        await ann.field.fill("It comes on Monday.")
        await expect(other.field).to_have_value("It comes on Monday.")
        await other.field.press("Enter")
        await expect(other.line("worker")).to_contain_text("Monday")
        await expect(ann.field).to_have_value("")
        said = [m.text for m in await desk.events(chat_id, MessagePosted) if m.author == "worker"]
        assert said == ["It comes on Monday."]


async def test_a_tile_of_the_floor_leads_to_the_chat_that_waits_longest(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        await desk.served.on_duty("ben")
        gus = await desk.customer()
        await gus.say("my blender hums")
        await expect(gus.bubble(STUCK)).to_be_visible()
        lena = await desk.worker("lena", "lead")
        await lena.page.goto(f"{desk.served.url}/console/lead")
        tile = lena.page.locator("[data-tile='alerts waiting']")
        await expect(tile).to_contain_text("1")
        await tile.click()
        chat_id = await gus.chat_id()
        await expect(lena.page).to_have_url(f"{desk.served.url}/console/floor/{chat_id}")
        await expect(lena.holder).to_be_visible()
