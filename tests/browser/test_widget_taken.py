"""Somebody else takes the browser in another tab: the first forgets who it thought was there."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from stepin.core.events.chat import MessagePosted
from tests.browser.brains import GREETING
from tests.browser.desk import Desk, Widget, at_desk
from tests.browser.tap import Page as HostPage
from tests.browser.test_widget_customers import (
    CARD,
    HEAD,
    LAPSED,
    chats,
    launch,
    page_for,
    said_by,
)

UNKNOWN = "We couldn't check who you are."
DRAFT = "my card 4111"


def asking(path: str) -> HostPage:
    """Return a page that asks a path of the host who is there."""
    return HostPage(
        f"""{HEAD}<body><script>
const chat = document.createElement("stepin-chat");
chat.identity = async () => (await fetch("{path}")).text();
document.body.append(chat);
</script>"""
    )


async def beside(widget: Widget, url: str) -> Widget:
    """Open another tab of the same browser, and wait until it knows who is there."""
    other = Widget(await widget.page.context.new_page())
    await other.page.goto(url)
    await launch(other)
    await expect(other.page.get_by_label("Write a message")).to_be_enabled()
    return other


async def alices_tab(desk: Desk, page: HostPage) -> Widget:
    """Return a tab in which Alice has a chat, and a draft."""
    await desk.served.on_duty("ann")
    desk.tap.pages["/session"] = HostPage(desk.served.identity("alice"))
    desk.tap.pages["/bobs"] = HostPage(desk.served.identity("bob"))
    desk.tap.pages["/shop"] = page
    desk.tap.pages["/bob"] = asking("/bobs")
    widget = await desk.customer("/shop")
    await widget.say(CARD)
    await expect(widget.bubble(GREETING)).to_be_visible()
    await widget.page.get_by_label("Write a message").fill(DRAFT)
    return widget


@pytest.mark.parametrize("who", ["bob", ""])
async def test_a_tab_whose_browser_somebody_else_has_taken_asks_who_is_there(
    tmp_path: Path, chromium: Browser, who: str
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        one = await alices_tab(desk, asking("/session"))
        now = desk.served.identity(who) if who else ""
        desk.tap.pages["/session"] = HostPage(now)
        await beside(one, f"{desk.served.url}/shop")
        await expect(one.bubble(CARD)).to_have_count(0)
        field = one.page.get_by_label("Write a message")
        await expect(field).to_have_value("")
        await expect(field).to_be_enabled()
        await one.say("I am somebody else")
        await expect(one.bubble(GREETING)).to_be_visible()
        assert await said_by(desk, "alice") == [CARD]
        last = (await chats(desk))[-1]
        assert (last.customer_id, last.asserted) == (
            ("bob", True) if who else (last.customer_id, False)
        )
        draft = await one.page.evaluate("localStorage['stepin:id-alice:draft']")
        assert draft == f'"{DRAFT}"', "it waits for her, under her name"


async def test_nothing_of_a_customer_shows_until_the_page_has_answered(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        one = await alices_tab(desk, asking("/session"))
        await one.page.route("**/session", lambda route: None)
        await beside(one, f"{desk.served.url}/bob")
        await expect(one.bubble(CARD)).to_have_count(0)
        field = one.page.get_by_label("Write a message")
        await expect(field).to_have_value("")
        await expect(field).to_be_disabled()


@pytest.mark.parametrize("by", ["function", "text"])
async def test_a_customer_who_is_still_there_keeps_her_chat_beside_another(
    tmp_path: Path, chromium: Browser, by: str
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        page = asking("/session") if by == "function" else page_for(desk.served.identity("alice"))
        one = await alices_tab(desk, page)
        two = await beside(one, f"{desk.served.url}/bob")
        await expect(one.bubble(CARD)).to_be_visible()
        await expect(one.page.get_by_label("Write a message")).to_have_value(DRAFT)
        await one.say("and one more thing")
        await two.say("I am Bob")
        await expect(two.bubble(GREETING)).to_be_visible()
        await expect(one.bubble(GREETING)).to_have_count(2)
        assert await said_by(desk, "alice") == [CARD, "and one more thing"]
        assert await said_by(desk, "bob") == ["I am Bob"]
        assert len(await chats(desk)) == 2


async def test_a_page_that_stays_open_is_not_believed_beyond_its_token(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        one = await alices_tab(desk, page_for(desk.served.identity("alice", lives_s=4)))
        desk.served.clock.ahead_s += 60
        desk.tap.pages["/bobs"] = HostPage(desk.served.identity("bob"))
        await beside(one, f"{desk.served.url}/bob")
        await expect(one.page.get_by_text(LAPSED)).to_be_visible()
        await expect(one.bubble(CARD)).to_have_count(0)
        await expect(one.page.get_by_label("Write a message")).to_have_value("")


@pytest.mark.parametrize("answer", ["'rubbish.not.jwt'", "{a: 1}", "42"])
async def test_an_answer_that_is_no_token_is_said_to_be_so(
    tmp_path: Path, chromium: Browser, answer: str
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        desk.tap.pages["/shop"] = HostPage(
            f"""{HEAD}<body><stepin-chat></stepin-chat>
<script>document.querySelector("stepin-chat").identity = () => ({answer});</script>"""
        )
        widget = await desk.customer("/shop")
        await launch(widget)
        await expect(widget.page.get_by_text(UNKNOWN)).to_be_visible()
        await expect(widget.page.get_by_text(LAPSED)).to_have_count(0)
        field = widget.page.get_by_label("Write a message")
        if answer == "'rubbish.not.jwt'":
            await widget.say("hello")
            await expect(widget.bubble("Not sent yet")).to_be_visible()
            await expect(widget.bubble("Sending")).to_have_count(0)
        else:
            await field.fill("hello")
            await field.press("Enter")
            await expect(field).to_have_value("hello")
        recorded = await desk.served.app.site.log.read_all()
        assert not [one for one in recorded if isinstance(one.event, MessagePosted)]


@pytest.mark.parametrize("then", ["again", "guest"])
@pytest.mark.parametrize("fails", ["throw new Error('no')", "return Promise.reject('no')"])
async def test_the_field_works_where_the_page_can_t_say_who_is_there(
    tmp_path: Path, chromium: Browser, fails: str, then: str
) -> None:
    """Somebody in a hurry can write; their words wait for "Try again" or go as a guest's."""
    async with at_desk(tmp_path, chromium) as desk:
        token = desk.served.identity("alice")
        desk.tap.pages["/shop"] = HostPage(
            f"""{HEAD}<body><stepin-chat></stepin-chat><script>
window.fails = true;
document.querySelector("stepin-chat").identity = () => {{
    if (window.fails) {{ {fails}; }}
    return "{token}";
}};</script>"""
        )
        widget = await desk.customer("/shop")
        await launch(widget)
        await expect(widget.page.get_by_text(UNKNOWN)).to_be_visible()
        field = widget.page.get_by_label("Write a message")
        await expect(field).to_be_enabled()
        await field.fill("my lamp is late")
        await field.press("Enter")
        await expect(field).to_have_value("my lamp is late")
        if then == "again":
            await widget.page.evaluate("window.fails = false")
            await field.press("Enter")
            await expect(widget.page.get_by_text(UNKNOWN)).to_have_count(0)
        else:
            await widget.page.get_by_role("button", name="Continue as a guest").click()
        await expect(field).to_have_value("my lamp is late")
        await field.press("Enter")
        await expect(widget.bubble("my lamp is late")).to_be_visible()
        await expect(widget.bubble("Nobody on our team is online")).to_be_visible()
        assert await said_by(desk, "alice") == (["my lamp is late"] if then == "again" else [])


async def test_characters_that_nobody_sees_lose_no_words(tmp_path: Path, chromium: Browser) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        desk.tap.pages["/shop"] = page_for(None)
        widget = await desk.customer("/shop")
        await launch(widget)
        field = widget.page.get_by_label("Write a message")
        await expect(field).to_be_enabled()
        await field.fill("\u200b")
        await field.press("Enter")
        await expect(widget.page.get_by_role("button", name="Send", exact=True)).to_be_disabled()
        await field.fill("one\x00 two\x07\u200b")
        await field.press("Enter")
        await expect(widget.bubble("one two")).to_be_visible()
        await expect(widget.bubble("could not be sent")).to_have_count(0)
