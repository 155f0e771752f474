"""Tables of facts on disk, typed as the schema of `stepin.core.facts` says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from stepin.core.facts import Table

MINUTE_US: Final = 60_000_000
DAY_US: Final = 86_400_000_000
_EPOCH: Final = dt.date(1970, 1, 1)
_TYPES: Final = {
    "text": pa.string(),
    "whole": pa.int64(),
    "real": pa.float64(),
    "truth": pa.bool_(),
    "moment": pa.timestamp("us"),
    "day": pa.date32(),
}


def fact_schema(table: type[Table]) -> pa.Schema:
    """Return the Arrow schema of a table."""
    return pa.schema(
        [pa.field(c.name, _TYPES[c.kind.name], nullable=c.optional) for c in table.columns]
    )


def table_of(table: type[Table], columns: Mapping[str, Any]) -> pa.Table:
    """Return a table; optional columns that aren't named are empty."""
    form = fact_schema(table)
    rows = len(next(iter(columns.values())))
    arrays = []
    for field in form:
        values = columns.get(field.name)
        if values is None:
            arrays.append(pa.nulls(rows, field.type))
            continue
        array = values if isinstance(values, pa.Array | pa.ChunkedArray) else pa.array(values)
        if pa.types.is_dictionary(array.type):
            arrays.append(array)
        else:
            arrays.append(array if array.type == field.type else array.cast(field.type))
    names = [field.name for field in form]
    return pa.Table.from_arrays(arrays, names=names)


def words(vocabulary: tuple[str, ...] | list[str], codes: NDArray[np.int64]) -> pa.Array:
    """Return texts of a small vocabulary; a code below 0 is empty."""
    at = pa.array(codes.astype(np.int32), mask=codes < 0)
    return pa.DictionaryArray.from_arrays(at, pa.array(vocabulary, pa.string()))


def numbered(prefix: str, numbers: NDArray[np.int64]) -> pa.Array:
    """Return ids of a prefix and a number."""
    return pc.binary_join_element_wise(prefix, pa.array(numbers).cast(pa.string()), "")


def optional(values: NDArray[Any], known: NDArray[np.bool_]) -> pa.Array:
    """Return values that are empty where they aren't known."""
    return pa.array(values, mask=~known)


def moments(at_us: NDArray[np.float64]) -> pa.Array:
    """Return moments; nan is empty."""
    known = np.isfinite(at_us)
    whole = np.where(known, at_us, 0.0).astype(np.int64)
    return pa.array(whole, mask=~known).cast(pa.timestamp("us"))


def write_by_day(folder: Path, table: type[Table], rows: pa.Table) -> int:
    """Write rows, one file per day; return how many rows."""
    if not rows.num_rows:
        return write_whole(folder, table, rows)
    days = rows["day"].cast(pa.int32()).to_numpy()
    order = np.argsort(days, kind="stable")
    if not (order == np.arange(order.size)).all():
        rows, days = rows.take(pa.array(order)), days[order]
    bounds = [0, *(np.flatnonzero(np.diff(days)) + 1).tolist(), days.size]
    for a, b in pairwise(bounds):
        name = (_EPOCH + dt.timedelta(days=int(days[a]))).isoformat()
        _write(folder / table.name / f"{name}.parquet", rows.slice(a, b - a))
    return int(rows.num_rows)


def write_whole(folder: Path, table: type[Table], rows: pa.Table) -> int:
    """Write rows as one file; return how many."""
    _write(folder / f"{table.name}.parquet", rows)
    return int(rows.num_rows)


def _write(path: Path, rows: pa.Table) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    texts = [f.name for f in rows.schema if pa.types.is_dictionary(f.type)]
    pq.write_table(
        rows, path, compression="zstd", store_schema=False, use_dictionary=texts,
        write_statistics=["day"] if "day" in rows.schema.names else False,
    )  # fmt: skip
