"""Section: how workers divide their attention, and whether one arm's load reaches the other."""

from __future__ import annotations

import numpy as np

from stepin.core.facts import Chats, Shifts, WorkerDays
from stepin.errors import Refused
from stepin.evidence.analysis.context import Context
from stepin.evidence.base.finding import Better, Finding, counted
from stepin.evidence.base.level import confidence
from stepin.evidence.base.scale import Scale, interval, level, probability, signed
from stepin.evidence.estimators.row_level.interference import load_by_arm, owner_draws
from stepin.evidence.estimators.row_level.multitasking import Attention, attention_difference
from stepin.evidence.report.document import Block, Callout, Section, grid
from stepin.evidence.report.figures.forest import forest, mark
from stepin.evidence.report.picture import picture
from stepin.evidence.report.reading import several
from stepin.evidence.report.spec import SectionSpec, from_context

ID, TITLE = "attention", "Attention on other chats, and load"
LEAD = (
    "The AI never touches the other chats of a treated worker, so differences there are effects of "
    "being in the arm on how a worker works. Below, signs of whether one arm's load reaches the "
    "other."
)
LEAD_ALONE = (
    "Both arms' chats go to the same workers, so the AI can't change how a worker works on one "
    "arm's other chats alone: differences there are chance, or a sign that more differs than the "
    "plan says."
)
ON_CHATS: dict[str, tuple[str, str, Scale, Scale]] = {
    "switch_aways": (
        "times a waiting chat was left",
        "t.switch_aways::DOUBLE",
        "count",
        "count",
    ),
    "away_share": (
        "share of time away while the customer waited",
        "CASE WHEN t.duration_s > 0 THEN t.away_s / t.duration_s END",
        "share",
        "share",
    ),
    "attention_s": ("attention per chat", "t.attention_s", "seconds", "seconds"),
    "worker_latency_s": ("time to answer", "t.worker_latency_s", "seconds", "seconds"),
}
LOADS: dict[str, tuple[str, Scale]] = {
    "chats": ("chats per worker and day", "count"),
    "on_s": ("time signed on per day", "seconds"),
    "mean_concurrency": ("open chats in human hands", "count"),
}
FREED = "mean_concurrency"
"""Falls where the AI holds some of an arm's chats: no sign by itself that the arms touch."""


def _finding(
    analysis: str, a: Attention, label: str, sample: str, scale: Scale, better: Better | None
) -> Finding:
    return Finding(
        analysis=analysis,
        outcome=a.measure,
        label=label,
        sample=sample,
        term=label,
        design="randomized",
        scale=scale,
        estimate=a.difference,
        better=better,
    )


def _on_chats(context: Context) -> list[tuple[Attention, Finding]]:
    needs = {
        "switch_aways": (Chats.switch_aways,),
        "away_share": (Chats.away_s, Chats.duration_s),
        "attention_s": (Chats.attention_s,),
        "worker_latency_s": (Chats.worker_latency_s,),
    }
    wanted = {
        name: sql
        for name, (_, sql, _, _) in ON_CHATS.items()
        if context.sample.has(Chats, *needs[name])
    }
    if not wanted:
        return []
    frame = context.sample.daily(wanted, chats="ineligible")
    found = []
    for name in wanted:
        y = frame.values[name]
        if not np.isfinite(y[frame.after]).any():
            continue
        label, _, scale, _ = ON_CHATS[name]
        a = attention_difference(
            name,
            y,
            frame.treated,
            frame.after,
            unit=frame.unit,
            day=frame.day,
            weights=frame.values[f"n:{name}"],
        )
        found.append((a, _finding("multitasking", a, label, "other chats", scale, None)))
    return found


def section(context: Context) -> Section:
    """Return the section on attention and interference.

    Raises
    ------
    Refused
        ``no_attention`` when the data hold neither.
    """
    blocks: list[Block] = []
    findings: list[Finding] = []
    chats = _on_chats(context)
    if chats:
        chats = list(zip([a for a, _ in chats], counted([f for _, f in chats]), strict=True))
        findings += [f for _, f in chats]
        blocks.append(
            grid(
                "Other chats: what supervising does to attention",
                ("Measure", "Control", "Difference", f"{confidence()} interval", "p", "p, all"),
                [
                    (
                        f.label[:1].upper() + f.label[1:],
                        level(a.control_mean, ON_CHATS[a.measure][3]),
                        signed(f.estimate.value, f.scale),
                        interval(f.estimate.low, f.estimate.high, f.scale),
                        probability(f.estimate.p),
                        probability(f.family_p),
                    )
                    for a, f in chats
                ],
                note="Randomized; chats weighted alike, the worker's own mean before held; "
                "\u201cp, all\u201d counts the rows in (Holm). "
                + several([f for _, f in chats], what="measures"),
            )
        )
    else:
        blocks.append(
            Callout(
                tone="warn",
                title="No focus data.",
                text="These facts hold no focus times, so attention on other chats can't be told.",
            )
        )
    blocks += _loads(context, findings)
    if not findings:
        raise Refused("The data hold neither focus times nor worker days.", code="no_attention")
    lead = LEAD if context.alone is None else LEAD_ALONE
    return Section(id=ID, title=TITLE, lead=lead, blocks=tuple(blocks), findings=tuple(findings))


def touching(loads: list[Finding]) -> list[Finding]:
    """Return the measures of load that differ between arms without the AI holding chats."""
    return [f for f in loads if f.clear and f.outcome != FREED]


def _loads(context: Context, findings: list[Finding]) -> list[Block]:
    columns = [WorkerDays.column(n) for n in LOADS if context.sample.has(WorkerDays)]
    if not columns or not context.sample.has(WorkerDays, *columns):
        return []
    days = context.sample.frame(WorkerDays, columns, owner="worker_id")
    found = load_by_arm(
        {c.name: days.number(c) for c in columns},
        days.treated,
        days.after,
        unit=days.unit,
        day=days.day,
    )
    here = [
        _finding("interference", a, LOADS[a.measure][0], "worker days", LOADS[a.measure][1], None)
        for a in found.loads
    ]
    findings.extend(here)
    moved = touching(here)
    draws = owner_draws(*_draws(context))
    rule = context.plan.routing.owner
    blocks: list[Block] = [
        grid(
            "Load by arm",
            (
                "Measure",
                "Control",
                "Difference",
                f"{confidence()} interval",
                "Controls, after minus before",
            ),
            [
                (
                    f.label[:1].upper() + f.label[1:],
                    level(a.control_mean, f.scale),
                    signed(f.estimate.value, f.scale),
                    interval(f.estimate.low, f.estimate.high, f.scale),
                    signed(found.control_shift[a.measure], f.scale)
                    if a.measure in found.control_shift
                    else "",
                )
                for a, f in zip(found.loads, here, strict=True)
            ],
            note=f"Owners are drawn by the rule \u201c{rule.replace('_', ' ')}\u201d. Of chats "
            "with a logged draw, "
            + (
                f"{level(draws.observed_share, 'share')} went to treated workers against "
                f"{level(draws.expected_share, 'share')} by the rule "
                f"(p = {probability(draws.p)})."
                if draws.expected_share is not None
                else "none: the draw of owners can't be checked."
            )
            + " Chats that the AI holds are not in human hands: fewer there is what freeing "
            "workers looks like, not a sign that the arms touch.",
        )
    ]
    counts = [f for f in here if f.scale == "count"]
    if len(counts) > 1:
        blocks.append(
            picture(
                "load",
                "Load by arm",
                several(counts, what="measures of load")
                + (
                    " Equal chats and hours are a good sign, not a proof that the arms don't touch."
                    if not moved
                    else " Where chats or hours differ, the difference between arms is not the "
                    "effect of treating everybody."
                ),
                forest([mark(f) for f in counts], "count", "treated minus control"),
            )
        )
    if moved:
        blocks.append(
            Callout(
                tone="warn",
                title="The arms may touch.",
                text="Chats or hours differ between arms. All workers draw from one queue, so part "
                "of the differences elsewhere may come from load; a switchback or pool-level trial "
                "would tell.",
            )
        )
    return blocks


def _draws(context: Context) -> tuple[np.ndarray, np.ndarray]:
    """Return the owner's arm of eligible chats, and the rule's chance of a treated owner.

    The chance is the share of treated workers among those signed on when the chat opened. It
    is given only where the logged probability agrees with the number signed on.
    """
    sample = context.sample
    unknown = context.late.treated, np.full(len(context.late), np.nan)
    if not sample.has(Chats, Chats.owner_probability) or not sample.has(
        Shifts, Shifts.on_at, Shifts.off_at
    ):
        return unknown
    chats = sample.frame(
        Chats, (Chats.owner_probability, Chats.opened_at), chats="eligible", period="after"
    )
    shifts = sample.frame(Shifts, (Shifts.on_at, Shifts.off_at), owner="worker_id")
    at = chats.number(Chats.opened_at)
    on = []
    for arm in (True, False):
        side = shifts.where(shifts.treated == arm)
        begun = np.searchsorted(np.sort(side.number(Shifts.on_at)), at, side="right")
        ended = np.sort(side.number(Shifts.off_at)[np.isfinite(side.number(Shifts.off_at))])
        on.append(begun - np.searchsorted(ended, at, side="right"))
    total = on[0] + on[1]
    logged = chats.number(Chats.owner_probability)
    agrees = (total > 0) & (np.abs(1 / np.maximum(logged, 1e-12) - total) < 1)
    return chats.treated, np.where(agrees, on[0] / np.maximum(total, 1), np.nan)


SPEC = SectionSpec(id=ID, title=TITLE, lead=LEAD, make=from_context(section))
