"""Exact least squares on a moment cube."""

from __future__ import annotations

from stepin.evidence.estimators.least_squares.absorb import Absorbed, Effects, absorb
from stepin.evidence.estimators.least_squares.fit import Fit, fit
from stepin.evidence.estimators.least_squares.leverage import adjusted, cr2, cr3, leave_one_out
from stepin.evidence.estimators.least_squares.panel import UnitDayPanel, panel
from stepin.evidence.estimators.least_squares.variance import (
    Kind,
    Variance,
    by_unit,
    by_unit_and_day,
    iid,
)

__all__ = [
    "Absorbed",
    "Effects",
    "Fit",
    "Kind",
    "UnitDayPanel",
    "Variance",
    "absorb",
    "adjusted",
    "by_unit",
    "by_unit_and_day",
    "cr2",
    "cr3",
    "fit",
    "iid",
    "leave_one_out",
    "panel",
]
