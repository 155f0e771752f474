"""Sections: mediation as description, power, and comparison with published effects."""

from __future__ import annotations

import numpy as np

from stepin.core.facts import PATHS, Chats
from stepin.errors import Refused
from stepin.evidence.analysis.context import Context
from stepin.evidence.analysis.power.curve import CurvePoint, by_length
from stepin.evidence.analysis.results import Core, cells_of
from stepin.evidence.base.arrays import Floats, codes
from stepin.evidence.base.estimate import bare
from stepin.evidence.base.finding import Finding
from stepin.evidence.base.labels import PATH_NAMES, SAMPLES
from stepin.evidence.base.level import confidence
from stepin.evidence.base.scale import AXIS, RANGE, Scale, amount, interval, shown, signed, whole
from stepin.evidence.estimators.row_level.mediation import decompose
from stepin.evidence.report import svg
from stepin.evidence.report.document import Block, Callout, Cell, Section, grid
from stepin.evidence.report.figures.series import SeriesLine, curves
from stepin.evidence.report.figures.spread import parts
from stepin.evidence.report.picture import picture
from stepin.evidence.report.published import published, sources
from stepin.evidence.report.spec import SectionSpec, from_context, from_core

DESIGNS = {
    "worker": ("workers drawn", svg.ACCENT, False),
    "pool": ("whole teams drawn", svg.SECOND, False),
    "switchback": ("teams switched by day", svg.GOOD, True),
}


UNTOLD = (
    " The parts are far larger than the whole and of opposite sign: these steps come together, and "
    "the data can't tell them apart."
)


def _untold(whole: float, parts: list[float]) -> bool:
    """Return whether parts so large cancel that they say little one by one."""
    return sum(abs(v) for v in parts) > 3 * abs(whole)


def mediation(context: Context) -> Section:
    """Return the section that describes what the difference goes together with.

    Raises
    ------
    Refused
        ``no_steps`` when the data hold no later steps.
    """
    late = context.late
    if not context.has(Chats.path):
        raise Refused("The chats have no path.", code="no_steps")
    path = np.asarray(late.text(Chats.path))
    steps: dict[str, Floats] = {}
    for p in PATHS:
        if p != "none" and (late.treated & (path == p)).sum() >= 60:
            steps[PATH_NAMES[p]] = (path == p).astype(np.float64)
    if context.has(Chats.human_rounds, Chats.rounds):
        rounds = np.maximum(late.number(Chats.rounds), 1)
        steps["share of rounds by a person"] = late.number(Chats.human_rounds) / rounds
    if not steps:
        raise Refused("Too few chats were escalated to describe.", code="no_steps")
    x, _ = context.x
    blocks: list[Block] = []
    findings: list[Finding] = []
    for m in context.measures:
        y = m.values(late.number(m.column))
        keep = np.isfinite(y)
        for step in steps.values():
            keep &= np.isfinite(step)
        if keep.sum() < 500:
            continue
        scale: Scale = "log" if m.scale == "percent" else m.scale
        found = decompose(
            y[keep],
            late.treated[keep],
            {k: v[keep] for k, v in steps.items()},
            x[keep],
            day=codes(late.day[keep]),
        )
        named = [*((s.step, s.part) for s in found.steps), ("everything else", found.rest)]
        findings += [
            Finding(
                analysis="together",
                outcome=m.name,
                label=m.label,
                sample=SAMPLES["eligible"],
                term=term,
                design="described",
                scale=scale,
                estimate=bare(
                    value,
                    "No interval, on purpose: a description.",
                    clusters=np.unique(late.unit[keep]).size,
                    rows=int(keep.sum()),
                ),
            )
            for term, value in (("the whole difference", found.whole), *named)
        ]
        blocks.append(
            picture(
                f"together-{m.name}",
                f"{m.title}: what the difference goes together with",
                f"The whole difference of {signed(found.whole, m.scale)} splits into the parts "
                "shown"
                + (
                    f", which add up to {signed(found.whole, scale)} as differences of logarithms. "
                    if scale == "log"
                    else ". "
                )
                + "These steps came after the draw and weren't drawn themselves: this "
                "describes and does not say by which road anything came."
                + (UNTOLD if _untold(found.whole, [v for _, v in named]) else ""),
                parts(
                    [term for term, _ in named],
                    [value for _, value in named],
                    scale,
                    AXIS[scale],
                ),
            )
        )
    if not blocks:
        raise Refused("Too few chats to describe.", code="no_steps")
    return Section(
        id=TOGETHER.id,
        title=TOGETHER.title,
        lead="A description in figures, given without intervals on purpose.",
        blocks=(
            Callout(
                tone="warn",
                title="Not a mechanism.",
                text="Holding later steps equal is not an experiment. To learn how an effect "
                "comes about, draw the step itself at random in the next trial.",
            ),
            *blocks,
        ),
        findings=tuple(findings),
    )


def power(context: Context, core: Core) -> Section:
    """Return the section on what the trial could see, and what others would need.

    Raises
    ------
    Refused
        ``short_past`` when the pre-period is too short to simulate on.
    """
    primary = core.primary()
    if not primary:
        raise Refused("The plan names no primary outcome.", code="no_primary")
    blocks: list[Block] = []
    notes: list[str] = []
    findings: list[Finding] = []
    sample = context.sample
    for r in primary:
        m = r.measure
        frame = sample.daily({m.name: m.sql}, chats=m.chats)
        cells = cells_of(frame.where(~frame.after), m.name, len(sample.units.ids))
        seen = np.unique(cells.day).size
        history = max(1, seen // 3)
        lengths = tuple(sorted({max(1, (seen - history) * k // 4) for k in (1, 2, 3, 4)}))
        if seen < 6:
            raise Refused(
                f"The pre-period has {seen} days; 6 are needed to simulate on.", code="short_past"
            )
        pool = codes(list(sample.teams()))
        points = by_length(
            cells,
            pool,
            context.draws.assignments(400),
            context.rng(f"power {m.name}"),
            lengths=lengths,
            history=history,
            effect=m.minimal,
        )
        lines = []
        for kind, (label, colour, dashed) in DESIGNS.items():
            kept = [p for p in points if p.kind == kind and p.minimum is not None]
            if kept:
                lines.append(
                    SeriesLine(
                        label=label,
                        x=tuple(float(p.days) for p in kept),
                        y=tuple(abs(shown(p.minimum or 0.0, m.scale)) for p in kept),
                        colour=colour,
                        dashed=dashed,
                    )
                )
        findings += [
            Finding(
                analysis="power",
                outcome=m.name,
                label=m.label,
                sample=SAMPLES[m.chats],
                term=f"{DESIGNS[p.kind][0]}, {p.days} days",
                design="described",
                scale=m.scale,
                minimal=m.minimal,
                estimate=bare(
                    p.minimum,
                    "Simulated: the smallest effect seen in four of five trials.",
                    clusters=p.clusters,
                    rows=int(cells.chats.sum()),
                ),
            )
            for p in points
            if p.minimum is not None
        ]
        notes += [note for note in _without(points) if note not in notes]
        e = r.finding.estimate
        achieved = ""
        if e.se is not None:
            achieved = (
                f"With the error it reached, this trial sees {amount(2.8 * e.se, m.scale)} in four "
                "of five cases. "
            )
        blocks.append(
            picture(
                f"power-{m.name}",
                f"{m.title}: the smallest effect seen in four of five trials",
                achieved
                + _worth(m.minimal, points, len(sample.units.ids), m.scale)
                + " Simulated on the pre-period of these workers.",
                curves(
                    lines,
                    "days of treatment",
                    "smallest effect seen" + (", %" if m.scale == "percent" else ""),
                    level=None if m.minimal is None else abs(shown(m.minimal, m.scale)),
                    level_label="worth knowing",
                ),
            )
        )
    if notes:
        blocks.append(Callout(tone="plain", title="Designs without a curve.", text=" ".join(notes)))
    return Section(
        id=POWER.id,
        title=POWER.title,
        lead="Trials drawn on days without treatment, by the same rule: how large an effect must "
        "be to be seen, by the length of the trial and by what is drawn.",
        blocks=tuple(blocks),
        findings=tuple(findings),
    )


def _without(points: tuple[CurvePoint, ...]) -> list[str]:
    """Return which designs have no curve, one sentence a design and reason."""
    days: dict[tuple[str, str], list[int]] = {}
    for p in points:
        if p.refused:
            days.setdefault((DESIGNS[p.kind][0].capitalize(), p.refused), []).append(p.days)
    return [
        f"{name} for {' or '.join(map(str, sorted(set(lengths))))} days: {why}"
        for (name, why), lengths in days.items()
    ]


def _worth(minimal: float | None, points: tuple[CurvePoint, ...], workers: int, scale: str) -> str:
    if minimal is None:
        return "The plan names no smallest effect worth knowing."
    enough = [
        p.days
        for p in points
        if p.kind == "worker" and p.minimum is not None and p.minimum <= abs(minimal)
    ]
    if not enough:
        longest = max(p.days for p in points)
        return (
            f"With {whole(workers)} workers, {longest} days are too few for the effect that the "
            "plan calls worth knowing."
        )
    return (
        f"With {whole(workers)} workers, {min(enough)} days are enough for the effect that the "
        "plan calls worth knowing."
    )


def compare(context: Context, core: Core, paths: tuple[tuple[str, str, str, str], ...]) -> Section:
    """Return the section that sets the results beside published ones.

    Parameters
    ----------
    paths : (outcome, path, effect, interval) of this trial's matched comparisons, as text.
    """
    by_path = {(o, p): (e, i) for o, p, e, i in paths}
    blocks: list[Block] = []
    for source in sources():
        rows: list[tuple[str | Cell, ...]] = []
        for effect in source.effects:
            ours = core.find(effect.outcome, effect.chats)
            here = (RANGE, RANGE)
            title, chats = effect.outcome, effect.chats
            if ours is not None:
                f = ours.finding
                here = (
                    signed(f.estimate.value, f.scale),
                    interval(f.estimate.low, f.estimate.high, f.scale),
                )
                title, chats = ours.measure.title, f.sample
            elif effect.chats in PATH_NAMES:
                name = PATH_NAMES[effect.chats]
                here = by_path.get((effect.outcome, name), here)
                found = core.find(effect.outcome, "all")
                title = found.measure.title if found else effect.outcome
                chats = f"path: {name}"
            rows.append((title, chats, *here, published(effect) or RANGE, _stars(effect.stars)))
        blocks.append(
            grid(
                f"{source.title} ({source.where})",
                ("Outcome", "Chats", "Here", f"{confidence()} interval", "Published", "Their p"),
                rows,
                text_columns=2,
                note=f"{source.setting} {source.caution}",
            )
        )
    return Section(
        id=PUBLISHED.id,
        title=PUBLISHED.title,
        lead="What others found, as published. Other workers, customers, systems and definitions: "
        "a difference from them is not an error of either.",
        blocks=tuple(blocks),
    )


def _stars(stars: str) -> str:
    return {"none": "not significant", "unstated": "not stated"}.get(stars, f"below {stars}")


def _path_texts(section: Section) -> tuple[tuple[str, str, str, str], ...]:
    return tuple(
        (
            f.outcome,
            f.term,
            signed(f.estimate.value, f.scale),
            interval(f.estimate.low, f.estimate.high, f.scale),
        )
        for f in section.findings
        if f.analysis == "paths_matched"
    )


TOGETHER = SectionSpec(
    id="together",
    title="What the difference goes together with",
    make=from_context(mediation),
)
POWER = SectionSpec(id="power", title="What could this trial see?", make=from_core(power))
PUBLISHED = SectionSpec(
    id="published",
    title="Beside published effects",
    make=lambda context, core, made: compare(context, core, _path_texts(made["paths"])),
)
