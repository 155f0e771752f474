"""Figures along time or rounds: the event study, the hazard, the looks, the power curves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from stepin.evidence.base.scale import SUFFIX, Scale, shown
from stepin.evidence.report import svg

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class SeriesLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a curve figure."""

    label: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    colour: str = svg.ACCENT
    dashed: bool = False


def _ticks(scale: Scale) -> str:
    return SUFFIX[scale] if scale == "percent" else ""


def event_study(
    days: list[int],
    value: list[float],
    low: list[float],
    high: list[float],
    band_low: list[float] | None,
    band_high: list[float] | None,
    scale: Scale,
    axis: str,
) -> svg.Painter:
    """Return the painter of effects by day relative to the start (day 0).

    Parameters
    ----------
    low, high : pointwise intervals. band_low, band_high : a band for all at once.
    """

    def seen(values: list[float]) -> list[float]:
        return [shown(v, scale) for v in values]

    def paint(canvas: svg.Canvas) -> None:
        canvas.height(260 if canvas.narrow else 320)
        (ax,) = canvas.axes()
        ax.axhline(0, color=svg.MUTED, lw=1)
        ax.axvline(-0.5, color=svg.SECOND, lw=1.2, ls=(0, (4, 3)))
        if band_low is not None and band_high is not None:
            _band(ax, days, seen(band_low), seen(band_high))
        ax.vlines(days, seen(low), seen(high), color=svg.ACCENT, lw=2)
        ax.plot(days, seen(value), "o", color=svg.ACCENT, ms=4.5 if canvas.narrow else 6)
        ax.annotate(
            "start",
            (-0.5, 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(4, -12),
            textcoords="offset points",
            color=svg.SECOND,
        )
        ax.set_xlabel("days since the start")
        ax.set_ylabel(axis)
        ax.grid(axis="y", color=svg.LINE, lw=0.7)
        ax.set_axisbelow(True)
        ax.yaxis.set_major_formatter(lambda v, _: f"{v:g}".replace("-", "\u2212") + _ticks(scale))

    return paint


def _band(ax: Axes, days: list[int], low: list[float], high: list[float]) -> None:
    """Shade the days before and after the last day before the start, which is nothing by choice."""
    for early in (True, False):
        part = [i for i, d in enumerate(days) if d != -1 and (d < -1) == early]
        ax.fill_between(
            [days[i] for i in part],
            [low[i] for i in part],
            [high[i] for i in part],
            color=svg.SOFT,
            alpha=0.4,
            lw=0,
        )


def hazard(rounds: list[int], share: list[float], cumulative: list[float]) -> svg.Painter:
    """Return the painter of takeovers by round: the chance now, and the sum so far."""

    def paint(canvas: svg.Canvas) -> None:
        canvas.height(430 if canvas.narrow else 260)
        shape = (2, 1) if canvas.narrow else (1, 2)
        left, right = canvas.axes(*shape)
        left.bar(rounds, [100 * s for s in share], color=svg.ACCENT, width=0.7)
        left.set_ylabel("taken over in this round, %")
        right.step(rounds, [100 * c for c in cumulative], where="mid", color=svg.ACCENT, lw=2.4)
        right.set_ylim(0, None)
        right.set_ylabel("taken over so far, % of chats")
        for ax in (left, right):
            ax.set_xlabel("round")
            ax.grid(axis="y", color=svg.LINE, lw=0.7)
            ax.set_axisbelow(True)

    return paint


def curves(
    lines: list[SeriesLine],
    x_axis: str,
    y_axis: str,
    *,
    level: float | None = None,
    level_label: str = "",
    zero: bool = True,
) -> svg.Painter:
    """Return the painter of lines over a common axis, each named at its end or in a legend."""

    def paint(canvas: svg.Canvas) -> None:
        canvas.height(290 if canvas.narrow else 320)
        (ax,) = canvas.axes()
        for line in lines:
            ax.plot(
                line.x,
                line.y,
                color=line.colour,
                lw=2.2,
                ls=(0, (5, 3)) if line.dashed else "-",
                marker="o" if len(line.x) <= 12 else "",
                ms=4.5,
                label=line.label,
            )
        if level is not None:
            ax.axhline(level, color=svg.MUTED, lw=1, ls=(0, (2, 3)))
            ax.annotate(
                level_label,
                (0.0, level),
                xycoords=("axes fraction", "data"),
                xytext=(4, -4),
                textcoords="offset points",
                ha="left",
                va="top",
                color=svg.MUTED,
            )
        if zero:
            ax.set_ylim(0, None)
        ax.set_xlabel(x_axis)
        ax.set_ylabel(y_axis)
        ax.grid(axis="y", color=svg.LINE, lw=0.7)
        ax.set_axisbelow(True)
        if len(lines) > 1:
            ax.legend(frameon=False, labelcolor=svg.INK)

    return paint
