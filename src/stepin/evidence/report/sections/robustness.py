"""Section: what hangs on the error's formula, on the draw, and on single units."""

from __future__ import annotations

import numpy as np

from stepin.errors import Refused
from stepin.evidence.analysis.context import Context
from stepin.evidence.analysis.fitter import Result, key
from stepin.evidence.analysis.results import Core
from stepin.evidence.base.arrays import Floats
from stepin.evidence.base.estimate import bare
from stepin.evidence.base.finding import Finding
from stepin.evidence.base.labels import SAMPLES
from stepin.evidence.base.level import confidence
from stepin.evidence.base.scale import Scale, interval, probability, signed, stated, whole
from stepin.evidence.estimators.resampling import Permuted
from stepin.evidence.report.document import Block, Callout, Section, grid
from stepin.evidence.report.figures.spread import left_out, replayed
from stepin.evidence.report.picture import picture
from stepin.evidence.report.spec import SectionSpec, from_core

WAYS = {
    "error_CR1": "errors CR1",
    "error_CR2": "errors CR2",
    "error_CR3": "errors CR3 (jackknife)",
    "error_two-way": "errors by {unit} and by day",
    "itt_cuped": "less what the past predicts (CUPED)",
}


def section(context: Context, core: Core) -> Section:
    """Return the section on other errors, replayed assignments and units left out.

    Raises
    ------
    Refused
        ``no_primary`` when the plan names no primary outcome.
    """
    blocks: list[Block] = []
    findings: list[Finding] = []
    rows: list[tuple[str, ...]] = []
    for r in core.primary():
        rows += _ways(context, r)
        findings += r.ways
        _replayed(core, r, blocks, findings)
        _left_out(context, core, r, blocks, findings)
    if rows:
        blocks.append(
            grid(
                "Primary outcomes, computed in other ways",
                ("Outcome", "Way", "Effect", f"{confidence()} interval", "p"),
                rows,
                text_columns=2,
                note="The report's own intervals are CR2 with Satterthwaite's degrees of freedom. "
                "A way whose independent units (or days) are fewer than ten gets no test.",
            )
        )
    if not blocks:
        raise Refused("The plan names no primary outcome.", code="no_primary")
    blocks.append(
        Callout(tone="plain", title="Which assignments are replayed.", text=_how(context))
    )
    return Section(
        id=SPEC.id,
        title=SPEC.title,
        lead="The same question without formulas: what other draws of the arms would have shown, "
        f"and what hangs on single {context.clusters}.",
        blocks=tuple(blocks),
        findings=tuple(findings),
    )


def _how(context: Context) -> str:
    if context.draws.registered:
        return (
            "The plan's own design, replayed, gives exactly the recorded arms; the draws are its "
            "further accepted candidates."
        )
    if context.alone is not None:
        return (
            f"Every {context.plan.unit} was drawn alone. The arms of whole {context.clusters} are "
            "permuted here, which is close to, but not, the draw that was used."
        )
    return (
        "The recorded arms are not those that the plan draws on these workers (made "
        "elsewhere, or late joiners), so arms are permuted inside the recorded blocks."
    )


def _ways(context: Context, r: Result) -> list[tuple[str, ...]]:
    return [
        (
            r.measure.title,
            WAYS[f.analysis].format(unit=context.cluster),
            signed(f.estimate.value, f.scale),
            interval(f.estimate.low, f.estimate.high, f.scale),
            probability(f.estimate.p),
        )
        for f in r.ways
    ]


def _number(r: Result, analysis: str, term: str, value: float, scale: Scale, why: str) -> Finding:
    e = r.finding.estimate
    return Finding(
        analysis=analysis,
        outcome=r.measure.name,
        label=r.measure.label,
        sample=SAMPLES[r.chats],
        term=term,
        design="randomized",
        scale=scale,
        basis="cube",
        estimate=bare(value, why, clusters=e.clusters, rows=e.rows),
    )


def _replayed(core: Core, r: Result, blocks: list[Block], findings: list[Finding]) -> None:
    found = core.replays.get(key(r.measure, r.chats))
    if found is None:
        return
    ends = np.quantile(found.statistics, [0.025, 0.5, 0.975])
    names = ("this trial", *(f"{q} of replayed assignments" for q in ("2.5%", "half", "97.5%")))
    findings += [
        _number(r, "replayed", name, float(v), "count", "The effect over its error.")
        for name, v in zip(names, (found.statistic, *ends), strict=True)
    ]
    blocks.append(
        picture(
            f"replayed-{r.measure.name}",
            f"{r.measure.title}: this trial among the assignments it could have drawn",
            f"If the arm did nothing to anybody, {_as_extreme(found)} of "
            f"{whole(found.statistics.size)} replayed assignments would look as extreme as "
            f"this one or more ({stated(found.p)}).",
            replayed(found.statistics, found.statistic, "studentized difference"),
        )
    )


def _as_extreme(found: Permuted) -> str:
    """Return how many draws are as extreme as the trial itself, in words."""
    count = round(found.p * (1 + found.statistics.size)) - 1
    return whole(count) if count else "none"


def _left_out(
    context: Context, core: Core, r: Result, blocks: list[Block], findings: list[Finding]
) -> None:
    values, f = core.left_out.get(key(r.measure, r.chats)), r.finding
    e = f.estimate
    if values is None or e.low is None or e.high is None:
        return
    seen = values[np.isfinite(values)]
    flips = bool(((seen > 0) != (e.value > 0)).any())
    why = f"The same without one of the {context.clusters}; none is named."
    findings += [
        _number(r, "left_out", term, value, f.scale, why) for term, value in _spread(seen).items()
    ]
    blocks.append(
        picture(
            f"left-out-{r.measure.name}",
            f"{r.measure.title}: each of the {context.clusters} left out once",
            f"Leaving out any one of the {context.clusters} moves the result between "
            f"{signed(float(seen.min()), f.scale)} and "
            f"{signed(float(seen.max()), f.scale)}; "
            + (
                "one alone can turn its direction."
                if flips
                else "no single one turns its direction."
            )
            + f" Shaded: the {confidence()} interval.",
            left_out(seen, e.value, e.low, e.high, f.scale, context.cluster),
        )
    )


def _spread(values: Floats) -> dict[str, float]:
    """Return the ends and quartiles of the results with one unit left out."""
    marks = {"lowest": 0.0, "a quarter": 0.25, "half": 0.5, "three quarters": 0.75, "highest": 1.0}
    return {name: float(np.quantile(values, q)) for name, q in marks.items()}


SPEC = SectionSpec(id="robustness", title="How fragile is it?", make=from_core(section))
