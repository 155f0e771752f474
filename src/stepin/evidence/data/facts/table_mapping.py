"""What a mapping file says of one table of facts."""

from __future__ import annotations

import datetime as dt
import re

import msgspec

from stepin.core.facts import Column


class ColumnExpression(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A column that isn't simply one of the files': an expression, or one value for all rows."""

    sql: str | None = None
    value: str | int | float | bool | None = None


class TableMapping(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where one table of facts comes from.

    Attributes
    ----------
    source : CSV or Parquet files, relative to the mapping; may hold `*`.
    columns : per column of the facts a column of the files, or an expression.
    translate : per column of text, what a value of the files is called here.
    exported_at : of chats, when the tables were exported (UTC). Every chat opened until then is in
        them; without it that is only known until the last opening.
    """

    source: str
    columns: dict[str, str | ColumnExpression]
    translate: dict[str, dict[str, str]] = {}
    exported_at: dt.datetime | None = None

    def raw(self, column: Column[object]) -> str:
        """Return the SQL of a column over the files, before it has the type of the schema."""
        given = self.columns.get(column.name)
        if given is None:
            return "NULL"
        if isinstance(given, str):
            return quoted(given)
        if given.sql is not None:
            return given.sql
        if isinstance(given.value, str):
            return literal(given.value)
        return "NULL" if given.value is None else str(given.value)

    def mentions(self, name: str) -> bool:
        """Return whether a column of the files is mapped, or named in an expression."""
        word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.IGNORECASE)
        return any(
            given.casefold() == name.casefold()
            if isinstance(given, str)
            else bool(given.sql and word.search(given.sql))
            for given in self.columns.values()
        )


def literal(value: str) -> str:
    """Return a text as SQL."""
    return "'" + value.replace("'", "''") + "'"


def quoted(name: str) -> str:
    """Return a column's name as SQL."""
    return '"' + name.replace('"', '""') + '"'


def utc(moment: dt.datetime) -> dt.datetime:
    """Return a moment without a zone, in UTC; one without a zone is taken as UTC."""
    return moment if moment.tzinfo is None else moment.astimezone(dt.UTC).replace(tzinfo=None)
