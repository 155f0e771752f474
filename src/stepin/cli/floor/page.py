"""One HTML page with a small plot per outcome: dots with their 95 % intervals, joined by a line.

The page is complete in itself: no script, no font and no picture from elsewhere.
"""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from stepin.floor.study.compare import Comparison, Difference

_WIDE, _HIGH, _LEFT, _LOW = 300, 190, 46, 28
_FIRST: tuple[str, ...] = (
    "eligible.rating", "eligible.retrial", "eligible.resolved", "eligible.duration_min",
    "eligible.takeover_wait_min", "floor.late_takeovers", "other.rating", "other.duration_min",
    "floor.resolved_per_hour", "floor.chats_per_hour", "floor.occupancy", "eligible.effort",
)  # fmt: skip
_STYLE: Final = """
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:62rem;padding:0 1rem;
color:#1d2733;background:#fff}
h1{font-size:1.4rem}main{display:flex;flex-wrap:wrap;gap:1rem}
figure{margin:0}figcaption{font-weight:600;font-size:.9rem}
table{border-collapse:collapse;font-size:.85rem;margin-top:1.5rem}
td,th{padding:.2rem .7rem;text-align:right;border-bottom:1px solid #dde3ea}
td:first-child,th:first-child{text-align:left}
svg text{font:11px system-ui,sans-serif;fill:#52606d}
@media(prefers-color-scheme:dark){body{background:#12181f;color:#e4e9ef}
svg text{fill:#9aa7b4}td,th{border-color:#2b3642}}
"""


def page(name: str, found: Comparison, *, axis: str = "world") -> str:
    """Return the page of a comparison.

    Parameters
    ----------
    name : the heading.
    axis : what the worlds' labels are.
    """
    from stepin.cli.floor.study import title

    labels = [world.label for world in found.worlds]
    outcomes = [n for n in _FIRST if n in found.worlds[0].outcomes]
    outcomes += [n for n in found.worlds[0].outcomes if n not in outcomes]
    plots = "".join(
        f"<figure><figcaption>{escape(title(n))}</figcaption>"
        f"{plot(labels, [w.outcomes.get(n) for w in found.worlds], axis)}</figure>"
        for n in outcomes
        if n in _FIRST
    )
    head = "".join(f"<th>{escape(label)}</th>" for label in labels)
    rows = "".join(
        f"<tr><td>{escape(title(n))}</td>"
        + "".join(f"<td>{_cell(w.outcomes.get(n))}</td>" for w in found.worlds)
        + "</tr>"
        for n in outcomes
    )
    note = (
        f"Simulated: {found.replications} repetitions of each world with the same customers, "
        f"workers and luck (seed {found.seed}); bars are 95 % intervals. Only timing is "
        "simulated, no text. A result here shows what follows from the scenario's assumptions; "
        "only a trial shows what is true."
    )
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(name)}</title><style>{_STYLE}</style>"
        f"<h1>{escape(name)}</h1><p>{note}</p><main>{plots}</main>"
        f"<table><tr><th>{escape(axis)}</th>{head}</tr>{rows}</table></html>\n"
    )


def plot(labels: list[str], found: list[Difference | None], axis: str) -> str:
    """Return the SVG of one outcome over all worlds."""
    known = [(n, d) for n, d in enumerate(found) if d is not None]
    lows = [d.low if math.isfinite(d.low) else d.mean for _, d in known]
    highs = [d.high if math.isfinite(d.high) else d.mean for _, d in known]
    low, high = min(lows), max(highs)
    room = (high - low) * 0.08 or max(abs(high), 1.0) * 0.05
    low, high = low - room, high + room
    right, top = _WIDE - 10, 8

    def x(n: int) -> float:
        return _LEFT + (right - _LEFT) * (n + 0.5) / len(labels)

    def y(value: float) -> float:
        return top + (_HIGH - _LOW - top) * (high - value) / (high - low)

    marks = []
    for (n, d), a, b in zip(known, lows, highs, strict=True):
        marks.append(
            f'<line x1="{x(n):.1f}" x2="{x(n):.1f}" y1="{y(a):.1f}" y2="{y(b):.1f}" '
            'stroke="#2f6fde" stroke-width="2"/>'
            f'<circle cx="{x(n):.1f}" cy="{y(d.mean):.1f}" r="3.5" fill="#2f6fde"/>'
        )
    line = " ".join(f"{x(n):.1f},{y(d.mean):.1f}" for n, d in known)
    ticks = "".join(
        f'<text x="{_LEFT - 5}" y="{y(v) + 4:.1f}" text-anchor="end">{v:.3g}</text>'
        f'<line x1="{_LEFT}" x2="{right}" y1="{y(v):.1f}" y2="{y(v):.1f}" stroke="#8884"/>'
        for v in (low + (high - low) * part for part in (0.1, 0.5, 0.9))
    )
    names = "".join(
        f'<text x="{x(n):.1f}" y="{_HIGH - 12}" text-anchor="middle">{escape(label)}</text>'
        for n, label in enumerate(labels)
    )
    return (
        f'<svg width="{_WIDE}" height="{_HIGH}" role="img" '
        f'aria-label="by {escape(axis)}">{ticks}'
        f'<polyline points="{line}" fill="none" stroke="#2f6fde88" stroke-width="1.5"/>'
        f"{''.join(marks)}{names}</svg>"
    )


def _cell(found: Difference | None) -> str:
    return "" if found is None else f"{found.mean:.4g}"
