"""Section: when workers step in, and why comparing early with late misleads."""

from __future__ import annotations

from stepin.evidence.analysis.context import Context
from stepin.evidence.analysis.timing import (
    PathTiming,
    TimingContrast,
    ai_chats,
    by_path,
    contrasts,
    hazards,
    moods,
)
from stepin.evidence.base.labels import PATH_NAMES
from stepin.evidence.base.scale import AXIS, MINUS, interval, level, signed, whole
from stepin.evidence.estimators.row_level.timing import Hazard
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
CAUTION = Callout(
    tone="warn",
    title="Why not simply compare early with late takeovers?",
    text="To be taken over late, a chat must first have lasted long, and chats last long "
    "because they go badly. Early takeovers then look good even where timing does nothing "
    "(immortal time). The comparison by rounds starts a clock at each round among chats "
    "still running and looks forward only; how severe a chat was may still differ. The "
    "time to close is left out: it contains the time before the takeover. Rounds are "
    "marked as clear only where they stay so when the number of rounds is counted in.",
)


def section(context: Context) -> Section:
    """Return the section on timing.

    Raises
    ------
    Refused
        ``no_takeovers`` when the data record too few.
    """
    chats = ai_chats(context)
    found = contrasts(context, chats)
    return Section(
        id=ID,
        title=TITLE,
        lead=LEAD,
        blocks=(
            _by_round(hazards(chats)),
            _by_path(by_path(chats), moods(context)),
            *(_contrast(c, context.treatment) for c in found),
            CAUTION,
        ),
        findings=tuple(f for c in found for f in (*c.rounds, c.naive)),
    )


def _by_round(steps: tuple[Hazard, ...]) -> Block:
    peak = max(steps, key=lambda h: h.hazard)
    return picture(
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


def _by_path(paths: tuple[PathTiming, ...], mood: dict[str, float]) -> Block:
    return grid(
        "Round of the takeover, by path",
        (
            "Path",
            "Chats",
            "Median round of takeover",
            "Median rounds of the chat",
            *(("Mean mood just before",) if mood else ()),
        ),
        [
            (
                PATH_NAMES[p.path],
                whole(p.chats),
                f"{p.taken_round:.0f}",
                f"{p.rounds:.0f}",
                *((_mood(mood.get(p.path)),) if mood else ()),
            )
            for p in paths
        ],
        note="Mood: of the customer's last message, -1 (angry) to 1.".replace("-", MINUS)
        if mood
        else "",
    )


def _mood(mood: float | None) -> str:
    return "" if mood is None else f"{mood:+.2f}".replace("-", MINUS)


def _contrast(found: TimingContrast, treatment: str) -> Block:
    m, naive = found.measure, found.naive.estimate
    misleading = Mark(
        label="misleading: early, not late",
        value=naive.value,
        low=naive.low,
        high=naive.high,
        colour=svg.SECOND,
        hollow=True,
        text=signed(naive.value, m.scale),
    )
    return picture(
        f"timing-{m.name}",
        f"{m.title}: taken over now, against waiting",
        reading(found.rounds[-1], treatment=treatment)
        + f" The naive figure would have said {signed(naive.value, m.scale)} "
        f"({interval(naive.low, naive.high, m.scale)}).",
        forest([*map(mark, found.rounds), misleading], m.scale, AXIS[m.scale]),
    )


SPEC = SectionSpec(id=ID, title=TITLE, lead=LEAD, make=from_context(section))
