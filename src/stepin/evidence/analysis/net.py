"""What the net effect is made of: each kind of chat's effect times its share."""

from __future__ import annotations

import msgspec
import numpy as np

from stepin.errors import StepinError
from stepin.evidence.analysis.context import Context
from stepin.evidence.analysis.results import Core
from stepin.evidence.base.estimate import Estimate
from stepin.evidence.base.finding import Finding
from stepin.evidence.base.labels import SAMPLES, Measure
from stepin.evidence.base.scale import Scale
from stepin.evidence.estimators.effects.split import split


class NetParts(msgspec.Struct, frozen=True, kw_only=True):
    """What either kind of chat adds to the net effect on one outcome.

    Attributes
    ----------
    share : of eligible chats.
    scale : of the parts: differences of logarithms add up, percentages don't.
    eligible, other : the parts. gap : direct minus other, on the outcome's own scale.
    """

    measure: Measure
    share: float
    scale: Scale
    eligible: Estimate
    other: Estimate
    gap: Estimate

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Both parts, and whether both kinds are moved alike."""
        return (
            self._finding("from eligible chats", self.eligible, self.scale),
            self._finding("from other chats", self.other, self.scale),
            self._finding("direct minus other", self.gap, self.measure.scale),
        )

    def _finding(self, term: str, e: Estimate, scale: Scale) -> Finding:
        return Finding(
            analysis="net_part",
            outcome=self.measure.name,
            label=self.measure.label,
            sample=SAMPLES["all"],
            term=term,
            design="randomized",
            scale=scale,
            estimate=e,
            basis="cube",
        )


def net_parts(context: Context, core: Core, m: Measure) -> NetParts | None:
    """Return the parts of one outcome's net effect.

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
    return NetParts(
        measure=m,
        share=found.share,
        scale="log" if m.log else m.scale,
        eligible=_share_of(found.direct, found.share),
        other=_share_of(found.spillover, 1 - found.share),
        gap=found.difference,
    )


def _share_of(e: Estimate, share: float) -> Estimate:
    """Return an estimate times a share that is taken as given."""

    def times(value: float | None) -> float | None:
        return None if value is None else share * value

    return msgspec.structs.replace(
        e, value=share * e.value, se=times(e.se), low=times(e.low), high=times(e.high)
    )
