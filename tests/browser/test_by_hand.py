"""A chat that a person handles, from the greeting to the wrap-up, with a pointer."""

from __future__ import annotations

import asyncio
from pathlib import Path

from playwright.async_api import Browser, expect

from stepin.core.events.chat import ChatClosed, LabelsChanged, MessagePosted, WrapUpEnded
from tests.browser.desk import at_desk

REPLIES = """
labels = ["vip", "parcel"]
dispositions = ["solved", "went away"]
[[replies]]
reply_id = "greet"
title = "Greeting"
text = "Hello {customer}, this is {worker}."
"""
NO_AI = 'name = "default"\n[ai]\nenabled = false\n'


async def test_a_chat_by_hand_from_the_greeting_to_the_wrap_up(
    tmp_path: Path, chromium: Browser
) -> None:
    (tmp_path / "replies.toml").write_text(REPLIES)
    (tmp_path / "policy.toml").write_text(NO_AI)
    async with at_desk(
        tmp_path,
        chromium,
        replies=str(tmp_path / "replies.toml"),
        policy=str(tmp_path / "policy.toml"),
    ) as desk:
        ann = await desk.worker("ann")
        page = ann.page
        dora = await desk.customer()
        await dora.say("where is my parcel")
        chat_id = await dora.chat_id()
        await expect(ann.section("yours").locator(f'[data-chat="{chat_id}"]')).to_be_visible()
        await ann.open(chat_id)
        await dora.page.locator("stepin-chat textarea").press_sequentially("and")
        await expect(ann.line("typing")).to_have_text("The customer is writing…")

        await ann.field.click()
        await page.get_by_role("button", name="Canned replies").click()
        await page.get_by_role("menuitem", name="Greeting").click()
        await expect(ann.field).to_have_value("Hello, this is Ann.")
        await ann.field.press("End")
        told = expect(dora.page.get_by_text("Ann is writing…")).to_be_visible()
        await asyncio.gather(told, ann.field.press_sequentially(" Good day!", delay=400))
        await page.get_by_role("button", name="Send").click()
        await expect(dora.bubble("this is Ann")).to_be_visible()
        (reply,) = [m for m in await desk.events(chat_id, MessagePosted) if m.author == "worker"]
        assert reply.template == "greet"

        await page.get_by_text("Internal note", exact=True).click()
        await expect(ann.composer("note")).to_be_visible()
        await ann.write("the courier is late again")
        await expect(ann.line("note")).to_contain_text("the courier is late again")
        await expect(ann.composer("reply")).to_be_visible()
        await page.locator("input[data-labels]").fill("parcel")
        await page.locator("input[data-labels]").press("Enter")
        await expect(ann.line("system").last).to_contain_text("+parcel")
        assert [e.added for e in await desk.events(chat_id, LabelsChanged)] == [("parcel",)]

        await page.get_by_role("button", name="Close", exact=True).first.click()
        box = page.get_by_role("dialog")
        close = box.locator("form").get_by_role("button", name="Close")
        await expect(close).to_be_disabled()
        await box.get_by_role("combobox", name="How did it end?").click()
        await page.get_by_role("option", name="went away").click()
        await close.click()
        await expect(dora.page.get_by_role("button", name="4 of 5")).to_be_visible()
        await expect(ann.section("wrap").locator(f'[data-chat="{chat_id}"]')).to_be_visible()
        await expect(ann.composer("note")).to_be_visible()
        await expect(page.get_by_role("button", name="ended: went away")).to_be_visible()
        await page.get_by_role("button", name="Finish").click()
        await expect(ann.row(chat_id)).to_have_count(0)
        (closed,) = await desk.events(chat_id, ChatClosed)
        (wrapped,) = await desk.events(chat_id, WrapUpEnded)
        assert (closed.disposition, wrapped.disposition) == ("went away", "went away")
        told = desk.tap.to_customers()
        assert "this is Ann" in told
        assert "the courier is late" not in told
        assert "parcel" not in told.replace("where is my parcel", "")


async def test_how_a_chat_ended_is_asked_once_and_outlives_the_wrap_up(
    tmp_path: Path, chromium: Browser
) -> None:
    (tmp_path / "replies.toml").write_text(REPLIES)
    (tmp_path / "policy.toml").write_text(f"{NO_AI}[times]\nwrap_up_s = 1.0\n")
    files = {name: str(tmp_path / f"{name}.toml") for name in ("replies", "policy")}
    async with at_desk(tmp_path, chromium, **files) as desk:
        ann = await desk.worker("ann")
        dora = await desk.customer()
        await dora.say("where is my parcel")
        chat_id = await dora.chat_id()
        await ann.open(chat_id)
        await ann.key("e")
        how = ann.page.get_by_role("dialog").get_by_role("combobox")
        await expect(how).to_be_focused()
        await expect(how).to_have_value("")
        await ann.page.keyboard.press("ArrowDown")
        await expect(ann.page.get_by_role("option").first).to_be_visible()
        await ann.page.keyboard.press("ArrowDown")
        await ann.page.keyboard.press("Enter")
        await expect(how).not_to_have_value("")
        chosen = await how.input_value()
        await ann.page.keyboard.press("Enter")
        await expect(ann.page.get_by_role("dialog")).to_have_count(0)
        await expect(ann.row(chat_id)).to_have_count(0)
        (closed,) = await desk.events(chat_id, ChatClosed)
        assert (closed.reason, closed.disposition, closed.closed_by) == (
            "resolved",
            chosen,
            "system",
        )
