"""What a run shows, in numbers."""

from __future__ import annotations

from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from stepin.floor.engine.inputs import DAY_MIN
from stepin.floor.engine.trace import HUMAN, NO_PATH, PATH_WORDS, Run

Truths = NDArray[np.bool_]

MEASURES: Final = (
    "duration_min", "log_duration", "rating", "retrial", "resolved", "human_turns", "effort",
    "takeover_wait_min", "attention_min", "seeking",
)  # fmt: skip


class ChatGroup(msgspec.Struct, frozen=True, kw_only=True):
    """Chats of one kind: how many, and their means.

    ``means`` holds `MEASURES`; what no chat has is left out.
    """

    chats: int
    means: dict[str, float]


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What a run shows, over the chats after the burn-in (and, with arms, after the start).

    Attributes
    ----------
    occupancy : share of their time on shift that workers spent on chats.
    by_arm : `ARM/eligible` and `ARM/other`, chats opened under the arm's own policy.
    by_path : chats that the AI began, by path.
    mix : the shares of the paths.
    """

    scenario: str
    engine: str
    seed: int
    replication: int
    chats: int
    events: int
    occupancy: float
    chats_per_worker_day: float
    answered: float
    abandoned: float
    by_arm: dict[str, ChatGroup]
    by_path: dict[str, ChatGroup]
    mix: dict[str, float]


def summary(run: Run) -> Summary:
    """Return what a run shows."""
    given, c = run.inputs, run.chats
    size = given.scenario.size
    after = (c["opened"] >= size.burn_in_days * DAY_MIN) & (c["owner"] >= 0)
    under = after & (c["owned"] >= given.treated_from_min)
    eligible = given.issue_eligible[c["issue"]]
    groups = {}
    for code, arm in enumerate(("control", "treated")):
        for name, kind in (("eligible", eligible), ("other", ~eligible)):
            which = under & (c["arm"] == code) & kind
            if which.any():
                groups[f"{arm}/{name}"] = group(run, which)
    began = under & (c["ai"] > 0)
    paths = path_of(run)
    names = {code: word for code, word in enumerate(PATH_WORDS)}
    by_path = {
        word: group(run, began & (paths == code))
        for code, word in names.items()
        if (began & (paths == code)).any()
    }
    total = max(1, int(began.sum()))
    days = size.before_days + size.after_days
    return Summary(
        scenario=given.scenario.name,
        engine=run.engine,
        seed=given.seed,
        replication=given.replication,
        chats=int(after.sum()),
        events=run.events,
        occupancy=occupancy(run),
        chats_per_worker_day=float(after.sum()) / (size.workers * days),
        answered=float(((c["invited"] > 0) & (c["answered"] > 0))[after].mean()),
        abandoned=float((c["reason"][after] == 1).mean()),
        by_arm=groups,
        by_path=by_path,
        mix={word: one.chats / total for word, one in by_path.items()},
    )


def path_of(run: Run) -> NDArray[np.int64]:
    """Return each chat's path; an owner who never came counts as none."""
    c = run.chats
    own = (c["path"] == HUMAN) & np.isnan(c["taken"])
    found: NDArray[np.int64] = np.where(own, NO_PATH, c["path"])
    return found


def occupancy(run: Run) -> float:
    """Return the share of their time on shift that workers spent on chats."""
    given = run.inputs
    if given.scenario.arrivals.always_open:
        return float(run.busy_min.sum() / (given.arm.size * max(run.chats["closed"].max(), 1.0)))
    signed = np.where(given.staff_code == 3, -1.0, np.where(given.staff_code == 0, 1.0, 0.0))
    on = float((signed * given.staff_min).sum())
    return float(run.busy_min.sum() / on) if on > 0 else 0.0


def group(run: Run, which: Truths) -> ChatGroup:
    """Return the means of some chats."""
    c = {name: values[which] for name, values in run.chats.items()}
    turns, taken = c["human_turns"], np.isfinite(c["taken"])
    since = np.where(np.isfinite(c["alert"]), c["alert"], np.nan)
    values: dict[str, Any] = {
        "duration_min": c["closed"] - c["opened"],
        "log_duration": np.log(np.maximum((c["closed"] - c["opened"]) * 60, 1.0)),
        "rating": c["stars"].astype(float),
        "retrial": c["comes_back"].astype(float),
        "resolved": c["resolved"].astype(float),
        "human_turns": turns.astype(float),
        "effort": np.where(turns > 0, c["care"] / np.maximum(turns, 1), np.nan),
        "takeover_wait_min": np.where(taken, c["taken"] - since, np.nan),
        "attention_min": c["attention"],
        "seeking": np.where(turns > 0, c["seeking"] / np.maximum(turns, 1), np.nan),
    }
    means = {name: float(np.nanmean(x)) for name, x in values.items() if np.isfinite(x).any()}
    return ChatGroup(chats=int(which.sum()), means=means)
