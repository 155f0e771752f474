"""The effect on ratings when not everybody gives one: who answers, weights, and bounds."""

from __future__ import annotations

import msgspec
import numpy as np

from stepin.core.facts import Chats
from stepin.errors import Refused, StepinError
from stepin.evidence.analysis.context import Context
from stepin.evidence.base.arrays import Floats
from stepin.evidence.base.estimate import Design, Estimate
from stepin.evidence.base.finding import Finding
from stepin.evidence.estimators.row_level.bounds import Bounds, lee_bounds, manski_bounds
from stepin.evidence.estimators.row_level.response import (
    Response,
    Weighted,
    inverse_probability,
    response_difference,
)


class RatingChecks(msgspec.Struct, frozen=True, kw_only=True):
    """What eligible chats say of the rating, from the mildest assumption to none.

    Attributes
    ----------
    response : who answers, by arm. answered : its difference as a finding.
    given : (2, 5) ratings given in the control and the treated arm, by value.
    weighted : means among raters and weighted to all chats; None where no weights can be fitted.
    lee, manski : bounds on the effect.
    """

    response: Response
    answered: Finding
    given: tuple[Floats, Floats]
    weighted: Weighted | None
    lee: Bounds
    manski: Bounds

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every number, in the order of the assumptions."""
        return (
            self.answered,
            *(() if self.weighted is None else _weighted_findings(self.weighted)),
            *_bound_findings("lee_bounds", self.lee),
            *_bound_findings("manski_bounds", self.manski),
        )


def rating_checks(context: Context) -> RatingChecks:
    """Return the checks on selective ratings, on eligible chats.

    Raises
    ------
    Refused
        ``no_ratings`` when the data hold none.
    """
    if not context.has(Chats.rating):
        raise Refused("The data hold no ratings.", code="no_ratings")
    response = _response(context)
    counts, treated = context.sample.rating_counts("eligible"), context.sample.units.treated
    seen = counts.sum(axis=1) > 0
    control, other = (counts[treated == arm].sum(axis=0)[1:] for arm in (False, True))
    return RatingChecks(
        response=response,
        answered=Finding(
            analysis="response",
            outcome="rating_given",
            label="the share of chats that get a rating",
            sample="eligible chats",
            design="randomized",
            scale="share",
            estimate=response.difference,
        ),
        given=(control, other),
        weighted=_weighted(context),
        lee=lee_bounds(counts[seen], treated[seen], context.rng("lee")),
        manski=manski_bounds(counts[seen], treated[seen], context.rng("manski")),
    )


def _response(context: Context) -> Response:
    late = context.late
    ever = np.isfinite(context.eligible.number(Chats.rating))
    return response_difference(
        np.isfinite(late.number(Chats.rating)),
        late.treated,
        unit=late.unit,
        day=late.day,
        before_mean=context.before_mean(ever.astype(np.float64)),
    )


def _weighted(context: Context) -> Weighted | None:
    late = context.late
    before = context.before_mean(context.eligible.number(Chats.rating))
    x, _ = context.x
    try:
        return inverse_probability(
            late.number(Chats.rating),
            late.treated,
            x,
            unit=late.unit,
            day=late.day,
            before_mean=before,
        )
    except StepinError:
        return None


def _weighted_findings(found: Weighted) -> list[Finding]:
    kinds: tuple[tuple[str, Estimate, Design], ...] = (
        ("raters", found.plain, "randomized"),
        ("response_weighted", found.weighted, "adjusted"),
    )
    return [
        Finding(
            analysis=analysis,
            outcome="rating",
            label="the rating",
            sample="eligible chats",
            design=design,
            scale="points",
            estimate=estimate,
            better="higher",
            note=f"effective share of raters {found.effective_share:.2f}",
        )
        for analysis, estimate, design in kinds
    ]


def _bound_findings(analysis: str, b: Bounds) -> list[Finding]:
    """Return the two ends of the bounds, both with the interval of the effect between them."""
    return [
        Finding(
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
        for term, value in (("lower bound", b.low), ("upper bound", b.high))
    ]
