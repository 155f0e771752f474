"""Which units are treated from which day: what turns moments into a comparison."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stepin.errors import Invalid
from stepin.evidence.estimators.least_squares import UnitDayPanel
from stepin.evidence.estimators.moments.cells import Reals, Texts, Wholes
from stepin.evidence.estimators.resampling.focus import Truths


@dataclass(frozen=True, slots=True)
class Arms:
    """The arms of a two-armed comparison; the cube knows none of it.

    Attributes
    ----------
    units : str[N], each unit of the comparison once.
    treated : bool[N]
    start : int64[N], the day (since 1970) from which the unit's arm is in force; a ramp starts
        units on different days, in both arms alike.
    """

    units: Texts
    treated: Truths
    start: Wholes

    def __post_init__(self) -> None:
        if len(set(self.units.tolist())) != self.units.size or not (
            self.units.size == self.treated.size == self.start.size
        ):
            raise Invalid("Every unit has one arm and one first day.", code="arms")
        if self.treated.all() or not self.treated.any():
            raise Invalid("A comparison needs both arms.", code="arms")

    @classmethod
    def at(cls, units: Texts, treated: Truths, start: int) -> Arms:
        """Return arms that all start on one day."""
        return cls(units, treated, np.full(units.size, start, dtype=np.int64))

    def place(self, panel: UnitDayPanel) -> Wholes:
        """Return int64[W], where the units of a panel stand here.

        Raises
        ------
        Invalid
            ``units_differ``: a unit of the panel has no arm.
        """
        order = np.argsort(self.units)
        found = np.searchsorted(self.units, panel.units, sorter=order)
        index = order[np.minimum(found, self.units.size - 1)]
        wrong = self.units[index] != panel.units
        if wrong.any():
            raise Invalid(
                f"{int(wrong.sum())} units have chats but no arm, such as {panel.units[wrong][0]}.",
                code="units_differ",
                hint="Build the panel from the units of the trial.",
            )
        return index.astype(np.int64)

    def own(self, panel: UnitDayPanel) -> Truths:
        """Return bool[W], which units of a panel are treated."""
        out: Truths = self.treated[self.place(panel)]
        return out

    def per_arm(self, panel: UnitDayPanel) -> tuple[int, int]:
        """Return how many units of a panel are in the control and in the treated arm."""
        treated = int(self.own(panel).sum())
        return panel.units.size - treated, treated

    def late(self, panel: UnitDayPanel) -> Reals:
        """Return float64[W, D, E], 1 from each unit's first day on: its pattern if treated."""
        after = panel.days[None] >= self.start[self.place(panel)][:, None]
        return np.broadcast_to(after[..., None], panel.n.shape).astype(np.float64)

    def treatment(self, panel: UnitDayPanel) -> Reals:
        """Return float64[W, D, E], 1 where a treated unit's arm is in force."""
        out: Reals = self.late(panel) * self.own(panel)[:, None, None]
        return out
