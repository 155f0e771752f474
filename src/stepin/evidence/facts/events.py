"""A data set of events: Parquet files of the flat form, in order of position."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final

from stepin.core.exported import COLUMNS, Cell, row
from stepin.core.record import Recorded
from stepin.errors import Invalid, Missing

if TYPE_CHECKING:
    import pyarrow as pa

_CHUNK_ROWS: Final = 50_000


@dataclass(frozen=True, slots=True)
class Slice:
    """A run of events that is read at once.

    Attributes
    ----------
    files : the Parquet files it lies in.
    first, last : its positions, both inclusive.
    rows : how many events.
    """

    files: tuple[Path, ...]
    first: int
    last: int
    rows: int


def schema() -> pa.Schema:
    """Return the Arrow schema of a data set of events."""
    import pyarrow as pa

    types = {"text": pa.string(), "whole": pa.int64(), "real": pa.float64(), "truth": pa.bool_()}
    return pa.schema([pa.field(name, types[kind]) for name, kind in COLUMNS.items()])


def write_events(recorded: Iterable[Recorded], folder: Path) -> int:
    """Write events, which come in order of position, a file a UTC day; return how many.

    A day's file is whole or absent: it is renamed into place when the day is over.
    """
    folder.mkdir(parents=True, exist_ok=True)
    total = 0
    for number, (day, rows) in enumerate(_by_day(recorded)):
        total += _write_day(rows, folder / f"{number:05d}_{day}.parquet")
    return total


def slices(folder: Path, *, rows: int) -> list[Slice]:
    """Return the data set cut into runs of about `rows` events, along row groups.

    Raises
    ------
    Missing
        ``no_events``: the folder holds no Parquet file.
    Invalid
        ``event_columns``: a column is missing; ``event_order``: positions don't rise.
    """
    import pyarrow.parquet as pq

    paths = [folder] if folder.is_file() else sorted(folder.rglob("*.parquet"))
    if not paths:
        raise Missing(
            f"There are no Parquet files of events in {folder}.",
            code="no_events",
            hint="Write them with `stepin log export`.",
        )
    found: list[Slice] = []
    for path in paths:
        meta = pq.read_metadata(path)
        names = {meta.schema.column(i).name: i for i in range(meta.num_columns)}
        if lacking := [name for name in COLUMNS if name not in names]:
            raise Invalid(
                f"{path.name} has no column {lacking[0]} ({len(lacking)} are missing).",
                code="event_columns",
                column=lacking[0],
            )
        for group in range(meta.num_row_groups):
            part = meta.row_group(group)
            if not part.num_rows:
                continue
            span = part.column(names["position"]).statistics
            found.append(Slice((path,), int(span.min), int(span.max), part.num_rows))
    found.sort(key=lambda s: s.first)
    return list(_joined(_ordered(found), rows))


def end_us(parts: Sequence[Slice]) -> int:
    """Return the latest moment of a data set, by the statistics of its files."""
    import pyarrow.parquet as pq

    latest = 0
    for path in {p for part in parts for p in part.files}:
        meta = pq.read_metadata(path)
        names = {meta.schema.column(i).name: i for i in range(meta.num_columns)}
        for group in range(meta.num_row_groups):
            latest = max(latest, int(meta.row_group(group).column(names["at_us"]).statistics.max))
    return latest


def _ordered(found: Sequence[Slice]) -> Sequence[Slice]:
    for left, right in pairwise(found):
        if right.first <= left.last:
            raise Invalid(
                f"Positions {right.first} to {left.last} stand in two places "
                f"({left.files[0].name}, {right.files[0].name}).",
                code="event_order",
                hint="A data set holds every event once, in order of position.",
            )
    return found


def _joined(found: Sequence[Slice], rows: int) -> Iterator[Slice]:
    held: Slice | None = None
    for part in found:
        if held is not None and held.rows + part.rows > rows:
            yield held
            held = None
        if held is None:
            held = part
            continue
        files = held.files if part.files[0] in held.files else held.files + part.files
        held = Slice(files, held.first, part.last, held.rows + part.rows)
    if held is not None:
        yield held


def _by_day(recorded: Iterable[Recorded]) -> Iterator[tuple[dt.date, Iterator[Recorded]]]:
    """Group runs of events of one UTC day; a step back in time opens no earlier file."""
    from itertools import groupby

    latest = dt.date.min

    def day(event: Recorded) -> dt.date:
        nonlocal latest
        latest = max(latest, dt.datetime.fromtimestamp(event.at_us / 1e6, dt.UTC).date())
        return latest

    yield from groupby(recorded, key=day)


def _write_day(events: Iterable[Recorded], path: Path) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    form, part, total = schema(), path.with_suffix(".part"), 0
    with pq.ParquetWriter(part, form, compression="zstd") as writer:
        chunk: list[dict[str, Cell]] = []
        for event in events:
            chunk.append(row(event))
            if len(chunk) == _CHUNK_ROWS:
                writer.write_table(pa.Table.from_pylist(chunk, form))
                total += len(chunk)
                chunk = []
        writer.write_table(pa.Table.from_pylist(chunk, form))
    part.replace(path)
    return total + len(chunk)
