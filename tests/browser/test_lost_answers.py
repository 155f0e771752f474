"""A worker's command whose answer was lost: however often it is sent, it is carried out once."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, Route, expect

from stepin.core.events.chat import MessagePosted, WhisperSent
from tests.browser.brains import GREETING
from tests.browser.desk import Console, Desk, Widget, at_desk

COMMANDS = "**/commands"
GAPPED = """
[[replies]]
reply_id = "which"
title = "Which item"
text = "Which item of order {order} is it, {customer}?"
"""


async def lose(page: Page, n: int) -> None:
    """Let the next n commands through, and lose their answers."""
    left = n

    async def handle(route: Route) -> None:
        nonlocal left
        if not left:
            await route.continue_()
            return
        left -= 1
        await route.fetch()
        await route.abort()

    await page.route(COMMANDS, handle)


async def at_work(desk: Desk, *, take: bool = True) -> tuple[Console, Widget, str]:
    """Return a worker in a chat, and its customer."""
    ann = await desk.worker("ann")
    dora = await desk.customer()
    await dora.say("hello")
    await expect(dora.bubble(GREETING)).to_be_visible()
    chat_id = await dora.chat_id()
    await ann.open(chat_id)
    if take:
        await ann.key("t")
        await expect(ann.composer("reply")).to_be_visible()
    return ann, dora, chat_id


async def texts(desk: Desk, chat_id: str, kind: type, **by: Any) -> list[str]:
    found = await desk.events(chat_id, kind)
    return [e.text for e in found if all(getattr(e, k) == v for k, v in by.items())]


@pytest.mark.parametrize(
    ("mode", "reload"),
    [("reply", False), ("reply", True), ("note", False), ("whisper", False)],
)
async def test_a_text_that_came_back_is_sent_again_as_the_same_command(
    tmp_path: Path, chromium: Browser, mode: str, reload: bool
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        ann, dora, chat_id = await at_work(desk, take=mode != "whisper")
        if mode == "note":
            await ann.page.get_by_text("Internal note", exact=True).click()
        await expect(ann.composer(mode)).to_be_visible()
        await lose(ann.page, 1)
        await ann.write("It comes tomorrow.")
        await expect(ann.page.get_by_text("The desk can't be reached.")).to_be_visible()
        if mode == "note":
            await ann.page.get_by_text("Internal note", exact=True).click()
        await expect(ann.field).to_have_value("It comes tomorrow.")
        if reload:
            await ann.page.reload()
            await ann.open(chat_id)
            if mode == "note":
                await ann.page.get_by_text("Internal note", exact=True).click()
            await expect(ann.field).to_have_value("It comes tomorrow.")
        await ann.field.press("Enter")
        if mode == "note":
            await expect(ann.composer("reply")).to_be_visible()
            await ann.page.get_by_text("Internal note", exact=True).click()
        await expect(ann.field).to_have_value("")
        await ann.write("And this is new.")
        kind = WhisperSent if mode == "whisper" else MessagePosted
        by = {} if mode == "whisper" else {"author": "worker"}
        line = {"reply": "worker", "note": "note", "whisper": "whisper"}[mode]
        await expect(ann.line(line).last).to_contain_text("And this is new.")
        assert await texts(desk, chat_id, kind, **by) == ["It comes tomorrow.", "And this is new."]
        if mode == "reply":
            await expect(dora.bubble("It comes tomorrow.")).to_have_count(1)


async def test_a_text_that_was_changed_is_another_message(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        ann, dora, chat_id = await at_work(desk)
        await lose(ann.page, 1)
        await ann.write("It comes tomorrow.")
        await expect(ann.field).to_have_value("It comes tomorrow.")
        await ann.write("It comes on Friday.")
        await expect(dora.bubble("It comes on Friday.")).to_be_visible()
        said = await texts(desk, chat_id, MessagePosted, author="worker")
        assert said == ["It comes tomorrow.", "It comes on Friday."]


async def test_several_texts_that_came_back_arrive_once_and_in_order(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        ann, dora, chat_id = await at_work(desk)
        go, sent = asyncio.Event(), list[str]()

        async def hold(route: Route) -> None:
            sent.append(route.request.post_data or "")
            if len(sent) > 1:
                await route.continue_()
                return
            await go.wait()
            await route.fetch()
            await route.abort()

        await ann.page.route(COMMANDS, hold)
        await ann.write("First.")
        await ann.write("Second.")
        await ann.field.press_sequentially("Third.")
        go.set()
        await expect(ann.field).to_have_value("First.\nSecond.\nThird.")
        await ann.field.press("Enter")
        await expect(dora.bubble("Third.")).to_be_visible()
        said = await texts(desk, chat_id, MessagePosted, author="worker")
        assert said == ["First.", "Second.", "Third."]


async def test_a_place_that_nobody_has_filled_is_shown_before_it_is_sent(
    tmp_path: Path, chromium: Browser
) -> None:
    (tmp_path / "replies.toml").write_text(GAPPED)
    async with at_desk(tmp_path, chromium, replies=str(tmp_path / "replies.toml")) as desk:
        ann, dora, chat_id = await at_work(desk)
        await ann.page.get_by_role("button", name="Canned replies").click()
        await ann.page.get_by_role("menuitem", name="Which item").click()
        await ann.field.press("Enter")
        await expect(ann.page.get_by_text("“{order}” is not filled in.")).to_be_visible()
        assert await texts(desk, chat_id, MessagePosted, author="worker") == []
        await ann.field.fill("Which item of order A-1001 is it?")
        await ann.field.press("Enter")
        await expect(dora.bubble("order A-1001")).to_be_visible()
        await ann.write("Write it in braces, as {order}.")
        await ann.field.press("Enter")
        await expect(dora.bubble("as {order}.")).to_be_visible()


@pytest.mark.parametrize("back", ["command", "feed"])
async def test_that_the_desk_cannot_be_reached_is_said_once_and_only_while_it_is_so(
    tmp_path: Path, chromium: Browser, back: str
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        ann, dora, _ = await at_work(desk)
        if back == "feed":
            desk.tap.open.clear()
            desk.tap.cut()
            await expect(ann.page.get_by_text("Connection lost")).to_be_visible()
        await ann.page.route(COMMANDS, lambda route: route.abort())
        told = ann.page.get_by_text("The desk can't be reached.")
        for _ in range(2):
            await ann.write("It comes tomorrow.")
            await expect(ann.field).to_have_value("It comes tomorrow.")
        await expect(told).to_have_count(1)
        # A pointer over a notice holds it: it would stand for ever.
        await told.hover()
        await ann.page.unroute(COMMANDS)
        if back == "feed":
            desk.tap.open.set()
        else:
            await ann.field.press("Enter")
            await expect(dora.bubble("It comes tomorrow.")).to_have_count(1)
        await expect(told).to_have_count(0)
