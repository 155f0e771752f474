"""Who and what came into the comparison, by arm: the rows of the health section about numbers.

Only what treatment must not move is tested here: who stayed, and what the chats were about.
"""

from __future__ import annotations

import numpy as np
from scipy.stats import binomtest, fisher_exact

from stepin.core.facts import Chats
from stepin.evidence.analysis.context import Context
from stepin.evidence.base.finding import Finding, counted
from stepin.evidence.base.scale import level, probability, signed, whole
from stepin.evidence.data.sample import SampleRows
from stepin.evidence.estimators.row_level.multitasking import attention_difference
from stepin.evidence.report.document import Cell, Grid, Tone, grid

Row = tuple[str | Cell, ...]
BROKEN = 0.01
MOST_ISSUES = 12


def tone(p: float | None) -> Tone:
    """Return the tone of a check that should find nothing."""
    return "warn" if p is None else "bad" if p < BROKEN else "good"


def flow(context: Context, frame: SampleRows) -> Grid:
    """Return the table of units and chats by arm, from the draw to the rating.

    Parameters
    ----------
    frame : chats by unit and day, as ``n:n``.
    """
    units, late = context.sample.units, context.late
    after = frame.where(frame.after)
    seen = np.unique(after.unit)
    rated = np.isfinite(late.number(Chats.rating)) if context.has(Chats.rating) else None
    rows: list[tuple[str, ...]] = []

    def row(name: str, of: tuple[float, float]) -> None:
        rows.append((name, whole(of[0]), whole(of[1])))

    def both(arm: np.ndarray, weight: np.ndarray | None = None) -> tuple[float, float]:
        w = np.ones(arm.size) if weight is None else weight
        return float(w[~arm].sum()), float(w[arm].sum())

    row(f"{context.clusters.capitalize()} in the facts", both(units.treated))
    row(
        f"{context.clusters.capitalize()} with chats in the treatment period",
        both(units.treated[seen]),
    )
    row("Chats", both(after.treated, after.values["n:n"]))
    row("Eligible chats", both(late.treated))
    if rated is not None:
        row("Eligible chats with a rating", both(late.treated[rated]))
    return grid("From the draw to the numbers", ("Treatment period", "Control", "Treated"), rows)


def drawn(context: Context) -> Row | None:
    """Return the check of the arm's number against its planned share.

    None where the plan's own draw gives these arms: its numbers are fixed.
    """
    plan, units = context.plan, context.sample.units
    if context.alone is not None or context.draws.registered:
        return None
    arm = plan.arm(context.sample.arm).share
    share = arm / (arm + plan.arm(plan.control).share)
    treated, total = int(units.treated.sum()), len(units.ids)
    p = float(binomtest(treated, total, share).pvalue)
    return (
        f"{plan.unit.capitalize()}s drawn",
        f"{treated} of {total} are in the arm, {share * total:.1f} expected at the plan's shares",
        Cell(f"p = {probability(p)}", tone(p)),
    )


def stayed(context: Context, frame: SampleRows) -> Row:
    """Return the check that units of either arm stayed to the last quarter of the trial."""
    units, after = context.sample.units, frame.where(frame.after)
    last = after.day.max() if len(after) else 0
    there = np.zeros(len(units.ids), dtype=np.bool_)
    there[after.unit[after.day > 0.75 * last]] = True
    inside = np.zeros(len(units.ids), dtype=np.bool_)
    inside[after.unit] = True
    table = [
        [int((there & side).sum()), int((inside & ~there & side).sum())]
        for side in (units.treated, ~units.treated)
    ]
    p = float(fisher_exact(table).pvalue)
    shares = [there[inside & side].mean() for side in (units.treated, ~units.treated)]
    return (
        "Still there in the last quarter",
        f"{level(shares[0], 'share')} of the arm, {level(shares[1], 'share')} of control",
        Cell(f"p = {probability(p)}", tone(p)),
    )


def held(context: Context) -> Row | None:
    """Return how many eligible chats of either arm the AI ever held; None where unknown."""
    late = context.late
    if not context.has(Chats.ai_messages):
        return None
    messages = late.number(Chats.ai_messages)
    recorded = np.isfinite(messages)
    sides = [recorded & (late.treated == side) for side in (True, False)]
    shares = [float((messages[s] > 0).mean()) if s.any() else None for s in sides]
    return (
        "Answered by the AI",
        f"{level(shares[0], 'share')} of the arm's eligible chats, {level(shares[1], 'share')} of "
        "control's",
        "as assigned or not: effects are of the assignment",
    )


def issues(context: Context) -> tuple[Row | None, list[Finding]]:
    """Return the check that the mix of issues doesn't differ by arm, with its findings."""
    sample = context.sample
    if not sample.has(Chats, Chats.issue_class):
        return None, []
    names = sample.frequent(Chats.issue_class, MOST_ISSUES)
    if len(names) < 2:
        return None, []
    quoted = {n: n.replace("'", "''") for n in names}
    frame = sample.daily(
        {f"i{i}": f"(t.issue_class = '{quoted[n]}')::DOUBLE" for i, n in enumerate(names)},
        chats="all",
    )
    found = counted(
        [
            Finding(
                analysis="issue_mix",
                outcome="issue_class",
                label=f"the share of chats about \u201c{name}\u201d",
                sample="all chats",
                term=name,
                design="randomized",
                scale="share",
                estimate=attention_difference(
                    name,
                    frame.values[f"i{i}"],
                    frame.treated,
                    frame.after,
                    unit=frame.unit,
                    day=frame.day,
                    weights=frame.values[f"n:i{i}"],
                ).difference,
            )
            for i, name in enumerate(names)
        ]
    )
    tested = [f for f in found if f.family_p is not None]
    if not tested:
        return ("Issues", "too few units to test", Cell("unknown", "warn")), found
    worst = min(tested, key=lambda f: f.family_p or 0.0)
    return (
        "Issues",
        f"of {len(names)}, the farthest apart is \u201c{worst.term}\u201d: "
        f"{signed(worst.estimate.value, 'share')}",
        Cell(f"p = {probability(worst.family_p)}, all counted", tone(worst.family_p)),
    ), found
