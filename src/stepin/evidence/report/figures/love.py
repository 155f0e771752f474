"""The love plot: how far apart the sides were, covariate by covariate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stepin.evidence.report import svg

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def love(
    names: list[str],
    after: list[float],
    before: list[float] | None,
    *,
    limit: float = 0.1,
    bands: list[float] | None = None,
) -> svg.Painter:
    """Return the painter of absolute standardized differences, before and after.

    Parameters
    ----------
    before : differences before matching; None when there is one set only.
    limit : the difference up to which sides count as alike.
    bands : that difference by covariate; `limit` for all where there are none.
    """

    def paint(canvas: svg.Canvas) -> None:
        canvas.height((84 if canvas.narrow else 70) + 25 * len(names))
        (ax,) = canvas.axes()
        order = sorted(range(len(names)), key=lambda i: abs((before or after)[i]))
        if bands is None:
            ax.axvspan(0, limit, color=svg.SOFT, alpha=0.35, lw=0)
        else:
            widths = [bands[i] for i in order]
            ax.barh(range(len(order)), widths, height=0.8, color=svg.SOFT, alpha=0.35, lw=0)
        for row, i in enumerate(order):
            _covariate(ax, row, None if before is None else before[i], after[i])
        ax.set_yticks(range(len(names)), [names[i] for i in order], color=svg.INK)
        widest = max(bands or [limit]) * (1.5 if bands is None else 1.1)
        reach = max(widest, *(abs(v) for v in (before or []) + after))
        ax.set_xlim(0, 1.06 * (reach or limit))
        canvas.across(ax, "difference, standard deviations", width=20)
        ax.grid(axis="x", color=svg.LINE, lw=0.7)
        ax.set_axisbelow(True)
        if before is not None:
            ax.legend(frameon=False, loc="lower right", labelcolor=svg.INK)

    return paint


def _covariate(ax: Axes, row: int, before: float | None, after: float) -> None:
    """Draw one covariate; the first row alone is named, so that the legend has each mark once."""
    if before is not None:
        ax.plot([abs(before), abs(after)], [row, row], color=svg.LINE, lw=2, zorder=1)
        ax.plot(
            abs(before),
            row,
            "o",
            mfc="none",
            mec=svg.SECOND,
            mew=1.6,
            ms=6.5,
            label="before" if row == 0 else None,
        )
    ax.plot(
        abs(after),
        row,
        "o",
        color=svg.ACCENT,
        ms=6.5,
        label="after" if row == 0 and before is not None else None,
    )
