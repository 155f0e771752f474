"""Sections: the design card, and the health of the data behind everything else."""

from __future__ import annotations

import numpy as np
from scipy.stats import binomtest

from stepin.core.facts import Chats
from stepin.evidence.analysis.context import Context
from stepin.evidence.analysis.results import Core
from stepin.evidence.base.estimate import Estimate
from stepin.evidence.base.finding import Finding
from stepin.evidence.base.scale import Scale, level, probability, whole
from stepin.evidence.estimators.effects import chat_ratio
from stepin.evidence.estimators.row_level.alone import Alone
from stepin.evidence.report.document import Block, Callout, Cell, Section, Tone, grid
from stepin.evidence.report.reading import reading
from stepin.evidence.report.sections import flow
from stepin.evidence.report.spec import SectionSpec, from_context, from_core
from stepin.trial.plan import Plan
from stepin.trial.ratio import Ratio, sample_ratio

ID_HEALTH = "health"
WINDOWS = {"10m": "10 minutes", "24h": "24 hours", "3d": "3 days", "7d": "7 days"}
LATE = {
    "randomize": "drawn alone by the shares",
    "control": "put into the control arm",
    "exclude": "kept out of the trial",
}


def _owner(plan: Plan) -> str:
    rule = f"{plan.routing.owner.replace('_', ' ')}, at most {plan.routing.cap} open chats each"
    return f"{rule}; because: {plan.routing.reason}" if plan.routing.reason else rule


def _harm(plan: Plan) -> str:
    """Return the rule by which the desk watched for harm, as it was fixed."""
    rule = plan.harm
    watched = {"low_rating": f"ratings of {rule.low_rating_at_most} or less"}
    return (
        f"{' and '.join(watched.get(o, o) for o in rule.outcomes)} on {rule.chats} chats, level "
        f"{rule.alpha:g} ({rule.spending.replace('_', ' ')}), from day {rule.first_after_days} "
        f"every {rule.every_days} days, with {rule.least_count} or more, "
        f"{rule.repetitions:,} replayed draws"
    )


def design_card(context: Context) -> Section:
    """Return the section that says what was fixed before the trial began."""
    plan, units = context.plan, context.sample.units
    treated = int(units.treated.sum())
    blocks = len(set(units.block))
    again = plan.randomization.rerandomize
    rows: list[tuple[str | Cell, ...]] = [
        ("Question", plan.question or "none was written down"),
        ("Unit drawn", plan.unit),
        (
            "Arms",
            ", ".join(
                f"{a.name} ({level(a.share, 'share')}, policy {a.policy})" for a in plan.arms
            ),
        ),
        (
            f"{context.clusters.capitalize()} here",
            f"{whole(treated)} in {context.sample.arm}, "
            f"{whole(len(units.ids) - treated)} in {plan.control}",
        ),
        (
            "Draw",
            f"{'one block' if blocks == 1 else f'{blocks} blocks'}, seed {plan.seed}"
            + (", drawn again until alike" if again else ""),
        ),
        (
            "Dates",
            f"before from {plan.dates.pre_from}; treatment {plan.dates.treatment_from} to "
            f"{plan.dates.treatment_until}",
        ),
        (
            "Ramp",
            "; ".join(f"{level(s.share, 'share')} from {s.from_}" for s in plan.ramp)
            or "none: all start on the first day",
        ),
        (
            "Looks before the end",
            ", ".join(f"after {d} days" for d in plan.looks.days) or "none",
        ),
        ("Owner of a chat", _owner(plan)),
        ("Late joiners", LATE[plan.randomization.late_joiners]),
        ("Harm rule", _harm(plan)),
        (
            "Primary outcomes",
            "; ".join(f"{m.title} on {m.chats} chats" for m in context.measures if m.primary)
            or "none",
        ),
        ("Estimator", "ANCOVA" if plan.analysis.estimator == "ancova" else "DiD"),
        ("Plan's hash", context.plan_digest),
    ]
    return Section(
        id=DESIGN.id,
        title=DESIGN.title,
        lead="What the plan says, and the arms that the facts hold. A plan that was registered in "
        "a log before anybody was assigned has the same hash there.",
        blocks=(grid("Design", ("What", "Value"), rows, text_columns=2),),
    )


def _share(core: Core, who: str) -> tuple[Finding, Finding]:
    """Return the arm difference in the share of eligible chats and in chats a day."""
    ratio = chat_ratio(core.cube, core.arms)

    def finding(name: str, label: str, found: Estimate, scale: Scale) -> Finding:
        return Finding(
            analysis="sample_ratio",
            outcome=name,
            label=label,
            sample="all chats",
            design="randomized",
            scale=scale,
            estimate=found,
            basis="cube",
        )

    return (
        finding("eligible", "the share of eligible chats", ratio.eligible.estimate, "share"),
        finding("chats_per_day", f"chats per {who} and day", ratio.volume.estimate, "count"),
    )


def health(context: Context, core: Core) -> Section:
    """Return the section on sample ratios, crossovers and gaps in the data."""
    sample, plan, draws = context.sample, context.plan, context.draws
    units = sample.units
    frame = sample.daily({"n": "1"}, chats="all")
    seen = np.unique(frame.unit[frame.after])
    own = np.where(units.treated, draws.treated_arm, draws.control_arm).astype(np.int8)
    ratios = sample_ratio(draws.design, [units.ids[u] for u in seen.tolist()], arms=own)
    ratio = next(r for r in ratios if r.arm == sample.arm)
    if context.alone is not None:
        ratio = _alone_ratio(plan, context.alone, sample.arm)
    share, volume = _share(core, context.cluster)
    rows: list[tuple[str | Cell, ...]] = []

    def row(name: str, value: str, what: str, tone: Tone) -> None:
        rows.append((name, value, Cell(what, tone)))

    if (numbers := flow.drawn(context)) is not None:
        rows.append(numbers)
    row(
        f"{plan.unit.capitalize()}s with chats",
        f"{ratio.seen} of them are in the arm, {ratio.expected:.1f} expected by the draw",
        f"p = {probability(ratio.p)}",
        flow.tone(ratio.p),
    )
    if context.alone is None:
        rows.append(flow.stayed(context, frame))
    for name, f in (("Eligible share", share), ("Chats a day", volume)):
        p = f.estimate.p
        row(
            name,
            reading(f, treatment=context.treatment),
            f"p = {probability(p)}",
            flow.tone(p),
        )
    mix, issues = flow.issues(context)
    rows += [r for r in (mix, flow.held(context)) if r is not None]
    notes: list[Block] = []
    crossed = _mean(context, "crossed_arm", "t.crossed_arm::DOUBLE")
    if crossed is not None:
        row(
            "Held by the other arm",
            f"{level(crossed, 'share')} of chats",
            "few" if crossed < 0.05 else "many",
            "good" if crossed < 0.05 else "warn",
        )
    window = f"retrial_{plan.windows.retrial}"
    over = WINDOWS[plan.windows.retrial]
    matured = _mean(context, window, f"(t.{window} IS NOT NULL)::DOUBLE")
    if matured is not None:
        row(
            f"Returns known ({over} over)",
            f"{level(matured, 'share')} of chats",
            "complete" if matured > 0.99 else "incomplete",
            "good" if matured > 0.99 else "warn",
        )
        if matured <= 0.99:
            notes.append(
                Callout(
                    tone="warn",
                    title="Some returns can't be known yet.",
                    text=f"Chats whose {over} aren't over are left out of that outcome.",
                )
            )
    rated = _mean(context, "rating", "(t.rating IS NOT NULL)::DOUBLE")
    if rated is not None:
        row("Rated", f"{level(rated, 'share')} of chats", "see Ratings", "plain")
    if plan.routing.owner != "uniform":
        notes.append(
            Callout(
                tone="warn",
                title="Owners weren't drawn uniformly.",
                text="Least-loaded routing moves chats towards freed workers and hides the "
                "spillover on other chats.",
            )
        )
    return Section(
        id=ID_HEALTH,
        title=HEALTH.title,
        lead="If the arms differ in who or what was seen, the comparison is broken whatever the "
        "effects say.",
        blocks=(
            flow.flow(context, frame),
            grid(
                "Checks",
                ("Check", "Found", "Verdict"),
                rows,
                text_columns=3,
                note="Green: no sign of a fault, which a p-value below 0.01 would be. Errors "
                f"clustered by {context.cluster}.",
            ),
            *notes,
        ),
        findings=(share, volume, *issues),
    )


def _alone_ratio(plan: Plan, alone: Alone, arm: str) -> Ratio:
    """Return the exact test of the arm's number of units against its share, of the two arms."""
    both = {name: alone.counts.get(name, 0) for name in (plan.control, arm)}
    total, shares = sum(both.values()), plan.arm(arm).share + plan.arm(plan.control).share
    share = plan.arm(arm).share / shares
    p = float(binomtest(both[arm], total, share).pvalue) if total else 1.0
    return Ratio(arm=arm, seen=both[arm], expected=total * share, p=p, method="exact")


def _mean(context: Context, column: str, sql: str) -> float | None:
    if not context.sample.has(Chats, Chats.column(column)):
        return None
    frame = context.sample.daily({"x": sql}, chats="all")
    values, n = frame.values["x"], frame.values["n:x"]
    keep = frame.after & np.isfinite(values) & (n > 0)
    if not keep.any():
        return None
    return float(np.average(values[keep], weights=n[keep]))


DESIGN = SectionSpec(id="design", title="What was fixed before", make=from_context(design_card))
HEALTH = SectionSpec(id=ID_HEALTH, title="Is the data sound?", make=from_core(health))
