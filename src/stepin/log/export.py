"""Events leave the log as Parquet: a folder of files of flat rows, one file a UTC day.

The rows are those of `stepin.core.exported`; texts and other private fields stay behind unless
they are asked for, and then stand in one column of their own, `private`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from stepin.core.exported import COLUMNS, row
from stepin.core.private import private_fields
from stepin.core.record import Recorded
from stepin.errors import Invalid, Unavailable
from stepin.log.protocol import Log

_AT_ONCE = 5000
_GROUP = 50_000
_TYPES = {"text": pa.string(), "whole": pa.int64(), "real": pa.float64(), "truth": pa.bool_()}


class Exported(msgspec.Struct, frozen=True):
    """What an export has written."""

    folder: str
    files: int
    events: int
    through_position: int


def schema(*, with_text: bool) -> pa.Schema:
    """Return the columns of the files."""
    fields = [(name, _TYPES[kind]) for name, kind in COLUMNS.items()]
    return pa.schema([*fields, ("private", pa.string())] if with_text else fields)


async def export(
    log: Log,
    folder: Path,
    *,
    with_text: bool = False,
    through_position: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Exported:
    """Write the log's events to a new folder, without ever holding more than a row group.

    Parameters
    ----------
    log : the log.
    folder : made if it isn't there; must be empty.
    with_text : whether texts and other private fields leave, too.
    through_position : the last position to export; by default the last of now.
    progress : called with the position reached and the last one.

    Raises
    ------
    Invalid
        ``folder_not_empty`` if there is something in the folder.
    Unavailable
        ``export_unwritable`` if the folder can't be written.
    """
    last = await log.position() if through_position is None else through_position
    files = _Files(folder, schema(with_text=with_text))
    at = count = 0
    try:
        while at < last:
            found = await log.read_all(after_position=at, limit=min(_AT_ONCE, last - at))
            if not found:
                break
            for recorded in found:
                files.add(recorded, _cells(recorded, with_text=with_text))
            at, count = found[-1].position, count + len(found)
            if progress is not None:
                progress(at, last)
    except OSError as error:
        raise Unavailable(
            f"Can't write to {folder}: {error}.",
            hint="Free disk space or name another folder.",
            code="export_unwritable",
        ) from error
    finally:
        files.close()
    return Exported(str(folder), files.count, count, at)


def _cells(recorded: Recorded, *, with_text: bool) -> dict[str, Any]:
    cells: dict[str, Any] = dict(row(recorded))
    if with_text:
        names = private_fields(type(recorded.event))
        raw = msgspec.to_builtins(recorded.event) if names else {}
        private = {name: raw[name] for name in names if raw.get(name) is not None}
        cells["private"] = (
            msgspec.json.encode(private, order="deterministic").decode() if private else None
        )
    return cells


class _Files:
    """The file of the day at hand; a day that is over is not opened again."""

    def __init__(self, folder: Path, columns: pa.Schema) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            taken = next(folder.iterdir(), None)
        except OSError as error:
            raise Unavailable(
                f"Can't write to {folder}: {error}.", code="export_unwritable"
            ) from error
        if taken is not None:
            raise Invalid(
                f"{folder} is not empty.", hint="Name a new folder.", code="folder_not_empty"
            )
        self.count = 0
        self._folder = folder
        self._columns = columns
        self._day: date | None = None
        self._writer: pq.ParquetWriter | None = None
        self._rows: list[dict[str, Any]] = []

    def add(self, recorded: Recorded, cells: dict[str, Any]) -> None:
        day = datetime.fromtimestamp(recorded.at_us / 1e6, UTC).date()
        if self._day is None or day > self._day:
            self.close()
            self._day = day
            self._writer = pq.ParquetWriter(
                self._folder / f"{day.isoformat()}.parquet", self._columns, compression="zstd"
            )
            self.count += 1
        self._rows.append(cells)
        if len(self._rows) >= _GROUP:
            self._flush()

    def _flush(self) -> None:
        if self._writer is not None and self._rows:
            self._writer.write_table(pa.Table.from_pylist(self._rows, schema=self._columns))
            self._rows = []

    def close(self) -> None:
        try:
            self._flush()
        finally:
            if self._writer is not None:
                self._writer.close()
                self._writer = None
