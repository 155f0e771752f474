"""A shift of ten chats on the keyboard alone, and one under load."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import msgspec
from playwright.async_api import Browser, expect

from stepin.agent.tools.tool import Tool
from stepin.core.events.action import ActionDenied, ActionSucceeded
from stepin.core.events.chat import (
    ChatClosed,
    HolderChanged,
    MessagePosted,
    OwnerSet,
    WhisperSent,
    WrapUpEnded,
)
from stepin.core.events.supervision import AlertAcknowledged, ChatScored
from stepin.core.record import NewEvent
from stepin.log.protocol import Append
from tests.browser.desk import Console, Desk, at_desk
from tests.desk.shop import Shop

COUNT_POINTERS = """
window.pointers = 0;
for (const name of ["pointerdown", "mousedown", "touchstart"])
  addEventListener(name, () => window.pointers++, true);
"""
COUNT_KEYS = """
window.slow = [];
new PerformanceObserver((list) => {
  for (const e of list.getEntries()) if (e.name === "keydown") window.slow.push(e.duration);
}).observe({ type: "event", durationThreshold: 16, buffered: true });
"""
ORDER = {"type": "object", "properties": {"order": {"type": "string"}}, "required": ["order"]}


class Counter(Shop):
    """The shop, with a form for its lookup."""

    def all(self) -> tuple[Tool, ...]:
        return tuple(
            msgspec.structs.replace(t, parameters=ORDER) if t.name == "find_order" else t
            for t in super().all()
        )


class Keyboard:
    """A worker who has nothing but keys."""

    def __init__(self, console: Console) -> None:
        self.console, self.page = console, console.page
        self.keys = console.page.keyboard

    async def go(self, chat_id: str) -> None:
        """Step through the rows until a chat is open."""
        await expect(self.console.row(chat_id)).to_be_visible()
        rows = await self.page.locator("[data-chat]").evaluate_all(
            "r => r.map(x => x.dataset.chat)"
        )
        here = self.page.url.rsplit("/", 1)[-1]
        step = rows.index(chat_id) - (rows.index(here) if here in rows else -1)
        for _ in range(abs(step)):
            await self.keys.press("j" if step > 0 else "k")
        await expect(self.page).to_have_url(f"{self.page.url.split('/floor')[0]}/floor/{chat_id}")
        await expect(self.console.line("customer").first).to_be_visible()

    async def say(self, text: str) -> None:
        await expect(self.console.field).to_be_focused()
        await self.keys.type(text)
        await self.keys.press("Enter")
        await expect(self.page.locator('[role="log"]')).to_contain_text(text)
        await self.keys.press("Escape")

    async def take_over(self) -> None:
        await self.keys.press("t")
        await expect(self.console.composer("reply")).to_be_visible()
        await expect(self.console.field).to_be_focused()


async def test_13_a_shift_of_ten_chats_without_a_pointer(tmp_path: Path, chromium: Browser) -> None:
    async with at_desk(tmp_path, chromium, tools=Counter()) as desk:
        ann = await desk.worker("ann")
        await ann.page.evaluate(COUNT_POINTERS)
        await desk.served.on_duty("ben")
        ben = await desk.served.worker("ben")
        await ben.post("/api/presence", json={"presence": "away"})
        said = ["hello"] * 7 + ["please refund my order"] * 2 + ["my blender hums"]
        chats = []
        for text in said:
            _, opened = await desk.served.customer(text, identity=desk.served.identity("dora"))
            chats.append(opened["chat_id"])
            await desk.served.settled(opened["chat_id"])
        watched, hinted, taken, used, back, given, ended, yes, no, stuck = chats
        hand, keys = Keyboard(ann), ann.page.keyboard

        await hand.go(watched)
        await expect(ann.line("ai")).to_be_visible()

        await hand.go(hinted)
        await keys.press("w")
        await hand.say("shipping is free today")

        await hand.go(taken)
        await hand.take_over()
        await hand.say("Good day, this is Ann.")

        await hand.go(used)
        await hand.take_over()
        await keys.press("Escape")
        await keys.press("u")
        await expect(ann.page.locator("[data-tools]")).to_be_focused()
        await keys.type("find")
        await expect(ann.page.get_by_role("option", name="find order")).to_be_visible()
        await keys.press("ArrowDown")
        await keys.press("Enter")
        await expect(ann.page.locator("[data-tools]")).to_have_value("find order")
        await keys.press("Tab")
        await keys.type("A-1001")
        await keys.press("Enter")
        await expect(ann.line("tool")).to_contain_text("find order · done")
        await ann.page.evaluate("document.activeElement.blur()")

        await hand.go(back)
        await hand.take_over()
        await keys.press("Escape")
        await keys.press("h")
        await expect(ann.page.get_by_role("dialog").locator("[data-autofocus]")).to_be_focused()
        await keys.type("the order is fine, go on")
        await keys.press("Enter")
        await expect(ann.composer("whisper")).to_be_visible()

        await hand.go(given)
        await hand.take_over()
        await keys.press("Escape")
        await keys.press("f")
        await expect(ann.page.get_by_role("dialog").get_by_role("combobox").first).to_be_focused()
        await keys.type("Ben")
        await expect(ann.page.get_by_role("option", name="Ben")).to_be_visible()
        await keys.press("ArrowDown")
        await keys.press("Enter")
        await expect(ann.page.get_by_role("dialog").get_by_role("combobox").first).to_have_value(
            "Ben (Away)"
        )
        await keys.press("Tab")
        await keys.type("please go on")
        await keys.press("Enter")
        await expect(ann.row(given)).to_have_count(0)

        await hand.go(ended)
        await hand.take_over()
        await keys.press("Escape")
        await keys.press("e")
        how = ann.page.get_by_role("dialog").get_by_role("combobox")
        await expect(how).to_be_focused()
        await keys.press("ArrowDown")
        await expect(ann.page.get_by_role("option").first).to_be_visible()
        await keys.press("ArrowDown")
        await keys.press("Enter")
        await expect(how).not_to_have_value("")
        await keys.press("Tab")
        await keys.press("Enter")
        await expect(ann.section("wrap").locator(f'[data-chat="{ended}"]')).to_be_visible()
        await keys.press("e")
        await expect(ann.row(ended)).to_have_count(0)

        await hand.go(yes)
        await keys.press("y")
        await expect(ann.page.get_by_text("Press again to approve")).to_be_visible()
        await keys.press("y")
        await expect(ann.line("tool")).to_contain_text("refund · done")

        await hand.go(no)
        await keys.press("x")
        await expect(ann.page.get_by_label("Why not?")).to_be_focused()
        await keys.type("not this one")
        await keys.press("Enter")
        await expect(ann.line("tool")).to_contain_text("refund · denied")

        await keys.press("n")
        await expect(ann.page).to_have_url(f"{desk.served.url}/console/floor/{stuck}")
        await keys.press("a")
        await expect(ann.page.get_by_role("button", name="Seen")).to_have_count(0)

        assert await ann.page.evaluate("window.pointers") == 0
        done: tuple[tuple[str, type, Any], ...] = (
            (hinted, WhisperSent, lambda e: e.text == "shipping is free today"),
            (taken, MessagePosted, lambda e: e.text == "Good day, this is Ann."),
            (used, ActionSucceeded, lambda e: e.result == {"status": "shipped"}),
            (back, HolderChanged, lambda e: e.note == "the order is fine, go on"),
            (given, OwnerSet, lambda e: e.owner == "ben"),
            (ended, ChatClosed, lambda e: e.closed_by == "worker"),
            (ended, WrapUpEnded, lambda e: e.worker_id == "ann"),
            (yes, ActionSucceeded, lambda e: e.result == {"refunded": 50.0}),
            (no, ActionDenied, lambda e: e.reason == "not this one"),
            (stuck, AlertAcknowledged, lambda e: e.worker_id == "ann"),
        )
        for chat_id, kind, as_meant in done:
            assert any(as_meant(e) for e in await desk.events(chat_id, kind)), kind
        assert not [e for e in await desk.events(watched, HolderChanged) if e.to.id == "ann"]


async def load(desk: Desk, chats: list[str], rounds: int) -> None:
    """Let something happen in every chat, round after round, without a pause."""
    log = desk.served.app.site.log
    for n in range(rounds):
        for k, chat_id in enumerate(chats):
            kinds = (
                MessagePosted(author="customer", text=f"message {n} of {k}"),
                MessagePosted(author="ai", text=f"answer {n} of {k}"),
                ChatScored(detector="d", turn_seq=1, scores={"emotional": n / rounds}),
            )
            new = NewEvent(event=kinds[(n + k) % 3], actor="system")
            await log.append(Append(stream=f"chat/{chat_id}", events=(new,)))
    await desk.served.caught_up()


async def test_12_no_key_is_dropped_while_ten_chats_are_busy(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        ann = await desk.worker("ann", "lead")
        await ann.page.evaluate(COUNT_KEYS)
        chats = []
        for n in range(10):
            _, opened = await desk.served.customer("hello", identity=desk.served.identity(f"k{n}"))
            chats.append(opened["chat_id"])
            await desk.served.settled(opened["chat_id"])
        await ann.open(chats[0])
        await ann.page.get_by_role("button", name="Take over").click()
        await expect(ann.composer("reply")).to_be_visible()
        text = "The quick brown fox, j k t h e y x 1 2 3, jumps over the lazy dog. " * 3
        await ann.field.focus()
        busy = asyncio.create_task(load(desk, chats, 30))
        typed = 0
        while not busy.done() or typed < len(text):
            await ann.page.keyboard.type(text[typed % len(text)])
            typed += 1
        await busy
        wanted = "".join(text[i % len(text)] for i in range(typed))
        await expect(ann.field).to_have_value(wanted)
        slow = sorted(await ann.page.evaluate("window.slow"))
        delays = [0.0] * (typed - len(slow)) + slow
        assert delays[len(delays) // 2] < 200
        fresh = await desk.worker("ann", "lead")
        for chat_id in chats:
            mood = fresh.row(chat_id).locator("svg polyline")
            points = await mood.get_attribute("points")
            assert points
            await expect(ann.row(chat_id).locator("svg polyline")).to_have_attribute(
                "points", points
            )
        await fresh.open(chats[3])
        await ann.open(chats[3])
        await expect(ann.line("customer")).to_have_count(11)
        assert await ann.line("ai").all_inner_texts() == await fresh.line("ai").all_inner_texts()
