"""Section: alerts and prompts that were left to chance inside chats."""

from __future__ import annotations

from stepin.evidence.analysis.context import Context
from stepin.evidence.analysis.prompts import PromptEffect, prompt_effects
from stepin.evidence.base.level import confidence
from stepin.evidence.base.scale import AXIS, interval, level, probability, signed, whole
from stepin.evidence.report.document import Block, Section, grid
from stepin.evidence.report.figures.forest import forest, mark
from stepin.evidence.report.picture import picture
from stepin.evidence.report.reading import reading
from stepin.evidence.report.spec import SectionSpec, from_context

ID, TITLE = "prompts", "Does a prompt to look in help?"
LEAD = (
    "Inside AI chats the desk left some prompts to chance, with known probabilities. What follows "
    "is an effect of drawing the prompt, on the chats in which it could be drawn."
)


def section(context: Context) -> Section:
    """Return the section on randomized prompts.

    Raises
    ------
    Refused
        ``no_decisions`` when no decision was left to chance.
    """
    found = prompt_effects(context)
    return Section(
        id=ID,
        title=TITLE,
        lead=LEAD,
        blocks=(*map(_figure, found), _table(found, context.cluster)),
        findings=tuple(e.finding for e in found),
    )


def _figure(effect: PromptEffect) -> Block:
    f, point = effect.finding, effect.point
    return picture(
        f"prompt-{point.replace(' ', '_')}-{f.outcome}",
        f"{f.term}: \u201c{point}\u201d drawn, against not drawn",
        reading(f, treatment="the prompt"),
        forest([mark(f)], f.scale, AXIS[f.scale]),
    )


def _table(found: tuple[PromptEffect, ...], cluster: str) -> Block:
    return grid(
        "Randomized prompts",
        (
            "Prompt",
            "Outcome",
            "Decisions",
            "Drawn",
            "Effect",
            f"{confidence()} interval",
            "p",
            "p, all",
        ),
        [_row(effect) for effect in found],
        text_columns=2,
        note="Weighted and centred least squares with the logged probabilities, errors "
        f"clustered by {cluster}; \u201cp, all\u201d counts the rows of this table "
        "in (Holm). Read from rows.",
    )


def _row(effect: PromptEffect) -> tuple[str, ...]:
    f, e = effect.finding, effect.finding.estimate
    return (
        effect.point,
        f.term,
        whole(effect.drawn.decisions),
        level(effect.drawn.drawn_share, "share"),
        signed(e.value, f.scale),
        interval(e.low, e.high, f.scale),
        probability(e.p),
        probability(f.family_p),
    )


SPEC = SectionSpec(id=ID, title=TITLE, lead=LEAD, make=from_context(section))
