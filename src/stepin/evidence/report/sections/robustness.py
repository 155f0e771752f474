"""Section: what hangs on the error's formula, on the draw, and on single units."""

from __future__ import annotations

from stepin.evidence.analysis.context import Context
from stepin.evidence.analysis.fitter import Result
from stepin.evidence.analysis.results import Core
from stepin.evidence.analysis.robustness import Fragility, fragilities
from stepin.evidence.base.level import confidence
from stepin.evidence.base.scale import interval, probability, signed, stated, whole
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
    found = fragilities(context, core)
    figures = [b for f in found for b in (_replayed(f), _left_out(f, context.cluster))]
    rows = [row for f in found for row in _ways(context, f.result)]
    how = Callout(tone="plain", title="Which assignments are replayed.", text=_how(context))
    return Section(
        id=SPEC.id,
        title=SPEC.title,
        lead="The same question without formulas: what other draws of the arms would have shown, "
        f"and what hangs on single {context.clusters}.",
        blocks=(*(b for b in figures if b is not None), *([_table(rows)] if rows else []), how),
        findings=tuple(n for f in found for n in f.findings),
    )


def _table(rows: list[tuple[str, ...]]) -> Block:
    return grid(
        "Primary outcomes, computed in other ways",
        ("Outcome", "Way", "Effect", f"{confidence()} interval", "p"),
        rows,
        text_columns=2,
        note="The report's own intervals are CR2 with Satterthwaite's degrees of freedom. "
        "A way whose independent units (or days) are fewer than ten gets no test.",
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


def _replayed(f: Fragility) -> Block | None:
    m, found = f.result.measure, f.replayed
    if found is None:
        return None
    extreme = whole(f.extreme) if f.extreme else "none"
    return picture(
        f"replayed-{m.name}",
        f"{m.title}: this trial among the assignments it could have drawn",
        f"If the arm did nothing to anybody, {extreme} of "
        f"{whole(found.statistics.size)} replayed assignments would look as extreme as "
        f"this one or more ({stated(found.p)}).",
        replayed(found.statistics, found.statistic, "studentized difference"),
    )


def _left_out(f: Fragility, cluster: str) -> Block | None:
    m, scale, e = f.result.measure, f.result.finding.scale, f.result.finding.estimate
    seen = f.left_out
    if seen is None or e.low is None or e.high is None:
        return None
    turns = "one alone can turn its direction."
    if not f.flips:
        turns = "no single one turns its direction."
    return picture(
        f"left-out-{m.name}",
        f"{m.title}: each of the {f.clusters} left out once",
        f"Leaving out any one of the {f.clusters} moves the result between "
        f"{signed(float(seen.min()), scale)} and {signed(float(seen.max()), scale)}; {turns} "
        f"Shaded: the {confidence()} interval.",
        left_out(seen, e.value, e.low, e.high, scale, cluster),
    )


SPEC = SectionSpec(id="robustness", title="How fragile is it?", make=from_core(section))
