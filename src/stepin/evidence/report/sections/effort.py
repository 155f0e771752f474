"""Section: how workers worked after taking over, by path."""

from __future__ import annotations

import msgspec
import numpy as np

from stepin.core.facts import PATHS, Chats, Column
from stepin.errors import Refused
from stepin.evidence.analysis.context import Context
from stepin.evidence.base.arrays import Floats
from stepin.evidence.base.finding import Finding, counted
from stepin.evidence.base.labels import PATH_NAMES
from stepin.evidence.base.level import confidence
from stepin.evidence.base.scale import Scale, interval, level, signed, whole
from stepin.evidence.data.sample import SampleRows
from stepin.evidence.estimators.row_level.effort import REFERENCE, effort_by_path
from stepin.evidence.report.document import Block, Cell, Section, grid
from stepin.evidence.report.figures.forest import forest, mark
from stepin.evidence.report.picture import picture
from stepin.evidence.report.reading import several
from stepin.evidence.report.spec import SectionSpec, from_context

ID, TITLE = "effort", "How workers worked after taking over"
LEAD = (
    "Chats that a worker took over, by the reason, each worker compared with themselves. A "
    "takeover is itself a result, so this describes; it does not say what caused what."
)


def _per_message(frame: SampleRows) -> Floats:
    messages = frame.number(Chats.worker_messages)
    return np.where(
        messages > 0, frame.number(Chats.worker_chars) / np.maximum(messages, 1), np.nan
    )


def _share_after(frame: SampleRows) -> Floats:
    after = frame.number(Chats.rounds) - frame.number(Chats.takeover_round) + 1
    return np.where(after > 0, frame.number(Chats.human_rounds) / np.maximum(after, 1), np.nan)


def _kinds(context: Context) -> list[tuple[str, str, Scale, Scale, Floats]]:
    """Return name, label, scale of differences, scale of levels, values of late rows."""
    late = context.late
    found: list[tuple[str, str, Scale, Scale, Floats]] = []

    def add(name: str, label: str, scale: Scale, at: Scale, y: Floats) -> None:
        found.append((name, label, scale, at, y))

    def plain(column: Column[float], label: str, scale: Scale) -> None:
        if context.has(column):
            add(column.name, label, scale, scale, late.number(column))

    plain(Chats.worker_latency_s, "time to answer", "seconds")
    if context.has(Chats.worker_messages):
        add(
            "worker_messages",
            "messages by the worker",
            "count",
            "count",
            late.number(Chats.worker_messages),
        )
    if context.has(Chats.worker_messages, Chats.worker_chars):
        add("chars_per_message", "length of a message", "count", "count", _per_message(late))
    if context.has(Chats.rounds, Chats.human_rounds, Chats.takeover_round):
        add(
            "human_share_after",
            "share of later rounds answered",
            "share",
            "share",
            _share_after(late),
        )
    plain(Chats.attention_s, "attention", "seconds")
    plain(Chats.information_seeking, "messages that ask", "share")
    plain(Chats.solution_provision, "messages that propose", "share")
    plain(Chats.proactivity, "messages that take initiative", "share")
    plain(Chats.empathy, "messages that show empathy", "share")
    return found


def section(context: Context) -> Section:
    """Return the section on effort.

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
    x, _ = context.x
    rows: list[tuple[str | Cell, ...]] = []
    findings: list[Finding] = []
    spread: list[float] = []
    shown_paths: list[str] = []
    for name, label, scale, at, y in _kinds(context):
        keep = taken & np.isfinite(y)
        if keep.sum() < 60:
            continue
        found = effort_by_path(
            y[keep],
            path[keep].tolist(),
            x[keep],
            unit=late.unit[keep],
            day=late.day[keep],
            paths=tuple(p for p in PATHS if p != "none"),
        )
        reference = next((r.mean for r in found if r.path == REFERENCE), None)
        for r in found:
            if r.difference is None:
                continue
            if r.path not in shown_paths:
                shown_paths.append(r.path)
            f = Finding(
                analysis="effort",
                outcome=name,
                label=label,
                sample="taken-over chats",
                term=PATH_NAMES[r.path],
                design="described",
                scale=scale,
                estimate=r.difference,
            )
            findings.append(f)
            spread.append(float(y[keep & (path == REFERENCE)].std()))
            rows.append(
                (
                    label[:1].upper() + label[1:],
                    PATH_NAMES[r.path],
                    whole(r.chats),
                    level(reference, at),
                    Cell(signed(r.difference.value, scale)),
                    interval(r.difference.low, r.difference.high, scale),
                )
            )
    if not rows:
        raise Refused("Too few chats were taken over to compare.", code="no_takeovers")
    findings = counted(findings)
    blocks: list[Block] = []
    for p in shown_paths:
        here = [
            _per_deviation(f, by)
            for f, by in zip(findings, spread, strict=True)
            if f.term == PATH_NAMES[p] and by > 0
        ]
        if len(here) > 1:
            blocks.append(
                picture(
                    f"effort-{p}",
                    f"What workers did after \u201c{PATH_NAMES[p]}\u201d, against technical "
                    "takeovers",
                    several(here, what="measures"),
                    forest(
                        [mark(f) for f in here],
                        "sd",
                        "difference, standard deviations among technical takeovers",
                    ),
                )
            )
    blocks.append(
        grid(
            "Every measure of effort",
            ("Measure", "Path", "Chats", "Technical", "Difference", f"{confidence()} interval"),
            rows,
            text_columns=2,
            note="Worker and day absorbed, opening covariates held, errors clustered by worker. "
            "Read from rows. In the figures a difference is clear only if it stays so when the "
            "number of rows of this table is counted in (Holm).",
        )
    )
    return Section(id=ID, title=TITLE, lead=LEAD, blocks=tuple(blocks), findings=tuple(findings))


def _per_deviation(f: Finding, spread: float) -> Finding:
    """Return the finding named by its measure, in standard deviations of the measure."""
    e = f.estimate

    def scaled(value: float | None) -> float | None:
        return None if value is None else value / spread

    shrunk = msgspec.structs.replace(
        e, value=e.value / spread, se=scaled(e.se), low=scaled(e.low), high=scaled(e.high)
    )
    return msgspec.structs.replace(f, term="", scale="sd", estimate=shrunk)


SPEC = SectionSpec(id=ID, title=TITLE, lead=LEAD, make=from_context(section))
