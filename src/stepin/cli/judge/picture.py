"""A detector's report as a picture: calibration, alert budget, lead time, and the learning curve.

Drawn by the ink of the evidence report; a panel whose figures the report hasn't got is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from stepin.cli.output_file import must_be_writable, whole_file
from stepin.errors import Invalid
from stepin.evidence.report import svg
from stepin.judge.evaluation.golden_transfer import Timing
from stepin.judge.evaluation.metrics import Bin
from stepin.judge.evaluation.report import Budget, Report
from stepin.judge.fitting.learning_curve import LearningPoint
from stepin.judge.fitting.tasks import CHAT_TASKS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Panel = Callable[["Axes"], None]


def must_be_drawable(picture: Path | None) -> None:
    """Refuse a picture's path before any work is done for it.

    Raises
    ------
    Invalid
        It doesn't end with ``.svg``, or can't be written.
    """
    if picture is None:
        return
    if picture.suffix != ".svg":
        raise Invalid(
            f"{picture} is no SVG file.", hint="Let the name end with .svg.", code="no_svg"
        )
    must_be_writable(picture)


def write_picture(path: Path, report: Report, points: Sequence[LearningPoint] = ()) -> None:
    """Write the picture of a report as SVG: the same report, the same bytes.

    Raises
    ------
    Unsupported
        ``report_extra`` when matplotlib isn't installed.
    """
    unit = "chats" if report.task in CHAT_TASKS else "turns"
    panels = [_calibration(report.calibration, unit)]
    panels.append(_budget(report.budget, report.base_share, unit))
    if report.timing is not None:
        panels.append(_timing(report.timing))
    if points:
        panels.append(_curve(points))

    def paint(canvas: svg.Canvas) -> None:
        rows = (len(panels) + 1) // 2
        canvas.height(290 * rows)
        axes = canvas.axes(rows, 2)
        for ax, panel in zip(axes, panels, strict=False):
            ax.set_axisbelow(True)
            panel(ax)
            ax.title.set_color(svg.INK)
        for ax in axes[len(panels) :]:
            ax.set_axis_off()

    drawn, _ = svg.draw(f"judge-{report.task}", paint)
    with whole_file(path) as file:
        file.write(drawn.encode())


def _calibration(bins: Sequence[Bin], unit: str) -> Panel:
    def panel(ax: Axes) -> None:
        most = max(one.n for one in bins)
        ax.plot((0, 1), (0, 1), color=svg.MUTED, lw=1, ls=(0, (4, 3)))
        x, y = [one.mean_score for one in bins], [one.true_share for one in bins]
        ax.plot(x, y, color=svg.SOFT, lw=1.5)
        ax.scatter(x, y, s=[20 + 100 * one.n / most for one in bins], color=svg.ACCENT, zorder=3)
        ax.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.05), title="Calibration")
        ax.set(xlabel="mean score", ylabel=f"true share of {unit}")
        ax.grid(color=svg.LINE, lw=0.7)

    return panel


def _budget(budget: Sequence[Budget], base: float, unit: str) -> Panel:
    def panel(ax: Axes) -> None:
        names = [f"{one.turn_share:.0%}" for one in budget]
        bars = ax.bar(names, [one.precision for one in budget], color=svg.ACCENT, width=0.6)
        ax.bar_label(bars, [f"{one.precision:.2f}" for one in budget], color=svg.INK)
        ax.axhline(base, color=svg.SECOND, lw=1.2, ls=(0, (4, 3)), label=f"of all {unit}")
        ax.legend(frameon=False, labelcolor=svg.INK, loc="upper right")
        ax.set(ylim=(0, 1.3), title="Precision at the alert budget")
        ax.set(xlabel=f"worst-scored share of {unit} that somebody looks at")
        ax.set_yticks((0, 0.5, 1))

    return panel


def _timing(timing: Timing) -> Panel:
    def panel(ax: Axes) -> None:
        named = {
            "flagged in time": (timing.early_share, svg.GOOD),
            "missed": (timing.miss_share, svg.BAD),
            "false alarm": (timing.false_alarm_share, svg.SECOND),
        }
        known = [(name, s, colour) for name, (s, colour) in named.items() if s is not None]
        shares = [share for _, share, _ in known]
        bars = ax.barh([n for n, _, _ in known], shares, color=[c for _, _, c in known])
        ax.bar_label(bars, [f"{share:.0%}" for share in shares], padding=3, color=svg.INK)
        lead = timing.lead_turns
        told = "not defined" if lead is None else f"{lead:+g} turns"
        ax.set(xlim=(0, 1.15), title=f"Median lead: {told}", xlabel="share of chats")
        ax.invert_yaxis()

    return panel


def _curve(points: Sequence[LearningPoint]) -> Panel:
    def panel(ax: Axes) -> None:
        n = [point.n_chats for point in points]
        ax.plot(n, [p.macro_f1 for p in points], "o-", color=svg.ACCENT, lw=2.2, label="macro F1")
        known = [(p.n_chats, p.auc) for p in points if p.auc is not None]
        if known:
            ax.plot(*zip(*known, strict=True), "s--", color=svg.SECOND, lw=1.6, label="AUC")
        ax.set(ylim=(0, 1.05), title="What more labels buy", xlabel="labelled chats")
        ax.legend(frameon=False, labelcolor=svg.INK, loc="lower right")
        ax.grid(axis="y", color=svg.LINE, lw=0.7)

    return panel
