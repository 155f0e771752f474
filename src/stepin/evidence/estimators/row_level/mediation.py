"""How the difference between arms moves when later steps are held equal: a description.

The steps happen after the assignment, so holding them equal is not an experiment. The table
says what goes together, never by which road the effect came.
"""

from __future__ import annotations

import msgspec
import numpy as np

from stepin.evidence.base.arrays import Bools, Floats, Ints, columns
from stepin.evidence.estimators.row_level.least_squares import absorb


class MediationStep(msgspec.Struct, frozen=True, kw_only=True):
    """The part of the difference that goes together with one later step."""

    step: str
    part: float


class Decomposition(msgspec.Struct, frozen=True, kw_only=True):
    """Whole = sum of the parts + rest, exactly.

    Attributes
    ----------
    whole : the arm difference without the steps.
    rest : the arm difference with all steps held equal.
    """

    whole: float
    rest: float
    steps: tuple[MediationStep, ...]


def decompose(
    y: Floats, treated: Bools, steps: dict[str, Floats], x: Floats, *, day: Ints
) -> Decomposition:
    """Return Gelbach's decomposition of the arm difference over the steps.

    Unlike adding steps one by one it does not depend on their order (Gelbach 2016, "When do
    covariates matter?", eq. 5). Given without intervals on purpose.

    Parameters
    ----------
    steps : name to (n, m) columns of the step. x : (n, k) covariates known before.
    """
    ones = np.ones(y.size)
    arm = treated.astype(np.float64)
    first = columns(arm, x) if x.size else columns(arm)
    blocks = list(steps.values())
    later = np.column_stack(blocks).astype(np.float64)
    every = absorb(np.column_stack([first, later, y]), (day,), ones)
    k = first.shape[1]
    base, more, outcome = every[:, :k], every[:, k:-1], every[:, -1]
    whole = np.linalg.lstsq(base, outcome, rcond=1e-10)[0]
    full = np.linalg.lstsq(np.column_stack([base, more]), outcome, rcond=1e-10)[0]
    slope = np.linalg.lstsq(base, more, rcond=1e-10)[0][0]
    parts, start = [], 0
    for name, block in steps.items():
        width = 1 if block.ndim == 1 else block.shape[1]
        place = slice(start, start + width)
        parts.append(MediationStep(step=name, part=float(slope[place] @ full[k:][place])))
        start += width
    return Decomposition(whole=float(whole[0]), rest=float(full[0]), steps=tuple(parts))
