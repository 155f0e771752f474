"""Section: whether the effect differs between groups that the plan named in advance."""

from __future__ import annotations

import msgspec
import numpy as np

from stepin.core.facts import Chats, Column, Table, Workers, before
from stepin.errors import Missing, Refused
from stepin.evidence.report.context import Context, picture
from stepin.evidence.report.document import Block, Section, grid
from stepin.evidence.report.figures.forest import forest, mark
from stepin.evidence.report.finding import Finding
from stepin.evidence.report.labels import Measure
from stepin.evidence.report.scale import AXIS, interval, probability, signed
from stepin.evidence.rows.estimate import holm
from stepin.evidence.rows.heterogeneity import Split, effects_by_group, quantile_groups

ID, TITLE = "splits", "For whom"
LEAD = (
    "The randomized effect inside groups that the plan named before the trial began, with one "
    "test per split that the groups' effects are equal, adjusted for their number."
)
PARTS = 3


def _groups(context: Context, name: str) -> list[str]:
    """Return the group of each late row by one column of the workers or chats.

    Raises
    ------
    Missing
        ``unknown_column`` when no table has it.
    Invalid
        ``not_before`` when it isn't fixed before treatment.
    """
    table: type[Table]
    column: Column[object]
    try:
        column, table = Workers.column(name), Workers
    except Missing:
        column, table = Chats.column(name), Chats
    sample = context.sample
    if table is Chats:
        rows = sample.frame(Chats, (column,), chats="eligible", period="after")
        if column.kind.name == "text":
            return [v or "unknown" for v in rows.text(column)]
        return quantile_groups(rows.number(before(column)), PARTS)
    values = sample.workers(column)
    if column.kind.name == "text":
        labels = [str(v) if v is not None else "unknown" for v in values]
    else:
        before(column)
        labels = quantile_groups(np.asarray(values, dtype=np.float64), PARTS)
    return [labels[u] for u in context.late.unit.tolist()]


def _split(context: Context, m: Measure, name: str, groups: list[str]) -> Split:
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
    ]
    family = holm([s.gap for _, s in found])
    rows: list[tuple[str, ...]] = []
    for (m, split), p in zip(found, family, strict=True):
        here = [
            Finding(
                analysis="split",
                outcome=m.name,
                label=m.label,
                sample="eligible chats",
                term=f"{split.split.replace('_', ' ')}: {g.group}",
                design="randomized",
                scale=m.scale,
                estimate=g.effect,
                better=m.better,
                family_p=p,
            )
            for g in split.groups
        ]
        findings += here
        e = split.gap
        rows.append(
            (
                split.split.replace("_", " "),
                m.title,
                signed(e.value, m.scale),
                interval(e.low, e.high, m.scale),
                probability(e.p),
                probability(p),
            )
        )
        different = p is not None and p < 0.05
        if m is not primary[0] and not different:
            continue
        blocks.append(
            picture(
                f"split-{split.split}-{m.name}",
                f"{m.title} by {split.split.replace('_', ' ')}",
                (
                    "The effect differs between the ends of this split"
                    if different
                    else "No clear difference between the groups: they may all share one effect"
                )
                + f" (adjusted p = {probability(p)}).",
                forest(
                    [
                        mark(msgspec.structs.replace(f, family_p=None), g.group)
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
            ("Split", "Outcome", "Last minus first", "95% interval", "p", "p, all splits"),
            rows,
            text_columns=2,
            note="Holm's adjustment over all rows. Numbers are split at their terciles.",
        )
    )
    return Section(id=ID, title=TITLE, lead=LEAD, blocks=tuple(blocks), findings=tuple(findings))
