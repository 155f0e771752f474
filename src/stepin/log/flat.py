"""Files of flat rows: one a UTC day, in runs of events that are split by kind into row groups.

Whoever needs one kind of event then reads only the columns that this kind fills. Within a row group
positions rise; the positions of two runs don't overlap.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from stepin.core.exported import COLUMNS, Cell

RUN_ROWS: Final = 200_000
"""How many events are held before they are written."""

OWN_GROUP: Final = 500
"""A kind with fewer events in a run shares a row group with the other rare ones."""

_TYPES: Final = {
    "text": pa.string(),
    "whole": pa.int64(),
    "real": pa.float64(),
    "truth": pa.bool_(),
}


def schema(*, with_text: bool = False) -> pa.Schema:
    """Return the columns of a file; with `with_text` also `private`."""
    fields = [(name, _TYPES[kind]) for name, kind in COLUMNS.items()]
    return pa.schema([*fields, ("private", pa.string())] if with_text else fields)


class DayFiles:
    """Writes rows, which come in order of position, to the file of their day.

    A day that is over isn't opened again: a step back in time stays in the file at hand. A file
    carries its name only when it is whole.

    Parameters
    ----------
    run_rows : how many events a run has.
    own_group : how many events of a kind get a row group of their own.
    """

    def __init__(
        self,
        folder: Path,
        columns: pa.Schema,
        *,
        run_rows: int = RUN_ROWS,
        own_group: int = OWN_GROUP,
    ) -> None:
        self._run_rows, self._own_group = run_rows, own_group
        self.count = 0
        self._folder = folder
        self._columns = columns
        self._day: date | None = None
        self._writer: pq.ParquetWriter | None = None
        self._rows: list[dict[str, Cell]] = []

    def add(self, at_us: int, cells: Mapping[str, Cell]) -> None:
        """Add one row; empty cells aren't kept in memory."""
        day = datetime.fromtimestamp(at_us / 1e6, UTC).date()
        if self._day is None or day > self._day:
            self.close()
            self._day = day
            self._writer = pq.ParquetWriter(
                self._part(day), self._columns, compression="zstd", store_schema=False
            )
            self.count += 1
        self._rows.append({name: cell for name, cell in cells.items() if cell is not None})
        if len(self._rows) >= self._run_rows:
            self._flush()

    def close(self) -> None:
        """Write what is held, and give the file its name."""
        if self._writer is None or self._day is None:
            return
        try:
            self._flush()
        finally:
            self._writer.close()
            self._writer = None
        self._part(self._day).replace(self._folder / f"{self._day}.parquet")

    def _part(self, day: date) -> Path:
        return self._folder / f"{day}.part"

    def _flush(self) -> None:
        kinds: dict[Cell, list[dict[str, Cell]]] = defaultdict(list)
        for cells in self._rows:
            kinds[cells.get("kind")].append(cells)
        rare = {kind for kind, rows in kinds.items() if len(rows) < self._own_group}
        groups = [rows for kind, rows in kinds.items() if kind not in rare]
        groups.append([cells for cells in self._rows if cells.get("kind") in rare])
        for rows in groups:
            if self._writer is not None and rows:
                self._writer.write_table(pa.Table.from_pylist(rows, schema=self._columns))
        self._rows = []
