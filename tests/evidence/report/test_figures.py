"""What is drawn can be read on a phone: nothing runs over the edge, no two ticks overlap."""

from __future__ import annotations

from itertools import pairwise

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from stepin.evidence.base.scale import Scale
from stepin.evidence.report import svg
from stepin.evidence.report.figures.forest import Mark, forest
from stepin.evidence.report.figures.love import love
from stepin.evidence.report.figures.spread import parts

LABELS = ["share of later rounds answered", "messages that take initiative"]
RANGES: list[tuple[Scale, float, float]] = [
    ("percent", -0.226, -0.02),
    ("percent", -0.9, 0.4),
    ("share", -0.0123, 0.0789),
    ("points", -1.31, 0.17),
    ("seconds", -1234.0, 2345.0),
    ("count", 0.001, 0.0049),
]


def drawn(paint: svg.Painter, *, narrow: bool) -> Figure:
    width = svg.NARROW_PX if narrow else svg.WIDE_PX
    figure = Figure(figsize=(width / 72, 3.0), layout="constrained", dpi=72)
    FigureCanvasAgg(figure)
    paint(svg.Canvas(figure, narrow=narrow))
    figure.canvas.draw()
    return figure


def readable(figure: Figure) -> None:
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    edge = figure.bbox
    for ax in figure.axes:
        low, high = sorted(ax.get_xlim())
        labels = zip(ax.get_xticks(), ax.get_xticklabels(), strict=True)
        shown = [t for at, t in labels if low <= at <= high]
        boxes = sorted((t.get_window_extent(renderer) for t in shown), key=lambda b: b.x0)
        assert len(boxes) >= 2
        assert all(a.x1 + 1 < b.x0 for a, b in pairwise(boxes))
        texts = [ax.xaxis.label, *ax.texts, *shown]
        for text in texts:
            box = text.get_window_extent(renderer)
            assert box.x0 >= edge.x0 - 1, text.get_text()
            assert box.x1 <= edge.x1 + 1, text.get_text()


@pytest.mark.parametrize("narrow", [True, False])
@pytest.mark.parametrize(("scale", "low", "high"), RANGES)
def test_a_forest_can_be_read(scale: Scale, low: float, high: float, narrow: bool) -> None:
    axis = "difference, standard deviations among technical takeovers"
    marks = [
        Mark(label=label, value=(low + high) / 2, low=low, high=high, text="+0.00 SD")
        for label in LABELS
    ]
    readable(drawn(forest(marks, scale, axis), narrow=narrow))


@pytest.mark.parametrize("narrow", [True, False])
def test_parts_and_love_plots_can_be_read(narrow: bool) -> None:
    readable(drawn(parts(LABELS, [-0.31, 0.07], "log", "parts, 100"), narrow=narrow))
    readable(drawn(love(["worker's earlier duration", "hour"], [0.01, 0.4], None), narrow=narrow))


def test_a_value_stands_clear_of_the_line_of_no_difference_on_a_phone() -> None:
    marks = [Mark(label=LABELS[0], value=0.01, low=-0.02, high=0.04, text="+1.0 pp")]
    (ax,) = drawn(forest(marks, "share", "difference"), narrow=True).axes
    (text,) = ax.texts
    top = max(max(line.get_ydata()) for line in ax.lines if list(line.get_xdata()) == [0, 0])
    assert top < text.xy[1]
