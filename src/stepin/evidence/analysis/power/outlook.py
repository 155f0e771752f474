"""What trials like this one could see, simulated on the days before treatment."""

from __future__ import annotations

import msgspec
import numpy as np

from stepin.errors import Refused
from stepin.evidence.analysis.context import Context
from stepin.evidence.analysis.fitter import Result
from stepin.evidence.analysis.power.curve import CurvePoint, by_length, quarters
from stepin.evidence.analysis.results import Core, cells_of
from stepin.evidence.base.arrays import codes
from stepin.evidence.base.labels import Measure

FEWEST_DAYS = 6
REPLAYED = 400
SEEN = 2.8
"""Errors that an effect must measure to be seen in four of five trials: 1.96 + 0.84, the quantiles
of a two-sided 5% test and of 80% power (Bloom 1995, "Minimum detectable effects")."""


class Outlook(msgspec.Struct, frozen=True, kw_only=True):
    """What trials of several lengths and designs could see of one outcome.

    Attributes
    ----------
    points : the smallest effect seen in four of five trials, by design and length.
    reached : the smallest that this trial sees, by the error it reached; None without an error.
    units, chats : how many the simulations drew from.
    """

    measure: Measure
    points: tuple[CurvePoint, ...]
    reached: float | None
    units: int
    chats: int

    @property
    def enough(self) -> int | None:
        """Days after which a trial of units sees what the plan calls worth knowing."""
        worth = self.measure.minimal
        days = [
            p.days
            for p in self.points
            if p.kind == "unit"
            and p.minimum is not None
            and worth is not None
            and p.minimum <= abs(worth)
        ]
        return min(days, default=None)


def outlooks(context: Context, core: Core) -> tuple[Outlook, ...]:
    """Return the outlook of every primary outcome.

    Raises
    ------
    Refused
        ``no_primary`` without a primary outcome, ``short_past`` when the pre-period is too short
        to simulate on.
    """
    primary = core.primary()
    if not primary:
        raise Refused("The plan names no primary outcome.", code="no_primary")
    return tuple(_outlook(context, r) for r in primary)


def _outlook(context: Context, r: Result) -> Outlook:
    sample, m = context.sample, r.measure
    frame = sample.daily({m.name: m.sql}, chats=m.chats)
    cells = cells_of(frame.where(~frame.after), m.name, len(sample.units.ids))
    seen = np.unique(cells.day).size
    history, lengths = quarters(seen)
    if seen < FEWEST_DAYS:
        raise Refused(
            f"The pre-period has {seen} days; {FEWEST_DAYS} are needed to simulate on.",
            code="short_past",
        )
    points = by_length(
        cells,
        codes(list(sample.teams())),
        context.draws.assignments(REPLAYED),
        context.rng(f"power {m.name}"),
        lengths=lengths,
        history=history,
        effect=m.minimal,
    )
    error = r.finding.estimate.se
    return Outlook(
        measure=m,
        points=points,
        reached=None if error is None else SEEN * error,
        units=len(sample.units.ids),
        chats=int(cells.chats.sum()),
    )
