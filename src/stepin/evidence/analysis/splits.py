"""Whether the randomized effect differs between groups that the plan named in advance."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from stepin.core.facts import Chats, Column, Workers, before
from stepin.errors import Missing, Refused
from stepin.evidence.analysis.context import Context
from stepin.evidence.base.estimate import holm
from stepin.evidence.base.finding import Finding
from stepin.evidence.base.labels import Measure, covariate
from stepin.evidence.base.level import alpha
from stepin.evidence.estimators.row_level.heterogeneity import (
    GroupSplit,
    effects_by_group,
    quantile_groups,
)

PARTS = 3
THIRDS = {"1 lowest": "lowest third", "2": "middle third", "3 highest": "highest third"}


class SplitTest(msgspec.Struct, frozen=True, kw_only=True):
    """The effects of one outcome in the groups of one column.

    Attributes
    ----------
    split : the column in plain words. column : its name. groups : the groups in plain words.
    effects : a finding a group. gap : the last group minus the first.
    ordered : whether the groups stand in an order, so that the gap says something.
    p : the joint test that all groups share one effect. family_p : the same, counting every split.
    """

    measure: Measure
    column: str
    split: str
    groups: tuple[str, ...]
    effects: tuple[Finding, ...]
    gap: Finding
    ordered: bool
    p: float | None
    family_p: float | None

    @property
    def different(self) -> bool:
        """Whether the groups differ at the level of the plan, every split counted."""
        return self.family_p is not None and self.family_p < alpha()


def tested(context: Context) -> tuple[Measure, ...]:
    """Return the outcomes that are split: the primary ones, or the first where there is none."""
    return tuple(m for m in context.measures if m.primary) or context.measures[:1]


def split_tests(context: Context) -> tuple[SplitTest, ...]:
    """Return the test of every split on every outcome, on eligible chats.

    Raises
    ------
    Refused
        ``no_splits`` when the plan names none, or no outcome is known.
    """
    names = context.plan.analysis.splits
    if not names:
        raise Refused(
            "The plan named no groups, so none are searched for afterwards.",
            code="no_splits",
            hint="Name them under analysis.splits of the next trial.",
        )
    found = [
        (m, _split(context, m, name, groups))
        for name, groups in ((n, _groups(context, n)) for n in names)
        for m in tested(context)
        if np.isfinite(m.values(context.late.number(m.column))).any()
    ]
    if not found:
        raise Refused("No primary outcome is known on eligible chats.", code="no_splits")
    family = holm([s.equal.p for _, s in found])
    return tuple(_test(m, s, p) for (m, s), p in zip(found, family, strict=True))


def _column(name: str) -> Column[object]:
    """Return a column of the units, or else of the chats.

    Raises
    ------
    Missing
        ``unknown_column`` when no table has it.
    """
    try:
        return Workers.column(name)
    except Missing:
        return Chats.column(name)


def _groups(context: Context, name: str) -> list[str]:
    """Return the group of each late row by one column of the units or chats.

    Raises
    ------
    Missing
        ``unknown_column`` when no table has it.
    Invalid
        ``not_before`` when it isn't fixed before treatment.
    """
    column = before(_column(name))
    sample = context.sample
    if column.table == Chats.name:
        rows = sample.frame(Chats, (column,), chats="eligible", period="after")
        return _labels(column, rows.values[name])
    labels = _labels(column, sample.of_units(column))
    return [labels[u] for u in context.late.unit.tolist()]


def _labels(column: Column[Any], values: Any) -> list[str]:
    if column.kind.name == "text":
        return [str(v) if v is not None else "unknown" for v in values]
    found = np.asarray(values, dtype=np.float64)
    if column.kind.name == "truth":
        return ["unknown" if np.isnan(v) else "yes" if v else "no" for v in found.tolist()]
    return quantile_groups(found, PARTS)


def _split(context: Context, m: Measure, name: str, groups: list[str]) -> GroupSplit:
    late = context.late
    y = m.values(late.number(m.column))
    keep = np.isfinite(y)
    own = context.before_mean(m.values(context.eligible.number(m.column)))
    return effects_by_group(
        y[keep],
        late.treated[keep],
        [g for g, k in zip(groups, keep.tolist(), strict=True) if k],
        split=name,
        unit=late.unit[keep],
        day=late.day[keep],
        before_mean=own,
    )


def _test(m: Measure, split: GroupSplit, family_p: float | None) -> SplitTest:
    said = covariate(split.split)
    groups = tuple(THIRDS.get(g.group, g.group) for g in split.groups)
    # Only the groups of a number stand in an order; of two groups there is just one difference.
    ordered = _column(split.split).kind.name not in ("text", "truth") or len(groups) == 2
    return SplitTest(
        measure=m,
        column=split.split,
        split=said,
        groups=groups,
        effects=tuple(
            Finding(
                analysis="split",
                outcome=m.name,
                label=m.label,
                sample="eligible chats",
                term=f"{said}: {group}",
                design="randomized",
                scale=m.scale,
                estimate=g.effect,
                better=m.better,
            )
            for group, g in zip(groups, split.groups, strict=True)
        ),
        gap=Finding(
            analysis="split_test",
            outcome=m.name,
            label=m.label,
            sample="eligible chats",
            term=f"{said}: last minus first",
            design="randomized",
            scale=m.scale,
            estimate=split.gap,
            family_p=family_p,
            note="The groups share one effect: joint p "
            + ("refused." if split.equal.p is None else f"{split.equal.p:.6g}."),
        ),
        ordered=ordered,
        p=split.equal.p,
        family_p=family_p,
    )
