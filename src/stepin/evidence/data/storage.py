"""Where the facts of a data set lie and how they are typed on disk.

A data set is a folder. A table is ``<table>.parquet`` or a folder ``<table>/`` of Parquet files,
one per day; a table that isn't there has no rows and no analysis that needs it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from stepin.core.facts import Column, Table
from stepin.errors import Invalid, Missing

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

SQL_TYPES: Final = {
    "text": "VARCHAR",
    "whole": "BIGINT",
    "real": "DOUBLE",
    "truth": "BOOLEAN",
    "moment": "TIMESTAMP",
    "day": "DATE",
}


def arrow_schema(table: type[Table], names: Sequence[str] | None = None) -> pa.Schema:
    """Return the Arrow schema of `table`, or of the columns of it that are named."""
    import pyarrow as pa

    types = {
        "text": pa.string(),
        "whole": pa.int64(),
        "real": pa.float64(),
        "truth": pa.bool_(),
        "moment": pa.timestamp("us"),
        "day": pa.date32(),
    }
    chosen = table.columns if names is None else [table.column(n) for n in names]
    return pa.schema([pa.field(c.name, types[c.kind.name], nullable=c.optional) for c in chosen])


def files(folder: Path, table: type[Table]) -> list[Path]:
    """Return the Parquet files of `table` in order of name; empty if there are none."""
    single = folder / f"{table.name}.parquet"
    if single.is_file():
        return [single]
    return sorted((folder / table.name).rglob("*.parquet"))


def source(folder: Path, table: type[Table]) -> str:
    """Return the SQL that reads `table` of a data set, for a FROM clause.

    Raises
    ------
    Missing
        ``no_facts``: the data set holds no such table.
    """
    found = files(folder, table)
    if not found:
        raise Missing(
            f"The data set has no table {table.name}.",
            code="no_facts",
            hint="Build the facts first, or point to the folder that holds them.",
            table=table.name,
        )
    return read_parquet(found)


def read_parquet(paths: Sequence[Path]) -> str:
    """Return the SQL that reads these Parquet files as one table."""
    quoted = ", ".join("'" + str(p).replace("'", "''") + "'" for p in paths)
    return f"read_parquet([{quoted}])"


def require(
    connection: duckdb.DuckDBPyConnection, relation: str, columns: Sequence[Column[object]]
) -> None:
    """Check that `relation` has these columns with the types of the schema.

    Raises
    ------
    Missing
        ``no_column``: one isn't there.
    Invalid
        ``wrong_type``: one has values of another kind.
    """
    rows = connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()  # noqa: S608
    found = {str(row[0]): str(row[1]) for row in rows}
    for column in columns:
        if column.name not in found:
            raise Missing(
                f"The table {column.table} has no column {column.name} ({column.meaning})",
                code="no_column",
                table=column.table,
                column=column.name,
            )
        if not fits(column, found[column.name]):
            raise Invalid(
                f"{column.table}.{column.name} is {found[column.name]}, not {column.kind.name}.",
                code="wrong_type",
                table=column.table,
                column=column.name,
            )


def fits(column: Column[object], sql_type: str) -> bool:
    """Return whether values of an SQL type are those of a column."""
    base = sql_type.split("(")[0]
    whole = {"BIGINT", "INTEGER", "SMALLINT", "TINYINT", "UBIGINT", "UINTEGER", "UTINYINT"}
    accepted = {
        "text": {"VARCHAR"} | ({base} if base.startswith("ENUM") else set()),
        "whole": whole | {"USMALLINT"},
        "real": whole | {"DOUBLE", "FLOAT", "DECIMAL", "USMALLINT"},
        "truth": {"BOOLEAN"},
        "moment": {"TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "TIMESTAMP_NS", "TIMESTAMP_MS"},
        "day": {"DATE"},
    }
    return base in accepted[column.kind.name]
