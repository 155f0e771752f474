"""Section: when workers step in, and why comparing early with late misleads."""

from __future__ import annotations

import numpy as np

from stepin.core.facts import Chats, Takeovers
from stepin.errors import Refused
from stepin.evidence.analysis.context import Context
from stepin.evidence.base.finding import Finding, counted
from stepin.evidence.base.labels import PATH_NAMES
from stepin.evidence.base.scale import AXIS, MINUS, interval, level, signed, whole
from stepin.evidence.estimators.row_level.timing import hazard_by_round, landmark, naive_early_late
from stepin.evidence.report import svg
from stepin.evidence.report.document import Block, Callout, Section, grid
from stepin.evidence.report.figures.forest import Mark, forest, mark
from stepin.evidence.report.figures.series import hazard
from stepin.evidence.report.picture import picture
from stepin.evidence.report.reading import reading
from stepin.evidence.report.spec import SectionSpec, from_context

ID, TITLE = "timing", "When workers step in"
LEAD = (
    "How often a worker takes over in each round, and what taking over now rather than waiting "
    "goes with. Only randomized prompts can say when stepping in helps; see the next section."
)
LAST = 10


def _moods(context: Context) -> dict[str, float]:
    """Return the mean mood just before the first takeover, by its cause; empty without moods."""
    wanted = (Takeovers.cause, Takeovers.sentiment)
    if not context.sample.has(Takeovers, Takeovers.worker_id, *wanted):
        return {}
    first = context.sample.frame(
        Takeovers, wanted, owner="worker_id", period="after", where="t.ordinal = 1"
    )
    cause, mood = np.asarray(first.text(Takeovers.cause)), first.number(Takeovers.sentiment)
    known = np.isfinite(mood)
    return {str(c): float(mood[known & (cause == c)].mean()) for c in np.unique(cause[known])}


def section(context: Context) -> Section:
    """Return the section on timing.

    Raises
    ------
    Refused
        ``no_takeovers`` when the data record too few.
    """
    late = context.late
    if not context.has(Chats.takeover_round, Chats.rounds):
        raise Refused("The chats record no takeovers.", code="no_takeovers")
    # No takeover round says that there was no takeover; no number of rounds says nothing.
    counted_rounds = late.treated & np.isfinite(late.number(Chats.rounds))
    ai = late.where(counted_rounds)
    x = context.x[0][counted_rounds]
    taken = np.nan_to_num(ai.number(Chats.takeover_round), nan=0).astype(np.int64)
    rounds = ai.number(Chats.rounds).astype(np.int64)
    if (taken > 0).sum() < 60:
        raise Refused("Fewer than 60 chats were taken over.", code="no_takeovers")
    last = min(LAST, int(np.quantile(taken[taken > 0], 0.95)))
    steps = hazard_by_round(taken, rounds, last=max(2, last))
    peak = max(steps, key=lambda h: h.hazard)
    blocks: list[Block] = [
        picture(
            "hazard",
            "Takeovers by round",
            f"Of the AI chats still running in round {peak.round}, {level(peak.hazard, 'share')} "
            f"were taken over in it, the most of any round; by round {steps[-1].round}, "
            f"{level(steps[-1].cumulative, 'share')} of all AI chats had been taken over.",
            hazard(
                [h.round for h in steps],
                [h.hazard for h in steps],
                [h.cumulative for h in steps],
            ),
        )
    ]
    path = np.asarray(ai.text(Chats.path))
    moods = _moods(context)
    median = [
        (
            PATH_NAMES[p],
            whole((path[taken > 0] == p).sum()),
            f"{np.median(taken[(taken > 0) & (path == p)]):.0f}",
            f"{np.median(rounds[(taken > 0) & (path == p)]):.0f}",
            *((f"{moods[p]:+.2f}".replace("-", MINUS) if p in moods else "",) if moods else ()),
        )
        for p in sorted(set(path[taken > 0].tolist()))
        if ((taken > 0) & (path == p)).sum() >= 30
    ]
    blocks.append(
        grid(
            "Round of the takeover, by path",
            (
                "Path",
                "Chats",
                "Median round of takeover",
                "Median rounds of the chat",
                *(("Mean mood just before",) if moods else ()),
            ),
            median,
            note="Mood: of the customer's last message, -1 (angry) to 1.".replace("-", MINUS)
            if moods
            else "",
        )
    )
    findings: list[Finding] = []
    early_to = int(np.median(taken[taken > 0]))
    for m in context.measures:
        if m.name == "duration_s":
            continue
        y = m.values(ai.number(m.column))
        keep = np.isfinite(y)
        unit, day = ai.unit[keep], ai.day[keep]
        if (taken[keep] > 0).sum() < 60:
            continue
        naive = naive_early_late(
            y[keep], taken[keep], x[keep], unit=unit, day=day, early_to=early_to
        )
        found = landmark(y[keep], taken[keep], rounds[keep], x[keep], unit=unit, day=day, last=last)
        if not found:
            continue
        here = [
            Finding(
                analysis="landmark",
                outcome=m.name,
                label=m.label,
                sample="AI chats taken over in that round"
                if f.round
                else "AI chats taken over in a round",
                term=f"round {f.round}" if f.round else "all rounds together",
                against="AI chats that went on in it and looked alike at opening",
                design="adjusted",
                scale=m.scale,
                estimate=f.difference,
                better=m.better,
            )
            for f in found
        ]
        by_round = [f for f, one in zip(here, found, strict=True) if one.round]
        here = [*counted(by_round), *here[len(by_round) :]]
        warning = Finding(
            analysis="naive_timing",
            outcome=m.name,
            label=m.label,
            sample="taken-over chats",
            term=f"by round {early_to}, against later",
            design="described",
            scale=m.scale,
            estimate=naive,
            note="Biased by construction; shown as a warning.",
        )
        findings += [*here, warning]
        marks = [mark(f) for f in here]
        marks.append(
            Mark(
                label="misleading: early, not late",
                value=naive.value,
                low=naive.low,
                high=naive.high,
                colour=svg.SECOND,
                hollow=True,
                text=signed(naive.value, m.scale),
            )
        )
        pooled = here[-1]
        blocks.append(
            picture(
                f"timing-{m.name}",
                f"{m.title}: taken over now, against waiting",
                reading(pooled, treatment=context.treatment)
                + f" The naive figure would have said {signed(naive.value, m.scale)} "
                f"({interval(naive.low, naive.high, m.scale)}).",
                forest(marks, m.scale, AXIS[m.scale]),
            )
        )
    blocks.append(
        Callout(
            tone="warn",
            title="Why not simply compare early with late takeovers?",
            text="To be taken over late, a chat must first have lasted long, and chats last long "
            "because they go badly. Early takeovers then look good even where timing does nothing "
            "(immortal time). The comparison by rounds starts a clock at each round among chats "
            "still running and looks forward only; how severe a chat was may still differ. The "
            "time to close is left out: it contains the time before the takeover. Rounds are "
            "marked as clear only where they stay so when the number of rounds is counted in.",
        )
    )
    return Section(id=ID, title=TITLE, lead=LEAD, blocks=tuple(blocks), findings=tuple(findings))


SPEC = SectionSpec(id=ID, title=TITLE, lead=LEAD, make=from_context(section))
