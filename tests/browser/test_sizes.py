"""What was said stays on the screen: at every size, with all open that there can be."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.browser.desk import Console, Desk, at_desk
from tests.browser.sight import Sight, contrast, look
from tests.browser.test_access import Scheme, opened
from tests.desk.shop import Shop

SIZES = {
    "desktop": (1440, 900),
    "laptop": (1280, 720),
    "tablet": (1024, 768),
    "phone": (390, 844),
    "200 % zoom": (720, 450),
}


async def resize(console: Console, size: str) -> None:
    width, height = SIZES[size]
    await console.page.set_viewport_size({"width": width, "height": height})


async def picture(console: Console, name: str) -> None:
    if where := os.environ.get("STEPIN_TEST_PICTURES"):
        await console.page.screenshot(path=f"{where}/{name.replace(' ', '')}.png")


async def everything(desk: Desk, scheme: Scheme) -> Console:
    """Return a console on a chat with an alert, an action to approve and a brief."""
    _, chat_id = await opened(desk, scheme)
    ann = await desk.worker("ann", "lead", color_scheme=scheme)
    await ann.open(chat_id)
    await expect(ann.page.locator("[data-action]")).to_be_visible()
    await expect(ann.page.get_by_role("region", name="Why you are looking")).to_be_visible()
    await expect(ann.page.get_by_role("region", name="Brief")).to_be_visible()
    return ann


SHARE = {"200 % zoom": 0.45}
"""How much of the screen's height the words have at least; elsewhere 55 %."""


async def seen_at(ann: Console, size: str, name: str, *, less: float = 0.0) -> list[str]:
    """Return what is wrong with what is seen at a size.

    Parameters
    ----------
    less : by how much the words' share may be smaller: somebody writes, or a notice has a band.
    """
    await resize(ann, size)
    seen: Sight = await look(ann.page)
    await picture(ann, f"{size}-{name}")
    faults = seen.faults
    if seen.share < SHARE.get(size, 0.55) - less:
        faults.append(f"the words have {seen.share:.0%} of the height")
    return [f"{size}, {name}: {fault}" for fault in faults]


async def toast(ann: Console) -> None:
    """Let a command fail on the line, so that the console says so."""
    await ann.page.route("**/commands", lambda route: route.abort())
    await ann.key("a")
    shown = ann.page.get_by_role("alert")
    await expect(shown.first).to_contain_text("can't be reached")
    await ann.page.unroute("**/commands")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_three_lines_and_the_composer_are_seen_whatever_else_is_open(
    tmp_path: Path, chromium: Browser, scheme: Scheme
) -> None:
    async with at_desk(tmp_path, chromium, tools=Shop()) as desk:
        ann = await everything(desk, scheme)
        wrong: list[str] = []
        for size in SIZES:
            wrong += await seen_at(ann, size, f"all-{scheme}")
            await ann.field.fill("One moment,\nplease.\nI am looking.")
            wrong += await seen_at(ann, size, f"typed-{scheme}", less=0.15)
            await ann.field.fill("")
            await ann.page.evaluate("document.activeElement.blur()")
            await ann.page.get_by_role("button", name="1 to approve").click()
            wrong += await seen_at(ann, size, f"approval-{scheme}")
            assert (await look(ann.page)).asked, f"{size}: the action is brought into view"
            await ann.page.evaluate("document.querySelector('main [role=log]').scrollTop = 1e6")
            await look(ann.page)
        desk.tap.open.clear()
        desk.tap.cut()
        await expect(ann.page.get_by_role("alert")).to_contain_text("Connection lost")
        for size in SIZES:
            wrong += await seen_at(ann, size, f"lost-{scheme}", less=0.03)
        assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_an_error_is_read_and_hides_nothing(
    tmp_path: Path, chromium: Browser, scheme: Scheme
) -> None:
    async with at_desk(tmp_path, chromium, tools=Shop()) as desk:
        ann = await everything(desk, scheme)
        wrong: list[str] = []
        for size in SIZES:
            await resize(ann, size)
            await toast(ann)
            wrong += await seen_at(ann, size, f"toast-{scheme}", less=0.04)
            for part in ("title", "description"):
                ratio, opaque = await contrast(ann.page, f".mantine-Notification-{part}")
                if ratio < 4.5 or not opaque:
                    wrong.append(f"{size}: {part} has contrast {ratio:.1f}, opaque {opaque}")
            closes = ann.page.get_by_role("alert").first.get_by_role("button", name="Close")
            await closes.click()
            await expect(ann.page.get_by_role("alert")).to_have_count(0)
        assert not wrong, "\n".join(wrong)


_CUT = """
() => ["[data-testid=holder] .mantine-Badge-label", "[data-cause] b"].flatMap((selector) =>
  [...document.querySelectorAll(`main ${selector}`)].filter((e) => {
    const r = e.getBoundingClientRect();
    const at = document.elementFromPoint(r.right - 2, r.top + r.height / 2);
    return e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== "inline"
      || r.right > innerWidth || !(at && (e === at || e.contains(at)));
  }).map((e) => e.innerText))
"""


async def test_the_holder_and_the_age_of_an_alert_are_read_whole(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium, tools=Shop()) as desk:
        ann = await everything(desk, "light")
        wrong: dict[str, list[str]] = {}
        for taken in (False, True):
            if taken:
                await resize(ann, "desktop")
                await ann.key("t")
                await expect(ann.holder).to_have_text("held by You")
            for size in SIZES:
                await resize(ann, size)
                # A name as long as a host site's ids may be.
                name = ann.page.locator("main h1")
                await name.evaluate("e => (e.firstChild.data = 'customer-10050-of-shop-7')")
                await look(ann.page)
                await picture(ann, f"{size}-holder-{taken}")
                assert await ann.page.locator("main [data-testid=holder]").count() == 1
                if cut := await ann.page.evaluate(_CUT):
                    wrong[f"{size}, taken {taken}"] = cut
        assert not wrong


_CUT_WORDS = """
() => [...document.querySelectorAll(
  "main .mantine-SegmentedControl-label, main .mantine-Button-label, main .mantine-Button-root"
)].filter((e) => {
    const r = e.getBoundingClientRect();
    return r.width && (e.scrollWidth > e.clientWidth + 1 || r.right > innerWidth || r.left < 0);
  }).map((e) => e.innerText)
"""
REPLIES = """
[[replies]]
reply_id = "greet"
title = "Greeting"
text = "Hello {customer}."
"""


@pytest.mark.parametrize("mode", ["r", "m"])
async def test_what_the_composer_offers_is_read_whole(
    tmp_path: Path, chromium: Browser, mode: str
) -> None:
    (tmp_path / "replies.toml").write_text(REPLIES)
    replies = str(tmp_path / "replies.toml")
    async with at_desk(tmp_path, chromium, tools=Shop(), replies=replies) as desk:
        ann = await everything(desk, "light")
        await ann.key("t")
        await expect(ann.holder).to_have_text("held by You")
        wrong: dict[str, list[str]] = {}
        for size in SIZES:
            await resize(ann, size)
            await ann.key(mode)
            await expect(ann.page.get_by_role("radiogroup")).to_be_visible()
            await look(ann.page)
            await picture(ann, f"{size}-modes-{mode}")
            if cut := await ann.page.evaluate(_CUT_WORDS):
                wrong[size] = cut
            await ann.page.keyboard.press("Escape")
            await ann.page.evaluate("document.activeElement.blur()")
        assert not wrong
