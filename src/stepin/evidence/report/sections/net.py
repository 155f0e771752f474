"""Section: direct, spillover and net effects side by side, and what the net is made of."""

from __future__ import annotations

from stepin.evidence.analysis.context import Context
from stepin.evidence.analysis.fitter import Result
from stepin.evidence.analysis.net import NetParts, net_parts
from stepin.evidence.analysis.results import Core
from stepin.evidence.base.labels import Measure
from stepin.evidence.base.level import confidence
from stepin.evidence.base.scale import AXIS, interval, level, probability, signed
from stepin.evidence.report.document import Block, Section, grid
from stepin.evidence.report.figures.forest import forest, mark
from stepin.evidence.report.picture import picture
from stepin.evidence.report.spec import SectionSpec, from_core

LEAD = (
    "A worker who supervises AI chats has more or less time for the others. The net "
    "effect on all chats is what a roll-out would bring, if treating everybody does to each "
    "what treating a part did."
)
LEAD_ALONE = (
    "Both arms' chats go to the same workers. What the AI changes for these workers "
    "reaches both arms alike, so a trial of {unit}s can't see spillover: an "
    "effect on other chats here comes from their own arm alone."
)


def _side_by_side(results: tuple[Result, ...]) -> str:
    """Return one sentence on direct, spillover and net effects."""
    parts = []
    for r in results:
        f = r.finding
        e = f.estimate
        text = f"{signed(e.value, f.scale)} on {f.sample}"
        if e.low is None:
            text += " (too few units to test)"
        elif f.clear == 0:
            text += f" (not clear: {interval(e.low, e.high, f.scale)})"
        else:
            text += f" ({interval(e.low, e.high, f.scale)})"
        parts.append(text)
    return f"Effects of the arm on {results[0].measure.label}: {'; '.join(parts)}."


def section(context: Context, core: Core) -> Section:
    """Return the section that sets direct, spillover and net effects side by side."""
    blocks: list[Block] = []
    parted: list[NetParts] = []
    for m in context.measures:
        found = [r for r in core.results if r.measure.name == m.name and r.measure.log == m.log]
        by = {r.chats: r for r in found}
        if len(by) < 3:
            continue
        blocks.append(_figure(m, by["eligible"], by["ineligible"], by["all"]))
        if (parts := net_parts(context, core, m)) is not None:
            parted.append(parts)
    if parted:
        blocks.append(_table(parted))
    return Section(
        id=SPEC.id,
        title=SPEC.title,
        lead=LEAD if context.plan.unit == "worker" else LEAD_ALONE.format(unit=context.plan.unit),
        blocks=tuple(blocks),
        findings=tuple(f for p in parted for f in p.findings),
    )


def _figure(m: Measure, direct: Result, spill: Result, net: Result) -> Block:
    return picture(
        f"effects-{m.name}",
        f"{m.title}: direct, spillover and net",
        _side_by_side((direct, spill, net)),
        forest(
            [
                mark(direct.finding, "eligible (direct)"),
                mark(spill.finding, "other (spillover)"),
                mark(net.finding, "all (net)"),
            ],
            m.scale,
            AXIS[m.scale],
        ),
    )


def _table(parted: list[NetParts]) -> Block:
    return grid(
        "What the net effect is made of",
        (
            "Outcome",
            "Eligible share",
            "From eligible",
            "From other",
            "Direct \u2212 other",
            f"{confidence()} interval",
            "p",
        ),
        [_row(p) for p in parted],
        note="From one model of both kinds of chats: each kind's effect times its share of "
        "chats, which add up to the net effect; in logarithms times 100 where outcomes are "
        "in logarithms. The last columns test that both kinds are moved alike. Errors CR1.",
    )


def _row(p: NetParts) -> tuple[str, ...]:
    return (
        p.measure.title,
        level(p.share, "share"),
        signed(p.eligible.value, p.scale),
        signed(p.other.value, p.scale),
        signed(p.gap.value, p.measure.scale),
        interval(p.gap.low, p.gap.high, p.measure.scale),
        probability(p.gap.p),
    )


SPEC = SectionSpec(id="net", title="Direct, spillover and net", make=from_core(section))
