"""A served desk with people at it: workers at consoles, customers at widgets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, Locator, Page, expect

from stepin.agent.brain import Brain
from stepin.agent.tools.tool import Catalogue
from stepin.core.command import Role
from stepin.web.routes.sessions import COOKIE
from stepin.web.static_files import Files
from tests.browser.brains import Assistant
from tests.browser.tap import Tap
from tests.web.served import Served, serving

expect.set_options(timeout=8_000)


@dataclass
class Console:
    """A worker's browser."""

    page: Page

    def row(self, chat_id: str) -> Locator:
        return self.page.locator(f'[data-chat="{chat_id}"]')

    def section(self, name: str) -> Locator:
        return self.page.locator(f'[data-section="{name}"]')

    def line(self, kind: str) -> Locator:
        """Return the lines of the open chat that are of a kind."""
        return self.page.locator(f'[role="log"] [data-kind="{kind}"]')

    @property
    def holder(self) -> Locator:
        return self.page.get_by_test_id("holder")

    @property
    def field(self) -> Locator:
        return self.page.locator("form[data-mode] textarea").first

    def composer(self, mode: str) -> Locator:
        return self.page.locator(f'form[data-mode="{mode}"]')

    async def open(self, chat_id: str) -> None:
        await self.row(chat_id).click()
        await expect(self.holder).to_be_visible()

    async def write(self, text: str) -> None:
        await self.field.fill(text)
        await self.field.press("Enter")

    async def key(self, key: str) -> None:
        """Press a key outside of every field."""
        await self.page.evaluate("document.activeElement?.blur()")
        await self.page.keyboard.press(key)


@dataclass
class Widget:
    """A customer's browser."""

    page: Page

    @property
    def log(self) -> Locator:
        return self.page.locator("stepin-chat [role=log]")

    def bubble(self, text: str) -> Locator:
        return self.log.get_by_text(text)

    async def say(self, text: str) -> None:
        launcher = self.page.locator("stepin-chat .l")
        field = self.page.locator("stepin-chat textarea")
        await expect(launcher.or_(field).first).to_be_visible()
        if await launcher.count():
            await launcher.click()
        await field.fill(text)
        await field.press("Enter")
        await expect(self.log.locator("li.customer", has_text=text)).to_be_visible()

    async def chat_id(self) -> str:
        """The chat's id, once the desk has answered: what was typed shows before that."""
        place = await self.page.evaluate(
            """async () => {
                for (;;) {
                    const found = Object.entries(localStorage)
                        .find(([key]) => /^stepin:.*:chat$/.test(key));
                    if (found) return JSON.parse(found[1]).chat_id;
                    await new Promise(requestAnimationFrame);
                }
            }"""
        )
        assert isinstance(place, str)
        return place


@dataclass
class Desk:
    """The desk, and the browsers at it."""

    served: Served
    tap: Tap
    browser: Browser
    contexts: list[BrowserContext] = field(default_factory=list)

    async def context(self, **options: Any) -> BrowserContext:
        made = await self.browser.new_context(
            **{"viewport": {"width": 1360, "height": 850}, "reduced_motion": "reduce", **options}
        )
        self.contexts.append(made)
        return made

    async def worker(
        self, worker_id: str = "ann", role: Role = "worker", *, path: str = "floor", **options: Any
    ) -> Console:
        """Sign a worker on and open their console."""
        client = await self.served.on_duty(worker_id, role)
        context = await self.context(**options)
        token = client.headers["cookie"].partition("=")[2]
        await context.add_cookies([{"name": COOKIE, "value": token, "url": self.served.url}])
        page = await context.new_page()
        await page.goto(f"{self.served.url}/console/{path}")
        console = Console(page)
        if path == "floor":
            await expect(console.section("needs")).to_be_visible()
        return console

    async def customer(self, path: str = "/shop", **options: Any) -> Widget:
        """Open a page with the widget on it."""
        page = await (await self.context(**options)).new_page()
        await page.goto(path if ":" in path else self.served.url + path)
        return Widget(page)

    async def events(self, chat_id: str, kind: type) -> list[Any]:
        """Return a chat's events of a kind."""
        recorded = await self.served.app.site.log.read(f"chat/{chat_id}")
        return [r.event for r in recorded if isinstance(r.event, kind)]


@asynccontextmanager
async def at_desk(
    folder: Path,
    browser: Browser,
    *,
    brain: Brain | None = None,
    tools: Catalogue | None = None,
    **settings: Any,
) -> AsyncIterator[Desk]:
    """Serve a desk with the built console and a scripted brain."""
    tap = Tap()
    brains = {"builtin": brain or Assistant()}
    async with serving(
        folder, tools=tools, brains=brains, files=Files(), around=tap.around, **settings
    ) as served:
        desk = Desk(served, tap, browser)
        try:
            yield desk
        finally:
            tap.open.set()
            for context in desk.contexts:
                await context.close()
