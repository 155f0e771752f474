"""Means by unit and day: enough for power.

With controls that are fixed within unit and day, least squares on the weighted means has the
same coefficients and clustered scores as least squares on the chats themselves.
"""

from __future__ import annotations

import msgspec
import numpy as np

from stepin.evidence.base.arrays import Bools, Floats, Ints


class Cells(msgspec.Struct, frozen=True, kw_only=True):
    """One outcome by unit and day; cells without the outcome are left out.

    Attributes
    ----------
    mean, chats : (n,) the cell's mean and the chats behind it.
    unit, day : (n,) codes of the unit, days since the start.
    treated : (n,) arm of the unit. units : their number.
    """

    mean: Floats
    chats: Floats
    unit: Ints
    day: Ints
    treated: Bools
    units: int

    @property
    def after(self) -> Bools:
        """Whether each cell lies in the treatment period."""
        return self.day >= 0

    def before_mean(self) -> Floats:
        """Return (units,) each unit's mean over chats before treatment, NaN if none."""
        rows = ~self.after
        weight = np.bincount(self.unit[rows], self.chats[rows], self.units)
        total = np.bincount(self.unit[rows], (self.mean * self.chats)[rows], self.units)
        return np.where(weight > 0, total / np.maximum(weight, 1e-300), np.nan)
