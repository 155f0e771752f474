"""Facts straight from a run, without events between: for runs of many chats.

A test builds the same run's facts from its events and compares the two.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from stepin.core.facts import (
    Actions,
    Chats,
    Decisions,
    Flags,
    Focus,
    Shifts,
    Takeovers,
    Turns,
    WorkerDays,
    Workers,
)
from stepin.errors import Invalid
from stepin.floor.engine.trace import CLOSE_WORDS, HUMAN, NO_PATH, PATH_WORDS, Run
from stepin.floor.output.earlier import Earlier, earlier
from stepin.floor.output.opening import CHANNELS, opening
from stepin.floor.output.staff import shifts_table, worker_days_table, workers_table
from stepin.floor.output.tables import (
    DAY_US,
    MINUTE_US,
    fact_schema,
    moments,
    numbered,
    optional,
    table_of,
    words,
    write_by_day,
    write_whole,
)

BRAIN: Final = "floor-ai"
CLASSIFIER: Final = "floor-1"
DETECTORS: Final = ("", "floor-technical", "floor-emotional")
WINDOWS_MIN: Final = {
    "retrial_10m": 10.0, "retrial_24h": 1440.0, "retrial_3d": 4320.0, "retrial_7d": 10_080.0,
}  # fmt: skip


class WrittenFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What was written: the folder and the rows of each table."""

    folder: str
    rows: dict[str, int]


def start_us(run: Run) -> int:
    """Return the moment of the run's minute 0."""
    size = run.inputs.scenario.size
    day = size.first_day - dt.timedelta(days=size.burn_in_days)
    return int((day - dt.date(1970, 1, 1)).days) * DAY_US


def written_chats(run: Run) -> NDArray[np.int64]:
    """Return the chats that are written: those that were opened after the burn-in."""
    after = run.chats["opened"] >= run.inputs.scenario.size.burn_in_days * 1440.0
    found: NDArray[np.int64] = np.flatnonzero(after)
    return found


def chat_ids(base: NDArray[np.int64], generation: NDArray[np.int64]) -> pa.Array:
    """Return ids that name a customer's chat in every world: `c`, the customer, the how-manieth."""
    parts = (numbered("c", base), pa.array(generation).cast(pa.string()))
    return pc.binary_join_element_wise(*parts, ".")


def write_facts(run: Run, folder: Path) -> WrittenFacts:
    """Write every table of a run into a new or empty folder.

    Customers are followed until they come back, or don't: every retrial is known.

    Raises
    ------
    Invalid
        ``facts_exist``: there is something in the folder.
    """
    if folder.exists() and any(folder.iterdir()):
        raise Invalid(
            f"{folder} isn't empty.", code="facts_exist", hint="Name a new folder, or empty it."
        )
    chosen = written_chats(run)
    told = _Told(run, chosen)
    before = earlier(run)
    tables = {
        Chats: table_of(Chats, _chats(told, before)),
        Flags: table_of(Flags, _flags(told)),
        Takeovers: table_of(Takeovers, _takeovers(told)),
        WorkerDays: worker_days_table(run, chosen, start_us(run)),
        Shifts: shifts_table(run, start_us(run)),
    }
    rows = {t.name: write_by_day(folder, t, table) for t, table in tables.items()}
    rows["workers"] = write_whole(folder, Workers, workers_table(run, start_us(run)))
    for empty in (Turns, Decisions, Actions, Focus):
        rows[empty.name] = write_whole(folder, empty, fact_schema(empty).empty_table())
    return WrittenFacts(folder=str(folder), rows=rows)


class _Told:
    """The chosen chats of a run with the columns that several tables need."""

    def __init__(self, run: Run, chosen: NDArray[np.int64]) -> None:
        self.run, self.chosen = run, chosen
        self.c = {name: values[chosen] for name, values in run.chats.items()}
        self.start = start_us(run)
        self.opened_us = self.us("opened").astype(np.int64)
        self.closed_us = self.us("closed").astype(np.int64)
        self.day = pa.array((self.opened_us // DAY_US).astype(np.int32)).cast(pa.date32())
        self.ids = chat_ids(self.c["base"], self.c["generation"])
        self.names = [*run.inputs.names, ""]
        self.owned = self.c["owner"] >= 0
        taken = np.isfinite(self.c["taken"])
        own = (self.c["path"] == HUMAN) & ~taken
        self.path = np.where(own, NO_PATH, self.c["path"])
        self.taken = taken

    def who(self, name: str) -> NDArray[np.int64]:
        """Return the place of a worker's name; the last one is nobody's."""
        return np.where(self.c[name] >= 0, self.c[name], len(self.names) - 1)

    def us(self, name: str) -> NDArray[np.float64]:
        at: NDArray[np.float64] = np.floor(self.c[name] * MINUTE_US) + self.start
        return at

    def at(self, name: str) -> pa.Array:
        return moments(self.us(name))


def _chats(t: _Told, before: Earlier) -> dict[str, Any]:
    c, given = t.c, t.run.inputs
    human = c["human_turns"] > 0
    turns = np.maximum(c["human_turns"], 1)
    again = c["generation"] > 0
    ai = c["ai"] > 0
    arms = given.scenario.arms
    treated = (c["arm"] == 1) & (c["owned"] >= given.treated_from_min)
    return {
        **_known_at_opening(t, before),
        "policy_version": words(
            [arms.control.version, arms.treated.version], treated.astype(np.int64)
        ),
        "brain_version": words([BRAIN], np.where(ai, 0, -1)),
        "previous_chat_id": optional_text(
            chat_ids(c["base"], np.maximum(c["generation"] - 1, 0)), again
        ),
        "worker_id": words(t.names, t.who("worker")),
        "closed_at": moments(t.closed_us.astype(np.float64)),
        "close_reason": words(CLOSE_WORDS, c["reason"]),
        "queue_wait_s": (np.where(t.owned, c["owned"], c["closed"]) - c["opened"]) * 60,
        "first_response_s": optional(
            (c["first_answer"] - c["opened"]) * 60, np.isfinite(c["first_answer"])
        ),
        "duration_s": (t.closed_us - t.opened_us) / 1e6,
        "attention_s": c["attention"] * 60,
        "away_s": np.maximum(c["waited"] - c["attention"], 0.0) * 60,
        "switch_aways": c["switches"],
        "rounds": c["ai_turns"] + c["human_turns"],
        "human_rounds": c["human_turns"],
        "customer_messages": c["customer_messages"],
        "ai_messages": c["ai_turns"],
        "worker_messages": c["worker_messages"],
        "worker_chars": c["worker_chars"],
        "worker_latency_s": optional(c["waited"] * 60 / turns, human),
        "path": words(PATH_WORDS, t.path),
        "delivered_path": words(PATH_WORDS, _delivered(c)),
        "flag_at": t.at("flag"),
        "alert_at": t.at("alert"),
        "acknowledged_at": moments(np.where(c["alert"] <= c["taken"], t.us("taken"), np.nan)),
        "takeover_at": t.at("taken"),
        "first_human_message_at": moments(np.where(t.taken, t.us("first_human"), np.nan)),
        "hand_back_at": t.at("handed_back"),
        "takeover_round": optional(c["takeover_round"] + 1, t.taken),
        **_outcome(t),
    }


def _outcome(t: _Told) -> dict[str, Any]:
    """Return what was said of a chat, by its customer and by whoever would code its messages."""
    c, given = t.c, t.run.inputs
    human = c["human_turns"] > 0
    turns = np.maximum(c["human_turns"], 1)
    back = c["back"] - c["closed"]
    return {
        "closing_sentiment": np.clip(0.3 - 0.25 * c["frustration"], -1, 1),
        "rating_invited": c["invited"] > 0,
        "rating": optional(c["stars"], (c["invited"] > 0) & (c["answered"] > 0)),
        **{
            name: (c["comes_back"] > 0) & (np.nan_to_num(back, nan=np.inf) <= minutes)
            for name, minutes in WINDOWS_MIN.items()
        },
        "crossed_arm": optional(_crossed(given.arm[c["owner"]], given.arm[c["worker"]]), t.owned),
        "information_seeking": optional(c["seeking"] / turns, human),
        "solution_provision": optional(c["proposing"] / turns, human),
        "empathy": optional(c["empathy"] / turns, human),
        "proactivity": optional(c["initiative"] / turns, human),
    }


def _delivered(c: dict[str, NDArray[Any]]) -> NDArray[np.int64]:
    """Return the cause of the first alert that somebody saw, unless they stepped in before it."""
    shown = np.isfinite(c["alert"]) & ~(c["taken"] < c["alert"])
    own = np.where(np.isfinite(c["taken"]), HUMAN, NO_PATH)
    return np.where(shown, c["flag_cause"], own)


def _crossed(first: NDArray[np.int64], last: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return whether a chat went to the other arm; specialists are in none."""
    crossed: NDArray[np.bool_] = (first != last) & (last >= 0)
    return crossed


def _known_at_opening(t: _Told, before: Earlier) -> dict[str, Any]:
    c, given = t.c, t.run.inputs
    seen = opening(t.run, t.chosen)
    paths = {
        name: optional(seen.paths[:, n], np.isfinite(seen.paths[:, n]))
        for n, name in enumerate(("p_technical", "p_emotional", "p_requested", "p_unaided"))
    }
    same = np.zeros(t.chosen.size, dtype=np.int64)
    rating, duration = before.rating[t.chosen], before.duration_s[t.chosen]
    mine = before.customer_rating[t.chosen]
    return {
        "chat_id": t.ids,
        "customer_id": numbered("k", c["base"]),
        "first_owner_id": words(t.names, t.who("owner")),
        "opened_at": moments(t.opened_us.astype(np.float64)),
        "day": t.day,
        "hour": t.opened_us % DAY_US // 3_600_000_000,
        "channel": words(CHANNELS, seen.channel),
        "language": words(["en"], same),
        "issue_class": words([i.name for i in given.scenario.issues], c["issue"]),
        "eligible": given.issue_eligible[c["issue"]],
        "eligibility_score": seen.score,
        "eligibility_version": words([CLASSIFIER], same),
        "opening_chars": seen.chars,
        "opening_sentiment": seen.sentiment,
        **paths,
        "customer_tenure_days": seen.customer_tenure_days,
        "worker_tenure_days": np.where(t.owned, given.tenure_days[c["owner"]], 0.0),
        "customer_prior_chats": c["generation"],
        "customer_prior_retrials": c["generation"],
        "customer_prior_rating": optional(mine, np.isfinite(mine)),
        "worker_prior_chats": before.chats[t.chosen],
        "worker_prior_rating": optional(rating, np.isfinite(rating)),
        "worker_prior_duration_s": optional(duration, np.isfinite(duration)),
        "concurrency": c["concurrency"],
        "supervised_concurrency": c["supervised"],
        "queue_length": c["queue_length"],
        "owner_probability": optional(c["owner_probability"], t.owned),
    }


def optional_text(values: pa.Array, known: NDArray[np.bool_]) -> pa.Array:
    """Return texts that are empty where they aren't known."""
    return pc.if_else(pa.array(known), values, pa.scalar(None, pa.string()))


def _takeovers(t: _Told) -> dict[str, Any]:
    at = np.flatnonzero(t.taken)
    c = {name: values[at] for name, values in t.c.items()}
    flagged = c["flag"] <= c["taken"]
    ids = t.ids.take(pa.array(at))
    return {
        "chat_id": ids,
        "day": t.day.take(pa.array(at)),
        "ordinal": np.ones(at.size, dtype=np.int64),
        "worker_id": words(t.names, c["worker"]),
        "cause": words(PATH_WORDS, np.where(flagged, c["flag_cause"], HUMAN)),
        "flag_id": optional_text(pc.binary_join_element_wise(ids, "flag", "/"), flagged),
        "epoch": np.full(at.size, 2, dtype=np.int64),
        "at": moments(t.us("taken")[at]),
        "round": c["takeover_round"] + 1,
        "sentiment": np.clip(0.3 - 0.25 * c["worst"], -1, 1),
        "first_human_message_at": moments(t.us("first_human")[at]),
        "hand_back_at": moments(t.us("handed_back")[at]),
        "rounds_after": c["human_turns"],
        "human_rounds_after": c["human_turns"],
    }


def _flags(t: _Told) -> dict[str, Any]:
    at = np.flatnonzero(np.isfinite(t.c["flag"]))
    c = {name: values[at] for name, values in t.c.items()}
    ids = t.ids.take(pa.array(at))
    flag, same = c["flag_cause"], np.zeros(at.size, dtype=np.int64)
    shown, taken = np.isfinite(c["alert"]), c["taken"] >= c["flag"]
    ended = np.where(taken, t.us("taken")[at], t.us("closed")[at])
    return {
        "flag_id": pc.binary_join_element_wise(ids, "flag", "/"),
        "chat_id": ids,
        "day": t.day.take(pa.array(at)),
        "cause": words(PATH_WORDS, flag),
        "detector": words(DETECTORS, np.minimum(flag, 2)),
        "detector_version": words(["1"], same),
        "shadow": np.zeros(at.size, dtype=np.bool_),
        "at": moments(t.us("flag")[at]),
        "round": c["flag_round"],
        "alert_at": moments(t.us("alert")[at]),
        "acknowledged_at": moments(np.where(shown & taken, t.us("taken")[at], np.nan)),
        "ended_at": moments(ended),
        "ended_as": words(("taken", "withdrawn"), np.where(taken, 0, 1)),
    }
