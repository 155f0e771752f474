"""Section: ratings, when not everybody gives one."""

from __future__ import annotations

import numpy as np

from stepin.evidence.analysis.context import Context
from stepin.evidence.analysis.ratings import RatingChecks, rating_checks
from stepin.evidence.base.arrays import Floats
from stepin.evidence.base.estimate import Estimate
from stepin.evidence.base.level import confidence
from stepin.evidence.base.scale import interval, level, probability, signed
from stepin.evidence.estimators.row_level.bounds import Bounds
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


def section(context: Context) -> Section:
    """Return the section on selective ratings, on eligible chats.

    Raises
    ------
    Refused
        ``no_ratings`` when the data hold none.
    """
    found = rating_checks(context)
    return Section(
        id=ID,
        title=TITLE,
        lead=LEAD,
        blocks=(
            _answers(found, context.treatment),
            _given(found.given),
            _checks(found),
            _bounds(found, context.cluster),
        ),
        findings=found.findings,
    )


def _answers(found: RatingChecks, treatment: str) -> Block:
    response, answered = found.response, found.answered
    alike = answered.clear == 0 and response.difference.p is not None
    return Callout(
        tone="good" if alike else "warn",
        title="Do both arms answer alike?",
        text=f"{level(response.control_share, 'share')} of control and "
        f"{level(response.treated_share, 'share')} of treated chats got a rating "
        f"(p = {probability(response.difference.p)}). " + reading(answered, treatment=treatment),
    )


def _given(counts: tuple[Floats, Floats]) -> Block:
    return picture(
        "ratings",
        "Ratings given, by arm",
        f"The mean rating given was {level(_mean(counts[0]), 'points')} in the control arm "
        f"and {level(_mean(counts[1]), 'points')} in the treated arm, among those who "
        "answered.",
        ratings(*[(c / max(1.0, c.sum())).tolist() for c in counts]),
    )


def _mean(counts: Floats) -> float:
    return float((counts * np.arange(1, 6)).sum() / max(1.0, counts.sum()))


def _checks(found: RatingChecks) -> Block:
    marks: list[Mark] = []
    if found.weighted is not None:
        marks += [
            _point("among those who answered", found.weighted.plain),
            _point("weighted to all chats", found.weighted.weighted),
        ]
    marks.append(_span("bounds, arm moves answering one way", found.lee))
    return picture(
        "rating-checks",
        "The effect on the rating under weaker and weaker assumptions",
        bounds_sentence(found.lee),
        forest(
            marks,
            "points",
            f"difference in rating, points (thick: bounds, thin: {confidence()})",
        ),
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


def _point(label: str, e: Estimate) -> Mark:
    return Mark(label=label, value=e.value, low=e.low, high=e.high, text=signed(e.value, "points"))


def _span(label: str, b: Bounds) -> Mark:
    return Mark(
        label=label,
        value=None,
        low=b.low,
        high=b.high,
        outer_low=b.ci_low,
        outer_high=b.ci_high,
        text=f"{signed(b.low, 'points')} to {signed(b.high, 'points')}",
    )


def _bounds(found: RatingChecks, cluster: str) -> Block:
    return grid(
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
            for name, b in (("Lee", found.lee), ("Manski", found.manski))
        ],
        note="Lee: for customers who would answer in either arm. Manski: every missing rating "
        "may be a 1 or a 5, so these bounds are wide whenever few answer. Exact on the counts "
        f"of ratings by {cluster}.",
    )


SPEC = SectionSpec(id=ID, title=TITLE, lead=LEAD, make=from_context(section))
