"""Who is there: several customers at one computer, tokens that run out, and signing out."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from stepin.core.events.chat import ChatOpened, MessagePosted
from tests.browser.brains import GREETING
from tests.browser.desk import Desk, Widget, at_desk
from tests.browser.tap import Page as HostPage

CARD = "my card ends 4242"
HEAD = '<!doctype html><html lang="en"><title>Shop</title><script src="/widget/stepin.js"></script>'
ASKS = f"""{HEAD}<body><script>
window.asked = 0;
const chat = document.createElement("stepin-chat");
chat.identity = async () => {{ window.asked++; return (await fetch("/token")).text(); }};
document.body.append(chat);
</script>"""
LAPSED = "Your sign-in has expired."


def page_for(identity: str | None) -> HostPage:
    """Return a page of the host for somebody."""
    who = "" if identity is None else f' identity="{identity}"'
    return HostPage(f"{HEAD}<stepin-chat{who}></stepin-chat>")


async def said_by(desk: Desk, customer_id: str) -> list[str]:
    """Return what a customer has written, in all of their chats, oldest chat first."""
    log = desk.served.app.site.log
    found = []
    for stream in reversed(await log.streams(ref=f"customer:{customer_id}")):
        for recorded in await log.read(stream):
            event = recorded.event
            if isinstance(event, MessagePosted) and event.author == "customer":
                found.append(event.text)
    return found


async def opened_by(desk: Desk, chat_id: str) -> tuple[str, bool]:
    (opened,) = await desk.events(chat_id, ChatOpened)
    return ("visitor" if not opened.asserted else opened.customer_id), opened.asserted


async def kept(widget: Widget) -> list[str]:
    """Return the keys that the widget keeps in the browser."""
    keys: list[str] = await widget.page.evaluate(
        "Object.keys(localStorage).filter((key) => key.startsWith('stepin'))"
    )
    return sorted(keys)


async def launch(widget: Widget) -> None:
    await widget.page.locator("stepin-chat .l").click()


async def at_one_computer(desk: Desk) -> Widget:
    """Return the browser in which Alice has just written, with pages for Bob and for nobody."""
    await desk.served.on_duty("ann")
    desk.tap.pages["/alice"] = page_for(desk.served.identity("alice"))
    desk.tap.pages["/bob"] = page_for(desk.served.identity("bob"))
    desk.tap.pages["/nobody"] = page_for(None)
    widget = await desk.customer("/alice")
    await widget.say(CARD)
    await expect(widget.bubble(GREETING)).to_be_visible()
    return widget


@pytest.mark.parametrize("other", ["bob", "nobody"])
async def test_another_customer_at_the_same_computer_finds_nothing_of_the_first(
    tmp_path: Path, chromium: Browser, other: str
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        widget = await at_one_computer(desk)
        hers = await widget.chat_id()
        await widget.page.goto(f"{desk.served.url}/{other}")
        await widget.say("I am somebody else, cancel my order")
        await expect(widget.bubble(GREETING)).to_have_count(1)
        await expect(widget.bubble(CARD)).to_have_count(0)
        theirs = await widget.chat_id()
        assert theirs != hers
        who = await opened_by(desk, theirs)
        assert who == (("bob", True) if other == "bob" else ("visitor", False))
        assert await said_by(desk, "alice") == [CARD]
        assert not [key for key in await kept(widget) if "alice" in key]
        await widget.page.goto(f"{desk.served.url}/alice")
        await expect(widget.bubble(CARD)).to_be_visible()
        assert await widget.chat_id() == hers
        await expect(widget.bubble("somebody else")).to_have_count(0)


async def test_a_page_that_signs_somebody_else_in_tells_the_widget(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        widget = await at_one_computer(desk)
        element = widget.page.locator("stepin-chat")
        left = await element.evaluate(
            """(chat, identity) => {
                chat.setAttribute("identity", identity);
                return chat.shadowRoot.querySelector("[role=log]").textContent;
            }""",
            desk.served.identity("bob"),
        )
        assert CARD not in left, "it is gone at once, not after an answer of the server"
        await widget.say("hello from Bob")
        await expect(widget.bubble(GREETING)).to_be_visible()
        await element.evaluate("chat => chat.removeAttribute('identity')")
        await expect(widget.bubble("hello from Bob")).to_have_count(0)
        await widget.say("hello from nobody")
        await expect(widget.bubble(GREETING)).to_be_visible()
        assert await opened_by(desk, await widget.chat_id()) == ("visitor", False)
        assert (await said_by(desk, "alice"), await said_by(desk, "bob")) == (
            [CARD],
            ["hello from Bob"],
        )


async def test_a_place_of_another_customer_in_the_storage_opens_nothing(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        widget = await at_one_computer(desk)
        await widget.page.evaluate(
            "localStorage['stepin:id-bob:chat'] = localStorage['stepin:id-alice:chat']"
        )
        seen: list[str] = []
        widget.page.on("response", lambda answer: seen.append(f"{answer.status} {answer.url}"))
        await widget.page.goto(f"{desk.served.url}/bob")
        await widget.say("I am Bob")
        await expect(widget.bubble(GREETING)).to_be_visible()
        await expect(widget.bubble(CARD)).to_have_count(0)
        assert [one for one in seen if one.startswith("403") and one.endswith("/feed")]
        assert await said_by(desk, "alice") == [CARD]
        assert await said_by(desk, "bob") == ["I am Bob"]


async def test_a_visitor_who_signs_in_begins_a_chat_of_their_own(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        await desk.served.on_duty("ann")
        desk.tap.pages["/nobody"] = page_for(None)
        desk.tap.pages["/alice"] = page_for(desk.served.identity("alice"))
        widget = await desk.customer("/nobody")
        await widget.say("before I signed in")
        await expect(widget.bubble(GREETING)).to_be_visible()
        await widget.page.goto(f"{desk.served.url}/alice")
        await launch(widget)
        await expect(widget.bubble("You are signed in now")).to_be_visible()
        await widget.say("after I signed in")
        await expect(widget.bubble(GREETING)).to_be_visible()
        await expect(widget.bubble("before I signed in")).to_have_count(0)
        assert await said_by(desk, "alice") == ["after I signed in"]
        assert [key for key in await kept(widget) if "visitor" in key] == []


async def test_a_token_that_has_run_out_is_renewed_by_asking_the_page(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        served = desk.served
        await served.on_duty("ann")
        desk.tap.pages["/asks"] = HostPage(ASKS)
        desk.tap.pages["/token"] = HostPage(served.identity("alice", lives_s=4))
        widget = await desk.customer("/asks")
        await launch(widget)
        await expect(widget.page.get_by_label("Write a message")).to_be_enabled()
        assert await widget.page.evaluate("asked") == 1
        served.clock.ahead_s += 60
        desk.tap.pages["/token"] = HostPage(served.identity("alice"))
        await widget.say("hello")
        await expect(widget.bubble(GREETING)).to_be_visible()
        assert await widget.page.evaluate("asked") == 2
        assert await said_by(desk, "alice") == ["hello"]


async def test_a_page_whose_customer_has_changed_is_believed_at_renewal(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        served = desk.served
        await served.on_duty("ann")
        desk.tap.pages["/asks"] = HostPage(ASKS)
        desk.tap.pages["/token"] = HostPage(served.identity("alice"))
        widget = await desk.customer("/asks")
        await widget.say(CARD)
        await expect(widget.bubble(GREETING)).to_be_visible()
        desk.tap.pages["/token"] = HostPage(served.identity("bob"))
        await widget.page.evaluate("document.querySelector('stepin-chat').identity = chat.identity")
        await expect(widget.bubble(CARD)).to_have_count(0)
        await widget.say("hello from Bob")
        await expect(widget.bubble(GREETING)).to_be_visible()
        assert await said_by(desk, "alice") == [CARD]
        assert await said_by(desk, "bob") == ["hello from Bob"]


async def lapsed(desk: Desk) -> Widget:
    """Return a widget whose token has run out on a page that gives no other."""
    await desk.served.on_duty("ann")
    desk.tap.pages["/alice"] = page_for(desk.served.identity("alice", lives_s=4))
    widget = await desk.customer("/alice")
    await widget.page.evaluate(
        "window.told = 0; addEventListener('identityexpired', () => window.told++)"
    )
    desk.served.clock.ahead_s += 60
    await widget.say("where is my parcel?")
    await expect(widget.page.get_by_text(LAPSED)).to_be_visible()
    assert await widget.page.evaluate("told") >= 1
    return widget


async def test_without_another_token_the_customer_goes_on_as_a_guest_if_they_want(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        widget = await lapsed(desk)
        await widget.page.get_by_role("button", name="Continue as a guest").click()
        await expect(widget.bubble(GREETING)).to_be_visible()
        await expect(widget.page.get_by_text(LAPSED)).to_have_count(0)
        await expect(widget.bubble("where is my parcel?")).to_have_count(1)
        assert await opened_by(desk, await widget.chat_id()) == ("visitor", False)
        assert await said_by(desk, "alice") == []


async def test_a_page_that_hears_of_the_end_of_a_token_gives_another(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        widget = await lapsed(desk)
        await widget.page.locator("stepin-chat").evaluate(
            "(chat, identity) => chat.setAttribute('identity', identity)",
            desk.served.identity("alice"),
        )
        await expect(widget.bubble(GREETING)).to_be_visible()
        assert await said_by(desk, "alice") == ["where is my parcel?"]


async def test_a_chat_goes_on_although_the_token_that_opened_it_has_run_out(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        await desk.served.on_duty("ann")
        desk.tap.pages["/alice"] = page_for(desk.served.identity("alice", lives_s=4))
        widget = await desk.customer("/alice")
        await widget.say("hello")
        await expect(widget.bubble(GREETING)).to_be_visible()
        desk.served.clock.ahead_s += 60
        await widget.say("and one more thing")
        await expect(widget.bubble(GREETING)).to_have_count(2)
        assert await said_by(desk, "alice") == ["hello", "and one more thing"]


async def test_a_chat_token_that_has_run_out_is_replaced(tmp_path: Path, chromium: Browser) -> None:
    async with at_desk(tmp_path, chromium, chat_token_hours=1.0) as desk:
        served = desk.served
        await served.on_duty("ann")
        desk.tap.pages["/asks"] = HostPage(ASKS)
        desk.tap.pages["/token"] = HostPage(served.identity("alice"))
        widget = await desk.customer("/asks")
        await widget.say("hello")
        await expect(widget.bubble(GREETING)).to_be_visible()
        first = await widget.chat_id()
        served.clock.ahead_s += 2 * 3_600
        desk.tap.pages["/token"] = HostPage(served.identity("alice"))
        await widget.say("still there?")
        await expect(widget.bubble(GREETING)).to_have_count(2)
        assert await widget.chat_id() == first
        assert await said_by(desk, "alice") == ["hello", "still there?"]


async def test_logout_forgets_everything_and_ends_the_feed(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        widget = await at_one_computer(desk)
        await widget.page.get_by_label("Write a message").fill("half a sent")
        sockets = desk.served.app.site.sockets
        assert len(sockets) == 1
        left = await widget.page.locator("stepin-chat").evaluate(
            "chat => { chat.logout(); return chat.shadowRoot.querySelector('.w').textContent; }"
        )
        assert CARD not in left
        await expect(widget.page.get_by_label("Write a message")).to_have_value("")
        assert await kept(widget) == []
        async with asyncio.timeout(10):
            while len(sockets):
                await asyncio.sleep(0)
        await widget.say("hello")
        await expect(widget.bubble(GREETING)).to_be_visible()
        assert await opened_by(desk, await widget.chat_id()) == ("visitor", False)
        assert await said_by(desk, "alice") == [CARD]


async def chats(desk: Desk) -> list[ChatOpened]:
    """Return every chat's opening."""
    recorded = await desk.served.app.site.log.read_all()
    return [one.event for one in recorded if isinstance(one.event, ChatOpened)]


async def test_two_tabs_of_a_visitor_are_one_chat(tmp_path: Path, chromium: Browser) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        await desk.served.on_duty("ann")
        desk.tap.pages["/nobody"] = page_for(None)
        one = await desk.customer("/nobody")
        two = Widget(await one.page.context.new_page())
        await two.page.goto(f"{desk.served.url}/nobody")
        await one.say("hello from one")
        await expect(one.bubble(GREETING)).to_be_visible()
        await expect(two.bubble("hello from one")).to_be_visible()
        await two.say("hello from two")
        await expect(one.bubble("hello from two")).to_be_visible()
        first = await one.chat_id()
        for tab in (two, one):
            await tab.page.reload()
            await expect(tab.bubble("hello from one")).to_be_visible()
            await expect(tab.bubble("hello from two")).to_have_count(1)
            assert await tab.chat_id() == first
        assert len(await chats(desk)) == 1
        await one.page.locator("stepin-chat").evaluate("chat => chat.logout()")
        await expect(two.bubble("hello from one")).to_have_count(0)
