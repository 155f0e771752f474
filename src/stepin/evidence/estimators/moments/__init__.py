"""The moment cube: everything that exact least squares needs, in a few megabytes."""

from __future__ import annotations

from stepin.evidence.base.term import (
    CONTROLS,
    OUTCOMES,
    Control,
    OutcomeTerm,
    Term,
    control,
    counted,
    is_value,
    outcome,
    outcome_named,
)
from stepin.evidence.estimators.moments.build import build, build_file, centred
from stepin.evidence.estimators.moments.cells import Cube, add, load
from stepin.evidence.estimators.moments.spec import ALL, CubeSpec, SampleSpec

__all__ = [
    "ALL",
    "CONTROLS",
    "OUTCOMES",
    "Control",
    "Cube",
    "CubeSpec",
    "OutcomeTerm",
    "SampleSpec",
    "Term",
    "add",
    "build",
    "build_file",
    "centred",
    "control",
    "counted",
    "is_value",
    "load",
    "outcome",
    "outcome_named",
]
