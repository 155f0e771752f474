"""The effect in groups that were named before the trial began, and whether they differ."""

from __future__ import annotations

import msgspec
import numpy as np

from stepin.evidence.rows.arrays import Bools, Floats, Ints, codes, columns
from stepin.evidence.rows.contrast import baseline
from stepin.evidence.rows.estimate import Estimate
from stepin.evidence.rows.least_squares import fit


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """The randomized effect inside one group."""

    group: str
    effect: Estimate


class Split(msgspec.Struct, frozen=True, kw_only=True):
    """The effects by group and the test that they are equal.

    Attributes
    ----------
    gap : last group minus first; the test of the split when it has two groups, and for
        ordered groups the contrast of the ends.
    """

    split: str
    groups: tuple[Group, ...]
    gap: Estimate


def quantile_groups(values: Floats, parts: int) -> list[str]:
    """Return for each value its quantile group, named ``1 lowest`` and so on; ties stay together.

    Values are of one row a unit or chat; NaN becomes ``unknown``.
    """
    known = np.isfinite(values)
    cuts = np.quantile(values[known], np.arange(1, parts) / parts) if known.any() else np.zeros(0)
    place = np.searchsorted(cuts, values, side="left")
    ends = {1: " lowest", parts: " highest"}
    return [
        f"{p + 1}{ends.get(int(p) + 1, '')}" if k else "unknown"
        for p, k in zip(place, known, strict=True)
    ]


def effects_by_group(
    y: Floats,
    treated: Bools,
    group: list[str],
    *,
    split: str,
    unit: Ints,
    day: Ints,
    before_mean: Floats | None = None,
) -> Split:
    """Return the randomized effect in every group of a split, from one joint regression.

    Parameters
    ----------
    group : (n,) label of each row, of something fixed before treatment.
    """
    labels = np.asarray(group)
    names = sorted(set(group))
    place = codes(labels)
    parts = [(treated & (labels == g)).astype(np.float64) for g in names]
    terms = [f"treated:{g}" for g in names]
    parts += [(labels == g).astype(np.float64) for g in names[1:]]
    terms += [f"level:{g}" for g in names[1:]]
    if before_mean is not None:
        own = baseline(before_mean, unit)
        parts.append(own)
        terms += ["before", "before_unknown"]
    found = fit(y, columns(*parts), tuple(terms), cluster=unit, factors=(day,))
    floor = [
        tuple(int(np.unique(unit[(place == i) & (treated == arm)]).size) for arm in (False, True))
        for i in range(len(names))
    ]
    found = msgspec.structs.replace(found, per_arm=min(floor, key=min))
    gap = np.zeros(len(found.terms))
    gap[len(names) - 1], gap[0] = 1.0, -1.0
    if len(names) == 1:
        gap[0] = 0.0
    return Split(
        split=split,
        groups=tuple(Group(group=g, effect=found.estimate(f"treated:{g}")) for g in names),
        gap=found.contrast(gap),
    )
