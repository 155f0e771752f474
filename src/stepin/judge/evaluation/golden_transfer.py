"""Golden transfer within tolerance: how near in turns the flags are to where they should be.

Liu et al. 2021, "Time to transfer: predicting and evaluating machine-human chatting handoff"
(AAAI; arXiv 2012.07610). It has no recall term: one well-placed flag in a chat that needs five
scores 1. Read it beside F1, AUC and the floor of a detector that never flags.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
import numpy as np

from stepin.judge.evaluation.metrics import f1

_TINY = 1e-7


class Golden(msgspec.Struct, frozen=True, kw_only=True):
    """The measure at tolerances of one, two and three turns, each 0 … 1."""

    gt_1: float
    gt_2: float
    gt_3: float


def chat_golden(
    flagged: Sequence[bool], wanted: Sequence[bool], tolerance_turns: int, asymmetry: float = 0.0
) -> float:
    """Return the measure of one chat, 0 … 1.

    Parameters
    ----------
    flagged, wanted : one per turn.
    tolerance_turns : T, 1 … 3 in the literature.
    asymmetry : λ in (-1, 1); above 0 a late flag costs more than an early one.
    """
    flags = [place for place, flag in enumerate(flagged) if flag]
    golds = [place for place, want in enumerate(wanted) if want]
    if not golds:
        return 0.0 if flags else 1.0
    if not flags:
        return 0.0
    width = 2.0 * (tolerance_turns + _TINY) ** 2
    total = 0.0
    for flag in flags:
        nearest = 0.0
        for gold in golds:
            gap = flag - gold
            sign = (gap > 0) - (gap < 0)
            weight = 1.0 / (1.0 - asymmetry * sign)
            nearest = max(nearest, math.exp(-weight * gap * gap / width))
        total += nearest
    return total / len(flags)


def golden(
    flagged: Sequence[Sequence[bool]], wanted: Sequence[Sequence[bool]], asymmetry: float = 0.0
) -> Golden:
    """Return the plain mean over chats at the three tolerances."""
    means = [
        sum(
            chat_golden(flags, wants, tolerance, asymmetry)
            for flags, wants in zip(flagged, wanted, strict=True)
        )
        / max(len(wanted), 1)
        for tolerance in (1, 2, 3)
    ]
    return Golden(gt_1=means[0], gt_2=means[1], gt_3=means[2])


class Timing(msgspec.Struct, frozen=True, kw_only=True):
    """One flag per chat, its first, against the first turn that needed it.

    ``false_alarm_share`` is of chats that needed none; ``miss_share`` of chats that needed one
    and got none at any turn. ``lead_turns`` is the median of needed minus flagged turn over
    chats with both (positive: early); ``early_share`` is the share of those flagged no later
    than needed.
    """

    n_needing: int
    n_calm: int
    false_alarm_share: float | None
    miss_share: float | None
    lead_turns: float | None
    early_share: float | None


def timing(flagged: Sequence[Sequence[bool]], wanted: Sequence[Sequence[bool]]) -> Timing:
    """Return the timing of first flags; shares of nothing are None."""
    leads: list[int] = []
    needing = calm = alarms = misses = 0
    for flags, wants in zip(flagged, wanted, strict=True):
        first_flag = next((place for place, flag in enumerate(flags) if flag), None)
        first_want = next((place for place, want in enumerate(wants) if want), None)
        if first_want is None:
            calm += 1
            alarms += first_flag is not None
            continue
        needing += 1
        if first_flag is None:
            misses += 1
        else:
            leads.append(first_want - first_flag)
    return Timing(
        n_needing=needing,
        n_calm=calm,
        false_alarm_share=alarms / calm if calm else None,
        miss_share=misses / needing if needing else None,
        lead_turns=float(np.median(leads)) if leads else None,
        early_share=sum(lead >= 0 for lead in leads) / len(leads) if leads else None,
    )


class ConstantBaseline(msgspec.Struct, frozen=True, kw_only=True):
    """What a detector scores that always gives the same answer."""

    f1: float
    golden: Golden


def floors(
    wanted: Sequence[Sequence[bool]], asymmetry: float = 0.0
) -> tuple[ConstantBaseline, ConstantBaseline]:
    """Return the floors of never flagging and of flagging every turn."""
    truth = np.array([want for wants in wanted for want in wants], bool)
    found = []
    for answer in (False, True):
        flags = [[answer] * len(wants) for wants in wanted]
        found.append(
            ConstantBaseline(
                f1=f1(np.full(len(truth), answer), truth), golden=golden(flags, wanted, asymmetry)
            )
        )
    return found[0], found[1]
