"""Ids and arms of one column that people would take for the same: `t0` beside `t0 `.

Spaces around it, several in a row and characters that nobody sees make no other id; of workers and
arms, case makes none either. Ids of chats and customers may differ by case alone, as those of some
systems do.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from stepin.core.facts import Chats, Table, Workers
from stepin.errors import Invalid
from stepin.evidence.data.facts import remedy
from stepin.evidence.data.facts.column_source import ColumnSource

if TYPE_CHECKING:
    import duckdb

_UNSEEN: Final = r"'[\x{AD}\x{200B}-\x{200F}\x{202A}-\x{202E}\x{2060}-\x{2064}\x{FEFF}]'"
_SPACES: Final = r"'[\s\x{A0}\x{3000}]+'"
_LOOKED_AT: Final[dict[str, tuple[str, ...]]] = {
    Chats.name: ("chat_id", "customer_id", "first_owner_id"),
    Workers.name: ("worker_id", "arm"),
}


def must_differ(
    con: duckdb.DuckDBPyConnection, table: type[Table], sources: Mapping[str, ColumnSource]
) -> None:
    """Refuse ids of the table `loaded` that only look different to a machine.

    Raises
    ------
    Invalid
        ``mapping_ids``, with two of them, how many there are and how to make them one.
    """
    for name in _LOOKED_AT.get(table.name, ()):
        source = sources.get(name)
        if source is None:
            continue
        folded = _folded(name)
        same = f"lower({folded})" if table is Workers else folded
        row = con.execute(
            f"SELECT count(DISTINCT {name}), count(DISTINCT {same}) FROM loaded "  # noqa: S608
            f"WHERE {same} IN (SELECT {same} FROM loaded WHERE {name} <> {same})"
        ).fetchone()
        if row is not None and row[0] > row[1]:
            raise _alike(con, table, source, same)


def _folded(value: str) -> str:
    bare = f"regexp_replace({value}, {_UNSEEN}, '', 'g')"
    return f"trim(regexp_replace({bare}, {_SPACES}, ' ', 'g'))"


def _alike(
    con: duckdb.DuckDBPyConnection, table: type[Table], source: ColumnSource, same: str
) -> Invalid:
    name = source.column.name
    first, second, count = con.execute(
        f"SELECT arg_min(a, a), arg_min(b, a), count(*) FROM (SELECT min({name}) AS a, "  # noqa: S608
        f"max({name}) AS b FROM loaded GROUP BY {same}) WHERE a <> b"
    ).fetchone() or ("", "", 0)
    one = _folded(f"{remedy.plain(source)}::VARCHAR")
    one = f"lower({one})" if table is Workers else one
    more = "" if count == 1 else f" ({count:,} are like that)"
    return Invalid(
        f"{table.name}.{name}: {str(first)!r} and {str(second)!r} differ only in spaces, "
        f"{'case, ' if table is Workers else ''}or characters that nobody sees{more}.",
        code="mapping_ids",
        hint=f"If they are the same: {remedy.written(source.column, one)}, and alike wherever "
        "the ids stand; otherwise write them apart in the files.",
        table=table.name,
        column=name,
        rows=count,
    )
