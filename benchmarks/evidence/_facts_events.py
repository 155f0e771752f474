"""Made-up events in the flat form, fast enough to write a hundred million: for benchmarks only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from stepin.log.flat import OWN_GROUP, RUN_ROWS, schema

DAY_US = 86_400_000_000
START_US = 20_500 * DAY_US
WORKERS = 647

_MOST = {"actor": "system", "stream": "chat"}

Wholes = NDArray[np.int64]


class _Day:
    """The events of one day, kind by kind, before they are put in order of time."""

    def __init__(self) -> None:
        self.parts: list[tuple[str, Wholes, NDArray[np.float64], dict[str, object]]] = []

    def add(self, kind: str, chat: Wholes, at: NDArray[np.float64], **cells: object) -> None:
        self.parts.append((kind, chat, at, cells))


def write(folder: Path, *, events: int, days: int, seed: int = 1) -> int:
    """Write about `events` events over `days` days, one file per day; return how many there are.

    A day that stands there already is left as it is.
    """
    folder.mkdir(parents=True, exist_ok=True)
    per_day = max(1, int(events / days / 14.9))
    position = 0
    for day in range(days):
        path = folder / f"{day:05d}.parquet"
        if path.exists():
            position += pq.read_metadata(path).num_rows
            continue
        rng = np.random.default_rng([seed, day])
        table = _table(_tell(rng, per_day, day), per_day, day, position)
        part = path.with_suffix(".part")
        with pq.ParquetWriter(part, table.schema, compression="zstd", store_schema=False) as writer:
            for start in range(0, table.num_rows, RUN_ROWS):
                for group in _groups(table.slice(start, RUN_ROWS)):
                    writer.write_table(group)
        part.rename(path)
        position += table.num_rows
    return position


def _groups(run: pa.Table) -> Iterator[pa.Table]:
    """Yield the row groups of a run as an export writes them."""
    kinds = pc.value_counts(run["kind"])
    common = [k["values"] for k in kinds.to_pylist() if k["counts"] >= OWN_GROUP]
    for kind in common:
        yield run.filter(pc.equal(run["kind"], kind))
    yield run.filter(pc.invert(pc.is_in(run["kind"], pa.array(common, pa.string()))))


def _tell(rng: np.random.Generator, chats: int, day: int) -> _Day:
    out = _Day()
    chat = np.arange(chats)
    at = np.sort(rng.uniform(0, 85_000, chats))
    eligible = rng.random(chats) < 0.2
    ai = eligible & (rng.random(chats) < 0.5)
    owner = rng.integers(0, WORKERS, chats)
    issue = rng.integers(0, 12, chats)
    names = np.array([f"w{i:04d}" for i in range(WORKERS)])
    issues = np.array([f"issue-{i:02d}" for i in range(12)])
    named = np.char.add("k", rng.integers(0, max(10, chats * 8), chats).astype(str))
    writes = np.char.add("customer:", named)
    shift = np.arange(WORKERS)
    out.add(
        "WorkerSignedOn", shift, np.zeros(WORKERS), worker_id=names, team="a", tenure_days=375.0
    )
    out.add("WorkerSignedOff", shift, np.full(WORKERS, 86_000.0), worker_id=names)
    out.add(
        "ChatOpened", chat, at,
        customer_id=named, actor=writes, channel="web", language="en",
        version="default@1", tenure_days=400.0, value=12.5,
        data='{"covariates":{"tenure_days":400,"value":12.5}}',
    )  # fmt: skip
    out.add("MessagePosted", chat, at, author="customer", actor=writes, visibility="public",
            chars=40)  # fmt: skip
    out.add(
        "EligibilityAssessed", chat, at, eligible=eligible, score=rng.random(chats), threshold=0.5,
        issue_class=issues[issue], version="rules-1", technical=rng.random(chats),
        emotional=rng.random(chats) * 0.3, requested=rng.random(chats) * 0.2,
    )  # fmt: skip
    eight = np.array([f'["{names[i]}","w1","w2","w3","w4","w5","w6","w7"]' for i in range(WORKERS)])
    out.add(
        "DecisionDrawn", chat, at + 0.5, point="assignment", options=eight[owner],
        probabilities="[0.125,0.125,0.125,0.125,0.125,0.125,0.125,0.125]", drawn=names[owner],
        draw_key=np.char.add(f"assign:{day}:", chat.astype(str)), available=True, probability=0.125,
    )  # fmt: skip
    out.add(
        "OwnerSet", chat, at + 0.5, owner=names[owner], probability=1 / WORKERS,
        tenure_days=375.0, data='{"covariates":{"tenure_days":375}}',
    )  # fmt: skip
    holder = np.where(ai, "builtin-1", names[owner])
    out.add(
        "HolderChanged", chat, at + 1, holder_from="nobody",
        holder_to=np.where(ai, "ai", "worker"), holder_id=holder, reason="assigned",
    )  # fmt: skip
    taken = ai & (rng.random(chats) < 0.5)
    now, turn = at + 1, 0
    going = np.ones(chats, dtype=bool)
    while going.any():
        who = np.flatnonzero(going)
        if turn == 1:
            t = np.flatnonzero(taken & going)
            seq = np.full(len(t), 9)
            out.add("FlagRaised", t, now[t] + 0.1, cause="technical", shadow=False, score=0.8,
                    threshold=0.5, turn_seq=seq, detector="technical@1")  # fmt: skip
            out.add("AlertShown", t, now[t] + 0.2, cause="technical", flag_seq=seq + 1)
            out.add("HolderChanged", t, now[t] + 8, holder_from="ai", holder_to="worker",
                    holder_id=names[owner[t]], reason="takeover")  # fmt: skip
            out.add("EscalationTaken", t, now[t] + 8, flag_seq=seq + 1)
            now[t] += 8
        human = (~ai | (taken & (turn >= 1)))[who]
        now[who] += np.where(human, rng.exponential(40, len(who)), 2.0) + 0.01
        out.add(
            "MessagePosted", who, now[who].copy(), author=np.where(human, "worker", "ai"),
            actor=np.where(human, np.char.add("worker:", names[owner[who]]), "ai:builtin-1"),
            visibility="public", chars=rng.integers(10, 200, len(who)),
        )  # fmt: skip
        seen = who[human]
        out.add("FocusMoved", seen, now[seen].copy(), worker_id=names[owner[seen]],
                duration_ms=rng.integers(2_000, 30_000, len(seen)))  # fmt: skip
        going[who[rng.random(len(who)) < 0.4]] = False
        more = np.flatnonzero(going)
        now[more] += rng.exponential(30, len(more)) + 0.01
        out.add("MessagePosted", more, now[more].copy(), author="customer", actor=writes[more],
                visibility="public", chars=rng.integers(5, 120, len(more)))  # fmt: skip
        scored = more[eligible[more]]
        out.add("ChatScored", scored, now[scored] + 0.05, technical=rng.random(len(scored)),
                emotional=rng.random(len(scored)), detector="mood@1",
                turn_seq=np.full(len(scored), 7 + 2 * turn))  # fmt: skip
        turn += 1
    acts = np.flatnonzero(rng.random(chats) < 0.05)
    action = np.char.add(f"a{day}-", acts.astype(str))
    for kind, later in (("ActionProposed", 1.0), ("ActionStarted", 2.0), ("ActionSucceeded", 3.0)):
        out.add(kind, acts, now[acts] + later, action_id=action, tool="refund", version="1",
                actor="ai:builtin-1")  # fmt: skip
    out.add("ChatClosed", chat, now + 5, reason="resolved")
    out.add("RatingInvited", chat, now + 5)
    rated = np.flatnonzero(rng.random(chats) < 0.17)
    out.add("RatingGiven", rated, now[rated] + 20, rating=rng.integers(1, 6, len(rated)))
    return out


def _table(day: _Day, chats: int, number: int, position: int) -> pa.Table:
    sizes = [len(chat) for _, chat, _, _ in day.parts]
    total = sum(sizes)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    chat = np.concatenate([c for _, c, _, _ in day.parts])
    at = np.concatenate([a for _, _, a, _ in day.parts])
    order = np.argsort(at, kind="stable")
    names = np.char.add(f"01J{number:05d}XKQ7ZT", np.char.zfill(np.arange(chats).astype(str), 12))
    form = schema()
    outside, focus = np.zeros(total, dtype=bool), np.zeros(total, dtype=bool)
    cells: dict[str, pa.Array] = {}
    for (kind, _, _, given), start, size in zip(day.parts, starts, sizes, strict=True):
        if kind == "FocusMoved":
            focus[start : start + size] = True
        outside[start : start + size] = kind in ("FocusMoved", "WorkerSignedOn", "WorkerSignedOff")
        del given
    ids = pa.array(names).take(pa.array(chat[order]))
    in_chat = ~outside[order]
    cells["chat_id"] = _masked(ids, in_chat)
    for field in form:
        if field.name in cells:
            continue
        values: list[pa.Array] = []
        for (kind, _, _, given), size in zip(day.parts, sizes, strict=True):
            value = kind if field.name == "kind" else given.get(field.name, _MOST.get(field.name))
            values.append(_column(value, size, field.type))
        cells[field.name] = pa.chunked_array(values).combine_chunks().take(pa.array(order))
    cells["focus_chat_id"] = _masked(ids, focus[order])
    ranks = np.empty(total, dtype=np.int64)
    keyed = np.argsort(chat[order], kind="stable")
    sorted_chat = chat[order][keyed]
    first = np.concatenate([[True], sorted_chat[1:] != sorted_chat[:-1]])
    begin = np.maximum.accumulate(np.where(first, np.arange(total), 0))
    ranks[keyed] = np.arange(total) - begin + 1
    cells["seq"] = pa.array(ranks)
    cells["position"] = pa.array(np.arange(position + 1, position + total + 1))
    cells["at_us"] = pa.array((at[order] * 1e6).astype(np.int64) + START_US + number * DAY_US)
    cells["epoch"] = pa.array(np.ones(total, dtype=np.int64))
    return pa.table([cells[f.name] for f in form], schema=form)


def _masked(values: pa.Array, keep: NDArray[np.bool_]) -> pa.Array:
    import pyarrow.compute as pc

    return pc.if_else(pa.array(keep), values, pa.scalar(None, values.type))


def _column(value: object, size: int, kind: pa.DataType) -> pa.Array:
    if value is None:
        return pa.nulls(size, kind)
    if isinstance(value, np.ndarray):
        return pa.array(value).cast(kind)
    return pa.repeat(pa.scalar(value, kind), size)
