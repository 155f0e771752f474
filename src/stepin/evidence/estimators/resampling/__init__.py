"""Inference by drawing again: assignments, signs, families and looks."""

from __future__ import annotations

from stepin.evidence.estimators.resampling.family import step_down
from stepin.evidence.estimators.resampling.focus import FocusedEffect, focus
from stepin.evidence.estimators.resampling.looks import LookBoundary, looks, obrien_fleming, pocock
from stepin.evidence.estimators.resampling.permute import (
    Permuted,
    aligned,
    permute,
    stack,
    studentized,
)
from stepin.evidence.estimators.resampling.wild import (
    Bootstrapped,
    Signs,
    Wild,
    average,
    signs,
    wild,
)

__all__ = [
    "Bootstrapped",
    "FocusedEffect",
    "LookBoundary",
    "Permuted",
    "Signs",
    "Wild",
    "aligned",
    "average",
    "focus",
    "looks",
    "obrien_fleming",
    "permute",
    "pocock",
    "signs",
    "stack",
    "step_down",
    "studentized",
    "wild",
]
