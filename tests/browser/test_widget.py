"""The widget on sites that are not ours, and customers who come back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from stepin.core.events.chat import ChatOpened, RatingGiven
from tests.browser.brains import GOODBYE, GREETING
from tests.browser.desk import at_desk
from tests.browser.host import HostSite, host_site
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


WORDS = {
    "en": (
        "Chat with us",
        "Assistant (AI)",
        "This chat has ended.",
        "4 of 5",
        "Send",
        "Thank you.",
    ),
    "zh": ("联系客服", "助手（AI）", "会话已结束。", "4 分（满分 5 分）", "发送", "感谢您的评价。"),
}
SIZES = {"desk": (1360, 850), "phone": (390, 844)}


def page_of(site: HostSite, desk_url: str, language: str) -> None:
    """Put a page of the host on its site: hostile CSS, and a CSP that allows the desk alone."""
    policy = (
        f"default-src 'none'; script-src {desk_url}; connect-src {desk_url}; style-src 'self'; "
        "base-uri 'none'; form-action 'none'"
    )
    site.pages["/host.css"] = HostPage(HOSTILE, {"content-type": "text/css"})
    site.pages["/"] = HostPage(
        f'<!doctype html><html lang="{language}"><title>Shop</title>'
        '<meta name="viewport" content="width=device-width">'
        '<link rel="stylesheet" href="/host.css">'
        f'<script src="{desk_url}/widget/stepin.js" data-auto></script>',
        {"content-security-policy": policy},
    )


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", WORDS)
async def test_15_a_chat_on_another_origin_from_the_first_word_to_the_rating(
    tmp_path: Path, chromium: Browser, language: str, size: str
) -> None:
    launcher, ai, ended, four, send, thanks = WORDS[language]
    width, height = SIZES[size]
    shape: Any = {"viewport": {"width": width, "height": height}}
    async with (
        host_site() as site,
        at_desk(tmp_path, chromium, widget_origins=[site.url]) as desk,
    ):
        await desk.served.on_duty("ann")
        page_of(site, desk.served.url, language)
        refused: list[str] = []
        dora = await desk.customer("about:blank", **shape)
        dora.page.on("console", lambda said: refused.append(said.text))
        await dora.page.goto(site.url)
        await expect(dora.page.get_by_role("button", name=launcher)).to_be_visible()
        await dora.say("hello")
        await expect(dora.bubble(GREETING)).to_be_visible()
        await expect(dora.log.locator("li.ai i")).to_have_text(ai)
        box = await dora.page.get_by_role("dialog").bounding_box()
        assert box is not None
        if size == "phone":
            assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, width, height)
        else:
            assert box["x"] + box["width"] <= width
            assert box["y"] >= 0
        first = await dora.chat_id()

        await dora.page.reload()
        await expect(dora.bubble(GREETING)).to_have_count(1)
        assert await dora.chat_id() == first
        await dora.say("thanks")
        await expect(dora.bubble(GOODBYE)).to_be_visible()
        await expect(dora.log.get_by_text(ended)).to_be_visible()
        await dora.page.get_by_role("button", name=four).click()
        await dora.page.locator("stepin-chat input").fill("all fine")
        await dora.page.get_by_role("button", name=send).click()
        await expect(dora.page.locator("stepin-chat .e").get_by_text(thanks)).to_be_visible()
        (rated,) = await desk.events(first, RatingGiven)
        assert (rated.rating, rated.comment) == (4, "all fine")
        assert [text for text in refused if "Content Security Policy" in text] == []


async def test_15_a_site_that_is_not_listed_gets_no_chat(tmp_path: Path, chromium: Browser) -> None:
    async with host_site() as site, at_desk(tmp_path, chromium) as desk:
        page_of(site, desk.served.url, "en")
        before = await desk.served.app.site.log.position()
        eve = await desk.customer("about:blank")
        await eve.page.goto(site.url)
        await eve.page.locator("stepin-chat .l").click()
        await eve.page.locator("stepin-chat textarea").fill("hello")
        await eve.page.keyboard.press("Enter")
        await expect(eve.page.get_by_text("Not sent yet.")).to_be_visible()
        assert await desk.served.app.site.log.position() == before


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
