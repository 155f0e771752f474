"""The widget on sites that are not ours, and customers who come back."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Browser, expect

from stepin.core.events.chat import ChatOpened
from tests.browser.brains import GOODBYE, GREETING
from tests.browser.desk import at_desk
from tests.browser.tap import Page as HostPage

HOSTILE = "* { color: red !important; font-size: 40px; display: inline; float: right }"


async def test_15_hostile_css_and_a_strict_csp(tmp_path: Path, chromium: Browser) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        await desk.served.on_duty("ann")
        desk.tap.pages["/host"] = HostPage(
            '<html lang="en"><title>Shop</title><link rel="stylesheet" href="/host.css">'
            '<script src="/widget/stepin.js" data-auto></script>',
            {
                "content-security-policy": "default-src 'none'; script-src 'self'; "
                "connect-src 'self'; style-src 'self'; base-uri 'none'"
            },
        )
        desk.tap.pages["/host.css"] = HostPage(HOSTILE, {"content-type": "text/css"})
        refused: list[str] = []
        dora = await desk.customer("about:blank")
        dora.page.on("console", lambda said: refused.append(said.text))
        await dora.page.goto(f"{desk.served.url}/host")
        await dora.say("hello")
        await expect(dora.bubble(GREETING)).to_be_visible()
        style = await dora.log.locator("li.ai").evaluate(
            "e => [getComputedStyle(e).fontSize, getComputedStyle(e).color]"
        )
        assert style == ["15px", "rgb(27, 35, 46)"]
        assert [text for text in refused if "Content Security Policy" in text] == []


async def test_16_a_customer_who_comes_back_opens_a_linked_chat(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        ann = await desk.worker("ann")
        dora = await desk.customer()
        await dora.say("hello")
        await expect(dora.bubble(GREETING)).to_be_visible()
        first = await dora.chat_id()
        await dora.say("thanks")
        await expect(dora.bubble(GOODBYE)).to_be_visible()
        await dora.page.get_by_role("button", name="Start a new chat").click()
        await dora.say("hello once more")
        await expect(dora.bubble(GREETING)).to_be_visible()
        second = await dora.chat_id()
        (opened,) = await desk.events(second, ChatOpened)
        assert opened.previous_chat_id == first
        await ann.open(second)
        await expect(ann.page.get_by_text("Earlier chats (1)")).to_be_visible()
