"""Arrays of a planted day as Arrow tables of the facts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from stepin.core.facts import Chats, Table, Workers
from stepin.evidence.data.storage import arrow_schema
from stepin.evidence.data.synthetic.chats import DAY_US, Chatter
from stepin.evidence.data.synthetic.staff import Reals, SyntheticStaff, Truths, Wholes
from stepin.evidence.data.synthetic.world import World

Values: TypeAlias = "NDArray[np.generic] | pa.Array"
ISSUES = ("refund", "delivery", "exchange", "coupon", "address", "account", "invoice", "quality")
LANGUAGES, CHANNELS = ("en", "zh", "de"), ("web", "app")
WINDOWS_S = {"retrial_10m": 600, "retrial_24h": 86_400, "retrial_3d": 259_200}
RETRIAL_PARTS = {"retrial_10m": 0.1, "retrial_24h": 0.5, "retrial_3d": 0.8, "retrial_7d": 1.0}


def ids(prefix: str, numbers: Wholes) -> pa.Array:
    """Return text identifiers: the prefix and the number."""
    return pc.binary_join_element_wise(prefix, pc.cast(pa.array(numbers), pa.string()), "")


def pick(words: tuple[str, ...], index: Wholes, where: Truths | None = None) -> pa.Array:
    """Return words by index, none where `where` is false."""
    mask = None if where is None else ~where
    codes = pa.array(index.astype(np.int32), mask=mask)
    return pc.cast(pa.DictionaryArray.from_arrays(codes, pa.array(words)), pa.string())


def only(values: NDArray[np.generic], where: Truths) -> pa.Array:
    """Return `values` with none where `where` is false."""
    return pa.array(values, mask=~where)


def table(
    kind: type[Table], columns: dict[str, Values], names: list[str] | None = None
) -> pa.Table:
    """Return an Arrow table of that schema; a column that isn't given has no values."""
    schema = arrow_schema(kind, names)
    rows = len(next(iter(columns.values())))
    arrays = []
    for f in schema:
        if f.name not in columns:
            arrays.append(pa.nulls(rows, f.type))
            continue
        given = columns[f.name]
        array = given if isinstance(given, pa.Array | pa.ChunkedArray) else pa.array(given)
        arrays.append(array if array.type == f.type else pc.cast(array, f.type))
    return pa.Table.from_arrays(arrays, schema=schema)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drawn:
    """What the table adds to the chats of a day: numbers, people and noise, an entry a chat.

    The fields stand in the order in which they are drawn, so that the same seed gives the same
    facts; a new one is drawn last. `noise` has four rows, `coded` one a coded behaviour.
    """

    number: Wholes
    customer: Wholes
    noise: Reals
    concurrency: Wholes
    supervised: Wholes
    queue: Wholes
    switches: Wholes
    customer_more: Wholes
    worker_more: Wholes
    suggested: Wholes
    latency: Reals
    coded: Reals

    @classmethod
    def of(cls, world: World, staff: SyntheticStaff, day: int, c: Chatter, seed: int) -> _Drawn:
        """Return the draws of a day, which depend on the seed and the day alone."""
        n = c.worker.size
        rng, work = np.random.default_rng([seed, 3, day]), np.random.default_rng([seed, 7, day])
        return cls(
            number=int(staff.counts[:, :day].sum()) + np.arange(n),
            customer=rng.integers(0, max(2, int(world.chats / 1.6)), n),
            noise=rng.random((4, n)),
            concurrency=rng.poisson(2.5, n),
            supervised=rng.poisson(0.15, n),
            queue=rng.poisson(4.0, n),
            switches=rng.poisson(1.1 * _calm(c)),
            customer_more=rng.poisson(0.8, n),
            worker_more=rng.poisson(0.4 * (c.human_rounds > 0)),
            suggested=rng.poisson(0.3, n),
            latency=work.random(n),
            coded=work.random((4, n)),
        )


def chats_table(
    world: World,
    staff: SyntheticStaff,
    day: int,
    c: Chatter,
    seed: int,
    names: list[str] | None = None,
) -> pa.Table:
    """Return the `chats` facts of a day, or the columns of it that are named."""
    d = _Drawn.of(world, staff, day, c, seed)
    closed = c.opened_us + (c.duration_s * 1e6).astype(np.int64)
    columns: dict[str, Values] = {
        **_identity(world, day, c, d, closed),
        **_opening(world, staff, day, c, d),
        **_course(c, d),
        **_escalation(world, c, d),
        **_outcome(world, c, d, closed),
    }
    return table(Chats, columns, names)


def _calm(c: Chatter) -> Reals:
    """Return how much of the usual restlessness a worker has: less with the AI at their side."""
    return np.where(c.treated & ~c.eligible, 0.85, 1.0)


def _emotional(world: World, c: Chatter) -> Truths:
    found: Truths = c.path == tuple(world.paths).index("emotional")
    return found


def _identity(world: World, day: int, c: Chatter, d: _Drawn, closed: Wholes) -> dict[str, Values]:
    n, none = c.worker.size, np.zeros(c.worker.size, np.int64)
    return {
        "chat_id": ids("c", d.number),
        "customer_id": ids("u", d.customer),
        "first_owner_id": ids("w", c.worker),
        "worker_id": ids("w", c.worker),
        "opened_at": c.opened_us,
        "closed_at": closed,
        "day": pa.array(np.full(n, np.datetime64(world.first_day, "D") + day)),
        "hour": (c.opened_us // 3_600_000_000) % 24,
        "channel": pick(CHANNELS, (d.customer % 5 < 2).astype(np.int64)),
        "language": pick(LANGUAGES, np.minimum(d.customer % 7 // 2, 2)),
        "eligibility_version": pick(("e1",), none),
        "policy_version": pick(("people", "supervised"), c.treated.astype(np.int64)),
        "brain_version": pick(("b1",), none, c.held),
        "crossed_arm": np.zeros(n, np.bool_),
    }


def _opening(
    world: World, staff: SyntheticStaff, day: int, c: Chatter, d: _Drawn
) -> dict[str, Values]:
    """Return what is known when a chat opens: its content, its customer, its worker, the load."""
    n, paths, customer, noise = c.worker.size, tuple(world.paths), d.customer, d.noise
    mood = 0.1 - 0.9 * np.nan_to_num(_score(c, paths, "emotional"), nan=0.1)
    return {
        "issue_class": pick(ISSUES, np.where(c.eligible, d.number % 3, 2 + d.number % 6)),
        "eligible": c.eligible,
        "eligibility_score": np.where(c.eligible, 0.5 + noise[0] / 2, noise[0] / 2),
        "opening_chars": 20 + (noise[1] * 200).astype(np.int64),
        "opening_sentiment": np.clip(mood, -1, 1),
        "p_technical": only(_score(c, paths, "technical"), c.eligible),
        "p_emotional": only(_score(c, paths, "emotional"), c.eligible),
        "p_requested": only(_score(c, paths, "requested"), c.eligible),
        "p_unaided": only(_score(c, paths, "none"), c.eligible),
        # Multiples of an irrational number, cut to their fractions, spread customers evenly
        # without a draw (Weyl): a customer keeps the same tenure and value on every day.
        "customer_tenure_days": -700 * np.log1p(-((customer * 0.6180339887) % 1)),
        "customer_value": 100 * (customer * 0.7548776662 % 1),
        "worker_tenure_days": staff.tenure_days[c.worker] + day,
        "customer_prior_chats": customer % 6,
        "customer_prior_retrials": customer % 6 // 3,
        "customer_prior_rating": only(1.0 + customer % 5, customer % 6 > 2),
        "worker_prior_chats": (staff.tenure_days[c.worker] * 20).astype(np.int64),
        "worker_prior_rating": 3.57 + staff.warmth[c.worker],
        "worker_prior_duration_s": 470 * np.exp(staff.speed[c.worker]),
        "concurrency": d.concurrency,
        "supervised_concurrency": np.where(c.treated, d.supervised, 0),
        "queue_length": d.queue,
        "owner_probability": np.full(n, 1 / world.workers),
    }


def _course(c: Chatter, d: _Drawn) -> dict[str, Values]:
    """Return how long a chat took, and who wrote how much in it."""
    human, taken, persons = ~c.held, c.take_round > 0, c.human_rounds > 0
    return {
        "queue_wait_s": c.queue_wait_s,
        "first_response_s": np.where(c.held, 2.0, c.queue_wait_s + 20),
        "duration_s": c.duration_s,
        "attention_s": c.duration_s * np.where(human, 0.45, np.where(taken, 0.3, 0.05)),
        "wrap_up_s": only(20 + 20 * d.noise[3], persons),
        "away_s": 0.12 * c.duration_s * _calm(c) * d.noise[3] * 2,
        "switch_aways": d.switches,
        "rounds": c.rounds,
        "human_rounds": c.human_rounds,
        "customer_messages": c.rounds + d.customer_more,
        "ai_messages": np.where(c.held, c.rounds - c.human_rounds, 0),
        "worker_messages": c.human_rounds + d.worker_more,
        "suggestions_used": only(d.suggested, persons),
    }


def _escalation(world: World, c: Chatter, d: _Drawn) -> dict[str, Values]:
    """Return the path of a chat, the moments of its takeover, and the worker's effort after it."""
    paths, taken, emotional = tuple(world.paths), c.take_round > 0, _emotional(world, c)
    flagged = taken & (c.path != paths.index("human_initiated"))
    visible: Wholes = np.where(c.held, c.path, paths.index("none"))
    begin = c.duration_s * (np.maximum(c.take_round, 1) - 1) / c.rounds
    rest = c.duration_s - begin
    persons, low = c.human_rounds > 0, np.where(taken & emotional, 1.0, 0.0)

    def moment(part: float | Reals) -> pa.Array:
        at = c.opened_us + ((begin + part * rest) * 1e6).astype(np.int64)
        return pc.cast(only(at, taken), pa.timestamp("us"))

    def coded(mean: Reals, draw: Reals) -> pa.Array:
        return only(np.clip(mean + 0.3 * (draw - 0.5), 0, 1), persons)

    return {
        "path": pick(paths, visible),
        "delivered_path": pick(paths, visible),
        "flag_at": pc.if_else(pa.array(flagged), moment(0.0), None),
        "alert_at": pc.if_else(pa.array(flagged), moment(0.02), None),
        "acknowledged_at": pc.if_else(pa.array(flagged), moment(0.08), None),
        "takeover_at": moment(0.12),
        "first_human_message_at": moment(np.where(emotional, 0.4, 0.25)),
        "hand_back_at": pc.if_else(pa.array(d.noise[3] < 0.05), moment(0.8), None),
        "takeover_round": only(c.take_round, taken),
        "worker_chars": (c.human_rounds * (45 - 12 * low) * (0.6 + 0.8 * d.noise[0])).astype(int),
        "worker_latency_s": only(np.exp(3.2 + 0.35 * low + 0.4 * (d.latency - 0.5)), persons),
        "information_seeking": coded(0.30 - 0.08 * low, d.coded[0]),
        "solution_provision": coded(0.35 - 0.10 * low, d.coded[1]),
        "empathy": coded(np.full(low.size, 0.20), d.coded[2]),
        "proactivity": coded(0.25 - 0.09 * low, d.coded[3]),
    }


def _outcome(world: World, c: Chatter, d: _Drawn, closed: Wholes) -> dict[str, Values]:
    """Return how a chat ended, and what was said of it; a window that hasn't matured is empty."""
    end_us = int(np.datetime64(world.first_day, "us").astype(np.int64)) + world.days * DAY_US
    end_us += 7 * DAY_US
    retrial: dict[str, Values] = {}
    for name, part in RETRIAL_PARTS.items():
        matured = closed + int(WINDOWS_S.get(name, 604_800) * 1e6) <= end_us
        retrial[name] = only(c.retrial_draw < part * c.retrial_p, matured)
    return {
        "close_reason": pick(
            ("resolved", "abandoned", "timed_out", "transferred"),
            np.searchsorted([0.85, 0.93, 0.98], d.noise[2]),
        ),
        "closing_sentiment": np.clip((c.rating - 3.2) / 3 + 0.6 * (d.noise[0] - 0.5), -1, 1),
        "rating_invited": c.invited,
        "rating": only(c.rating, c.invited & c.answered),
        **retrial,
    }


def workers_table(world: World, staff: SyntheticStaff, pre: dict[str, Reals]) -> pa.Table:
    """Return the `workers` facts, with the pre-period means that were counted."""
    n = world.workers
    start = int(np.datetime64(world.first_day, "us").astype(np.int64))
    some = pre["chats"] > 0
    rated = pre["rated"] > 0
    return table(
        Workers,
        {
            "worker_id": ids("w", np.arange(n)),
            "block": ids("tenure", staff.block),
            "joined_at": np.full(n, start),
            "team": ids("team", staff.block % 3),
            "tenure_days": staff.tenure_days,
            "pre_chats": pre["chats"].astype(np.int64),
            "pre_duration_s": only(pre["duration_s"] / np.maximum(pre["chats"], 1), some),
            "pre_rating": only(pre["rating"] / np.maximum(pre["rated"], 1), rated),
            "pre_retrial_7d": only(pre["retrial_7d"] / np.maximum(pre["chats"], 1), some),
            "arm": pick(("control", "treated"), staff.treated.astype(np.int64)),
            "treated_from": np.full(n, start + world.pre_days * DAY_US),
        },
    )


def _score(c: Chatter, paths: tuple[str, ...], name: str) -> Reals:
    if name not in paths:
        return np.zeros(c.worker.size)
    out: Reals = c.scores[:, paths.index(name)]
    return out
