"""Section: how workers worked after taking over, by path."""

from __future__ import annotations

from stepin.evidence.analysis.context import Context
from stepin.evidence.analysis.effort import EffortContrast, effort_contrasts
from stepin.evidence.base.labels import PATH_NAMES
from stepin.evidence.base.level import confidence
from stepin.evidence.base.scale import interval, level, signed, whole
from stepin.evidence.report.document import Block, Cell, Section, grid
from stepin.evidence.report.figures.forest import forest, mark
from stepin.evidence.report.picture import picture
from stepin.evidence.report.reading import several
from stepin.evidence.report.spec import SectionSpec, from_context, worded

ID, TITLE = "effort", "How workers worked after taking over"
LEAD = (
    "Chats that a worker took over, by the reason, each {unit} compared with {own}. A "
    "takeover is itself a result, so this describes; it does not say what caused what."
)


def section(context: Context) -> Section:
    """Return the section on effort.

    Raises
    ------
    Refused
        ``no_takeovers`` when too few chats were taken over.
    """
    found = effort_contrasts(context)
    paths = dict.fromkeys(c.path for c in found)
    figures = [_figure(p, [c for c in found if c.path == p and c.spread > 0]) for p in paths]
    return Section(
        id=ID,
        title=TITLE,
        lead=worded(LEAD, context),
        blocks=(*(f for f in figures if f is not None), _table(found, context.cluster)),
        findings=tuple(c.finding for c in found),
    )


def _figure(path: str, found: list[EffortContrast]) -> Block | None:
    """Return all measures of a path on one axis, None where there is only one to draw."""
    if len(found) < 2:
        return None
    here = [c.standardized for c in found]
    return picture(
        f"effort-{path}",
        f"What workers did after \u201c{PATH_NAMES[path]}\u201d, against technical takeovers",
        several(here, what="measures"),
        forest(
            [mark(f) for f in here],
            "sd",
            "difference, standard deviations among technical takeovers",
        ),
    )


def _table(found: tuple[EffortContrast, ...], cluster: str) -> Block:
    return grid(
        "Every measure of effort",
        ("Measure", "Path", "Chats", "Technical", "Difference", f"{confidence()} interval"),
        [_row(c) for c in found],
        text_columns=2,
        note=f"{cluster.capitalize()} and day absorbed, opening covariates held, errors clustered "
        f"by {cluster}. "
        "Read from rows. In the figures a difference is clear only if it stays so when the "
        "number of rows of this table is counted in (Holm).",
    )


def _row(c: EffortContrast) -> tuple[str | Cell, ...]:
    f, e = c.finding, c.finding.estimate
    return (
        f.label[:1].upper() + f.label[1:],
        PATH_NAMES[c.path],
        whole(c.chats),
        level(c.reference, f.scale),
        Cell(signed(e.value, f.scale)),
        interval(e.low, e.high, f.scale),
    )


SPEC = SectionSpec(id=ID, title=TITLE, lead=LEAD, make=from_context(section))
