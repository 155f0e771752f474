"""Section: ratings, when not everybody gives one."""

from __future__ import annotations

import numpy as np

from stepin.core.facts import Chats
from stepin.errors import Refused, StepinError
from stepin.evidence.analysis.context import Context
from stepin.evidence.base.estimate import Estimate
from stepin.evidence.base.finding import Finding
from stepin.evidence.base.level import confidence
from stepin.evidence.base.scale import interval, level, probability, signed
from stepin.evidence.estimators.row_level.bounds import Bounds, lee_bounds, manski_bounds
from stepin.evidence.estimators.row_level.response import inverse_probability, response_difference
from stepin.evidence.report.document import Block, Callout, Section, grid
from stepin.evidence.report.figures.forest import Mark, forest
from stepin.evidence.report.figures.spread import ratings
from stepin.evidence.report.picture import picture
from stepin.evidence.report.reading import reading
from stepin.evidence.report.spec import SectionSpec, from_context

ID, TITLE = "ratings", "Ratings when few customers answer"
LEAD = (
    "Only some customers rate a chat. If the AI moves who answers, the ratings given in the two "
    "arms come from different customers. Four checks, from the mildest assumption to none."
)


def bounds_sentence(bounds: Bounds, label: str = "rating") -> str:
    """Return what the bounds say, without more certainty than they have."""
    span = f"between {signed(bounds.low, 'points')} and {signed(bounds.high, 'points')}"
    if bounds.ci_low is None or bounds.ci_high is None:
        return f"The effect on the {label} lies {span} in these data. {bounds.refused}"
    ci = interval(bounds.ci_low, bounds.ci_high, "points")
    if bounds.ci_low > 0 or bounds.ci_high < 0:
        way = "higher" if bounds.ci_low > 0 else "lower"
        return (
            f"If the arm moves everybody's answering the same way, if at all, the {label} is {way} "
            f"whoever failed to answer because of it: the effect lies {span} "
            f"({confidence()} interval {ci})."
        )
    return (
        f"Depending on who failed to answer because of the arm, the effect on the {label} can lie "
        f"{span} ({confidence()} interval {ci}); its direction is not certain."
    )


def _mark(label: str, b: Bounds) -> Mark:
    return Mark(
        label=label,
        value=None,
        low=b.low,
        high=b.high,
        outer_low=b.ci_low,
        outer_high=b.ci_high,
        text=f"{signed(b.low, 'points')} to {signed(b.high, 'points')}",
    )


def _point(label: str, e: Estimate) -> Mark:
    return Mark(label=label, value=e.value, low=e.low, high=e.high, text=signed(e.value, "points"))


def section(context: Context) -> Section:
    """Return the section on selective ratings, on eligible chats.

    Raises
    ------
    Refused
        ``no_ratings`` when the data hold none.
    """
    if not context.has(Chats.rating):
        raise Refused("The data hold no ratings.", code="no_ratings")
    every, late = context.eligible, context.late
    rating = late.number(Chats.rating)
    given = np.isfinite(rating)
    blocks: list[Block] = []
    response = response_difference(
        given,
        late.treated,
        unit=late.unit,
        day=late.day,
        before_mean=context.before_mean(np.isfinite(every.number(Chats.rating)).astype(np.float64)),
    )
    answered = Finding(
        analysis="response",
        outcome="rating_given",
        label="the share of chats that get a rating",
        sample="eligible chats",
        design="randomized",
        scale="share",
        estimate=response.difference,
    )
    findings = [answered]
    tone = "good" if answered.clear == 0 and response.difference.p is not None else "warn"
    blocks.append(
        Callout(
            tone="good" if tone == "good" else "warn",
            title="Do both arms answer alike?",
            text=f"{level(response.control_share, 'share')} of control and "
            f"{level(response.treated_share, 'share')} of treated chats got a rating "
            f"(p = {probability(response.difference.p)}). "
            + reading(answered, treatment=context.treatment),
        )
    )
    counts = context.sample.rating_counts("eligible")
    treated = context.sample.units.treated
    seen = counts.sum(axis=1) > 0
    shares = [counts[treated == arm].sum(axis=0)[1:] for arm in (False, True)]
    blocks.append(
        picture(
            "ratings",
            "Ratings given, by arm",
            f"The mean rating given was {level(_mean(shares[0]), 'points')} in the control arm "
            f"and {level(_mean(shares[1]), 'points')} in the treated arm, among those who "
            "answered.",
            ratings(*[(s / max(1.0, s.sum())).tolist() for s in shares]),
        )
    )
    marks: list[Mark] = []
    before = context.before_mean(every.number(Chats.rating))
    x, _ = context.x
    try:
        weighted = inverse_probability(
            rating, late.treated, x, unit=late.unit, day=late.day, before_mean=before
        )
    except StepinError:
        weighted = None
    if weighted is not None:
        marks += [
            _point("among those who answered", weighted.plain),
            _point("weighted to all chats", weighted.weighted),
        ]
        for analysis, e, design in (
            ("raters", weighted.plain, "randomized"),
            ("response_weighted", weighted.weighted, "adjusted"),
        ):
            findings.append(
                Finding(
                    analysis=analysis,
                    outcome="rating",
                    label="the rating",
                    sample="eligible chats",
                    design="adjusted" if design == "adjusted" else "randomized",
                    scale="points",
                    estimate=e,
                    better="higher",
                    note=f"effective share of raters {weighted.effective_share:.2f}",
                )
            )
    lee = lee_bounds(counts[seen], treated[seen], context.rng("lee"))
    manski = manski_bounds(counts[seen], treated[seen], context.rng("manski"))
    sure = confidence()
    marks += [_mark("bounds, arm moves answering one way", lee)]
    for analysis, b in (("lee_bounds", lee), ("manski_bounds", manski)):
        findings += [
            _bound(analysis, "lower bound", b.low, b),
            _bound(analysis, "upper bound", b.high, b),
        ]
    blocks.append(
        picture(
            "rating-checks",
            "The effect on the rating under weaker and weaker assumptions",
            bounds_sentence(lee),
            forest(
                marks,
                "points",
                f"difference in rating, points (thick: bounds, thin: {sure})",
            ),
        )
    )
    blocks.append(
        grid(
            "Bounds",
            ("Bounds", "Lower", "Upper", f"{confidence()} interval", "Left out"),
            [
                (
                    name,
                    signed(b.low, "points"),
                    signed(b.high, "points"),
                    interval(b.ci_low, b.ci_high, "points"),
                    f"{level(b.trimmed_share, 'share')} of {b.trimmed_arm}"
                    if b.trimmed_arm != "none"
                    else "nobody",
                )
                for name, b in (("Lee", lee), ("Manski", manski))
            ],
            note="Lee: for customers who would answer in either arm. Manski: every missing rating "
            "may be a 1 or a 5, so these bounds are wide whenever few answer. Exact on the counts "
            "of ratings by worker.",
        )
    )
    return Section(id=ID, title=TITLE, lead=LEAD, blocks=tuple(blocks), findings=tuple(findings))


def _mean(counts: np.ndarray) -> float:
    return float((counts * np.arange(1, 6)).sum() / max(1.0, counts.sum()))


def _bound(analysis: str, term: str, value: float, b: Bounds) -> Finding:
    return Finding(
        analysis=analysis,
        outcome="rating",
        label="the rating",
        sample="eligible chats",
        term=term,
        design="randomized",
        scale="points",
        estimate=Estimate(
            value=value,
            se=None,
            low=b.ci_low,
            high=b.ci_high,
            p=None,
            refused=b.refused,
            clusters=0,
            rows=0,
        ),
        better="higher",
    )


SPEC = SectionSpec(id=ID, title=TITLE, lead=LEAD, make=from_context(section))
