"""Sections: the main table and the direct, spillover and net effects; the days; robustness."""

from __future__ import annotations

import numpy as np

from stepin.errors import Refused
from stepin.evidence.report.context import Context, picture
from stepin.evidence.report.core import Core, Result, key
from stepin.evidence.report.document import Block, Callout, Cell, Section, Tone, grid
from stepin.evidence.report.figures.forest import forest, mark
from stepin.evidence.report.figures.series import event_study
from stepin.evidence.report.figures.spread import left_out, replayed
from stepin.evidence.report.finding import Finding
from stepin.evidence.report.labels import SAMPLES
from stepin.evidence.report.scale import AXIS, interval, level, probability, signed, whole
from stepin.evidence.resample import Permuted
from stepin.evidence.rows.estimate import Estimate

_TONES: dict[str, Tone] = {"good": "good", "bad": "bad", "refused": "warn"}


def _name(r: Result) -> str:
    star = "\u2009\u2605" if r.measure.primary and r.chats == r.measure.chats else ""
    return f"{r.measure.title}{star}"


def _row(r: Result, *, bootstrap: bool) -> tuple[str | Cell, ...]:
    f = r.finding
    e = f.estimate
    return (
        _name(r),
        SAMPLES[r.chats],
        level(r.control_mean, r.measure.level_scale),
        Cell(signed(e.value, f.scale), _TONES.get(f.verdict, "plain")),
        interval(e.low, e.high, f.scale),
        probability(e.p),
        *((probability(f.bootstrap_p),) if bootstrap else ()),
        probability(f.randomization_p),
        probability(f.family_p),
    )


ESTIMATORS = {
    "itt_ancova": "Covariance",
    "itt_did": "Differences",
    "itt_lin": "Interacted",
}


def _twins(r: Result, kinds: list[str]) -> tuple[str, ...]:
    known = {f.analysis: f.estimate for f in r.twins}
    cells: list[str] = []
    for kind in kinds:
        e = known.get(kind)
        cells += (
            ("too few chats", "")
            if e is None
            else (signed(e.value, r.finding.scale), interval(e.low, e.high, r.finding.scale))
        )
    return (_name(r), SAMPLES[r.chats], signed(r.finding.estimate.value, r.finding.scale), *cells)


def main_table(context: Context, core: Core) -> Section:
    """Return the section with every randomized effect on every sample."""
    estimator = context.plan.analysis.estimator
    names = {"ancova": "analysis of covariance", "did": "difference in differences"}
    kinds = sorted({f.analysis for r in core.results for f in r.twins})
    refused = {r.finding.estimate.refused for r in core.results} - {None}
    bootstrap = any(r.finding.bootstrap_p is not None for r in core.results)
    heads: tuple[str, ...] = ("Outcome", "Chats", "Control mean", "Effect", "95% interval", "p")
    heads += ("p, bootstrap",) if bootstrap else ()
    blocks: list[Block] = [
        grid(
            "Effects of the arm",
            (*heads, "p, replayed", "p, family"),
            [_row(r, bootstrap=bootstrap) for r in core.results],
            text_columns=2,
            note=f"\u2605 primary outcomes of the plan. By {names[estimator]}, errors clustered "
            f"by {context.clusters}; \u201creplayed\u201d draws the assignment again by the "
            "trial's own rule; "
            f"\u201cfamily\u201d counts the number of outcomes in ({core.family}). {core.basis}",
        ),
        grid(
            "The same by other estimators",
            (
                "Outcome",
                "Chats",
                "As above",
                *(h for kind in kinds for h in (ESTIMATORS[kind], "95% interval")),
            ),
            [_twins(r, kinds) for r in core.results],
            text_columns=2,
            note="Differences: in differences, more noisy than analysis of covariance where the "
            f"means of {context.clusters} change much from period to period. Interacted: "
            "covariance that lets the past count differently in each arm (Lin 2013).",
        ),
    ]
    blocks += [
        Callout(tone="warn", title="Too few to test.", text=t) for t in sorted(map(str, refused))
    ]
    return Section(
        id="effects",
        title="What the AI changed",
        lead=f"{context.plan.unit.capitalize()}s were drawn at random, so differences between arms "
        "are effects of the arm: on the chats that the AI may handle, on the other chats of the "
        "arm, and on all together.",
        blocks=tuple(blocks),
        findings=tuple(f for r in core.results for f in (r.finding, *r.twins)),
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


def decomposition(context: Context, core: Core) -> Section:
    """Return the section that sets direct, spillover and net effects side by side."""
    blocks: list[Block] = []
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
    return Section(
        id="net",
        title="Direct, spillover and net",
        lead="A worker who supervises AI chats has more or less time for the others. The net "
        "effect on all chats is what a roll-out delivers."
        if context.plan.unit == "worker"
        else f"Both arms' chats go to the same workers. What the AI changes for these workers "
        f"reaches both arms alike, so a trial of {context.plan.unit}s can't see spillover: an "
        "effect on other chats here comes from their own arm alone.",
        blocks=tuple(blocks),
    )


def days(context: Context, core: Core) -> Section:
    """Return the section on effects by day.

    Raises
    ------
    Refused
        ``no_events`` when there are no days before the start.
    """
    blocks: list[Block] = []
    findings: list[Finding] = []
    for r in core.primary():
        e = core.events.get(key(r.measure, r.chats))
        if e is None:
            continue
        trend_p = e.before.p if e.before is not None else None
        if trend_p is None:
            trend = "The days before the start can't be tested: too few units."
        elif trend_p < 0.05:
            trend = (
                f"The arms already differed on some days before the start "
                f"(joint {_p(trend_p)}): read the effect with care."
            )
        else:
            trend = f"Before the start the arms moved together (joint {_p(trend_p)})."
        findings += [
            Finding(
                analysis="day",
                outcome=r.measure.name,
                label=r.measure.label,
                sample=SAMPLES[r.chats],
                term=f"day {e.days[k]}",
                design="randomized",
                scale=r.measure.scale,
                basis="cube",
                better=r.measure.better,
                note=f"Band of the whole path: {e.band_low[k]:.6g} to {e.band_high[k]:.6g}.",
                estimate=Estimate(
                    value=float(e.value[k]),
                    se=None,
                    low=float(e.low[k]),
                    high=float(e.high[k]),
                    p=None,
                    refused=None,
                    clusters=e.clusters,
                    rows=r.finding.estimate.rows,
                ),
            )
            for k in range(e.days.size)
        ]
        outside = int(((e.band_low > 0) | (e.band_high < 0))[e.days >= 0].sum())
        blocks.append(
            picture(
                f"days-{r.measure.name}",
                f"{r.measure.title} by day, {SAMPLES[r.chats]}",
                f"{trend} After it, {outside} of {int((e.days >= 0).sum())} days lie clearly on "
                "one side of no difference, counting that many days are looked at (shaded band).",
                event_study(
                    e.days.tolist(),
                    e.value.tolist(),
                    e.low.tolist(),
                    e.high.tolist(),
                    e.band_low.tolist(),
                    e.band_high.tolist(),
                    r.measure.scale,
                    AXIS[r.measure.scale],
                ),
            )
        )
    if not blocks:
        raise Refused("There are no days before the start to compare with.", code="no_events")
    return Section(
        id="days",
        title="Day by day",
        lead="The difference between arms on every day, against the last day before the start. "
        "Before the start it should be nothing.",
        blocks=tuple(blocks),
        findings=tuple(findings),
    )


def _as_extreme(found: Permuted) -> str:
    """Return how many draws are as extreme as the trial itself, in words."""
    count = round(found.p * (1 + found.statistics.size)) - 1
    return whole(count) if count else "none"


def _p(p: float) -> str:
    text = probability(p)
    return f"p {text[0]} {text[1:]}" if text.startswith("<") else f"p = {text}"


def robustness(context: Context, core: Core) -> Section:
    """Return the section on replayed assignments and workers left out.

    Raises
    ------
    Refused
        ``no_primary`` when the plan names no primary outcome.
    """
    blocks: list[Block] = []
    for r in core.primary():
        name, f = key(r.measure, r.chats), r.finding
        if name in core.replays:
            found = core.replays[name]
            blocks.append(
                picture(
                    f"replayed-{r.measure.name}",
                    f"{r.measure.title}: this trial among the assignments it could have drawn",
                    f"If the arm did nothing to anybody, {_as_extreme(found)} of "
                    f"{whole(found.statistics.size)} replayed assignments would look as extreme as "
                    f"this one or more ({_p(found.p)}).",
                    replayed(found.statistics, found.statistic, "studentized difference"),
                )
            )
        values = core.left_out.get(name)
        e = f.estimate
        if values is not None and e.low is not None and e.high is not None:
            seen = values[np.isfinite(values)]
            flips = bool(((seen > 0) != (e.value > 0)).any())
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
                    ),
                    left_out(seen, e.value, e.low, e.high, f.scale),
                )
            )
    if not blocks:
        raise Refused("The plan names no primary outcome.", code="no_primary")
    how = (
        "The plan's own design, replayed, gives exactly the recorded arms; the draws are its "
        "further accepted candidates."
        if context.draws.registered
        else f"Every {context.plan.unit} was drawn alone. The arms of whole {context.clusters} are "
        "permuted here, which is close to, but not, the draw that was used."
        if context.alone is not None
        else "The recorded arms are not those that the plan draws on these workers (made "
        "elsewhere, or late joiners), so arms are permuted inside the recorded blocks."
    )
    blocks.append(Callout(tone="plain", title="Which assignments are replayed.", text=how))
    return Section(
        id="robustness",
        title="How fragile is it?",
        lead="The same question without formulas: what other draws of the arms would have shown, "
        f"and what hangs on single {context.clusters}.",
        blocks=tuple(blocks),
    )
