"""How workers worked after taking over: every measure of effort, by path."""

from __future__ import annotations

import msgspec
import numpy as np

from stepin.core.facts import PATHS, Chats, Column
from stepin.errors import Refused
from stepin.evidence.analysis.context import Context
from stepin.evidence.base.arrays import Bools, Floats
from stepin.evidence.base.estimate import Estimate
from stepin.evidence.base.finding import Finding, counted
from stepin.evidence.base.labels import PATH_NAMES
from stepin.evidence.base.scale import Scale
from stepin.evidence.data.sample import SampleRows
from stepin.evidence.estimators.row_level.effort import REFERENCE, effort_by_path

FEWEST = 60


class EffortMeasure(msgspec.Struct, frozen=True, kw_only=True):
    """One measure of effort.

    Attributes
    ----------
    scale : of differences and levels. values : (n,) of the eligible chats after the start.
    """

    name: str
    label: str
    scale: Scale
    values: Floats


class EffortContrast(msgspec.Struct, frozen=True, kw_only=True):
    """One path against technical takeovers, for one measure.

    Attributes
    ----------
    reference : the mean among technical takeovers; None where it isn't known.
    spread : their standard deviation, in which measures of different units can be compared.
    """

    path: str
    chats: int
    reference: float | None
    spread: float
    finding: Finding

    @property
    def standardized(self) -> Finding:
        """The finding in standard deviations of the measure, named by the measure."""
        e, by = self.finding.estimate, self.spread

        def scaled(value: float | None) -> float | None:
            return None if value is None else value / by

        shrunk = msgspec.structs.replace(
            e, value=e.value / by, se=scaled(e.se), low=scaled(e.low), high=scaled(e.high)
        )
        return msgspec.structs.replace(self.finding, term="", scale="sd", estimate=shrunk)


def effort_contrasts(context: Context) -> tuple[EffortContrast, ...]:
    """Return every measure on every path, each worker compared with themselves.

    Raises
    ------
    Refused
        ``no_takeovers`` when too few chats were taken over.
    """
    late = context.late
    if not context.has(Chats.path, Chats.takeover_round):
        raise Refused("The chats record no takeovers.", code="no_takeovers")
    taken = late.treated & np.isfinite(late.number(Chats.takeover_round))
    path = np.asarray(late.text(Chats.path))
    found = [c for m in effort_measures(context) for c in _contrasts(context, m, path, taken)]
    if not found:
        raise Refused("Too few chats were taken over to compare.", code="no_takeovers")
    family = counted([c.finding for c in found])
    return tuple(msgspec.structs.replace(c, finding=f) for c, f in zip(found, family, strict=True))


def _contrasts(
    context: Context, m: EffortMeasure, path: np.ndarray, taken: Bools
) -> list[EffortContrast]:
    late, (x, _) = context.late, context.x
    keep = taken & np.isfinite(m.values)
    if keep.sum() < FEWEST:
        return []
    found = effort_by_path(
        m.values[keep],
        path[keep].tolist(),
        x[keep],
        unit=late.unit[keep],
        day=late.day[keep],
        paths=tuple(p for p in PATHS if p != "none"),
    )
    reference = next((r.mean for r in found if r.path == REFERENCE), None)
    return [
        EffortContrast(
            path=r.path,
            chats=r.chats,
            reference=reference,
            spread=float(m.values[keep & (path == REFERENCE)].std()),
            finding=_finding(m, r.path, r.difference),
        )
        for r in found
        if r.difference is not None
    ]


def _finding(m: EffortMeasure, path: str, difference: Estimate) -> Finding:
    return Finding(
        analysis="effort",
        outcome=m.name,
        label=m.label,
        sample="taken-over chats",
        term=PATH_NAMES[path],
        design="described",
        scale=m.scale,
        estimate=difference,
    )


def effort_measures(context: Context) -> list[EffortMeasure]:
    """Return the measures of effort that the data hold."""
    late = context.late
    found: list[EffortMeasure] = []

    def add(name: str, label: str, scale: Scale, values: Floats) -> None:
        found.append(EffortMeasure(name=name, label=label, scale=scale, values=values))

    def plain(column: Column[float], label: str, scale: Scale) -> None:
        if context.has(column):
            add(column.name, label, scale, late.number(column))

    plain(Chats.worker_latency_s, "time to answer", "seconds")
    if context.has(Chats.worker_messages):
        add(
            "worker_messages", "messages by the worker", "count", late.number(Chats.worker_messages)
        )
    if context.has(Chats.worker_messages, Chats.worker_chars):
        add("chars_per_message", "length of a message", "count", _per_message(late))
    if context.has(Chats.rounds, Chats.human_rounds, Chats.takeover_round):
        add("human_share_after", "share of later rounds answered", "share", _share_after(late))
    plain(Chats.attention_s, "attention", "seconds")
    plain(Chats.information_seeking, "messages that ask", "share")
    plain(Chats.solution_provision, "messages that propose", "share")
    plain(Chats.proactivity, "messages that take initiative", "share")
    plain(Chats.empathy, "messages that show empathy", "share")
    return found


def _per_message(frame: SampleRows) -> Floats:
    messages = frame.number(Chats.worker_messages)
    return np.where(
        messages > 0, frame.number(Chats.worker_chars) / np.maximum(messages, 1), np.nan
    )


def _share_after(frame: SampleRows) -> Floats:
    after = frame.number(Chats.rounds) - frame.number(Chats.takeover_round) + 1
    return np.where(after > 0, frame.number(Chats.human_rounds) / np.maximum(after, 1), np.nan)
