"""When workers step in: takeovers by round, and taking over now set against waiting."""

from __future__ import annotations

import msgspec
import numpy as np

from stepin.core.facts import Chats, Takeovers
from stepin.errors import Refused
from stepin.evidence.analysis.context import Context
from stepin.evidence.base.arrays import Floats, Ints
from stepin.evidence.base.finding import Finding, counted
from stepin.evidence.base.labels import Measure
from stepin.evidence.data.sample import SampleRows
from stepin.evidence.estimators.row_level.timing import (
    Hazard,
    Landmark,
    hazard_by_round,
    landmark,
    naive_early_late,
)

LAST = 10
FEWEST = 60
FEWEST_ON_PATH = 30


class AiChats(msgspec.Struct, frozen=True, kw_only=True):
    """The chats of the AI in the treatment period whose rounds are counted.

    Attributes
    ----------
    rows : the chats. x : (n, k) covariates known at opening.
    taken : (n,) round of the first takeover, 0 without one. rounds : (n,) rounds of the chat.
    last : the last round that is looked at.
    """

    rows: SampleRows
    x: Floats
    taken: Ints
    rounds: Ints
    last: int


class PathTiming(msgspec.Struct, frozen=True, kw_only=True):
    """The takeovers on one path.

    Attributes
    ----------
    taken_round, rounds : median round of the takeover, and of the rounds of the chat.
    """

    path: str
    chats: int
    taken_round: float
    rounds: float


class TimingContrast(msgspec.Struct, frozen=True, kw_only=True):
    """Taking over now against waiting, for one outcome.

    Attributes
    ----------
    rounds : a finding a round, then that of all rounds together where there are several.
    naive : early against late takeovers, which is biased.
    """

    measure: Measure
    rounds: tuple[Finding, ...]
    naive: Finding


def ai_chats(context: Context) -> AiChats:
    """Return the chats in which the timing of takeovers can be told.

    Raises
    ------
    Refused
        ``no_takeovers`` when the data record too few.
    """
    late = context.late
    if not context.has(Chats.takeover_round, Chats.rounds):
        raise Refused("The chats record no takeovers.", code="no_takeovers")
    # No takeover round says that there was no takeover; no number of rounds says nothing.
    with_rounds = late.treated & np.isfinite(late.number(Chats.rounds))
    rows = late.where(with_rounds)
    taken = np.nan_to_num(rows.number(Chats.takeover_round), nan=0).astype(np.int64)
    if (taken > 0).sum() < FEWEST:
        raise Refused(f"Fewer than {FEWEST} chats were taken over.", code="no_takeovers")
    return AiChats(
        rows=rows,
        x=context.x[0][with_rounds],
        taken=taken,
        rounds=rows.number(Chats.rounds).astype(np.int64),
        last=min(LAST, int(np.quantile(taken[taken > 0], 0.95))),
    )


def hazards(chats: AiChats) -> tuple[Hazard, ...]:
    """Return the hazard of a takeover round by round, of two rounds at least."""
    return hazard_by_round(chats.taken, chats.rounds, last=max(2, chats.last))


def by_path(chats: AiChats) -> tuple[PathTiming, ...]:
    """Return the takeovers of every path that has enough of them."""
    path = np.asarray(chats.rows.text(Chats.path))
    over = chats.taken > 0
    return tuple(
        PathTiming(
            path=p,
            chats=int((path[over] == p).sum()),
            taken_round=float(np.median(chats.taken[over & (path == p)])),
            rounds=float(np.median(chats.rounds[over & (path == p)])),
        )
        for p in sorted(set(path[over].tolist()))
        if (over & (path == p)).sum() >= FEWEST_ON_PATH
    )


def moods(context: Context) -> dict[str, float]:
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


def contrasts(context: Context, chats: AiChats) -> tuple[TimingContrast, ...]:
    """Return the comparison for every outcome that has enough takeovers.

    The time to close is left out: it contains the time before the takeover.
    """
    found = (_contrast(m, chats) for m in context.measures if m.name != "duration_s")
    return tuple(c for c in found if c is not None)


def _contrast(m: Measure, chats: AiChats) -> TimingContrast | None:
    y = m.values(chats.rows.number(m.column))
    keep = np.isfinite(y)
    taken, x = chats.taken[keep], chats.x[keep]
    unit, day = chats.rows.unit[keep], chats.rows.day[keep]
    if (taken > 0).sum() < FEWEST:
        return None
    # Early and late split the takeovers of all chats in half, whatever outcome is known.
    early_to = int(np.median(chats.taken[chats.taken > 0]))
    naive = naive_early_late(y[keep], taken, x, unit=unit, day=day, early_to=early_to)
    found = landmark(y[keep], taken, chats.rounds[keep], x, unit=unit, day=day, last=chats.last)
    if not found:
        return None
    here = [_landmark_finding(m, one) for one in found]
    # The pooled comparison holds the same chats again: only the rounds are counted together.
    by_round = [f for f, one in zip(here, found, strict=True) if one.round]
    return TimingContrast(
        measure=m,
        rounds=(*counted(by_round), *here[len(by_round) :]),
        naive=Finding(
            analysis="naive_timing",
            outcome=m.name,
            label=m.label,
            sample="taken-over chats",
            term=f"by round {early_to}, against later",
            design="described",
            scale=m.scale,
            estimate=naive,
            note="Biased by construction; shown as a warning.",
        ),
    )


def _landmark_finding(m: Measure, one: Landmark) -> Finding:
    return Finding(
        analysis="landmark",
        outcome=m.name,
        label=m.label,
        sample="AI chats taken over in that round"
        if one.round
        else "AI chats taken over in a round",
        term=f"round {one.round}" if one.round else "all rounds together",
        against="AI chats that went on in it and looked alike at opening",
        design="adjusted",
        scale=m.scale,
        estimate=one.difference,
        better=m.better,
    )
