"""A data set of events: Parquet files of the flat form, cut into slices that are read at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow.parquet as pq

from stepin.core.events import KINDS
from stepin.core.exported import COLUMNS, row
from stepin.core.record import Recorded
from stepin.errors import Invalid, Missing
from stepin.log.flat import OWN_GROUP, RUN_ROWS, DayFiles, schema

SLICE_ROWS: Final = 1_000_000
"""About how many events are read at once."""

_KIND: Final = list(COLUMNS).index("kind")


@dataclass(frozen=True, slots=True)
class EventGroup:
    """A row group of a file, with its place among the positions."""

    path: Path
    number: int
    first: int
    last: int
    rows: int


@dataclass(frozen=True, slots=True)
class Slice:
    """Row groups that are read at once.

    Attributes
    ----------
    groups : in order of their first positions; groups of one file may interleave.
    first, last : the positions they span, both inclusive; those of two slices don't overlap.
    rows : how many events.
    """

    groups: tuple[EventGroup, ...]
    first: int
    last: int
    rows: int

    @property
    def files(self) -> tuple[Path, ...]:
        """Return the files that hold it."""
        return tuple(dict.fromkeys(group.path for group in self.groups))


def write_events(
    recorded: Iterable[Recorded],
    folder: Path,
    *,
    run_rows: int = RUN_ROWS,
    own_group: int = OWN_GROUP,
) -> int:
    """Write events, which come in order of position, one file per UTC day; return how many.

    A day's file is whole or absent: it is renamed into place when the day is over. `run_rows` and
    `own_group` are those of `DayFiles`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = DayFiles(folder, schema(), run_rows=run_rows, own_group=own_group)
    total = 0
    for event in recorded:
        files.add(event.at_us, row(event))
        total += 1
    files.close()
    return total


def slices(folder: Path, *, rows: int = SLICE_ROWS) -> list[Slice]:
    """Return the data set cut into slices of about `rows` events, along runs of row groups.

    Raises
    ------
    Missing
        ``no_events``: the folder holds no Parquet file.
    Invalid
        ``event_columns``: a column is missing; ``event_order``: two files or row groups hold the
        same positions.
    """
    paths = [folder] if folder.is_file() else sorted(folder.rglob("*.parquet"))
    if not paths:
        raise Missing(
            f"There are no Parquet files of events in {folder}.",
            code="no_events",
            hint="Write them with `stepin log export`.",
        )
    found = [group for path in paths for group in _groups(path, pq.read_metadata(path))]
    found.sort(key=lambda g: (g.first, g.number))
    return list(_joined(_runs(found), rows))


def kinds_of(parts: Sequence[Slice]) -> Iterator[tuple[pq.ParquetFile, int, str | None]]:
    """Yield every row group with the kind of its events; None if there are several."""
    for path in dict.fromkeys(path for part in parts for path in part.files):
        with pq.ParquetFile(path) as file:
            for number in range(file.metadata.num_row_groups):
                yield file, number, kind_of(file.metadata, number)


def kind_of(meta: pq.FileMetaData, number: int) -> str | None:
    """Return the kind of the events of a row group; None if there are several."""
    place = _KIND if meta.row_group(number).column(_KIND).path_in_schema == "kind" else next(
        i for i in range(meta.num_columns) if meta.schema.column(i).name == "kind"
    )  # fmt: skip
    span = meta.row_group(number).column(place).statistics
    return (
        str(span.min) if span is not None and span.min == span.max and span.min in KINDS else None
    )


def end_us(parts: Sequence[Slice]) -> int:
    """Return the latest moment of a data set, by the statistics of its files."""
    latest = 0
    for path in {p for part in parts for p in part.files}:
        meta = pq.read_metadata(path)
        names = {meta.schema.column(i).name: i for i in range(meta.num_columns)}
        for group in range(meta.num_row_groups):
            latest = max(latest, int(meta.row_group(group).column(names["at_us"]).statistics.max))
    return latest


def _groups(path: Path, meta: pq.FileMetaData) -> Iterator[EventGroup]:
    names = {meta.schema.column(i).name: i for i in range(meta.num_columns)}
    if lacking := [name for name in COLUMNS if name not in names]:
        raise Invalid(
            f"{path.name} has no column {lacking[0]} ({len(lacking)} are missing).",
            code="event_columns",
            hint="Export the events again with this version of Stepin.",
            column=lacking[0],
        )
    for number in range(meta.num_row_groups):
        group = meta.row_group(number)
        if group.num_rows:
            span = group.column(names["position"]).statistics
            yield EventGroup(path, number, int(span.min), int(span.max), group.num_rows)


def _runs(found: Sequence[EventGroup]) -> Iterator[Slice]:
    """Join the groups of a file that interleave; no two runs share a position."""
    held: list[EventGroup] = []
    last = -1
    for group in found:
        if held and group.first > last:
            yield _slice(held)
            held = []
        if held and held[-1].path != group.path:
            raise _twice(held[-1], group)
        held.append(group)
        last = max(last, group.last)
    if held:
        yield _slice(held)


def _slice(groups: Sequence[EventGroup]) -> Slice:
    first, last = groups[0].first, max(group.last for group in groups)
    rows = sum(group.rows for group in groups)
    if rows > last - first + 1:
        raise _twice(groups[0], groups[-1])
    return Slice(tuple(groups), first, last, rows)


def _twice(left: EventGroup, right: EventGroup) -> Invalid:
    return Invalid(
        f"Positions from {right.first} on stand in two places "
        f"({left.path.name}, {right.path.name}).",
        code="event_order",
        hint="A data set holds every event once, in order of position.",
    )


def _joined(runs: Iterable[Slice], rows: int) -> Iterator[Slice]:
    held: Slice | None = None
    for run in runs:
        if held is not None and held.rows + run.rows > rows:
            yield held
            held = None
        held = run if held is None else Slice(
            held.groups + run.groups, held.first, run.last, held.rows + run.rows
        )  # fmt: skip
    if held is not None:
        yield held
