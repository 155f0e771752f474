"""Section: whether the effect differs between groups that the plan named in advance."""

from __future__ import annotations

from typing import Any

import numpy as np

from stepin.core.facts import Chats, Column, Workers, before
from stepin.errors import Missing, Refused
from stepin.evidence.analysis.context import Context
from stepin.evidence.base.estimate import holm
from stepin.evidence.base.finding import Finding
from stepin.evidence.base.labels import Measure, covariate
from stepin.evidence.base.level import alpha, confidence
from stepin.evidence.base.scale import AXIS, interval, probability, signed, stated
from stepin.evidence.estimators.row_level.heterogeneity import (
    GroupSplit,
    effects_by_group,
    quantile_groups,
)
from stepin.evidence.report.document import Block, Section, grid
from stepin.evidence.report.figures.forest import forest, mark
from stepin.evidence.report.picture import picture
from stepin.evidence.report.spec import SectionSpec, from_context

ID, TITLE = "splits", "For whom"
LEAD = (
    "The randomized effect inside groups that the plan named before the trial began, with one "
    "test a split that all its groups share one effect, adjusted for the number of tests."
)
PARTS = 3


THIRDS = {"1 lowest": "lowest third", "2": "middle third", "3 highest": "highest third"}


def _column(name: str) -> Column[object]:
    """Return a column of the workers, or else of the chats.

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
    """Return the group of each late row by one column of the workers or chats.

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
    labels = _labels(column, sample.workers(column))
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


def section(context: Context) -> Section:
    """Return the section on groups, on eligible chats.

    Raises
    ------
    Refused
        ``no_splits`` when the plan names none.
    """
    names = context.plan.analysis.splits
    if not names:
        raise Refused(
            "The plan named no groups, so none are searched for afterwards.",
            code="no_splits",
            hint="Name them under analysis.splits of the next trial.",
        )
    blocks: list[Block] = []
    findings: list[Finding] = []
    primary = [m for m in context.measures if m.primary] or list(context.measures[:1])
    found = [
        (m, _split(context, m, name, groups))
        for name, groups in ((n, _groups(context, n)) for n in names)
        for m in primary
        if np.isfinite(m.values(context.late.number(m.column))).any()
    ]
    if not found:
        raise Refused("No primary outcome is known on eligible chats.", code="no_splits")
    family = holm([s.equal.p for _, s in found])
    ordered = {n for n in names if _column(n).kind.name not in ("text", "truth")}
    rows: list[tuple[str, ...]] = []
    for (m, split), p in zip(found, family, strict=True):
        here = [
            Finding(
                analysis="split",
                outcome=m.name,
                label=m.label,
                sample="eligible chats",
                term=f"{covariate(split.split)}: {THIRDS.get(g.group, g.group)}",
                design="randomized",
                scale=m.scale,
                estimate=g.effect,
                better=m.better,
            )
            for g in split.groups
        ]
        e = split.gap
        findings += [
            *here,
            Finding(
                analysis="split_test",
                outcome=m.name,
                label=m.label,
                sample="eligible chats",
                term=f"{covariate(split.split)}: last minus first",
                design="randomized",
                scale=m.scale,
                estimate=e,
                family_p=p,
                note="The groups share one effect: joint p "
                + ("refused." if split.equal.p is None else f"{split.equal.p:.6g}."),
            ),
        ]
        ends = (signed(e.value, m.scale), interval(e.low, e.high, m.scale))
        rows.append(
            (
                covariate(split.split),
                m.title,
                str(len(split.groups)),
                *(ends if split.split in ordered or len(split.groups) == 2 else ("", "")),
                probability(split.equal.p),
                probability(p),
            )
        )
        different = p is not None and p < alpha()
        if m is not primary[0] and not different:
            continue
        blocks.append(
            picture(
                f"split-{split.split}-{m.name}",
                f"{m.title} by {covariate(split.split)}",
                (
                    "Whether the groups differ can't be tested: too few units in one of them."
                    if p is None
                    else f"The effect differs between the groups (adjusted {stated(p)})."
                    if different
                    else "No clear difference between the groups: they may all share one effect "
                    f"(adjusted {stated(p)})."
                ),
                forest(
                    [
                        mark(f, THIRDS.get(g.group, g.group))
                        for f, g in zip(here, split.groups, strict=True)
                    ],
                    m.scale,
                    AXIS[m.scale],
                ),
            )
        )
    blocks.append(
        grid(
            "Tests of the splits",
            (
                "Split",
                "Outcome",
                "Groups",
                "Last \u2212 first",
                f"{confidence()} interval",
                "p",
                "p, all",
            ),
            rows,
            text_columns=2,
            note="p: joint test that all groups of a split share one effect (Hotelling's T\u00b2); "
            "\u201cp, all\u201d counts the rows of this table in (Holm). Numbers are split into "
            "thirds, and only for them is the last group minus the first of interest. Errors "
            f"clustered by {context.cluster}.",
        )
    )
    return Section(id=ID, title=TITLE, lead=LEAD, blocks=tuple(blocks), findings=tuple(findings))


SPEC = SectionSpec(id=ID, title=TITLE, lead=LEAD, make=from_context(section))
