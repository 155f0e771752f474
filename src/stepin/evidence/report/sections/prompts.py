"""Section: alerts and prompts that were left to chance inside chats."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from stepin.core.facts import Chats, Decisions
from stepin.errors import Refused, StepinError
from stepin.evidence.analysis.context import Context
from stepin.evidence.base.arrays import Floats, codes, columns
from stepin.evidence.base.finding import Finding, counted
from stepin.evidence.base.level import confidence
from stepin.evidence.base.scale import AXIS, interval, level, probability, signed, whole
from stepin.evidence.data.sample import SampleRows
from stepin.evidence.estimators.row_level.contrasts import Micro, micro_randomized
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


def _probability_of_fired(frame: SampleRows) -> tuple[np.ndarray, Floats]:
    """Return per decision whether a non-default option was drawn, and the chance of that.

    The first option of a decision is its default; decisions whose options or probabilities
    can't be read count as not randomized.
    """
    drawn = np.zeros(len(frame), dtype=np.bool_)
    chance = np.zeros(len(frame))
    options, probabilities = frame.text(Decisions.options), frame.text(Decisions.probabilities)
    chosen = frame.text(Decisions.drawn)
    fired = frame.number(Decisions.fired) == 1.0
    p_drawn = frame.number(Decisions.probability)
    known: dict[tuple[str, str], tuple[list[Any], list[float]]] = {}
    for i, key in enumerate(zip(options, probabilities, strict=True)):
        if key not in known:
            known[key] = _read(*key)
        names, ps = known[key]
        drawn[i] = fired[i]
        if len(names) != 2 or len(ps) != 2 or chosen[i] not in names:
            chance[i] = 1.0 if fired[i] else 0.0
            continue
        other = 1 - p_drawn[i]
        chance[i] = p_drawn[i] if fired[i] else other
    return drawn, chance


def _read(options: str, probabilities: str) -> tuple[list[Any], list[float]]:
    try:
        return (
            msgspec.json.decode(options.encode(), type=list[str]),
            msgspec.json.decode(probabilities.encode(), type=list[float]),
        )
    except msgspec.DecodeError:
        return [], []


def section(context: Context) -> Section:
    """Return the section on randomized prompts.

    Raises
    ------
    Refused
        ``no_decisions`` when no decision was left to chance.
    """
    sample = context.sample
    if not sample.has(Decisions, *Decisions.columns):
        raise Refused(
            "These data hold no randomized prompts.",
            code="no_decisions",
            hint="Let the desk randomize alerts inside AI chats to learn when to step in.",
        )
    outcomes = [m for m in context.measures if sample.has(Chats, m.column)]
    decisions = sample.frame(
        Decisions,
        (
            Decisions.point,
            Decisions.chat_id,
            Decisions.available,
            Decisions.options,
            Decisions.probabilities,
            Decisions.drawn,
            Decisions.probability,
            Decisions.fired,
            Decisions.round,
            Decisions.score,
        ),
        period="after",
    )
    chats = sample.frame(
        Chats,
        (Chats.chat_id, *(m.column for m in outcomes)),
        chats="eligible",
        period="after",
    )
    if not len(chats) or not len(decisions):
        raise Refused("No decision in these data was left to chance.", code="no_decisions")
    place = {c: i for i, c in enumerate(chats.text(Chats.chat_id))}
    row = np.array([place.get(c, -1) for c in decisions.text(Decisions.chat_id)], dtype=np.int64)
    drawn, chance = _probability_of_fired(decisions)
    points = np.asarray(decisions.text(Decisions.point))
    findings: list[Finding] = []
    drew: list[tuple[str, Micro]] = []
    for point in sorted(set(points.tolist())):
        for m in outcomes:
            value = m.values(chats.number(m.column))
            y = np.where(row >= 0, value[row], np.nan)
            keep = (points == point) & np.isfinite(y)
            if keep.sum() < 60:
                continue
            controls = np.nan_to_num(
                columns(decisions.number(Decisions.round), decisions.number(Decisions.score))
            )
            try:
                found = micro_randomized(
                    y[keep],
                    drawn[keep],
                    chance[keep],
                    decisions.number(Decisions.available)[keep] == 1.0,
                    controls[keep],
                    unit=codes(decisions.unit[keep]),
                )
            except StepinError:
                continue
            f = Finding(
                analysis="micro_randomized",
                outcome=m.name,
                label=m.label,
                sample=f"AI chats at the decision \u201c{point.replace('_', ' ')}\u201d",
                term=m.title,
                design="randomized",
                scale=m.scale,
                estimate=found.effect,
                better=m.better,
            )
            findings.append(f)
            drew.append((point.replace("_", " "), found))
    if not findings:
        raise Refused("No decision in these data was left to chance.", code="no_decisions")
    findings = counted(findings)
    blocks: list[Block] = [
        picture(
            f"prompt-{point.replace(' ', '_')}-{f.outcome}",
            f"{f.term}: \u201c{point}\u201d drawn, against not drawn",
            reading(f, treatment="the prompt"),
            forest([mark(f)], f.scale, AXIS[f.scale]),
        )
        for f, (point, _) in zip(findings, drew, strict=True)
    ]
    blocks.append(
        grid(
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
            [
                (
                    point,
                    f.term,
                    whole(found.decisions),
                    level(found.drawn_share, "share"),
                    signed(f.estimate.value, f.scale),
                    interval(f.estimate.low, f.estimate.high, f.scale),
                    probability(f.estimate.p),
                    probability(f.family_p),
                )
                for f, (point, found) in zip(findings, drew, strict=True)
            ],
            text_columns=2,
            note="Weighted and centred least squares with the logged probabilities, errors "
            f"clustered by {context.cluster}; \u201cp, all\u201d counts the rows of this table "
            "in (Holm). Read from rows.",
        )
    )
    return Section(id=ID, title=TITLE, lead=LEAD, blocks=tuple(blocks), findings=tuple(findings))


SPEC = SectionSpec(id=ID, title=TITLE, lead=LEAD, make=from_context(section))
