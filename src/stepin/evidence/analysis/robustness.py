"""What a primary result hangs on: the draw, and single units."""

from __future__ import annotations

import msgspec
import numpy as np

from stepin.errors import Refused
from stepin.evidence.analysis.context import Context
from stepin.evidence.analysis.fitter import Result, key
from stepin.evidence.analysis.results import Core
from stepin.evidence.base.arrays import Floats
from stepin.evidence.base.estimate import bare
from stepin.evidence.base.finding import Finding
from stepin.evidence.base.labels import SAMPLES
from stepin.evidence.base.scale import Scale
from stepin.evidence.estimators.resampling import Permuted

MARKS = {"lowest": 0.0, "a quarter": 0.25, "half": 0.5, "three quarters": 0.75, "highest": 1.0}


class Fragility(msgspec.Struct, frozen=True, kw_only=True):
    """What one primary result hangs on.

    Attributes
    ----------
    replayed : the statistic among those of other draws; None where it can't be tested.
    left_out : the results without one unit each; None where there is no interval to hold them to.
    clusters : what the units are, in the plural.
    """

    result: Result
    replayed: Permuted | None
    left_out: Floats | None
    clusters: str

    @property
    def extreme(self) -> int:
        """How many replayed assignments look as extreme as the trial's own.

        The p-value counts the trial's own assignment among them (Phipson and Smyth 2010).
        """
        found = self.replayed
        return 0 if found is None else round(found.p * (1 + found.statistics.size)) - 1

    @property
    def flips(self) -> bool:
        """Whether leaving out one unit turns the direction of the result."""
        if self.left_out is None:
            return False
        return bool(((self.left_out > 0) != (self.result.finding.estimate.value > 0)).any())

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The result in other ways, its place among other draws, and the spread without a unit."""
        return (*self.result.ways, *self._replayed(), *self._left_out())

    def _replayed(self) -> list[Finding]:
        found = self.replayed
        if found is None:
            return []
        ends = np.quantile(found.statistics, [0.025, 0.5, 0.975])
        names = ("this trial", *(f"{q} of replayed assignments" for q in ("2.5%", "half", "97.5%")))
        return [
            self._number("replayed", name, float(v), "count", "The effect over its error.")
            for name, v in zip(names, (found.statistic, *ends), strict=True)
        ]

    def _left_out(self) -> list[Finding]:
        values = self.left_out
        if values is None:
            return []
        why = f"The same without one of the {self.clusters}; none is named."
        scale = self.result.finding.scale
        return [
            self._number("left_out", term, float(np.quantile(values, q)), scale, why)
            for term, q in MARKS.items()
        ]

    def _number(self, analysis: str, term: str, value: float, scale: Scale, why: str) -> Finding:
        r, e = self.result, self.result.finding.estimate
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


def fragilities(context: Context, core: Core) -> tuple[Fragility, ...]:
    """Return what every primary result hangs on.

    Raises
    ------
    Refused
        ``no_primary`` when no primary result can be looked at so.
    """
    found = tuple(_fragility(context, core, r) for r in core.primary())
    if not any(f.result.ways or f.replayed is not None or f.left_out is not None for f in found):
        raise Refused("The plan names no primary outcome.", code="no_primary")
    return found


def _fragility(context: Context, core: Core, r: Result) -> Fragility:
    name, e = key(r.measure, r.chats), r.finding.estimate
    values = core.left_out.get(name)
    if e.low is None or e.high is None:
        values = None
    return Fragility(
        result=r,
        replayed=core.replays.get(name),
        left_out=None if values is None else values[np.isfinite(values)],
        clusters=context.clusters,
    )
