"""Does the treatment of some workers reach the others? Signs of it, not a proof of absence.

All workers draw from one queue. If treatment frees or takes time, the load of both arms
moves and the difference between them no longer is the effect of treating everyone.
"""

from __future__ import annotations

import msgspec
import numpy as np
from scipy import stats

from stepin.evidence.base.arrays import Bools, Floats, Ints
from stepin.evidence.base.estimate import Estimate
from stepin.evidence.estimators.row_level.multitasking import Attention, attention_difference


class InterferenceDraws(msgspec.Struct, frozen=True, kw_only=True):
    """Whether chats went to workers by the logged probabilities.

    Attributes
    ----------
    expected_share, observed_share : share of chats drawn to treated workers.
    z : standardized gap; refused (None) when no probabilities were logged.
    """

    chats: int
    expected_share: float | None
    observed_share: float
    z: float | None
    p: float | None


def owner_draws(treated: Bools, expected: Floats) -> InterferenceDraws:
    """Return the test that owners were drawn as the assignment rule says.

    Parameters
    ----------
    treated : (n,) arm of the drawn owner.
    expected : (n,) probability with which the rule draws a treated owner for this chat;
        NaN where it wasn't logged.
    """
    known = np.isfinite(expected)
    n = int(known.sum())
    if n == 0:
        return InterferenceDraws(
            chats=treated.size,
            expected_share=None,
            observed_share=float(treated.mean()) if treated.size else 0.0,
            z=None,
            p=None,
        )
    q = expected[known]
    gap = float(treated[known].sum() - q.sum())
    spread = float(np.sqrt((q * (1 - q)).sum()))
    z = gap / spread if spread > 0 else 0.0
    return InterferenceDraws(
        chats=n,
        expected_share=float(q.mean()),
        observed_share=float(treated[known].mean()),
        z=z,
        p=float(2 * stats.norm.sf(abs(z))),
    )


class Interference(msgspec.Struct, frozen=True, kw_only=True):
    """Load by arm, and how control workers moved when the treatment began.

    Attributes
    ----------
    loads : the randomized difference in each measure of load.
    control_shift : per measure, the control arm's mean after the start minus before: a
        before-and-after figure that anything else in those days also moves.
    """

    loads: tuple[Attention, ...]
    control_shift: dict[str, float]

    def worst(self) -> Estimate | None:
        """Return the load difference with the smallest p-value, if any was tested."""
        tested = [a.difference for a in self.loads if a.difference.p is not None]
        return min(tested, key=lambda e: e.p if e.p is not None else 1.0) if tested else None


def load_by_arm(
    measures: dict[str, Floats],
    treated: Bools,
    after_start: Bools,
    *,
    unit: Ints,
    day: Ints,
) -> Interference:
    """Return the difference in each measure of load between arms, and the controls' shift.

    Parameters
    ----------
    measures : name to (n,) values, one row per worker and day; NaN is left out.
    """
    loads, shift = [], {}
    for name, y in measures.items():
        known = np.isfinite(y)
        if not (known & after_start).any():
            continue
        loads.append(attention_difference(name, y, treated, after_start, unit=unit, day=day))
        late, early = known & after_start & ~treated, known & ~after_start & ~treated
        if early.any() and late.any():
            shift[name] = float(y[late].mean() - y[early].mean())
    return Interference(loads=tuple(loads), control_shift=shift)
