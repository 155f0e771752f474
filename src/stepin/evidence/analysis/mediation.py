"""What the difference goes together with: the steps that came after the draw."""

from __future__ import annotations

import msgspec
import numpy as np

from stepin.core.facts import PATHS, Chats
from stepin.errors import Refused
from stepin.evidence.analysis.context import Context
from stepin.evidence.base.arrays import Floats, codes
from stepin.evidence.base.estimate import bare
from stepin.evidence.base.finding import Finding
from stepin.evidence.base.labels import PATH_NAMES, SAMPLES, Measure
from stepin.evidence.base.scale import Scale
from stepin.evidence.estimators.row_level.mediation import decompose

FEWEST_ON_PATH = 60
FEWEST = 500


class Together(msgspec.Struct, frozen=True, kw_only=True):
    """The parts into which the difference of one outcome splits.

    Attributes
    ----------
    scale : of the parts: differences of logarithms add up, percentages don't.
    whole : the whole difference. parts : what goes together with each step, and the rest.
    findings : the whole difference and every part.
    """

    measure: Measure
    scale: Scale
    whole: float
    parts: tuple[tuple[str, float], ...]
    findings: tuple[Finding, ...]

    @property
    def untold(self) -> bool:
        """Whether parts so large cancel that they say little one by one."""
        return sum(abs(v) for _, v in self.parts) > 3 * abs(self.whole)


def together(context: Context) -> tuple[Together, ...]:
    """Return the parts of the difference of every outcome, on eligible chats.

    Raises
    ------
    Refused
        ``no_steps`` when the data hold no later steps, or too few chats.
    """
    if not context.has(Chats.path):
        raise Refused("The chats have no path.", code="no_steps")
    steps = _steps(context)
    if not steps:
        raise Refused("Too few chats were escalated to describe.", code="no_steps")
    found = [t for m in context.measures if (t := _parts(context, m, steps)) is not None]
    if not found:
        raise Refused("Too few chats to describe.", code="no_steps")
    return tuple(found)


def _steps(context: Context) -> dict[str, Floats]:
    """Return every later step by its name, one value per chat."""
    late = context.late
    path = np.asarray(late.text(Chats.path))
    steps: dict[str, Floats] = {}
    for p in PATHS:
        if p != "none" and (late.treated & (path == p)).sum() >= FEWEST_ON_PATH:
            steps[PATH_NAMES[p]] = (path == p).astype(np.float64)
    if context.has(Chats.human_rounds, Chats.rounds):
        rounds = np.maximum(late.number(Chats.rounds), 1)
        steps["share of rounds by a person"] = late.number(Chats.human_rounds) / rounds
    return steps


def _parts(context: Context, m: Measure, steps: dict[str, Floats]) -> Together | None:
    late, (x, _) = context.late, context.x
    y = m.values(late.number(m.column))
    keep = np.isfinite(y)
    for step in steps.values():
        keep &= np.isfinite(step)
    if keep.sum() < FEWEST:
        return None
    scale: Scale = "log" if m.scale == "percent" else m.scale
    found = decompose(
        y[keep],
        late.treated[keep],
        {k: v[keep] for k, v in steps.items()},
        x[keep],
        day=codes(late.day[keep]),
    )
    named = (*((s.step, s.part) for s in found.steps), ("everything else", found.rest))
    clusters, rows = np.unique(late.unit[keep]).size, int(keep.sum())
    return Together(
        measure=m,
        scale=scale,
        whole=found.whole,
        parts=named,
        findings=tuple(
            Finding(
                analysis="together",
                outcome=m.name,
                label=m.label,
                sample=SAMPLES["eligible"],
                term=term,
                design="described",
                scale=scale,
                estimate=bare(
                    value,
                    "No interval, on purpose: a description.",
                    clusters=clusters,
                    rows=rows,
                ),
            )
            for term, value in (("the whole difference", found.whole), *named)
        ),
    )
