"""What a worker really sees of an open chat: lines and boxes, as the browser lays them out."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.async_api import Page

_LOOK = """
() => {
  const high = innerHeight, wide = innerWidth;
  const within = (r, top, bottom) => r.top >= top - 0.5 && r.bottom <= bottom + 0.5;
  const hit = (r, own) => {
    const at = document.elementFromPoint(r.left + r.width / 2, r.top + r.height / 2);
    return !!at && own(at);
  };
  const log = document.querySelector("main [role=log]");
  const box = log.getBoundingClientRect();
  const [top, bottom] = [Math.max(0, box.top), Math.min(high, box.bottom)];
  let lines = 0, covered = 0;
  for (const said of log.querySelectorAll("li[data-kind]")) {
    if (!["customer", "ai", "worker"].includes(said.dataset.kind)) continue;
    const rows = new Map();
    for (const text of said.childNodes) {
      if (text.nodeType !== Node.TEXT_NODE) continue;
      const range = document.createRange();
      range.selectNodeContents(text);
      for (const r of range.getClientRects()) if (r.width > 1) rows.set(Math.round(r.top), r);
    }
    for (const r of rows.values()) {
      if (!within(r, top, bottom)) continue;
      lines += 1;
      if (!hit(r, (at) => said.contains(at))) covered += 1;
    }
  }
  const form = document.querySelector("form[data-mode]");
  const field = form.querySelector("textarea"), send = form.querySelector("button[type=submit]");
  const whole = (e) => {
    const r = e.getBoundingClientRect();
    return within(r, 0, high) && r.left >= 0 && r.right <= wide + 0.5 && r.height > 20;
  };
  const shown = (e, within_, own) => {
    const r = e.getBoundingClientRect();
    return within(r, ...within_) && hit(r, own);
  };
  const page = document.documentElement;
  const asked = document.querySelector("[data-action] button");
  return {
    lines, covered, log: Math.round(bottom - top), share: (bottom - top) / high,
    head: [...document.querySelectorAll("header, [data-testid=holder]")].every((e) => {
      const r = e.getBoundingClientRect();
      const at = document.elementFromPoint(r.left + r.width / 2, r.top + r.height / 2);
      return !!at && (e.contains(at) || at.contains(e));
    }),
    field: whole(field) && shown(field, [0, high], (at) => at === field),
    // A press goes through a button that is disabled: then what is behind it is the form.
    send: whole(send) && shown(send, [0, high], (at) => (send.disabled ? form : send).contains(at)),
    composer: whole(form),
    asked: !!asked && shown(asked, [top, bottom], (at) => asked.contains(at)),
    overflow: Math.max(page.scrollHeight - high, page.scrollWidth - wide),
  };
}
"""


@dataclass(frozen=True)
class Sight:
    """What is seen.

    Attributes
    ----------
    lines : whole lines of messages within the log's visible box.
    covered : those of them with something else on top of their middle.
    log : the visible height of the log, in CSS pixels; share : of the screen's height.
    head : whether nothing lies over the middle of the page's head, the chat's, and its holder.
    field, send, composer : whether each is wholly on the screen with nothing over it.
    asked : whether the button that approves the first action is seen.
    overflow : by how many pixels the page is larger than the screen.
    """

    lines: int
    covered: int
    log: int
    share: float
    head: bool
    field: bool
    send: bool
    composer: bool
    asked: bool
    overflow: int

    @property
    def faults(self) -> list[str]:
        """Return what is wrong with it, in words."""
        found = []
        if self.lines < 3:
            found.append(f"{self.lines} whole lines of what was said (log {self.log} px)")
        if self.covered:
            found.append(f"{self.covered} lines are covered")
        if not (self.field and self.send and self.composer):
            found.append(f"composer: field {self.field}, send {self.send}, whole {self.composer}")
        if not self.head:
            found.append("something lies over a head")
        if self.overflow > 0:
            found.append(f"the page is {self.overflow} px too large")
        return found


async def look(page: Page) -> Sight:
    """Return what is seen of the chat that is open on a page, once it has been laid out."""
    await page.evaluate(
        "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"
    )
    return Sight(**await page.evaluate(_LOOK))


_COLOURS = """
(selectors) => {
  const parts = (colour) => {
    const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const ground = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const colour = parts(getComputedStyle(e).backgroundColor);
      if (colour[3] > 0) return [colour, e === document.documentElement || e === document.body];
    }
    return [[255, 255, 255, 0], true];
  };
  return selectors.map((selector) => {
    const element = document.querySelector(selector);
    const [back, bare] = ground(element);
    return { text: parts(getComputedStyle(element).color), back, bare };
  });
}
"""


async def contrast(page: Page, selector: str) -> tuple[float, bool]:
    """Return the contrast of an element's text, and whether it has an opaque ground of its own."""
    (found,) = await page.evaluate(_COLOURS, [selector])
    light, dark = sorted((_luminance(found["text"]), _luminance(found["back"])), reverse=True)
    return (light + 0.05) / (dark + 0.05), found["back"][3] == 255 and not found["bare"]


def _luminance(colour: list[int]) -> float:
    parts = [c / 255 for c in colour[:3]]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
