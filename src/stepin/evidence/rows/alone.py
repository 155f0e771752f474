"""Facts keyed by the unit of the trial, where that is the customer or the chat.

The facts key every chat by its first owner. A trial of customers or chats draws each of them alone
from the plan's seed, so its arms can be drawn again from the ids. Here the chats are written anew,
keyed by the unit, and every analysis then clusters by what was drawn.

Units beyond a few thousand are put together into groups, by a hash of their id, inside their arm
(and their step of the ramp). Units are drawn independently, so groups of them are independent too:
errors clustered by group stay right, and cost no more than those of a few thousand workers.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import msgspec
import pyarrow as pa

from stepin.core.facts import Chats, Decisions, Workers
from stepin.errors import Missing
from stepin.evidence.storage import files, source
from stepin.trial.arm import arm_of
from stepin.trial.draw import key
from stepin.trial.plan import Plan
from stepin.trial.ramp import starts_on

MOST = 4_000
"""So many units are clusters of their own; more are put into about as many groups."""
GROUP = "group"
_COLUMNS = {"customer": "customer_id", "chat": "chat_id"}


class Alone(msgspec.Struct, frozen=True, kw_only=True):
    """Units that were drawn alone, and the facts keyed by them.

    Attributes
    ----------
    folder : the facts, with the unit's (or its group's) id in the place of the first owner.
    unit : `customer` or `chat`.
    counts : by arm, the units with a chat in the treatment period.
    groups : how many groups there are; 0 where every unit is its own cluster.
    """

    folder: Path
    unit: str
    counts: dict[str, int]
    groups: int


@contextmanager
def keyed(folder: Path, plan: Plan) -> Iterator[Alone | None]:
    """Write the facts of a trial of customers or chats, keyed by unit, for as long as it is open.

    A trial of workers gets None: its facts are keyed as they should be.

    Raises
    ------
    Missing
        ``no_facts``: there are no chats within the plan's dates.
    """
    if plan.unit == "worker":
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="stepin-facts-") as place:
        yield _write(folder, plan, Path(place))


def _write(folder: Path, plan: Plan, out: Path) -> Alone:
    dates, column = plan.dates, _COLUMNS[plan.unit]
    inside = f"day BETWEEN DATE '{dates.pre_from}' AND DATE '{dates.treatment_until}'"
    with duckdb.connect(":memory:", config={"threads": 1}) as db:
        chats = source(folder, Chats)
        units = [
            (str(unit), bool(late))
            for unit, late in db.execute(
                f"SELECT {column}, max(day) >= DATE '{dates.treatment_from}' FROM {chats} "  # noqa: S608
                f"WHERE {inside} GROUP BY 1 ORDER BY 1"
            ).fetchall()
        ]
        if not units:
            raise Missing(
                "The data hold no chat within the plan's dates.", code="no_facts", table="chats"
            )
        arms = [arm_of(plan, unit) for unit, _ in units]
        starts = [starts_on(plan, unit) for unit, _ in units]
        groups = _groups(plan, [unit for unit, _ in units], arms, [str(s) for s in starts])
        placed = pa.table(
            {
                "unit": [unit for unit, _ in units],
                "cell": groups,
                "arm": arms,
                "start": pa.array(starts, pa.date32()),
            }
        )
        db.register("placed", placed)
        crossed = ", NULL::BOOLEAN AS crossed_arm" if _has(db, chats, "crossed_arm") else ""
        _copy(
            db,
            out / "chats.parquet",
            f"SELECT t.* REPLACE (p.cell AS first_owner_id{crossed}) FROM {chats} t "  # noqa: S608
            f"JOIN placed p ON p.unit = t.{column} WHERE {inside} ORDER BY t.day, t.chat_id",
        )
        own = f"read_parquet('{out / 'chats.parquet'}')"
        if files(folder, Decisions):
            _copy(
                db,
                out / "decisions.parquet",
                "SELECT d.* REPLACE (c.first_owner_id AS first_owner_id) "  # noqa: S608
                f"FROM {source(folder, Decisions)} d JOIN {own} c USING (chat_id) "
                "ORDER BY d.decision_id",
            )
        _copy(db, out / f"{Workers.name}.parquet", _units(db, plan, own))
    counts = Counter(arm for arm, (_, late) in zip(arms, units, strict=True) if late)
    grouped = len(units) > MOST
    return Alone(
        folder=out,
        unit=plan.unit,
        counts=dict(counts),
        groups=len(set(groups)) if grouped else 0,
    )


def _groups(plan: Plan, units: list[str], arms: list[str], starts: list[str]) -> list[str]:
    if len(units) <= MOST:
        return units
    cells = sorted(set(zip(arms, starts, strict=True)))
    each = MOST // len(cells)
    place = {cell: i for i, cell in enumerate(cells)}
    return [
        f"g{place[arm, start]}-{key(plan.seed, GROUP, unit)[0] % each:04d}"
        for unit, arm, start in zip(units, arms, starts, strict=True)
    ]


def _units(db: duckdb.DuckDBPyConnection, plan: Plan, chats: str) -> str:
    """Return the SQL of the table of units, with what the days before treatment say of them."""
    early = f"c.day < DATE '{plan.dates.treatment_from}'"
    means = "".join(
        f", avg(c.{name}::DOUBLE) FILTER ({early}) AS {column}"
        for name, column in (
            ("duration_s", "pre_duration_s"),
            ("rating", "pre_rating"),
            ("retrial_7d", "pre_retrial_7d"),
        )
        if plan.unit == "customer" and _has(db, chats, name)
    )
    counted = f", count(c.day) FILTER ({early}) AS pre_chats" if plan.unit == "customer" else ""
    return (
        "SELECT u.cell AS worker_id, '' AS block, u.arm, u.start::TIMESTAMP AS treated_from"  # noqa: S608
        f"{counted}{means} FROM (SELECT DISTINCT cell, arm, start FROM placed) u "
        f"JOIN {chats} c ON c.first_owner_id = u.cell GROUP BY ALL ORDER BY 1"
    )


def _has(db: duckdb.DuckDBPyConnection, relation: str, column: str) -> bool:
    described = db.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()  # noqa: S608
    return column in {str(row[0]) for row in described}


def _copy(db: duckdb.DuckDBPyConnection, path: Path, query: str) -> None:
    db.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet)")
