"""How soon the console is usable: a cold browser, a floor of ten chats, until a chat can be opened.

Measured in the page, from the start of the navigation to the first row on the floor; each load has
a fresh browser profile, so nothing is cached. The main thread's CPU time in the same load is
reported beside it: on a shared machine the rest is waiting for a core.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
from pathlib import Path

from playwright.async_api import async_playwright
from tests.browser.desk import at_desk
from tests.prepare import browser as chromium_path

from benchmarks.harness import finish, options, report

USABLE_MS = 1_500.0
NOTE = """
new MutationObserver((_, observer) => {
  if (!document.querySelector("[data-chat]")) return;
  observer.disconnect();
  requestAnimationFrame(() => { window.usable = performance.now(); });
}).observe(document, { childList: true, subtree: true });
"""
USABLE = """
() => new Promise((tell) => {
  const look = () => window.usable ? tell(window.usable) : requestAnimationFrame(look);
  look();
})
"""


async def measure(loads: int) -> tuple[list[float], list[float]]:
    """Return the time until usable and the main thread's CPU time of each load, in ms."""
    usable, cpu = [], []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium_path(), args=["--no-sandbox", "--disable-gpu"]
        )
        with tempfile.TemporaryDirectory() as folder:
            async with at_desk(Path(folder), browser) as desk:
                first = await desk.worker("ann", "lead")
                for n in range(10):
                    who = desk.served.identity(f"k{n}")
                    _, opened = await desk.served.customer("hello", identity=who)
                    await desk.served.settled(opened["chat_id"])
                state = await first.page.context.storage_state()
                for _ in range(loads):
                    context = await desk.context(storage_state=state)
                    page = await context.new_page()
                    await page.add_init_script(NOTE)
                    cdp = await context.new_cdp_session(page)
                    await cdp.send("Performance.enable", {"timeDomain": "threadTicks"})
                    await page.goto(f"{desk.served.url}/console/floor")
                    await page.locator("[data-chat]").first.wait_for()
                    at = float(await page.evaluate(USABLE))
                    found = (await cdp.send("Performance.getMetrics"))["metrics"]
                    usable.append(at)
                    cpu.append(
                        next(1e3 * float(m["value"]) for m in found if m["name"] == "TaskDuration")
                    )
                    await context.close()
        await browser.close()
    return usable, cpu


def main() -> None:
    """Measure and report."""
    usable, cpu = asyncio.run(measure(options(__doc__).pick(9, 3)))
    for at, worked in zip(usable, cpu, strict=True):
        print(f"  usable after {at:.0f} ms, main thread {worked:.0f} ms of CPU")
    print(f"  CPU, median: {statistics.median(cpu):.0f} ms")
    report(
        "console: cold load to a usable floor",
        usable,
        [USABLE_MS] * len(usable),
        goal=1.0,
        at_least=False,
        unit="ms",
    )
    finish()


if __name__ == "__main__":
    main()
