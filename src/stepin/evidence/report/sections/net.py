"""Section: direct, spillover and net effects side by side, and what the net is made of."""

from __future__ import annotations

import msgspec
import numpy as np

from stepin.errors import StepinError
from stepin.evidence.analysis.context import Context
from stepin.evidence.analysis.fitter import Result
from stepin.evidence.analysis.results import Core
from stepin.evidence.base.estimate import Estimate
from stepin.evidence.base.finding import Finding
from stepin.evidence.base.labels import SAMPLES, Measure
from stepin.evidence.base.level import confidence
from stepin.evidence.base.scale import AXIS, Scale, interval, level, probability, signed
from stepin.evidence.estimators.effects.split import split
from stepin.evidence.report.document import Block, Cell, Section, grid
from stepin.evidence.report.figures.forest import forest, mark
from stepin.evidence.report.picture import picture
from stepin.evidence.report.spec import SectionSpec, from_core


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


class _Parted(msgspec.Struct, frozen=True):
    findings: list[Finding]
    row: tuple[str | Cell, ...]


def _parted(context: Context, core: Core, m: Measure) -> _Parted | None:
    """Return what either kind of chat adds to the net effect, and whether both are moved alike.

    None in a ramp, and where the kinds can't be told apart.
    """
    if np.unique(core.arms.start).size > 1:
        return None
    controls = tuple(t.name for t in core.cube.spec.controls)
    estimator = context.plan.analysis.estimator
    try:
        found = split(core.cube, core.arms, m.term, estimator=estimator, controls=controls)
    except StepinError:
        return None
    scale: Scale = "log" if m.log else m.scale
    parts = (_share_of(found.direct, found.share), _share_of(found.spillover, 1 - found.share))

    def finding(term: str, e: Estimate, scale: Scale) -> Finding:
        return Finding(
            analysis="net_part",
            outcome=m.name,
            label=m.label,
            sample=SAMPLES["all"],
            term=term,
            design="randomized",
            scale=scale,
            estimate=e,
            basis="cube",
        )

    gap = found.difference
    return _Parted(
        [
            finding("from eligible chats", parts[0], scale),
            finding("from other chats", parts[1], scale),
            finding("direct minus other", gap, m.scale),
        ],
        (
            m.title,
            level(found.share, "share"),
            *(signed(e.value, scale) for e in parts),
            signed(gap.value, m.scale),
            interval(gap.low, gap.high, m.scale),
            probability(gap.p),
        ),
    )


def _share_of(e: Estimate, share: float) -> Estimate:
    """Return an estimate times a share that is taken as given."""

    def times(value: float | None) -> float | None:
        return None if value is None else share * value

    return msgspec.structs.replace(
        e, value=share * e.value, se=times(e.se), low=times(e.low), high=times(e.high)
    )


def section(context: Context, core: Core) -> Section:
    """Return the section that sets direct, spillover and net effects side by side."""
    blocks: list[Block] = []
    findings: list[Finding] = []
    rows: list[tuple[str | Cell, ...]] = []
    for m in context.measures:
        found = [r for r in core.results if r.measure.name == m.name and r.measure.log == m.log]
        by = {r.chats: r for r in found}
        if len(by) < 3:
            continue
        net, direct, spill = by["all"], by["eligible"], by["ineligible"]
        blocks.append(
            picture(
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
        )
        parted = _parted(context, core, m)
        if parted is not None:
            findings += parted.findings
            rows.append(parted.row)
    if rows:
        blocks.append(
            grid(
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
                rows,
                note="From one model of both kinds of chats: each kind's effect times its share of "
                "chats, which add up to the net effect; in logarithms times 100 where outcomes are "
                "in logarithms. The last columns test that both kinds are moved alike. Errors CR1.",
            )
        )
    return Section(
        id=SPEC.id,
        title=SPEC.title,
        lead="A worker who supervises AI chats has more or less time for the others. The net "
        "effect on all chats is what a roll-out would bring, if treating everybody does to each "
        "what treating a part did."
        if context.plan.unit == "worker"
        else f"Both arms' chats go to the same workers. What the AI changes for these workers "
        f"reaches both arms alike, so a trial of {context.plan.unit}s can't see spillover: an "
        "effect on other chats here comes from their own arm alone.",
        blocks=tuple(blocks),
        findings=tuple(findings),
    )


SPEC = SectionSpec(id="net", title="Direct, spillover and net", make=from_core(section))
