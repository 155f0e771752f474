"""Drawing: matplotlib to SVG, the same bytes each time, in colours that follow the page.

Every figure is drawn twice, for a wide screen and for a phone, because text that shrinks with
its figure can't be read. Colours are named; inside the page each becomes a CSS variable, so one
drawing serves light and dark.
"""

from __future__ import annotations

import io
import re
import textwrap
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from stepin.errors import Unsupported

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK = "#1d2126"
MUTED = "#646a73"
LINE = "#d9dce1"
ACCENT = "#1f6fd1"
SECOND = "#a0540a"
GOOD = "#1c7c54"
BAD = "#c4322f"
SOFT = "#b9d3f3"

VARIABLES = {
    INK: "--ink",
    MUTED: "--muted",
    LINE: "--line",
    ACCENT: "--accent",
    SECOND: "--second",
    GOOD: "--good",
    BAD: "--bad",
    SOFT: "--soft",
}

TONES = {"good": GOOD, "bad": BAD, "unclear": MUTED, "refused": MUTED, "neutral": ACCENT}

WIDE_PX = 760
NARROW_PX = 340
FONT_PX = 12.5


class Canvas:
    """One figure while it is drawn.

    Attributes
    ----------
    figure : the matplotlib figure, without axes at first.
    narrow : whether this is the drawing for a phone.
    """

    def __init__(self, figure: Figure, *, narrow: bool) -> None:
        self.figure = figure
        self.narrow = narrow

    def axes(self, rows: int = 1, columns: int = 1, **options: Any) -> list[Axes]:
        """Return new axes without a frame, row by row."""
        found = self.figure.subplots(rows, columns, squeeze=False, **options)
        for ax in found.flat:
            for side in ("top", "right", "left"):
                ax.spines[side].set_visible(False)
            ax.spines["bottom"].set_color(LINE)
            ax.tick_params(colors=MUTED, length=0, labelsize=FONT_PX - 1)
        return list(found.flat)

    def height(self, px: float) -> None:
        """Set the height of the figure in pixels of the page."""
        self.figure.set_size_inches(self.figure.get_size_inches()[0], px / 72)

    def wrapped(self, text: str, width: int = 46) -> str:
        """Return the text in lines that a phone's figure has room for; unchanged on a wide one."""
        return textwrap.fill(text, width) if self.narrow else text

    def across(
        self, ax: Axes, label: str, write: Callable[[float], str] | None = None, width: int = 46
    ) -> None:
        """Set what the horizontal axis says, with no more ticks than fit beside each other.

        Parameters
        ----------
        write : the text of a tick; by default the plain number. width : letters of the label
            that have room beside each other on a phone.
        """
        from matplotlib.ticker import FuncFormatter, MaxNLocator

        ax.set_xlabel(self.wrapped(label, width))
        ax.xaxis.set_major_locator(MaxNLocator(nbins=5 if self.narrow else 9, steps=[1, 2, 5, 10]))
        said = write or (lambda v: f"{v:g}")
        ax.xaxis.set_major_formatter(
            FuncFormatter(lambda v, _: said(0.0 if abs(v) < 1e-12 else v).replace("-", "\u2212"))
        )


Painter = Callable[[Canvas], None]


def _render(name: str, paint: Painter, *, narrow: bool) -> str:
    try:
        import matplotlib as mpl
        from matplotlib.backends.backend_svg import FigureCanvasSVG
        from matplotlib.figure import Figure
    except ImportError as missing:
        raise Unsupported(
            "Figures need the extra stepin[report].",
            code="report_extra",
            hint='Install it: pip install "stepin[report]".',
            extra="report",
        ) from missing
    settings: Any = {
        "svg.fonttype": "none",
        "svg.hashsalt": f"{name}-{'narrow' if narrow else 'wide'}",
        "font.family": "DejaVu Sans",
        "font.size": FONT_PX,
        "text.color": INK,
        "axes.labelcolor": MUTED,
        "axes.labelsize": FONT_PX - 0.5,
        "axes.unicode_minus": True,
    }
    with mpl.rc_context(settings):
        width = NARROW_PX if narrow else WIDE_PX
        figure = Figure(figsize=(width / 72, 3.0), layout="constrained")
        FigureCanvasSVG(figure)
        paint(Canvas(figure, narrow=narrow))
        figure.patch.set_alpha(0)
        for ax in figure.axes:
            ax.patch.set_alpha(0)
        out = io.StringIO()
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None, "Format": None})
    return out.getvalue()


def draw(name: str, paint: Painter) -> tuple[str, str]:
    """Return the figure as SVG for a wide and for a narrow screen.

    The bytes depend on nothing but the data, ``name`` and the version of matplotlib.

    Raises
    ------
    Unsupported
        ``report_extra`` when matplotlib isn't installed.
    """
    return _render(name, paint, narrow=False), _render(name, paint, narrow=True)


_PROLOGUE = re.compile(r"^.*?(?=<svg)", re.DOTALL)
_METADATA = re.compile(r"\s*<metadata>.*?</metadata>", re.DOTALL)
_SIZE = re.compile(r'<svg [^>]*?viewBox="([^"]+)"[^>]*>')
_ID = re.compile(r' id="([^"]*)"')
_REFERENCE = re.compile(r"#([\w-]+)")
_FONT = re.compile(r"(font(?:-family)?: [^;\"]*?)'DejaVu Sans'[^;\"]*")


def inline(svg: str, label: str) -> str:
    """Return the SVG for inside a page: colours as variables, page font, no clashing ids."""
    body = _METADATA.sub("", _PROLOGUE.sub("", svg))
    used = set(_REFERENCE.findall(body))
    body = _ID.sub(lambda found: found[0] if found[1] in used else "", body)
    body = _FONT.sub(r"\1var(--font)", body)
    for colour, variable in VARIABLES.items():
        body = body.replace(colour, f"var({variable})")
    return _SIZE.sub(rf'<svg viewBox="\1" role="img" aria-label="{label}">', body, count=1).strip()
