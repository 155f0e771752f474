"""The numbers by which policies are compared: one flat table per run."""

from __future__ import annotations

from typing import Final

import numpy as np

from stepin.floor.engine.inputs import DAY_MIN
from stepin.floor.engine.trace import Run
from stepin.floor.study.measures import ChatGroup, group, occupancy, path_of

NAMED: Final = (
    "rating", "retrial", "resolved", "duration_min", "log_duration", "takeover_wait_min",
    "attention_min", "effort",
)  # fmt: skip
TITLES: Final = {
    "rating": "rating, stars",
    "retrial": "come back, share",
    "resolved": "resolved, share",
    "duration_min": "duration, minutes",
    "log_duration": "duration, logs",
    "takeover_wait_min": "wait for a takeover, minutes",
    "attention_min": "attention per chat, minutes",
    "effort": "effort, 0 to 1",
    "abandoned": "abandoned, share",
    "unanswered": "left without any answer, share",
    "first_answer_min": "wait for the first answer, minutes",
    "within_2min": "first answer within 2 minutes, share",
    "occupancy": "workers busy, share",
    "chats_per_hour": "chats closed per worker and hour",
    "resolved_per_hour": "chats resolved per worker and hour",
    "emotional": "emotional path, share of the AI's chats",
    "late_takeovers": "takeovers after more than 2 minutes, share",
}


def outcomes(run: Run) -> dict[str, float]:
    """Return the outcomes of a run: of eligible, of other and of all chats, and of the floor.

    Only chats count that were opened under the arms' own policies.
    """
    given, c = run.inputs, run.chats
    under = (c["opened"] >= given.treated_from_min) & (c["owner"] >= 0)
    eligible = given.issue_eligible[c["issue"]]
    found: dict[str, float] = {}
    for name, which in (("eligible", under & eligible), ("other", under & ~eligible),
                        ("all", under)):  # fmt: skip
        if which.any():
            found |= {f"{name}.{k}": v for k, v in _of(group(run, which)).items()}
    opened = c["opened"] >= given.treated_from_min
    waits = (c["first_answer"] - c["opened"])[opened]
    taken = c["taken"] - c["alert"]
    known = under & np.isfinite(taken)
    hours = _hours(run)
    ai = under & (c["ai"] > 0)
    found |= {
        "floor.abandoned": float((c["reason"][opened] == 1).mean()) if opened.any() else 0.0,
        "floor.unanswered": float(np.isnan(waits).mean()) if opened.any() else 0.0,
        "floor.first_answer_min": float(np.nanmean(waits)) if np.isfinite(waits).any() else 0.0,
        "floor.within_2min": float((waits <= 2.0).mean()) if opened.any() else 0.0,
        "floor.occupancy": occupancy(run),
        "floor.chats": float(under.sum()),
        "floor.chats_per_hour": float(under.sum()) / hours,
        "floor.resolved_per_hour": float((under & (c["resolved"] > 0)).sum()) / hours,
    }
    if ai.any():
        paths = np.bincount(path_of(run)[ai], minlength=4) / ai.sum()
        for n, word in enumerate(("none", "technical", "emotional", "human_initiated")):
            found[f"path.{word}"] = float(paths[n])
    if known.any():
        found["floor.late_takeovers"] = float((taken[known] > 2.0).mean())
    return found


def _of(one: ChatGroup) -> dict[str, float]:
    return {name: one.means[name] for name in NAMED if name in one.means}


def _hours(run: Run) -> float:
    """Return the hours that owners of chats were on shift under the arms' own policies."""
    given = run.inputs
    days = given.days - given.treated_from_min / DAY_MIN
    if given.scenario.arrivals.always_open:
        return given.workers * days * 24.0
    shifts = given.scenario.staff.shifts
    mean = sum(shift.hours for shift in shifts) / len(shifts)
    return given.workers * days * mean * given.scenario.staff.present
