"""Tables of facts on disk: one file per day of opening, in the columns and types of the schema."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from stepin.core.facts import Table
from stepin.evidence.data.storage import arrow_schema

_EPOCH: Final = dt.date(1970, 1, 1)
_DICTIONARY_BYTES: Final = 64 * 1024 * 1024
_FEW: Final = ("round", "epoch", "ordinal", "hour")
_COMPRESSION: Final = "zstd"


class Writing:
    """Writes tables below a folder and counts their rows."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.rows: Counter[str] = Counter()

    def day(
        self, table: type[Table], columns: Mapping[str, pa.Array], day: int, part: int | None = None
    ) -> None:
        """Write a day's rows, which may come in parts, each with a number of its own."""
        name = (_EPOCH + dt.timedelta(days=day)).isoformat()
        path = f"{name}.parquet" if part is None else f"{name}/{part:05d}.parquet"
        self._write(table, columns, self._folder / table.name / path)

    def by_day(self, table: type[Table], columns: Mapping[str, pa.Array], part: int) -> None:
        """Write rows that come in order of day."""
        days = columns["day"].cast(pa.int32()).to_numpy()
        bounds = [0, *(np.flatnonzero(np.diff(days)) + 1).tolist(), days.size]
        for a, b in pairwise(bounds):
            if a < b:
                some = {name: values.slice(a, b - a) for name, values in columns.items()}
                self.day(table, some, int(days[a]), part)

    def whole(self, table: type[Table], columns: Mapping[str, pa.Array]) -> None:
        """Write a table that isn't cut by day."""
        self._write(table, columns, self._folder / f"{table.name}.parquet")

    def close(self, tables: tuple[type[Table], ...]) -> None:
        """Write an empty file for each table that got no row."""
        for table in tables:
            if not self.rows[table.name] and not (self._folder / f"{table.name}.parquet").exists():
                self.whole(table, arrow_schema(table).empty_table().to_pydict())

    def _write(self, table: type[Table], columns: Mapping[str, pa.Array], path: Path) -> None:
        form = arrow_schema(table)
        arrays = [_fitting(columns[field.name], field.type) for field in form]
        fields = [pa.field(f.name, a.type) for f, a in zip(form, arrays, strict=True)]
        rows = pa.Table.from_arrays(arrays, schema=pa.schema(fields))
        path.parent.mkdir(parents=True, exist_ok=True)
        texts = [f.name for f in fields if pa.types.is_dictionary(f.type)]
        pq.write_table(
            rows,
            path,
            compression=_COMPRESSION,
            store_schema=False,
            write_statistics=["day"] if "day" in form.names else False,
            use_dictionary=[*texts, *(name for name in _FEW if name in form.names)],
            dictionary_pagesize_limit=_DICTIONARY_BYTES,
        )
        self.rows[table.name] += rows.num_rows


def _fitting(values: pa.Array, kind: pa.DataType) -> pa.Array:
    """Return values of another kind cast; text may stay a dictionary."""
    if isinstance(values, list):
        return pa.array(values, kind)
    if values.type == kind or (pa.types.is_dictionary(values.type) and pa.types.is_string(kind)):
        return values
    return values.cast(kind)
