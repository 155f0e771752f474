"""Moments at exactly 00:00:00: dates that somebody took for moments.

One moment in 86,400 stands there by chance, or one in 1,440 where minutes are recorded. Where far
more do, they are dates without a time of day, and what follows from them (a duration, whether a
customer came back within 24 hours) would be wrong by up to a day. That holds for one column, for
some rows and for one arm alone as it does for all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import msgspec

from stepin.core.facts import Chats
from stepin.errors import Invalid
from stepin.evidence.data.facts import remedy
from stepin.evidence.data.facts.column_source import ColumnSource

if TYPE_CHECKING:
    import duckdb

_MANY: Final = 0.01
"""With more of its rows there than this share, beyond chance, a column isn't one of moments."""
_MINUTES: Final = 1440
_OTHER_HOURS: Final = 23
_BY_CHANCE: Final = 3


class Midnights(msgspec.Struct, frozen=True):
    """Moments at midnight that chance doesn't explain.

    Attributes
    ----------
    counts : by column, as `chats.opened_at`.
    no_hours : whether the moments of opening are dates, so that no hour of the day follows.
    """

    counts: dict[str, int] = {}
    no_hours: bool = False


def midnights(
    con: duckdb.DuckDBPyConnection,
    relation: str,
    derived: Mapping[str, str],
    sources: Mapping[str, ColumnSource],
) -> Midnights:
    """Return which moments stand at midnight, and refuse what would follow from too many of them.

    Parameters
    ----------
    relation : the chats; where it has a column `arm`, each arm is looked at by itself.
    derived : the columns that follow from moments.
    sources : where the columns come from.

    Raises
    ------
    Invalid
        ``mapping_value``: durations or returns would follow from dates.
    """
    names = [n for n in ("opened_at", "closed_at") if n in sources]
    if not names:
        return Midnights()
    asked = ", ".join(
        f"count({n}), count(*) FILTER ({n} = date_trunc('day', {n})), "
        f"count(*) FILTER ({n} = date_trunc('hour', {n}) AND hour({n}) > 0)"
        for n in names
    )
    arms = relation != "loaded"
    rows = con.execute(
        f"SELECT {'arm' if arms else 'NULL'}, {asked} FROM {relation} "  # noqa: S608
        f"{'WHERE arm IS NOT NULL ' if arms else ''}GROUP BY 1 ORDER BY 1"
    ).fetchall()
    follows = [n for n in derived if n == "duration_s" or n.startswith("retrial_")]
    counts: dict[str, int] = {}
    dates: dict[str, tuple[int, int, str]] = {}
    for arm, *numbers in rows:
        for i, name in enumerate(names):
            total, there, hours = numbers[3 * i : 3 * i + 3]
            beyond = there - _BY_CHANCE * max(total / _MINUTES, hours / _OTHER_HOURS)
            if beyond > 0:
                counts[f"{Chats.name}.{name}"] = there
            if there > 1 and beyond > _MANY * total:
                dates.setdefault(name, (there, total, "" if arm is None else f" of {arm!r}"))
    if follows and dates:
        raise _refused(dates, follows, sources)
    return Midnights(counts, no_hours="opened_at" in dates)


def _refused(
    dates: dict[str, tuple[int, int, str]],
    follows: list[str],
    sources: Mapping[str, ColumnSource],
) -> Invalid:
    told = " and ".join(
        f"{Chats.name}.{name} in {there:,} of {total:,} rows{arm}"
        for name, (there, total, arm) in dates.items()
    )
    hint = "Map columns with a time, or leave closed_at unmapped and map duration_s itself"
    if all(there < total for there, total, _ in dates.values()):
        start, end = (f"({sources[n].typed})" for n in ("opened_at", "closed_at"))
        by = {"opened_at": start, "closed_at": end}
        sound = " AND ".join(f"{by[n]} > date_trunc('day', {by[n]})" for n in dates)
        known = f"CASE WHEN {sound} THEN epoch({end} - {start}) END"
        hint += f"; from the rows that have a time: {remedy.written(Chats.duration_s, known)}"
    return Invalid(
        f"Dates without a time of day (00:00:00) stand in {told}, so neither durations nor returns "
        f"({', '.join(follows)}) follow from them.",
        code="mapping_value",
        hint=hint + ".",
        table=Chats.name,
        column=next(iter(dates)),
    )
