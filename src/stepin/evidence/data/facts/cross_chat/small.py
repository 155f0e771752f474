"""Workers, shifts and actions: small tables, made by SQL from events that are kept whole."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stepin.evidence.data.facts.arrays import DAY_US, NONE, CodedText, Codes, Wholes, day_array
from stepin.evidence.data.facts.cross_chat.history import RETRIAL_US, OpenedChats, Retrials
from stepin.evidence.data.facts.gathered import Gathered
from stepin.evidence.data.facts.registered import Registered

_SIGNED = pa.schema(
    {"worker_id": pa.string(), "signs_on": pa.bool_(), "reason": pa.string(), "at_us": pa.int64(),
     "seq": pa.int64(), "team": pa.string(), "tenure_days": pa.float64()}
)  # fmt: skip
_ASSIGNED = pa.schema(
    {"trial_id": pa.string(), "unit_id": pa.string(), "arm": pa.string(), "block": pa.string(),
     "at_us": pa.int64()}
)  # fmt: skip
_ACTED = pa.schema(
    {"action_id": pa.string(), "chat_id": pa.string(), "seq": pa.int64(), "at_us": pa.int64(),
     "kind": pa.string(), "actor": pa.string(), "tool": pa.string(), "version": pa.string()}
)  # fmt: skip


class Small:
    """The small tables of a build."""

    def __init__(
        self,
        gathered: Gathered,
        trial: Registered,
        told: OpenedChats,
        again: Retrials,
        until_us: int,
    ) -> None:
        import duckdb

        self._gathered = gathered
        self._con: duckdb.DuckDBPyConnection = duckdb.connect()
        start = until_us + 1 if trial.treatment_us is None else trial.treatment_us
        self._con.execute("SET TimeZone = 'UTC'")
        self._con.execute("SET VARIABLE treatment_us = ?", [start])
        self._con.execute("SET VARIABLE trial_id = ?", [trial.trial_id])
        acted = _rows(gathered, _ACTED, "Action")
        given = {
            "signed": _signed(gathered),
            "assigned": _rows(gathered, _ASSIGNED, "WorkerAssigned"),
            "acted": acted,
            "starts": pa.table(
                {"worker_id": pa.array(list(trial.starts_us), pa.string()),
                 "from_us": pa.array(list(trial.starts_us.values()), pa.int64())}
            ),
            "owned": _owned(gathered, told, again, start, until_us),
            "chat_days": _chat_days(gathered, acted),
        }  # fmt: skip
        for name, table in given.items():
            self._con.register(name, table)
        sql = files("stepin.evidence.data.facts") / "sql" / "people.sql"
        self._con.execute(sql.read_text("utf-8"))

    def table(self, name: str) -> pa.Table:
        """Return a table."""
        return self._con.sql(f"FROM {name}").to_arrow_table().combine_chunks()

    def actions(self) -> Iterator[tuple[int, pa.Table]]:
        """Yield the actions day by day."""
        table = self.table("actions")
        days = table["day"].cast(pa.int32()).to_numpy()
        for day in np.unique(days).tolist():
            yield day, table.filter(pa.array(days == day))

    def arms(self) -> Codes:
        """Return each worker's arm by the worker's code, -1 without one; one more for nobody."""
        rows = self._con.execute("SELECT worker_id, arm FROM arms").fetchall()
        words = pa.array([row[0] for row in rows], pa.string())
        workers = self._gathered.workers
        codes = workers.codes(CodedText(np.arange(len(rows), dtype=np.int32), words))
        arms = {arm: code for code, arm in enumerate(sorted({str(row[1]) for row in rows}))}
        found: Codes = np.full(len(workers) + 1, -1, dtype=np.int32)
        found[codes] = [arms[str(row[1])] for row in rows]
        return found

    def close(self) -> None:
        """Let go of the tables."""
        self._con.close()


def _rows(gathered: Gathered, form: pa.Schema, prefix: str) -> pa.Table:
    """Return the events whose kind begins so, with just these columns."""
    found = [form.empty_table()]
    for kind, tables in gathered.small.items():
        if not kind.startswith(prefix):
            continue
        for table in tables:
            columns = [
                table[f.name].cast(f.type) if f.name in table.column_names
                else pa.nulls(table.num_rows, f.type)
                for f in form
            ]  # fmt: skip
            found.append(pa.table(columns, schema=form))
    return pa.concat_tables(found)


def _signed(gathered: Gathered) -> pa.Table:
    parts = [_SIGNED.empty_table()]
    for kind, on in (("WorkerSignedOn", True), ("WorkerSignedOff", False)):
        form = pa.schema([*(f for f in _SIGNED if f.name not in ("signs_on", "seq")),
                          pa.field("position", pa.int64())])  # fmt: skip
        told = _rows(gathered, form, kind)
        columns = {f.name: told[f.name] for f in form}
        columns["seq"] = columns.pop("position")
        columns["signs_on"] = pa.array(np.full(told.num_rows, on))
        parts.append(pa.table([columns[f.name] for f in _SIGNED], schema=_SIGNED))
    return pa.concat_tables(parts)


def _owned(
    gathered: Gathered, told: OpenedChats, again: Retrials, start_us: int, until_us: int
) -> pa.Table:
    """Return for each first owner the first opening, and the means before the treatment."""
    owners = np.unique(told.owner[told.owner >= 0])
    count = len(gathered.workers)
    early = (told.owner >= 0) & (told.opened_us[: told.closed] // DAY_US < start_us // DAY_US)
    first_us = np.full(count, np.iinfo(np.int64).max)
    named = told.owner >= 0
    np.minimum.at(first_us, told.owner[named], told.opened_us[: told.closed][named])
    matured = told.closed_us + RETRIAL_US <= until_us
    retried = (again.gap_us != NONE) & (again.gap_us <= RETRIAL_US)

    def mean(values: Wholes, known: np.ndarray) -> pa.Array:
        rows = early & known
        number = np.bincount(told.owner[rows], minlength=count)
        total = np.bincount(told.owner[rows], values[rows].astype(np.float64), count)
        with np.errstate(invalid="ignore"):
            return pa.array((total / number)[owners], from_pandas=True)

    every = np.ones(told.closed, dtype=np.bool_)
    return pa.table(
        {
            "worker_id": gathered.workers.array().take(pa.array(owners)),
            "first_us": pa.array(first_us[owners]),
            "chats": pa.array(np.bincount(told.owner[early], minlength=count)[owners]),
            "duration_s": pc.divide(mean(told.talk_us, every), 1e6),
            "rating": mean(told.rating, told.rating != NONE),
            "retrial_7d": mean(retried.astype(np.int64), matured),
        }
    )


def _chat_days(gathered: Gathered, acted: pa.Table) -> pa.Table:
    """Return the day of opening of every closed chat with an action."""
    wanted = pc.unique(acted["chat_id"]).drop_null()
    chunks = [
        chunk
        for number in range(gathered.chats.count if len(wanted) else 0)
        for chunk in gathered.chats.read(number)["chat_id"].chunks
    ]
    ids = pa.chunked_array(chunks, pa.string())
    days = gathered.slim.whole("day")[: len(ids)]
    return pa.table({"chat_id": ids, "day": day_array(days)}).filter(pc.is_in(ids, wanted))
