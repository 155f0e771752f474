"""What happened inside the chats of a planted day: flags, takeovers, decisions, turns, days."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa

from stepin.core.facts import Decisions, Flags, Shifts, Takeovers, Turns, WorkerDays
from stepin.evidence.data.synthetic.chats import DAY_US, Chatter
from stepin.evidence.data.synthetic.staff import Reals, SyntheticStaff, Wholes
from stepin.evidence.data.synthetic.tables import ids, only, pick, table
from stepin.evidence.data.synthetic.world import World

HALF = json.dumps([0.5, 0.5])


def takeovers_table(world: World, staff: SyntheticStaff, day: int, c: Chatter) -> pa.Table:
    """Return the `takeovers` facts of a day."""
    at = np.flatnonzero(c.take_round > 0)
    paths = tuple(world.paths)
    emotional = c.path[at] == paths.index("emotional")
    take = _inside(c, at, 0.12)
    return table(
        Takeovers,
        {
            "chat_id": ids("c", _number(staff, day, at)),
            "day": _day(world, day, at.size),
            "ordinal": np.ones(at.size, np.int64),
            "worker_id": ids("w", c.worker[at]),
            "cause": pick(paths, c.path[at]),
            "flag_id": only_text(
                ids("f", _number(staff, day, at)), c.path[at] != paths.index("human_initiated")
            ),
            "epoch": np.full(at.size, 2),
            "at": take,
            "round": c.take_round[at],
            "sentiment": np.maximum(
                np.where(emotional, -0.7, -0.1) - 0.01 * c.take_round[at], -1.0
            ),
            "first_human_message_at": _inside(c, at, np.where(emotional, 0.4, 0.25)),
            "rounds_after": c.rounds[at] - c.take_round[at] + 1,
            "human_rounds_after": c.human_rounds[at],
        },
    )


def flags_table(world: World, staff: SyntheticStaff, day: int, c: Chatter, seed: int) -> pa.Table:
    """Return the `flags` facts of a day: real in chats the AI held, shadow in the others."""
    rng = np.random.default_rng([seed, 4, day])
    paths = tuple(world.paths)
    quiet = [paths.index(p) for p in ("human_initiated", "none") if p in paths]
    at = np.flatnonzero(c.eligible & ~np.isin(c.path, quiet))
    real = c.take_round[at] > 0
    round_ = np.where(real, c.take_round[at], 1 + rng.integers(0, 1 << 30, at.size) % c.rounds[at])
    raised = c.opened_us[at] + (c.duration_s[at] * 1e6 * (round_ - 1) / c.rounds[at]).astype(int)
    causes = pick(paths, c.path[at])
    return table(
        Flags,
        {
            "flag_id": ids("f", _number(staff, day, at)),
            "chat_id": ids("c", _number(staff, day, at)),
            "day": _day(world, day, at.size),
            "cause": causes,
            "detector": causes,
            "detector_version": pick(("d1",), np.zeros(at.size, np.int64)),
            "shadow": ~real,
            "at": raised,
            "round": round_,
            "score": 0.5 + 0.5 * rng.random(at.size),
            "threshold": np.full(at.size, 0.5),
            "alert_at": only(_inside(c, at, 0.02), real),
            "acknowledged_at": only(_inside(c, at, 0.08), real),
            "ended_at": only(_inside(c, at, 0.12), real),
            "ended_as": pick(("taken",), np.zeros(at.size, np.int64), real),
        },
    )


def decisions_table(world: World, staff: SyntheticStaff, day: int, c: Chatter) -> pa.Table:
    """Return the `decisions` facts of a day: one "look now" prompt in each chat the AI held."""
    at = np.flatnonzero(c.held)
    number = _number(staff, day, at)
    options = pick((json.dumps(["nothing", "look_now"]),), np.zeros(at.size, np.int64))
    return table(
        Decisions,
        {
            "decision_id": ids("d", number),
            "chat_id": ids("c", number),
            "first_owner_id": ids("w", c.worker[at]),
            "day": _day(world, day, at.size),
            "point": pick(("look_now",), np.zeros(at.size, np.int64)),
            "at": c.opened_us[at] + 5_000_000,
            "round": np.ones(at.size, np.int64),
            "available": c.open_nudge[at],
            "options": options,
            "probabilities": pick((HALF,), np.zeros(at.size, np.int64)),
            "score": c.scores[at, list(world.paths).index("none")],
            "draw_key": ids("k", number),
            "drawn": pick(("nothing", "look_now"), c.nudged[at].astype(np.int64)),
            "probability": np.where(c.open_nudge[at], 0.5, 1.0),
            "fired": c.nudged[at],
        },
    )


def turns_table(world: World, staff: SyntheticStaff, day: int, c: Chatter, seed: int) -> pa.Table:
    """Return the `turns` facts of a day's eligible chats: a customer turn and a reply a round."""
    rng = np.random.default_rng([seed, 5, day])
    chat = np.flatnonzero(c.eligible)
    rows = np.repeat(chat, 2 * c.rounds[chat])
    starts = np.cumsum(2 * c.rounds[chat]) - 2 * c.rounds[chat]
    seq = np.arange(rows.size) - np.repeat(starts, 2 * c.rounds[chat])
    round_ = seq // 2 + 1
    reply = seq % 2 == 1
    taken = (c.take_round[rows] > 0) & (round_ >= c.take_round[rows])
    by_ai = reply & c.held[rows] & ~taken
    author = np.where(~reply, 0, np.where(by_ai, 1, 2))
    paths = tuple(world.paths)
    emotional = c.path[rows] == paths.index("emotional")
    slope = np.where(emotional & c.held[rows], -0.12, -0.01)
    mood = np.clip(0.1 + slope * round_ + rng.normal(0, 0.15, rows.size), -1, 1)
    length = c.duration_s[rows] / c.rounds[rows]
    latency = length * np.where(by_ai, 0.05, np.where(emotional & taken, 0.6, 0.4))
    at_s = length * (round_ - 1) + np.where(reply, latency, 0.0)
    return table(
        Turns,
        {
            "chat_id": ids("c", _number(staff, day, rows)),
            "day": _day(world, day, rows.size),
            "seq": 3 + seq,
            "at": c.opened_us[rows] + (at_s * 1e6).astype(np.int64),
            "author": pick(("customer", "ai", "worker"), author),
            "author_id": ids("a", np.where(author == 2, c.worker[rows], 0)),
            "round": round_,
            "epoch": np.where(taken, 2, 1),
            "chars": 10 + (rng.random(rows.size) * 150).astype(np.int64),
            "latency_s": only(latency, reply),
            "sentiment": only(mood, ~reply),
            "technical_score": only(rng.random(rows.size), ~reply),
            "emotional_score": only(np.clip(0.5 - mood, 0, 1), ~reply),
            "risk_score": only(np.clip(0.4 - 0.5 * mood, 0, 1), ~reply),
        },
    )


def days_tables(
    world: World, staff: SyntheticStaff, day: int, c: Chatter, seed: int
) -> tuple[pa.Table, pa.Table]:
    """Return the `worker_days` and `shifts` facts of a day."""
    rng = np.random.default_rng([seed, 6, day])
    at = np.flatnonzero(staff.counts[:, day] > 0)
    on_s = 8 * 3600 * rng.uniform(0.8, 1.1, at.size)
    start = int(np.datetime64(world.first_day, "us").astype(np.int64)) + day * DAY_US
    on_at = start + (rng.uniform(5, 12, at.size) * 3.6e9).astype(np.int64)

    def total(values: Reals | Wholes) -> Reals:
        weights: Reals = np.asarray(values, dtype=np.float64)
        out: Reals = np.bincount(c.worker, weights, world.workers)[at].astype(np.float64)
        return out

    worked = total(np.where(c.held, 0.0, c.duration_s))
    days = table(
        WorkerDays,
        {
            "worker_id": ids("w", at),
            "day": _day(world, day, at.size),
            "chats": staff.counts[at, day],
            "eligible_chats": total(c.eligible.astype(np.int64)).astype(np.int64),
            "takeovers": total((c.take_round > 0).astype(np.int64)).astype(np.int64),
            "on_s": on_s,
            "focus_s": np.minimum(0.45 * worked, on_s),
            "switch_aways": rng.poisson(staff.counts[at, day]),
            "mean_concurrency": worked / on_s,
            "mean_supervised_concurrency": total(np.where(c.held, c.duration_s, 0.0)) / on_s,
        },
    )
    shifts = table(
        Shifts,
        {
            "worker_id": ids("w", at),
            "day": _day(world, day, at.size),
            "on_at": on_at,
            "off_at": on_at + (on_s * 1e6).astype(np.int64),
        },
    )
    return days, shifts


def only_text(values: pa.Array, where: Wholes) -> pa.Array:
    """Return text with none where `where` is false."""
    import pyarrow.compute as pc

    return pc.if_else(pa.array(where), values, None)


def _number(staff: SyntheticStaff, day: int, at: Wholes) -> Wholes:
    out: Wholes = int(staff.counts[:, :day].sum()) + at
    return out


def _day(world: World, day: int, n: int) -> pa.Array:
    return pa.array(np.full(n, np.datetime64(world.first_day, "D") + day))


def _inside(c: Chatter, at: Wholes, part: float | Reals) -> Wholes:
    begin = c.duration_s[at] * (np.maximum(c.take_round[at], 1) - 1) / c.rounds[at]
    late = begin + part * (c.duration_s[at] - begin)
    out: Wholes = c.opened_us[at] + (late * 1e6).astype(np.int64)
    return out
