"""Section: what this trial could see, and what others would need."""

from __future__ import annotations

from stepin.evidence.analysis.context import Context
from stepin.evidence.analysis.power.curve import CurvePoint
from stepin.evidence.analysis.power.outlook import Outlook, outlooks
from stepin.evidence.analysis.power.simulate import Kind
from stepin.evidence.analysis.results import Core
from stepin.evidence.base.estimate import bare
from stepin.evidence.base.finding import Finding
from stepin.evidence.base.labels import SAMPLES
from stepin.evidence.base.scale import amount, shown, whole
from stepin.evidence.report import svg
from stepin.evidence.report.document import Block, Callout, Section
from stepin.evidence.report.figures.series import SeriesLine, curves
from stepin.evidence.report.picture import picture
from stepin.evidence.report.spec import SectionSpec, from_core

ID, TITLE = "power", "What could this trial see?"
DESIGNS: dict[Kind, tuple[str, str, bool]] = {
    "unit": ("{clusters} drawn", svg.ACCENT, False),
    "pool": ("whole teams drawn", svg.SECOND, False),
    "switchback": ("teams switched by day", svg.GOOD, True),
}


def section(context: Context, core: Core) -> Section:
    """Return the section on what the trial could see, and what others would need.

    Raises
    ------
    Refused
        ``short_past`` when the pre-period is too short to simulate on.
    """
    found = outlooks(context, core)
    # A design is refused for the same reason whatever the outcome: each sentence is said once.
    notes = list(
        dict.fromkeys(note for o in found for note in _without(o.points, context.clusters))
    )
    blocks = [_figure(o, context.clusters) for o in found]
    if notes:
        blocks.append(Callout(tone="plain", title="Designs without a curve.", text=" ".join(notes)))
    return Section(
        id=ID,
        title=TITLE,
        lead="Trials drawn on days without treatment, by the same rule: how large an effect must "
        "be to be seen, by the length of the trial and by what is drawn.",
        blocks=tuple(blocks),
        findings=tuple(f for o in found for f in _findings(o, context.clusters)),
    )


def _design(kind: Kind, clusters: str) -> str:
    return DESIGNS[kind][0].format(clusters=clusters)


def _findings(o: Outlook, clusters: str) -> list[Finding]:
    m = o.measure
    return [
        Finding(
            analysis="power",
            outcome=m.name,
            label=m.label,
            sample=SAMPLES[m.chats],
            term=f"{_design(p.kind, clusters)}, {p.days} days",
            design="described",
            scale=m.scale,
            minimal=m.minimal,
            estimate=bare(
                p.minimum,
                "Simulated: the smallest effect seen in four of five trials.",
                clusters=p.clusters,
                rows=o.chats,
            ),
        )
        for p in o.points
        if p.minimum is not None
    ]


def _figure(o: Outlook, clusters: str) -> Block:
    m = o.measure
    reached = ""
    if o.reached is not None:
        reached = (
            f"With the error it reached, this trial sees {amount(o.reached, m.scale)} in four "
            "of five cases. "
        )
    return picture(
        f"power-{m.name}",
        f"{m.title}: the smallest effect seen in four of five trials",
        f"{reached}{_worth(o, clusters)} Simulated on the pre-period of these {clusters}.",
        curves(
            _lines(o, clusters),
            "days of treatment",
            "smallest effect seen" + (", %" if m.scale == "percent" else ""),
            level=None if m.minimal is None else abs(shown(m.minimal, m.scale)),
            level_label="worth knowing",
        ),
    )


def _lines(o: Outlook, clusters: str) -> list[SeriesLine]:
    lines = []
    for kind, (_, colour, dashed) in DESIGNS.items():
        kept = [(p.days, p.minimum) for p in o.points if p.kind == kind and p.minimum is not None]
        if kept:
            lines.append(
                SeriesLine(
                    label=_design(kind, clusters),
                    x=tuple(float(days) for days, _ in kept),
                    y=tuple(abs(shown(least, o.measure.scale)) for _, least in kept),
                    colour=colour,
                    dashed=dashed,
                )
            )
    return lines


def _without(points: tuple[CurvePoint, ...], clusters: str) -> list[str]:
    """Return which designs have no curve, one sentence a design and reason."""
    days: dict[tuple[str, str], list[int]] = {}
    for p in points:
        if p.refused:
            design = _design(p.kind, clusters).capitalize()
            days.setdefault((design, p.refused), []).append(p.days)
    return [
        f"{name} for {' or '.join(map(str, sorted(set(lengths))))} days: {why}"
        for (name, why), lengths in days.items()
    ]


def _worth(o: Outlook, clusters: str) -> str:
    if o.measure.minimal is None:
        return "The plan names no smallest effect worth knowing."
    if o.enough is None:
        longest = max(p.days for p in o.points)
        return (
            f"With {whole(o.units)} {clusters}, {longest} days are too few for the effect that "
            "the plan calls worth knowing."
        )
    return (
        f"With {whole(o.units)} {clusters}, {o.enough} days are enough for the effect that the "
        "plan calls worth knowing."
    )


SPEC = SectionSpec(id=ID, title=TITLE, make=from_core(section))
