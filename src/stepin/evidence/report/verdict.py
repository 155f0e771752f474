"""The verdict strip: the primary effects and whether they can be trusted, in ten seconds."""

from __future__ import annotations

import numpy as np

from stepin.evidence.level import alpha
from stepin.evidence.report.context import Context
from stepin.evidence.report.core import Core, Result, key
from stepin.evidence.report.document import Grid, Headline, Light, Section, Tone
from stepin.evidence.report.labels import SAMPLES
from stepin.evidence.report.reading import reading
from stepin.evidence.report.scale import amount, level, probability
from stepin.evidence.report.sections.attention import touching


def headlines(context: Context, core: Core) -> tuple[Headline, ...]:
    """Return one headline a primary outcome."""
    return tuple(
        Headline(
            finding=r.finding,
            title=r.measure.title,
            reading=reading(r.finding, treatment=context.treatment),
        )
        for r in core.primary()
    )


def summary(context: Context, core: Core) -> str:
    """Return the sentence that a manager reads: what moved, which way, on which chats.

    It says no more than the primary outcomes' intervals, and recommends nothing.
    """
    primary = core.primary()
    if not primary and core.absent:
        return "None of the plan's primary outcomes can be told from these facts."
    if not primary:
        return "The plan names no primary outcome, so there is no verdict."
    sentences = []
    for chats in ("eligible", "ineligible", "all"):
        parts = [_part(r) for r in primary if r.chats == chats]
        if parts:
            sentences.append(f"On {SAMPLES[chats]}: {'; '.join(parts)}.")
    return " ".join(sentences)


def _part(r: Result) -> str:
    f, title = r.finding, r.measure.title.lower()
    if f.verdict == "refused":
        return f"{title} can't be tested"
    if f.clear == 0:
        return f"{title}, no clear effect"
    moved = f"{title} {'up' if f.clear > 0 else 'down'} {amount(f.estimate.value, f.scale)}"
    return moved + {"good": ", better", "bad": ", worse"}.get(f.verdict, "")


def lights(context: Context, core: Core, sections: dict[str, Section]) -> tuple[Light, ...]:
    """Return one light an assumption, each leading to its section."""
    found: list[Light] = []
    last, until = context.sample.last_day(), context.plan.dates.treatment_until
    if last < until:
        found.append(
            Light(
                tone="bad",
                title="An early look.",
                text=f"The facts end on {last}, the plan on {until}: nothing here is final.",
                section="design",
            )
        )
    found += [
        Light(
            tone="bad",
            title=f"{title} is missing.",
            text=f"A primary outcome of the plan has no result. {why}",
            section="effects",
        )
        for title, why in core.absent
    ]
    found.append(
        Light(
            tone="good" if context.draws.registered else "warn",
            title="Drawn as planned.",
            text="The plan's draw gives exactly these arms."
            if context.draws.registered
            else "The recorded arms are not the plan's own draw; blocks are replayed instead.",
            section="robustness",
        )
    )
    found += _health(sections["health"])
    found.append(_trend(core))
    found.append(_response(sections.get("ratings")))
    found.append(_load(sections.get("attention")))
    found.append(_replayed(core))
    units = len(context.sample.units.ids)
    smallest = int(min(context.sample.units.treated.sum(), (~context.sample.units.treated).sum()))
    found.append(
        Light(
            tone="good" if smallest >= 20 else "warn" if smallest >= 5 else "bad",
            title=f"Enough {context.plan.unit}s.",
            text=f"{units} {context.clusters}, {smallest} in the smaller arm.",
            section="robustness",
        )
    )
    return tuple(found)


def _health(section: Section) -> list[Light]:
    checks = [
        (row[0].text.lower(), {c.tone for c in row})
        for block in section.blocks
        if isinstance(block, Grid)
        for row in block.rows
    ]
    broken = [name for name, tones in checks if "bad" in tones]
    tone: Tone = "bad" if broken else "good"
    text = "No sign that the arms differ in who or what was seen."
    if broken:
        text = f"A check fails: {', '.join(broken)}."
    elif any(f.estimate.p is None for f in section.findings) or not section.findings:
        tone, text = "warn", "Could not be checked in full."
    return [Light(tone=tone, title="Same chats in both arms.", text=text, section="health")]


def _trend(core: Core) -> Light:
    studies = [core.events.get(key(r.measure, r.chats)) for r in core.primary()]
    ps = [e.before.p for e in studies if e is not None and e.before is not None]
    known = [p for p in ps if p is not None]
    if not known:
        return Light(
            tone="warn",
            title="Alike before the start.",
            text="Could not be tested.",
            section="days",
        )
    worst = min(1.0, min(known) * len(known))
    return Light(
        tone="good" if worst >= 0.05 else "warn",
        title="Alike before the start.",
        text=f"Joint test over the days before, all primary outcomes: p = {probability(worst)}.",
        section="days",
    )


def _response(section: Section | None) -> Light:
    found = [f for f in section.findings if f.analysis == "response"] if section else []
    if not found:
        return Light(
            tone="plain", title="Who rates.", text="No ratings in these data.", section="ratings"
        )
    f = found[0]
    return Light(
        tone="warn" if f.clear or f.estimate.p is None else "good",
        title="Who rates.",
        text=f"The arm moves who answers by {amount(f.estimate.value, 'share')}; see the bounds."
        if f.clear
        else "No sign that the arm moves who answers."
        if f.estimate.p is not None
        else "Too few independent units to tell whether the arm moves who answers.",
        section="ratings",
    )


def _load(section: Section | None) -> Light:
    found = [f for f in section.findings if f.analysis == "interference"] if section else []
    if not found:
        return Light(
            tone="warn",
            title="Arms apart.",
            text="Load by arm can't be checked with these data.",
            section="attention",
        )
    moved = touching(found)
    return Light(
        tone="warn" if moved else "good",
        title="Arms apart.",
        text=f"Load differs in {', '.join(f.label for f in moved)}."
        if moved
        else "No sign that one arm's load reaches the other.",
        section="attention",
    )


def _replayed(core: Core) -> Light:
    apart = []
    for r in core.primary():
        f = r.finding
        if f.estimate.p is None or f.randomization_p is None:
            continue
        if (f.estimate.p < alpha()) != (f.randomization_p < alpha()):
            apart.append(r.measure.title)
    draws = [e.statistics.size for e in core.replays.values()]
    return Light(
        tone="warn" if apart else "good",
        title="Formula and replay agree.",
        text=f"They disagree on {', '.join(apart)}."
        if apart
        else f"{int(np.max(draws)):,} replayed draws give the same verdicts."
        if draws
        else "Nothing to replay.",
        section="robustness",
    )


def about(context: Context) -> tuple[tuple[str, str], ...]:
    """Return the line of facts under the title."""
    units, dates = context.sample.units, context.plan.dates
    treated = int(units.treated.sum())
    eligible = context.late
    return (
        (
            context.clusters.capitalize(),
            f"{treated} treated, {len(units.ids) - treated} control",
        ),
        (
            "Eligible chats in the trial",
            f"{len(eligible):,} ({level(float(eligible.treated.mean()), 'share')} treated)"
            if len(eligible)
            else "none",
        ),
        ("Treatment", f"{dates.treatment_from} to {dates.treatment_until}"),
        ("Before", f"from {dates.pre_from}"),
    )
