"""Values with intervals, one per line: effects, paths, groups, bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from stepin.evidence.base.finding import Finding
from stepin.evidence.base.scale import SUFFIX, Scale, shown, signed
from stepin.evidence.report import svg

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """One line: label, value, interval, and an optional wider interval drawn thin."""

    label: str
    value: float | None
    low: float | None
    high: float | None
    outer_low: float | None = None
    outer_high: float | None = None
    colour: str = svg.ACCENT
    hollow: bool = False
    text: str = ""


def mark(finding: Finding, label: str | None = None) -> Mark:
    """Return the line of a finding, coloured by what it means for customers."""
    e = finding.estimate
    return Mark(
        label=label or finding.term or finding.label,
        value=e.value,
        low=e.low,
        high=e.high,
        colour=svg.TONES[finding.verdict],
        hollow=finding.clear == 0,
        text=signed(e.value, finding.scale),
    )


def forest(marks: list[Mark], scale: Scale, axis: str) -> svg.Painter:
    """Return the painter of a forest plot around the line of no difference."""

    def paint(canvas: svg.Canvas) -> None:
        step = 46 if canvas.narrow else 34
        lines = canvas.wrapped(axis).count("\n")
        canvas.height(58 + step * len(marks) + 15 * lines)
        (ax,) = canvas.axes()
        if not canvas.narrow:
            ax.axvline(0, color=svg.MUTED, lw=1)
            ax.grid(axis="x", color=svg.LINE, lw=0.7)
        for row, m in enumerate(marks):
            y = len(marks) - 1 - row
            if canvas.narrow:
                # A label stands above each line there, so zero is marked line by line.
                ax.plot([0, 0], [y - 0.3, y + 0.22], color=svg.MUTED, lw=1)
            _line(ax, m, y, scale)
            _words(ax, m, y, narrow=canvas.narrow)
        ax.set_ylim(-0.6, len(marks) - 0.3)
        if canvas.narrow:
            ax.set_yticks([])
        else:
            ax.set_yticks(range(len(marks)), [m.label for m in reversed(marks)], color=svg.INK)
        ax.set_axisbelow(True)
        unit = SUFFIX[scale] if scale in ("percent", "log") else ""
        canvas.across(ax, axis, lambda v: f"{v:g}{unit}")

    return paint


def _line(ax: Axes, m: Mark, y: int, scale: Scale) -> None:
    """Draw the outer interval, the interval on it, and the value on top."""
    if m.outer_low is not None and m.outer_high is not None:
        ends = [shown(m.outer_low, scale), shown(m.outer_high, scale)]
        ax.plot(ends, [y, y], color=m.colour, lw=1.6, solid_capstyle="butt")
    if m.low is not None and m.high is not None:
        ends = [shown(m.low, scale), shown(m.high, scale)]
        width = 5 if m.outer_low is not None else 2.4
        ax.plot(ends, [y, y], color=m.colour, lw=width, solid_capstyle="round")
    if m.value is not None:
        ax.plot(
            shown(m.value, scale),
            y,
            "o",
            ms=7.5,
            mfc="none" if m.hollow else m.colour,
            mec=m.colour,
            mew=1.8,
        )


def _words(ax: Axes, m: Mark, y: int, *, narrow: bool) -> None:
    """Write label and value above the line where it is narrow, else the value beside it."""
    if narrow:
        ax.annotate(
            f"{m.label}  {m.text}" if m.text else m.label,
            (0, y + 0.3),
            xycoords=("axes fraction", "data"),
            va="bottom",
            fontsize=svg.FONT_PX - 0.5,
        )
    elif m.text:
        ax.annotate(
            m.text,
            (1.01, y),
            xycoords=("axes fraction", "data"),
            va="center",
            color=m.colour,
        )
