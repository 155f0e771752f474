"""From detectors to causes: which detectors speak for which cause, on one scale.

A cause has one score: the loudest of its detectors, each stretched so that its threshold lies at
the threshold of the cause's first detector. So one threshold, one hysteresis and one budget serve
the cause, whatever detectors a team loads.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from stepin.core.events.base import Cause
from stepin.core.opinion import Opinion
from stepin.judge.detectors.detector import Score

CAUSES: dict[str, Cause] = {
    "technical": "technical",
    "handoff": "technical",
    "emotional": "emotional",
    "sentiment": "emotional",
    "hazard": "emotional",
    "risk": "risk",
    "rating": "risk",
}
"""The cause that a fitted detector raises, by its name; any other raises none."""

_RAISED_BY: dict[Cause, Literal["detector", "customer", "policy"]] = {
    "requested": "customer",
    "policy": "policy",
}


def stretched(score: float, threshold: float, to: float) -> float:
    """Return a score on a scale where its threshold lies at `to`; 0 stays 0 and 1 stays 1."""
    if score >= threshold:
        rest = 1.0 - threshold
        return to + (1.0 - to) * ((score - threshold) / rest if rest > 0.0 else 1.0)
    return to * score / threshold


def opinions(scores: Sequence[Score]) -> tuple[Opinion, ...]:
    """Return one opinion per cause, in the order in which causes are first spoken for."""
    found: dict[Cause, Opinion] = {}
    for score in scores:
        cause = score.cause
        if cause is None:
            continue
        first = found.get(cause)
        threshold = score.threshold if first is None else first.threshold
        value = stretched(score.score, score.threshold, threshold)
        if first is None or value > first.score:
            found[cause] = Opinion(
                cause=cause,
                score=value,
                threshold=threshold,
                detector=f"{score.detector}@{score.version}",
                reason=", ".join(score.reasons) or score.detector,
                raised_by=_RAISED_BY.get(cause, "detector"),
            )
    return tuple(found.values())


def named_scores(scores: Sequence[Score]) -> dict[str, float]:
    """Return what is logged: the score of each cause, and of each detector with another name.

    The first detector of a cause, where others speak for it too, is logged as ``NAME_model``.
    """
    named: dict[str, float] = {one.cause: round(one.score, 6) for one in opinions(scores)}
    for score in scores:
        name = score.detector if score.detector not in named else f"{score.detector}_model"
        if name in named or named.get(score.detector) == round(score.score, 6):
            continue
        named[name] = round(score.score, 6)
    return named
