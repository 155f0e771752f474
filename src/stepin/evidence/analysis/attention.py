"""How workers divide their attention, and whether one arm's load reaches the other."""

from __future__ import annotations

import msgspec
import numpy as np

from stepin.core.facts import Chats, Shifts, WorkerDays
from stepin.evidence.analysis.context import Context
from stepin.evidence.base.arrays import Bools, Floats
from stepin.evidence.base.finding import Finding, counted
from stepin.evidence.base.scale import Scale
from stepin.evidence.estimators.row_level.interference import (
    InterferenceDraws,
    load_by_arm,
    owner_draws,
)
from stepin.evidence.estimators.row_level.multitasking import Attention, attention_difference

ON_CHATS: dict[str, tuple[str, str, Scale]] = {
    "switch_aways": (
        "times a waiting chat was left",
        "t.switch_aways::DOUBLE",
        "count",
    ),
    "away_share": (
        "share of time away while the customer waited",
        "CASE WHEN t.duration_s > 0 THEN t.away_s / t.duration_s END",
        "share",
    ),
    "attention_s": ("attention per chat", "t.attention_s", "seconds"),
    "worker_latency_s": ("time to answer", "t.worker_latency_s", "seconds"),
}
LOADS: dict[str, tuple[str, Scale]] = {
    "chats": ("chats per worker and day", "count"),
    "on_s": ("time signed on per day", "seconds"),
    "mean_concurrency": ("open chats in human hands", "count"),
}


class AttentionContrast(msgspec.Struct, frozen=True, kw_only=True):
    """One measure of the arms' difference, with its mean in the control arm."""

    control_mean: float
    finding: Finding


class LoadContrast(AttentionContrast, frozen=True, kw_only=True):
    """One measure of load.

    Attributes
    ----------
    control_shift : how far the control arm moved when treatment began; None where untold.
    """

    control_shift: float | None


class LoadByArm(msgspec.Struct, frozen=True, kw_only=True):
    """The load of both arms, and who owned the chats against the rule of the draw."""

    measures: tuple[LoadContrast, ...]
    draws: InterferenceDraws


def on_chats(context: Context) -> tuple[AttentionContrast, ...]:
    """Return every measure of attention on other chats; none without focus data.

    Chats weigh alike: the unit's mean of a day counts by its chats.
    """
    needs = {
        "switch_aways": (Chats.switch_aways,),
        "away_share": (Chats.away_s, Chats.duration_s),
        "attention_s": (Chats.attention_s,),
        "worker_latency_s": (Chats.worker_latency_s,),
    }
    wanted = {
        name: sql
        for name, (_, sql, _) in ON_CHATS.items()
        if context.sample.has(Chats, *needs[name])
    }
    if not wanted:
        return ()
    frame = context.sample.daily(wanted, chats="ineligible")
    found = []
    for name in wanted:
        y = frame.values[name]
        if not np.isfinite(y[frame.after]).any():
            continue
        label, _, scale = ON_CHATS[name]
        a = attention_difference(
            name,
            y,
            frame.treated,
            frame.after,
            unit=frame.unit,
            day=frame.day,
            weights=frame.values[f"n:{name}"],
        )
        found.append((a, _finding("multitasking", a, label, "other chats", scale)))
    family = counted([f for _, f in found])
    return tuple(
        AttentionContrast(control_mean=a.control_mean, finding=f)
        for (a, _), f in zip(found, family, strict=True)
    )


def load(context: Context) -> LoadByArm | None:
    """Return the load by arm, None when the data hold no days of workers."""
    columns = [WorkerDays.column(n) for n in LOADS if context.sample.has(WorkerDays)]
    if not columns or not context.sample.has(WorkerDays, *columns):
        return None
    days = context.sample.frame(WorkerDays, columns, owner="worker_id")
    found = load_by_arm(
        {c.name: days.number(c) for c in columns},
        days.treated,
        days.after,
        unit=days.unit,
        day=days.day,
    )
    return LoadByArm(
        measures=tuple(
            LoadContrast(
                control_mean=a.control_mean,
                control_shift=found.control_shift.get(a.measure),
                finding=_finding(
                    "interference", a, LOADS[a.measure][0], "worker days", LOADS[a.measure][1]
                ),
            )
            for a in found.loads
        ),
        draws=owner_draws(*_draws(context)),
    )


def _finding(analysis: str, a: Attention, label: str, sample: str, scale: Scale) -> Finding:
    return Finding(
        analysis=analysis,
        outcome=a.measure,
        label=label,
        sample=sample,
        term=label,
        design="randomized",
        scale=scale,
        estimate=a.difference,
    )


def _draws(context: Context) -> tuple[Bools, Floats]:
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
    # Signed on = begun less ended, by binary search over the sorted times of each arm.
    for arm in (True, False):
        side = shifts.where(shifts.treated == arm)
        begun = np.searchsorted(np.sort(side.number(Shifts.on_at)), at, side="right")
        ended = np.sort(side.number(Shifts.off_at)[np.isfinite(side.number(Shifts.off_at))])
        on.append(begun - np.searchsorted(ended, at, side="right"))
    total = on[0] + on[1]
    logged = chats.number(Chats.owner_probability)
    # The log gives the probability of the owner drawn, 1 over those signed on under an even draw.
    agrees = (total > 0) & (np.abs(1 / np.maximum(logged, 1e-12) - total) < 1)
    return chats.treated, np.where(agrees, on[0] / np.maximum(total, 1), np.nan)
