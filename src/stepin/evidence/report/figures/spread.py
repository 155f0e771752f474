"""Figures of distributions: replayed assignments, workers left out, parts of a whole."""

from __future__ import annotations

import numpy as np

from stepin.evidence.base.arrays import Floats
from stepin.evidence.base.scale import SUFFIX, Scale, shown, signed
from stepin.evidence.report import svg


def replayed(draws: Floats, observed: float, axis: str) -> svg.Painter:
    """Return the painter of the statistic under replayed assignments, and the real one."""

    def paint(canvas: svg.Canvas) -> None:
        canvas.height(240)
        (ax,) = canvas.axes()
        reach = max(float(np.abs(draws).max()), abs(observed)) * 1.08
        edges = np.linspace(-reach, reach, 61)
        count, _ = np.histogram(draws, bins=edges)
        ax.bar(edges[:-1], count, width=np.diff(edges), align="edge", color=svg.SOFT, lw=0)
        ax.axvline(observed, color=svg.BAD, lw=2.2)
        ax.annotate(
            "this trial",
            (observed, 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(6 if observed < 0 else -6, -12),
            textcoords="offset points",
            ha="left" if observed < 0 else "right",
            color=svg.BAD,
        )
        ax.set_yticks([])
        ax.set_xlabel(axis)

    return paint


def left_out(
    values: Floats, whole: float, low: float, high: float, scale: Scale, unit: str
) -> svg.Painter:
    """Return the painter of the estimate with each unit left out in turn, in order."""

    def paint(canvas: svg.Canvas) -> None:
        canvas.height(230)
        (ax,) = canvas.axes()
        seen = np.sort(np.asarray([shown(float(v), scale) for v in values]))
        ax.axhspan(shown(low, scale), shown(high, scale), color=svg.SOFT, alpha=0.35, lw=0)
        ax.axhline(shown(whole, scale), color=svg.MUTED, lw=1)
        ax.plot(np.arange(seen.size), seen, color=svg.ACCENT, lw=2.4)
        ax.set_xticks([])
        ax.set_xlabel(f"each {unit} left out once, in order of the result")
        ax.yaxis.set_major_formatter(
            lambda v, _: (
                f"{v:g}".replace("-", "\u2212") + (SUFFIX[scale] if scale == "percent" else "")
            )
        )
        ax.grid(axis="y", color=svg.LINE, lw=0.7)

    return paint


def parts(labels: list[str], values: list[float], scale: Scale, axis: str) -> svg.Painter:
    """Return the painter of signed parts of a whole as horizontal bars."""

    def paint(canvas: svg.Canvas) -> None:
        canvas.height(60 + (46 if canvas.narrow else 32) * len(labels))
        (ax,) = canvas.axes()
        if not canvas.narrow:
            ax.axvline(0, color=svg.MUTED, lw=1)
            ax.grid(axis="x", color=svg.LINE, lw=0.7)
        for row, (label, value) in enumerate(zip(labels, values, strict=True)):
            y, seen = len(labels) - 1 - row, shown(value, scale)
            ax.barh(y, seen, height=0.42, color=svg.ACCENT)
            if canvas.narrow:
                ax.plot([0, 0], [y - 0.3, y + 0.24], color=svg.MUTED, lw=1)
                ax.annotate(
                    f"{label}  {signed(value, scale)}",
                    (0, y + 0.26),
                    xycoords=("axes fraction", "data"),
                    va="bottom",
                )
            else:
                ax.annotate(
                    signed(value, scale),
                    (1.01, y),
                    xycoords=("axes fraction", "data"),
                    va="center",
                )
        ax.set_ylim(-0.5, len(labels) - 0.2)
        ax.set_yticks([] if canvas.narrow else range(len(labels)))
        if not canvas.narrow:
            ax.set_yticklabels(list(reversed(labels)), color=svg.INK)
        canvas.across(ax, axis)
        ax.set_axisbelow(True)

    return paint


def ratings(control: list[float], treated: list[float]) -> svg.Painter:
    """Return the painter of the shares of ratings 1 to 5 in both arms."""

    def paint(canvas: svg.Canvas) -> None:
        canvas.height(240)
        (ax,) = canvas.axes()
        place = np.arange(1, 6)
        ax.bar(place - 0.2, [100 * v for v in control], width=0.36, color=svg.SOFT, label="control")
        ax.bar(place + 0.2, [100 * v for v in treated], width=0.36, color=svg.ACCENT, label="AI")
        ax.set_xlabel("rating")
        ax.set_ylabel("% of ratings given")
        ax.grid(axis="y", color=svg.LINE, lw=0.7)
        ax.set_axisbelow(True)
        ax.legend(frameon=False, labelcolor=svg.INK, loc="upper left")

    return paint
