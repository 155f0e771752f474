"""The rows of a trial: facts and plan joined, read with DuckDB, handed out as arrays.

The arm of a chat is that of its unit: its first owner, or in facts that are keyed by another unit
what stands in the first owner's place. Rows come in the order of their key, so that the
same facts give the same arrays whatever the files and threads.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import duckdb
import msgspec
import numpy as np

from stepin.core.facts import Before, Chats, Column, Table, Workers
from stepin.errors import Invalid, Missing
from stepin.evidence.base.arrays import Bools, Floats, Ints
from stepin.evidence.base.term import Chosen
from stepin.evidence.data.starts import Starts, starts
from stepin.evidence.data.storage import files, source
from stepin.trial.plan import Plan

Period = Literal["before", "after", "both"]
Values = dict[str, Any]


class Units(msgspec.Struct, frozen=True, kw_only=True):
    """The units of the two arms compared (workers, customers, chats), in the order of their ids.

    Attributes
    ----------
    ids : (u,) the units' ids. treated : (u,) arm. block : (u,) block of the randomization.
    start : (u,) the day, since the start of treatment, from which the unit's arm is in force; a
        ramp starts units on different days, in both arms alike, and some of them never.
    """

    ids: tuple[str, ...]
    treated: Bools
    block: tuple[str, ...]
    start: Ints


class SampleRows(msgspec.Struct, frozen=True, kw_only=True):
    """Rows of one table with the arm of each.

    Attributes
    ----------
    values : column name to (n,) array: floats (NaN where none) or, for texts, objects.
    unit : (n,) place in `Units`. treated, after : (n,) arm, and whether the unit had started.
    day : (n,) day since the start of treatment.
    """

    values: Values
    unit: Ints
    treated: Bools
    after: Bools
    day: Ints

    def __len__(self) -> int:
        """Return the number of rows."""
        return int(self.unit.size)

    def number(self, column: Column[Any]) -> Floats:
        """Return a column as floats, NaN where there is none."""
        found: Floats = self.values[column.name]
        return found

    def text(self, column: Column[Any]) -> list[str]:
        """Return a column of texts, empty where there is none."""
        return [str(v) if v is not None else "" for v in self.values[column.name]]

    def where(self, rows: Bools | Ints) -> SampleRows:
        """Return these rows alone."""
        return SampleRows(
            values={k: v[rows] for k, v in self.values.items()},
            unit=self.unit[rows],
            treated=self.treated[rows],
            after=self.after[rows],
            day=self.day[rows],
        )


class Sample:
    """The facts of one trial, open for reading.

    Parameters
    ----------
    folder : the data set, keyed by the plan's unit (see `estimators.row_level.alone`).
    plan : the registered plan.
    arm : the arm compared with the control; by default the plan's first other arm.
    grouped : whether the ids of the facts are of groups of units.

    Raises
    ------
    Invalid
        ``arms_differ`` when the facts don't hold both arms; ``no_starts``, ``staggered`` when they
        don't say from which day to compare a unit.
    """

    def __init__(
        self, folder: Path, plan: Plan, arm: str | None = None, *, grouped: bool = False
    ) -> None:
        others = [a.name for a in plan.arms if a.name != plan.control]
        self.folder, self.plan = folder, plan
        self.arm = plan.arm(others[0] if arm is None else arm).name
        self.db = duckdb.connect(":memory:")
        self.db.execute("SET threads = 2")
        self.db.execute("SET TimeZone = 'UTC'")
        self._known: dict[str, frozenset[str]] = {}
        if not self.has(Workers, Workers.arm):
            raise _no_arm(plan)
        rows = self.db.execute(
            f"SELECT worker_id, arm, {self._block()} "  # noqa: S608
            f"FROM {source(folder, Workers)} WHERE arm IN (?, ?) ORDER BY worker_id",
            [plan.control, self.arm],
        ).fetchall()
        treated = np.array([r[1] == self.arm for r in rows], dtype=np.bool_)
        if not rows or treated.all() or not treated.any():
            raise Invalid(
                f"The facts don't hold {plan.unit}s of both arms, {plan.control} and {self.arm}; "
                f"they hold {self._held()}.",
                code="arms_differ",
                hint="Check that the plan is the one that these facts come from. A mapping can "
                f"translate other names of arms: {self._translated()}.",
            )
        self.starts = self._starts([str(r[0]) for r in rows], treated, grouped)
        begins = self.starts.days
        first = plan.dates.treatment_from
        self.units = Units(
            ids=tuple(str(r[0]) for r in rows),
            treated=treated,
            block=tuple(str(r[2]) for r in rows),
            start=np.array([(day - first).days for day in begins], dtype=np.int64),
        )
        self.db.execute(
            "CREATE TABLE unit (worker_id VARCHAR PRIMARY KEY, unit BIGINT, begins DATE)"
        )
        self.db.executemany(
            "INSERT INTO unit VALUES (?, ?, ?)",
            [(u, i, day) for i, (u, day) in enumerate(zip(self.units.ids, begins, strict=True))],
        )

    def _translated(self) -> str:
        """Return the lines of a mapping that would call the facts' arms as the plan does."""
        rows = self.db.execute(
            f"SELECT DISTINCT arm FROM {source(self.folder, Workers)} "  # noqa: S608
            "WHERE arm IS NOT NULL AND arm NOT IN (?, ?) ORDER BY 1 LIMIT 2",
            [self.plan.control, self.arm],
        ).fetchall()
        ours = (self.plan.control, self.arm)
        lines = []
        for name in [str(row[0]) for row in rows] or ["your name"]:
            alike = [arm for arm in ours if arm == name.strip().casefold()]
            lines.append(
                f'`{json.dumps(name, ensure_ascii=False)} = "{alike[0]}"`'
                if alike
                else f'`{json.dumps(name, ensure_ascii=False)} = "{ours[0]}"` (or "{ours[1]}")'
            )
        return f"`[workers.translate.arm]` with lines such as {', '.join(lines)}"

    def _held(self) -> str:
        """Return the arms of the facts with their sizes, in words."""
        rows = self.db.execute(
            f"SELECT arm, count(*) FROM {source(self.folder, Workers)} "  # noqa: S608
            "WHERE arm IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 6"
        ).fetchall()
        return ", ".join(f"{n} in {arm!r}" for arm, n in rows) or "no arm at all"

    def _starts(self, ids: list[str], treated: Bools, grouped: bool) -> Starts:
        known: dict[str, dt.date | None] = {}
        during: set[str] = set()
        if self.has(Workers, Workers.treated_from):
            found = self.db.execute(
                "SELECT worker_id, treated_from::DATE, "  # noqa: S608
                "treated_from > date_trunc('day', treated_from) "
                f"FROM {source(self.folder, Workers)}"
            ).fetchall()
            known = {str(unit): day for unit, day, _ in found}
            during = {str(unit) for unit, _, late in found if late} & set(ids)
        recorded = [known.get(unit) for unit in ids]
        begun = starts(self.plan, ids, treated, recorded, grouped=grouped)
        return msgspec.structs.replace(begun, during=len(during))

    def close(self) -> None:
        """Release the data."""
        self.db.close()

    def has(self, table: type[Table], *columns: Column[Any]) -> bool:
        """Return whether the table is there with all these columns (they may be empty)."""
        if table.name not in self._known:
            if not files(self.folder, table):
                self._known[table.name] = frozenset()
            else:
                described = self.db.execute(
                    f"DESCRIBE SELECT * FROM {source(self.folder, table)}"  # noqa: S608
                ).fetchall()
                self._known[table.name] = frozenset(str(r[0]) for r in described)
        known = self._known[table.name]
        return bool(known) and all(c.name in known for c in columns)

    def frame(
        self,
        table: type[Table],
        columns: Sequence[Column[Any]],
        *,
        chats: Chosen = "all",
        period: Period = "both",
        owner: str = "first_owner_id",
        where: str = "true",
    ) -> SampleRows:
        """Return rows of `table` within the plan's dates, in the order of its key.

        Parameters
        ----------
        owner : the column that names the unit whose arm counts.
        where : a further SQL condition on the table's own columns.

        Raises
        ------
        Missing
            ``no_column`` when a column isn't in the data.
        """
        self._need(table, columns)
        dates = self.plan.dates
        # Units start on days of their own in a ramp, so the period is the unit's; and rows come in
        # the order of the key, or sums of floats would depend on the files and threads.
        choice = {"all": "true", "eligible": "t.eligible", "ineligible": "NOT t.eligible"}[chats]
        when = {"before": "t.day < u.begins", "after": "t.day >= u.begins", "both": "true"}[period]
        picked = "".join(f", {_select(c)}" for c in columns)
        query = (
            f"SELECT u.unit AS _unit, (t.day - DATE '{dates.treatment_from}')::BIGINT AS _day"  # noqa: S608
            f"{picked} FROM {source(self.folder, table)} t "
            f"JOIN unit u ON u.worker_id = t.{owner} "
            f"WHERE t.day >= ? AND t.day <= ? AND {when} AND {choice} AND ({where}) "
            f"ORDER BY {', '.join(f't.{k}' for k in table.key)}"
        )
        found = self.db.execute(query, [dates.pre_from, dates.treatment_until]).fetchnumpy()
        unit = np.asarray(found["_unit"], dtype=np.int64)
        day = np.asarray(found["_day"], dtype=np.int64)
        return SampleRows(
            values={c.name: _array(found[c.name], c) for c in columns},
            unit=unit,
            treated=self.units.treated[unit],
            after=day >= self.units.start[unit],
            day=day,
        )

    def _need(self, table: type[Table], columns: Sequence[Column[Any]]) -> None:
        for column in columns:
            if not self.has(table, column):
                raise Missing(
                    f"The data have no {column.table}.{column.name}.",
                    code="no_column",
                    table=column.table,
                    column=column.name,
                )

    def of_units(self, column: Column[Any]) -> Any:
        """Return a column of the table of units in their order: floats, or texts."""
        found = self.db.execute(
            f"SELECT {_select(column)} FROM {source(self.folder, Workers)} t "  # noqa: S608
            "JOIN unit u USING (worker_id) ORDER BY u.unit"
        ).fetchnumpy()
        return _array(found[column.name], column)

    def _block(self) -> str:
        return "coalesce(block, '')" if self.has(Workers, Workers.block) else "''"

    def filled(self, column: Column[Any]) -> tuple[int, int]:
        """Return how many chats there are within the plan's dates, and how many have a value."""
        if not self.has(Chats, column):
            return 0, 0
        row = self.db.execute(
            f"SELECT count(*), count({column.name}) FROM {source(self.folder, Chats)} "  # noqa: S608
            "WHERE day >= ? AND day <= ?",
            [self.plan.dates.pre_from, self.plan.dates.treatment_until],
        ).fetchone()
        return (0, 0) if row is None else (int(row[0]), int(row[1]))

    def last_day(self) -> dt.date:
        """Return the last day on which a chat was opened.

        Raises
        ------
        Missing
            ``no_facts`` when there are no chats.
        """
        row = self.db.execute(f"SELECT max(day) FROM {source(self.folder, Chats)}").fetchone()  # noqa: S608
        if row is None or row[0] is None:
            raise Missing(
                "The data set has no chats.",
                code="no_facts",
                hint="Only closed chats are facts: wait for the first, or build the facts again.",
                table="chats",
            )
        last: dt.date = row[0]
        return last

    def chatting(self) -> tuple[int, ...]:
        """Return which units have a chat in the treatment period."""
        rows = self.db.execute(
            f"SELECT DISTINCT u.unit FROM {source(self.folder, Chats)} t "  # noqa: S608
            "JOIN unit u ON u.worker_id = t.first_owner_id WHERE t.day >= u.begins AND t.day <= ?",
            [self.plan.dates.treatment_until],
        ).fetchall()
        return tuple(int(r[0]) for r in rows)

    def unmet(self) -> tuple[str, str] | None:
        """Return an owner and a unit where no chat at all is of a unit; None where some are."""
        row = self.db.execute(
            "SELECT count(*) FILTER (first_owner_id IN (SELECT worker_id FROM unit)), "  # noqa: S608
            f"min(first_owner_id) FROM {source(self.folder, Chats)}"
        ).fetchone()
        if row is None or row[0] or row[1] is None:
            return None
        return str(row[1]), self.units.ids[0]

    def teams(self) -> tuple[str, ...]:
        """Return each unit's team, or its block where no teams are known."""
        if self.has(Workers, Workers.team):
            found = self.of_units(Workers.team)
            if any(v is not None for v in found):
                return tuple("" if v is None else str(v) for v in found)
        return self.units.block

    def covariates_of_units(self) -> dict[str, list[str | float | None]]:
        """Return what is known of the units before treatment, as a pool of units holds it."""
        found: dict[str, list[str | float | None]] = {}
        for column in Workers.columns:
            if not isinstance(column, Before) or column.kind.name == "moment":
                continue
            if column.name == "worker_id" or not self.has(Workers, column):
                continue
            values = self.of_units(column)
            if column.kind.name == "text":
                found[column.name] = [None if v is None else str(v) for v in values]
            else:
                found[column.name] = [float(v) if np.isfinite(v) else None for v in values]
        return found

    def frequent(self, column: Column[Any], most: int) -> tuple[str, ...]:
        """Return the most frequent texts of a column of the chats, the most frequent first."""
        dates = self.plan.dates
        found = self.db.execute(
            f"SELECT t.{column.name} FROM {source(self.folder, Chats)} t "  # noqa: S608
            f"WHERE t.day >= ? AND t.day <= ? AND t.{column.name} IS NOT NULL "
            f"GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT {most:d}",
            [dates.pre_from, dates.treatment_until],
        ).fetchall()
        return tuple(str(r[0]) for r in found)

    def rating_counts(self, chats: Chosen) -> Floats:
        """Return per unit the chats of the treatment period not rated, rated 1, …, rated 5."""
        choice = {"all": "true", "eligible": "t.eligible", "ineligible": "NOT t.eligible"}[chats]
        dates = self.plan.dates
        rows = self.db.execute(
            "SELECT u.unit, coalesce(t.rating, 0)::BIGINT AS r, count(*) "  # noqa: S608
            f"FROM {source(self.folder, Chats)} t JOIN unit u ON u.worker_id = t.first_owner_id "
            f"WHERE t.day >= u.begins AND t.day <= ? AND {choice} GROUP BY ALL",
            [dates.treatment_until],
        ).fetchall()
        counts = np.zeros((len(self.units.ids), 6))
        for unit, rating, n in rows:
            counts[unit, rating] += n
        return counts

    def daily(self, measures: dict[str, str], *, chats: Chosen) -> SampleRows:
        """Return means of chat measures by unit and day.

        Parameters
        ----------
        measures : name to an SQL expression over `chats` (named ``t``), none where unknown.

        Returns
        -------
        SampleRows
            One row per unit and day. ``values[name]`` is the mean over chats that have the
            measure (NaN without one) and ``values["n:" + name]`` their number.
        """
        choice = {"all": "true", "eligible": "t.eligible", "ineligible": "NOT t.eligible"}[chats]
        dates = self.plan.dates
        picked = ", ".join(
            f'avg({sql})::DOUBLE AS "{name}", count({sql})::DOUBLE AS "n:{name}"'
            for name, sql in measures.items()
        )
        # One thread: the order of additions, and so the last bit of a sum, must not vary.
        self.db.execute("SET threads = 1")
        found = self.db.execute(
            f"SELECT u.unit AS _unit, (t.day - DATE '{dates.treatment_from}')::BIGINT "  # noqa: S608
            f"AS _day, {picked} FROM {source(self.folder, Chats)} t "
            "JOIN unit u ON u.worker_id = t.first_owner_id "
            f"WHERE t.day >= ? AND t.day <= ? AND {choice} GROUP BY 1, 2 ORDER BY 1, 2",
            [dates.pre_from, dates.treatment_until],
        ).fetchnumpy()
        self.db.execute("SET threads = 2")
        unit = np.asarray(found["_unit"], dtype=np.int64)
        day = np.asarray(found["_day"], dtype=np.int64)
        return SampleRows(
            values={k: _floats(v) for k, v in found.items() if not k.startswith("_")},
            unit=unit,
            treated=self.units.treated[unit],
            after=day >= self.units.start[unit],
            day=day,
        )


def _no_arm(plan: Plan) -> Invalid:
    return Invalid(
        f"The facts hold no arm of any {plan.unit}.",
        code="no_arm",
        hint="Map a table of workers: one row per drawn unit, `worker_id` its id and `arm` "
        "its arm.",
    )


def _select(column: Column[Any]) -> str:
    name = column.name
    if column.kind.name == "moment":
        return f"epoch_us(t.{name})::DOUBLE / 1e6 AS {name}"
    if column.kind.name == "text":
        return f"t.{name}"
    if column.kind.name == "day":
        return f"(t.day - DATE '1970-01-01')::BIGINT AS {name}"
    return f"t.{name}::DOUBLE AS {name}"


def _floats(values: Any) -> Floats:
    return np.ma.filled(np.ma.asarray(values, dtype=np.float64), np.nan)


def _array(values: Any, column: Column[Any]) -> Any:
    if column.kind.name == "text":
        return np.ma.filled(np.ma.asarray(values, dtype=object), None)
    return _floats(values)
