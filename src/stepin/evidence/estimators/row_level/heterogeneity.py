"""The effect in groups that were named before the trial began, and whether they differ."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np

from stepin.evidence.base.arrays import Bools, Floats, Ints, codes, columns
from stepin.evidence.base.estimate import Estimate
from stepin.evidence.estimators.effects.split import Joint, joint
from stepin.evidence.estimators.row_level.contrast import baseline
from stepin.evidence.estimators.row_level.least_squares import fit


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """The randomized effect inside one group."""

    group: str
    effect: Estimate


class GroupSplit(msgspec.Struct, frozen=True, kw_only=True):
    """The effects by group and the test that they are equal.

    Attributes
    ----------
    gap : last group minus first: for ordered groups the contrast of the ends.
    equal : the joint test that all groups share one effect; without a p-value where a group has
        too few units, or no error can be told.
    """

    split: str
    groups: tuple[Group, ...]
    gap: Estimate
    equal: Joint


def quantile_groups(values: Floats, parts: int) -> list[str]:
    """Return for each value its quantile group, named ``1 lowest`` and so on; ties stay together.

    Values are of one row per unit or chat; NaN becomes ``unknown``.
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
) -> GroupSplit:
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
    others = np.eye(len(names))[1:] - np.eye(len(names))[:1]
    k = len(names)
    equal = joint(others @ found.coef[:k], others @ found.cov[:k, :k] @ others.T, found.clusters)
    testable = k > 1 and all(found.estimate(t).p is not None for t in terms[:k])
    return GroupSplit(
        split=split,
        groups=tuple(Group(group=g, effect=found.estimate(f"treated:{g}")) for g in names),
        gap=found.contrast(gap),
        equal=equal if testable else replace(equal, p=None),
    )
