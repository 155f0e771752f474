"""The sample-ratio test: whether as many units showed up in each arm as the design sends there.

The reference is the design itself, not a coin: with fixed counts inside blocks the numbers drawn
can't vary at all, so what is tested is who of them was *seen*.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom, hypergeom

from stepin.errors import Invalid
from stepin.trial.design import Design, replay

Method = Literal["exact", "replayed"]

_SAME = 1e-9


class Ratio(msgspec.Struct, frozen=True, kw_only=True):
    """The result for one arm.

    Attributes
    ----------
    seen, expected : units of the arm that were seen, and the design's mean of that number.
    p : two-sided: twice the smaller tail, the number seen included, and at most 1.
    method : `exact` by the distribution of the design, `replayed` by its own assignments.
    """

    arm: str
    seen: int
    expected: float
    p: float
    method: Method


def sample_ratio(
    of: Design,
    seen: Collection[str],
    *,
    arms: NDArray[np.int8] | None = None,
    repetitions: int = 9999,
) -> tuple[Ratio, ...]:
    """Return the test for every arm, given the units that were seen at least once.

    Parameters
    ----------
    arms : shape (units,), the recorded arm number of each unit; the design's own by default.

    Raises
    ------
    Invalid
        ``sample_ratio``: a unit was seen that the design doesn't know.
    """
    known = set(of.units)
    if foreign := sorted(set(seen) - known):
        raise Invalid(
            f"{len(foreign)} units were seen that were never drawn, first {foreign[0]}.",
            code="sample_ratio",
            hint="Late joiners have a design of their own.",
            unit=foreign[0],
        )
    was_seen = np.array([u in seen for u in of.units], dtype=bool)
    own = replay(of, 1).arms[0] if arms is None else arms
    found = [int((was_seen & (own == a)).sum()) for a in range(len(of.arms))]
    if (masses := _distributions(of, was_seen)) is not None:
        return tuple(_exact(of.arms[a], found[a], mass) for a, mass in enumerate(masses))
    others = replay(of, repetitions + 1).arms[1:, was_seen]
    results = []
    for a, name in enumerate(of.arms):
        counts = (others == a).sum(axis=1)
        mean = float(counts.mean())
        tail = min(int((counts <= found[a]).sum()), int((counts >= found[a]).sum()))
        p = min(1.0, 2 * (1 + tail) / (1 + repetitions))
        results.append(Ratio(arm=name, seen=found[a], expected=mean, p=p, method="replayed"))
    return tuple(results)


def _exact(arm: str, found: int, mass: NDArray[np.float64]) -> Ratio:
    numbers = np.arange(len(mass))
    mean = float(mass @ numbers)
    tail = min(float(mass[: found + 1].sum()), float(mass[found:].sum()))
    p = min(1.0, 2 * tail)
    return Ratio(arm=arm, seen=found, expected=mean, p=p, method="exact")


def _distributions(of: Design, seen: NDArray[np.bool_]) -> list[NDArray[np.float64]] | None:
    """Return per arm the probabilities of 0, 1, ... seen units; None if they have no closed form.

    Fixed whole seats make each block hypergeometric, and blocks are independent.
    """
    total = int(seen.sum())
    if not of.fixed:
        return [binom.pmf(np.arange(total + 1), total, share) for share in of.shares]
    if of.screen is not None:
        return None
    sizes = np.bincount(of.block, minlength=len(of.block_names))
    shown = np.bincount(of.block[seen], minlength=len(of.block_names))
    masses = []
    for share in of.shares:
        seats = sizes * share
        if np.abs(seats - np.rint(seats)).max() > _SAME:
            return None
        mass = np.ones(1)
        for size, seat, here in zip(sizes, np.rint(seats).astype(int), shown, strict=True):
            mass = np.convolve(mass, hypergeom.pmf(np.arange(here + 1), size, seat, here))
        masses.append(mass)
    return masses
