"""A console under load: ten chats, twenty events a second, a worker who types all the while.

The desk, the load and Chromium run on this machine; the log is written at the stated rate and the
console gets it over its ordinary feed. Interaction is what the browser itself reports for every
key press, from the key to the next frame (Event Timing; presses under 16 ms count as 16 ms). Since
wall time on a shared machine tells more of the neighbours, the CPU that the page's main thread has
spent is reported too, and its tasks over 50 ms.

The heap is read after garbage collections, with the busiest chat open. Code that the browser has
compiled counts as heap and grows with use, so the same load and typing run before, for as long.
What is code and what are the page's own objects is told apart, and so is what the console keeps
when no chat is open: the open chat holds more by then, because more was said in it.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, CDPSession, async_playwright
from tests.browser.desk import Console, Desk, at_desk
from tests.prepare import browser as chromium_path

from benchmarks.console.heap import Heap, read_heap
from benchmarks.harness import finish, line, options
from stepin.core.events.chat import MessagePosted
from stepin.core.events.supervision import ChatScored
from stepin.core.record import NewEvent
from stepin.log.protocol import Append

CHATS = 10
EVENTS_PER_S = 20
KEYS_PER_S = 6
P95_MS = 100.0
HEAP_RATIO = 1.10
TEXT = "The quick brown fox, j k t h e y x 1 2 3, jumps over the lazy dog. "
WATCH = """
window.slow = []; window.long = [];
new PerformanceObserver((list) => {
  for (const e of list.getEntries()) if (e.name === "keydown") window.slow.push(e.duration);
}).observe({ type: "event", durationThreshold: 16, buffered: false });
new PerformanceObserver((list) => {
  for (const e of list.getEntries()) window.long.push(e.duration);
}).observe({ type: "longtask", buffered: false });
"""


@dataclass(frozen=True, slots=True)
class Heaps:
    """The heap with the busiest chat open, and with none."""

    open: Heap
    closed: Heap


@dataclass(frozen=True, slots=True)
class Measured:
    """What a run showed; times in ms, heaps in bytes."""

    keys: int
    dropped: int
    events: int
    rate: float
    delays: list[float]
    long_tasks: list[float]
    cpu_s: dict[str, float]
    before: Heaps
    after: Heaps

    @property
    def p95(self) -> float:
        """The 95th percentile of the interactions."""
        return sorted(self.delays)[int(len(self.delays) * 0.95)]


async def load(desk: Desk, chats: list[str], seconds: float) -> tuple[int, float]:
    """Write events at the rate; return how many, and how many a second it came to."""
    log = desk.served.app.site.log
    began, n = time.monotonic(), 0
    while (elapsed := time.monotonic() - began) < seconds:
        if n >= elapsed * EVENTS_PER_S:
            await asyncio.sleep(n / EVENTS_PER_S - elapsed)
            continue
        kinds = (
            MessagePosted(author="customer", text=f"message {n}: is it on its way already?"),
            MessagePosted(author="ai", text=f"answer {n}: it left the warehouse this morning."),
            ChatScored(detector="d", turn_seq=1, scores={"emotional": n % 10 / 10}),
        )
        new = NewEvent(event=kinds[n % 3], actor="system")
        await log.append(Append(stream=f"chat/{chats[n % CHATS]}", events=(new,)))
        n += 1
    return n, n / (time.monotonic() - began)


async def typing(ann: Console, seconds: float) -> str:
    """Type at a quick human's pace; return what was typed."""
    began, typed = time.monotonic(), 0
    while (elapsed := time.monotonic() - began) < seconds:
        if typed >= elapsed * KEYS_PER_S:
            await asyncio.sleep(typed / KEYS_PER_S - elapsed)
            continue
        await ann.page.keyboard.type(TEXT[typed % len(TEXT)])
        typed += 1
    return "".join(TEXT[i % len(TEXT)] for i in range(typed))


async def heaps(ann: Console, cdp: CDPSession, chats: list[str]) -> Heaps:
    """Return the heap as it is now. Another chat is looked at once: what is old may go."""
    await ann.field.fill("")
    await ann.open(chats[1])
    await ann.open(chats[0])
    opened = await read_heap(cdp)
    await ann.page.get_by_role("link", name="Floor").click()
    await ann.holder.wait_for(state="detached")
    closed = await read_heap(cdp)
    await ann.open(chats[0])
    return Heaps(opened, closed)


async def spent(cdp: CDPSession) -> dict[str, float]:
    """Return the seconds of CPU that the page's main thread has spent so far, by kind of work."""
    found: list[dict[str, Any]] = (await cdp.send("Performance.getMetrics"))["metrics"]
    return {m["name"]: float(m["value"]) for m in found if m["name"].endswith("Duration")}


async def supervised(desk: Desk) -> tuple[Console, list[str]]:
    """Return a console with ten chats on it, the first in its worker's hands."""
    ann = await desk.worker("ann", "lead")
    chats = []
    for n in range(CHATS):
        _, opened = await desk.served.customer("hello", identity=desk.served.identity(f"k{n}"))
        chats.append(opened["chat_id"])
        await desk.served.settled(opened["chat_id"])
    await ann.open(chats[0])
    await ann.page.get_by_role("button", name="Take over").click()
    await ann.composer("reply").wait_for()
    return ann, chats


async def measure(browser: Browser, seconds: float) -> Measured:
    """Run the load once."""
    with tempfile.TemporaryDirectory() as folder:
        async with at_desk(Path(folder), browser) as desk:
            ann, chats = await supervised(desk)
            await ann.field.focus()
            await asyncio.gather(load(desk, chats, seconds), typing(ann, seconds))
            cdp = await ann.page.context.new_cdp_session(ann.page)
            await cdp.send("Performance.enable", {"timeDomain": "threadTicks"})
            before = await heaps(ann, cdp, chats)
            await ann.page.evaluate(WATCH)
            await ann.field.focus()
            before_s = await spent(cdp)
            (events, rate), text = await asyncio.gather(
                load(desk, chats, seconds), typing(ann, seconds)
            )
            await desk.served.caught_up()
            after_s = await spent(cdp)
            slow = await ann.page.evaluate("window.slow")
            long_tasks = await ann.page.evaluate("window.long")
            shown = await ann.field.input_value()
            return Measured(
                keys=len(text),
                dropped=sum(a != b for a, b in zip(text, shown, strict=False))
                + abs(len(text) - len(shown)),
                events=events,
                rate=rate,
                delays=[16.0] * (len(text) - len(slow)) + slow,
                long_tasks=long_tasks,
                cpu_s={kind: after_s[kind] - before_s[kind] for kind in after_s},
                before=before,
                after=await heaps(ann, cdp, chats),
            )


async def run(seconds: float) -> Measured:
    """Start Chromium and measure."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium_path(), args=["--no-sandbox", "--disable-gpu"]
        )
        try:
            return await measure(browser, seconds)
        finally:
            await browser.close()


def main() -> None:
    """Measure and report."""
    seconds = options(__doc__).pick(60, 10)
    m = asyncio.run(run(seconds))
    median = sorted(m.delays)[len(m.delays) // 2]
    print(f"  {m.events} events in {seconds} s ({m.rate:.1f} a second), {m.keys} keys typed")
    print(
        f"  key to frame: median {median:.0f} ms, p95 {m.p95:.0f} ms, worst {max(m.delays):.0f} ms"
    )
    print(
        f"  main thread, CPU: {m.cpu_s['TaskDuration'] / m.events * 1e3:.1f} ms an event "
        f"(script {m.cpu_s['ScriptDuration'] / m.events * 1e3:.1f}, "
        f"style {m.cpu_s['RecalcStyleDuration'] / m.events * 1e3:.1f}, "
        f"layout {m.cpu_s['LayoutDuration'] / m.events * 1e3:.1f}); "
        f"{len(m.long_tasks)} tasks over 50 ms, the longest {max(m.long_tasks, default=0):.0f} ms"
    )
    for what, one, other in (
        ("with the busiest chat open", m.before.open, m.after.open),
        ("with no chat open", m.before.closed, m.after.closed),
    ):
        print(
            f"  heap {what}: {one.used / 1e6:.2f} → {other.used / 1e6:.2f} MB, of it the page's "
            f"own objects {one.objects / 1e6:.2f} → {other.objects / 1e6:.2f}, "
            f"code {one.code / 1e6:.2f} → {other.code / 1e6:.2f}"
        )
    line(
        "console, 10 chats, 20 events/s: keys that were dropped",
        ours=m.dropped,
        reference=m.keys,
        ratio=m.dropped / m.keys,
        goal="<= 0",
        holds=m.dropped == 0 and m.rate > 0.95 * EVENTS_PER_S,
    )
    line(
        "console, 10 chats, 20 events/s: key to frame, p95, ms",
        ours=m.p95,
        reference=P95_MS,
        ratio=m.p95 / P95_MS,
        goal="<= 1",
        holds=m.p95 <= P95_MS,
    )
    used = m.after.open.used, m.before.open.used
    line(
        "console, 10 chats, 20 events/s: heap after against before, bytes",
        ours=used[0],
        reference=used[1],
        ratio=used[0] / used[1],
        goal=f"<= {HEAP_RATIO:g}",
        holds=used[0] <= HEAP_RATIO * used[1],
    )
    finish()


if __name__ == "__main__":
    main()
