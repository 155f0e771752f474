"""Facts keyed by the unit of the trial, where that is the customer or the chat.

The facts key every chat by its first owner. Here the chats are written anew, keyed by the unit, and
every analysis then clusters by what was drawn.

Who was in which arm is what the facts hold: their table of workers has one row per drawn unit. Only
where they come from a log of Stepin's, which draws each customer or chat alone from the plan's seed
and writes no list, are the arms drawn again from the ids; the policies that the log says were in
force are then held against them. A trial drawn elsewhere is never drawn again here.

Units beyond a few thousand are put together into groups, by a hash of their id, inside their arm
(and their step of the ramp). Units are drawn independently, so groups of them are independent too:
errors clustered by group stay right, and cost no more than those of a few thousand workers.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import msgspec
import pyarrow as pa

from stepin.core.facts import Chats, Decisions, Workers
from stepin.errors import Invalid, Missing
from stepin.evidence.data.facts.origin import read_origin, write_origin
from stepin.evidence.data.starts import NEVER
from stepin.evidence.data.storage import files, source
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
    drawn_again : whether the arms are the plan's draw, not a list that the facts hold.
    as_planned : units whose held arm is the one that the plan would draw; None if drawn again.
    policies : of chats in the treatment period, those with a policy that speaks for an arm, and
        those whose policy is that of their unit's arm; None where nothing can be compared.
    units : units that have a chat and an arm.
    strangers : chats of units that the facts put into no arm; they are left out. Where chats are
        drawn, those of the treatment period.
    """

    folder: Path
    unit: str
    counts: dict[str, int]
    groups: int
    drawn_again: bool = False
    as_planned: int | None = None
    policies: tuple[int, int] | None = None
    units: int = 0
    strangers: int = 0


class _Unit(msgspec.Struct, frozen=True):
    """A unit with its arm, its block, and the first day that the facts give it."""

    id: str
    late: bool
    arm: str
    block: str
    start: dt.date | None


@contextmanager
def keyed(folder: Path, plan: Plan) -> Iterator[Alone | None]:
    """Write the facts of a trial of customers or chats, keyed by unit, for as long as it is open.

    A trial of workers gets None: its facts are keyed as they should be.

    Raises
    ------
    Missing
        ``no_facts``: there are no chats within the plan's dates.
    Invalid
        ``no_arm``: the facts hold no arms, and don't come from a log that drew them;
        ``ids_differ``: they hold arms, but of no unit that has a chat.
    """
    if plan.unit == "worker":
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="stepin-facts-") as place:
        yield _write(folder, plan, Path(place))


def _write(folder: Path, plan: Plan, out: Path) -> Alone:
    with duckdb.connect(":memory:", config={"threads": 1}) as db:
        db.execute("SET TimeZone = 'UTC'")
        chats = source(folder, Chats)
        seen = _seen(db, plan, chats)
        units, again = _units_of(db, folder, plan, seen)
        groups = _groups(plan, units)
        _place(db, units, groups)
        _copy_chats(db, plan, chats, out / "chats.parquet")
        keyed_chats = f"read_parquet('{out / 'chats.parquet'}')"
        # A chat of before the treatment was never drawn, so that it lacks an arm is no fault.
        since = plan.dates.treatment_from if plan.unit == "chat" else plan.dates.pre_from
        late = f"{_inside(plan)} AND day >= DATE '{since}'"
        strangers = _count(db, chats, late) - _count(db, keyed_chats, late)
        if files(folder, Decisions):
            _copy(
                db,
                out / "decisions.parquet",
                "SELECT d.* REPLACE (c.first_owner_id AS first_owner_id) "  # noqa: S608
                f"FROM {source(folder, Decisions)} d JOIN {keyed_chats} c USING (chat_id) "
                "ORDER BY d.decision_id",
            )
        _copy(db, out / f"{Workers.name}.parquet", _units(db, plan, keyed_chats))
        policies = _policies(db, plan, keyed_chats) if again else None
    if (origin := read_origin(folder)) is not None:
        write_origin(out, origin)
    return Alone(
        folder=out,
        unit=plan.unit,
        counts=dict(Counter(u.arm for u in units if u.late)),
        groups=len(set(groups)) if len(units) > MOST else 0,
        drawn_again=again,
        as_planned=None if again else sum(u.arm == arm_of(plan, u.id) for u in units),
        policies=policies,
        units=len(units),
        strangers=strangers,
    )


def _inside(plan: Plan) -> str:
    dates = plan.dates
    return f"day BETWEEN DATE '{dates.pre_from}' AND DATE '{dates.treatment_until}'"


def _seen(db: duckdb.DuckDBPyConnection, plan: Plan, chats: str) -> dict[str, bool]:
    """Return the units with a chat, and whether one of them is in the treatment period."""
    column = _COLUMNS[plan.unit]
    if not _has(db, chats, column):
        raise Missing(
            f"The table chats has no column {column}, by which the plan draws.",
            code="no_column",
            table="chats",
            column=column,
        )
    rows = db.execute(
        f"SELECT {column}, max(day) >= DATE '{plan.dates.treatment_from}' FROM {chats} "  # noqa: S608
        f"WHERE {_inside(plan)} AND {column} IS NOT NULL GROUP BY 1 ORDER BY 1"
    ).fetchall()
    if not rows:
        raise Missing(
            "The data hold no chat within the plan's dates.", code="no_facts", table="chats"
        )
    return {str(unit): bool(late) for unit, late in rows}


def _place(db: duckdb.DuckDBPyConnection, units: list[_Unit], groups: list[str]) -> None:
    """Give the database the table ``placed``: one row per unit, and the group it belongs to."""
    placed = pa.table(
        {
            "unit": [u.id for u in units],
            "cell": groups,
            "arm": [u.arm for u in units],
            "block": [u.block for u in units],
            "start": pa.array([u.start for u in units], pa.date32()),
        }
    )
    db.register("placed", placed)


def _copy_chats(db: duckdb.DuckDBPyConnection, plan: Plan, chats: str, out: Path) -> None:
    """Write the chats keyed by group, without those of units that have no arm.

    Whether a chat left the arm of its first owner says nothing of an arm that isn't the owner's,
    so the column is emptied.
    """
    crossed = ", NULL::BOOLEAN AS crossed_arm" if _has(db, chats, "crossed_arm") else ""
    owner = f"p.cell AS first_owner_id{crossed}"
    star = f"t.*, {owner}"
    if _has(db, chats, "first_owner_id"):
        star = f"t.* REPLACE ({owner})"
    # A join without LEFT leaves out chats of units that have no arm.
    _copy(
        db,
        out,
        f"SELECT {star} FROM {chats} t "  # noqa: S608
        f"JOIN placed p ON p.unit = t.{_COLUMNS[plan.unit]} WHERE {_inside(plan)} "
        "ORDER BY t.day, t.chat_id",
    )


def _count(db: duckdb.DuckDBPyConnection, relation: str, where: str) -> int:
    found = db.execute(f"SELECT count(*) FROM {relation} WHERE {where}").fetchone()  # noqa: S608
    return int(found[0]) if found else 0


def _units_of(
    db: duckdb.DuckDBPyConnection, folder: Path, plan: Plan, seen: dict[str, bool]
) -> tuple[list[_Unit], bool]:
    """Return the units that have a chat and an arm, and whether the arms were drawn again."""
    held = _held(db, folder)
    if not held:
        origin = read_origin(folder)
        if origin is None or origin.source != "log" or not origin.plan:
            raise Invalid(
                f"The facts hold no arm of any {plan.unit}, and no log says that the plan's draw "
                "was the one in use.",
                code="no_arm",
                hint=f"Map a table of workers with one row a {plan.unit}: `worker_id` the "
                f"{plan.unit}'s id, `arm` its arm. Arms are never made up for a trial that was "
                "drawn elsewhere.",
            )
        return [
            _Unit(unit, late, arm_of(plan, unit), "", starts_on(plan, unit) or NEVER)
            for unit, late in seen.items()
        ], True
    units = [_Unit(u, late, *held[u]) for u, late in seen.items() if u in held]
    if not units:
        raise Invalid(
            f"None of the {len(held):,} units that have an arm is the {plan.unit} of a chat, e.g. "
            f"{min(held)!r} and {min(seen)!r}.",
            code="ids_differ",
            hint=f"The plan draws {plan.unit}s, so `worker_id` in the table of workers must be the "
            f"{plan.unit}'s id, written as in the chats.",
        )
    return units, False


def _held(
    db: duckdb.DuckDBPyConnection, folder: Path
) -> dict[str, tuple[str, str, dt.date | None]]:
    """Return arm, block and first day of each unit that the facts put into an arm."""
    if not files(folder, Workers):
        return {}
    workers = source(folder, Workers)
    if not _has(db, workers, "arm"):
        return {}
    block = "coalesce(block, '')" if _has(db, workers, "block") else "''"
    start = "treated_from::DATE" if _has(db, workers, "treated_from") else "NULL::DATE"
    rows = db.execute(
        f"SELECT worker_id, arm, {block}, {start} FROM {workers} WHERE arm IS NOT NULL"  # noqa: S608
    ).fetchall()
    return {str(unit): (str(arm), str(block), start) for unit, arm, block, start in rows}


def _policies(db: duckdb.DuckDBPyConnection, plan: Plan, chats: str) -> tuple[int, int] | None:
    """Return the chats whose policy speaks for an arm, and those where it is the unit's own arm.

    A policy speaks for the arm in which most of its chats are; the log wrote it when the chat was
    opened, and knows nothing of the draw that is made here.
    """
    if not _has(db, chats, "policy_version"):
        return None
    rows = db.execute(
        f"SELECT policy_version, p.arm, count(*) FROM {chats} c JOIN "  # noqa: S608
        "(SELECT DISTINCT cell, arm, start FROM placed) p ON p.cell = c.first_owner_id "
        "WHERE c.day >= p.start AND c.day <= ? AND policy_version <> '' GROUP BY ALL",
        [plan.dates.treatment_until],
    ).fetchall()
    by: dict[str, Counter[str]] = {}
    for version, arm, count in rows:
        by.setdefault(str(version), Counter())[str(arm)] += int(count)
    if len(by) < 2:
        return None
    own = sum(arms.most_common(1)[0][1] for arms in by.values())
    return sum(arms.total() for arms in by.values()), own


def _groups(plan: Plan, units: list[_Unit]) -> list[str]:
    if len(units) <= MOST:
        return [u.id for u in units]
    cells = sorted({(u.arm, u.block, str(u.start)) for u in units})
    each = max(1, MOST // len(cells))
    place = {cell: i for i, cell in enumerate(cells)}
    return [
        f"g{place[u.arm, u.block, str(u.start)]}-{key(plan.seed, GROUP, u.id)[0] % each:04d}"
        for u in units
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
    # ``placed`` has one row per unit; the table of units has one per group, so the joined chats are
    # averaged over the group, each chat alike.
    return (
        "SELECT u.cell AS worker_id, u.block, u.arm, u.start::TIMESTAMP AS treated_from"  # noqa: S608
        f"{counted}{means} FROM (SELECT DISTINCT cell, arm, block, start FROM placed) u "
        f"JOIN {chats} c ON c.first_owner_id = u.cell GROUP BY ALL ORDER BY 1"
    )


def _has(db: duckdb.DuckDBPyConnection, relation: str, column: str) -> bool:
    described = db.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()  # noqa: S608
    return column in {str(row[0]) for row in described}


def _copy(db: duckdb.DuckDBPyConnection, path: Path, query: str) -> None:
    db.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet)")
