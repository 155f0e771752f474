"""Sections: the main table of randomized effects, and the effects by day."""

from __future__ import annotations

from stepin.errors import Refused
from stepin.evidence.analysis.context import Context
from stepin.evidence.analysis.fitter import Result, key
from stepin.evidence.analysis.results import Core
from stepin.evidence.base.estimate import Estimate
from stepin.evidence.base.finding import Finding
from stepin.evidence.base.labels import SAMPLES
from stepin.evidence.base.level import confidence
from stepin.evidence.base.scale import (
    AXIS,
    interval,
    level,
    probability,
    signed,
    stated,
)
from stepin.evidence.report.document import Block, Callout, Cell, Section, Tone, grid
from stepin.evidence.report.figures.series import event_study
from stepin.evidence.report.picture import picture
from stepin.evidence.report.spec import SectionSpec, from_core

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


def _typical(core: Core) -> str:
    logs = any(r.measure.log for r in core.results)
    return " Control means of outcomes in logarithms are geometric: typical values." if logs else ""


def main_table(context: Context, core: Core) -> Section:
    """Return the section with every randomized effect on every sample."""
    estimator = context.plan.analysis.estimator
    names = {"ancova": "analysis of covariance", "did": "difference in differences"}
    kinds = sorted({f.analysis for r in core.results for f in r.twins})
    refused = {r.finding.estimate.refused for r in core.results} - {None}
    bootstrap = any(r.finding.bootstrap_p is not None for r in core.results)
    heads: tuple[str, ...] = (
        "Outcome",
        "Chats",
        "Control mean",
        "Effect",
        f"{confidence()} interval",
        "p",
    )
    heads += ("p, bootstrap",) if bootstrap else ()
    blocks: list[Block] = [
        grid(
            "Effects of the arm",
            (*heads, "p, replayed", "p, family"),
            [_row(r, bootstrap=bootstrap) for r in core.results],
            text_columns=2,
            note=f"\u2605 primary outcomes of the plan. By {names[estimator]}, errors clustered "
            f"by {context.cluster}; \u201creplayed\u201d draws the assignment again by the "
            "trial's own rule; "
            f"\u201cfamily\u201d counts the number of outcomes in ({core.family}); a colour marks "
            f"what stays clear then. {core.basis}{_typical(core)}",
        ),
        grid(
            "The same by other estimators",
            (
                "Outcome",
                "Chats",
                "As above",
                *(h for kind in kinds for h in (ESTIMATORS[kind], f"{confidence()} interval")),
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
        id=MAIN.id,
        title=MAIN.title,
        lead=f"{context.plan.unit.capitalize()}s were drawn at random, so differences between arms "
        "are effects of the arm: on the chats that the AI may handle, on the other chats of the "
        "arm, and on all together.",
        blocks=tuple(blocks),
        findings=tuple(
            f
            for r in core.results
            for f in (r.finding, *r.twins, *((r.mean,) if r.mean is not None else ()))
        ),
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
                f"(joint test {stated(trend_p)}): read the effect with care."
            )
        else:
            trend = (
                f"The days before the start show no sign that the arms moved apart (joint test "
                f"{stated(trend_p)})."
            )
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
        id=DAYS.id,
        title=DAYS.title,
        lead="The difference between arms on every day, against the last day before the start. "
        "Before the start it should be nothing.",
        blocks=tuple(blocks),
        findings=tuple(findings),
    )


MAIN = SectionSpec(id="effects", title="What the AI changed", make=from_core(main_table))
DAYS = SectionSpec(id="days", title="Day by day", make=from_core(days))
