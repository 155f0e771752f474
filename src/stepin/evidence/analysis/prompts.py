"""What drawing a prompt inside AI chats does, where it was left to chance."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from stepin.core.facts import Chats, Decisions
from stepin.errors import Refused, StepinError
from stepin.evidence.analysis.context import Context
from stepin.evidence.base.arrays import Bools, Floats, Ints, codes, columns
from stepin.evidence.base.finding import Finding, counted
from stepin.evidence.base.labels import Measure
from stepin.evidence.data.sample import SampleRows
from stepin.evidence.estimators.row_level.contrasts import Micro, micro_randomized

FEWEST = 60


class PromptEffect(msgspec.Struct, frozen=True, kw_only=True):
    """The effect of drawing one prompt on one outcome.

    Attributes
    ----------
    point : the decision point in plain words. drawn : how often it was drawn, of how many.
    """

    point: str
    drawn: Micro
    finding: Finding


class _Drawn(msgspec.Struct, frozen=True, kw_only=True):
    """The decisions of the treatment period as arrays.

    Attributes
    ----------
    row : (n,) place of the decision's chat among the eligible chats, -1 for none.
    drawn : (n,) whether the prompt was drawn. chance : (n,) how likely that was.
    """

    rows: SampleRows
    row: Ints
    point: np.ndarray
    drawn: Bools
    chance: Floats


def prompt_effects(context: Context) -> tuple[PromptEffect, ...]:
    """Return the effect of every randomized prompt on every outcome.

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
    decisions = _decisions(context)
    chats = sample.frame(
        Chats,
        (Chats.chat_id, *(m.column for m in outcomes)),
        chats="eligible",
        period="after",
    )
    if not len(chats) or not len(decisions):
        raise Refused("No decision in these data was left to chance.", code="no_decisions")
    made = _drawn(decisions, chats)
    found = [
        effect
        for point in sorted(set(made.point.tolist()))
        for m in outcomes
        if (effect := _effect(made, point, m, m.values(chats.number(m.column)))) is not None
    ]
    if not found:
        raise Refused("No decision in these data was left to chance.", code="no_decisions")
    family = counted([e.finding for e in found])
    return tuple(msgspec.structs.replace(e, finding=f) for e, f in zip(found, family, strict=True))


def _decisions(context: Context) -> SampleRows:
    return context.sample.frame(
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


def _drawn(decisions: SampleRows, chats: SampleRows) -> _Drawn:
    place = {c: i for i, c in enumerate(chats.text(Chats.chat_id))}
    drawn, chance = _probability_of_fired(decisions)
    return _Drawn(
        rows=decisions,
        row=np.array([place.get(c, -1) for c in decisions.text(Decisions.chat_id)], dtype=np.int64),
        point=np.asarray(decisions.text(Decisions.point)),
        drawn=drawn,
        chance=chance,
    )


def _effect(made: _Drawn, point: str, m: Measure, value: Floats) -> PromptEffect | None:
    """Return the effect at one decision point, None where too few decisions carry it.

    Parameters
    ----------
    value : the outcome of each eligible chat.
    """
    decisions = made.rows
    y = np.where(made.row >= 0, value[made.row], np.nan)
    keep = (made.point == point) & np.isfinite(y)
    if keep.sum() < FEWEST:
        return None
    # What was known when the draw was made may be held, what came after it may not.
    controls = np.nan_to_num(
        columns(decisions.number(Decisions.round), decisions.number(Decisions.score))
    )
    try:
        found = micro_randomized(
            y[keep],
            made.drawn[keep],
            made.chance[keep],
            decisions.number(Decisions.available)[keep] == 1.0,
            controls[keep],
            unit=codes(decisions.unit[keep]),
        )
    except StepinError:
        return None
    said = point.replace("_", " ")
    return PromptEffect(
        point=said,
        drawn=found,
        finding=Finding(
            analysis="micro_randomized",
            outcome=m.name,
            label=m.label,
            sample=f"AI chats at the decision \u201c{said}\u201d",
            term=m.title,
            design="randomized",
            scale=m.scale,
            estimate=found.effect,
            better=m.better,
        ),
    )


def _probability_of_fired(frame: SampleRows) -> tuple[Bools, Floats]:
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
