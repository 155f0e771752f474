"""The log's events as Parquet beside the desk, kept up as the log grows: what analyses read.

The files hold the flat rows of `stepin.core.exported`: no texts. Each file is named by the
positions that it covers and is renamed into place whole, so a crash costs one refresh. What the log
has forgotten of workers' attention is emptied here, too, before the files go on. Several
processes may share a folder; a lock file lets one at a time add to it.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from hashlib import sha256
from itertools import groupby
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from stepin.core.events.chat import TextRedacted
from stepin.core.exported import FORGOTTEN, row
from stepin.core.record import Recorded
from stepin.errors import Unavailable
from stepin.log.flat import schema
from stepin.log.protocol import Log

_AT_ONCE = 5_000
_SMALL = 200_000
_MANY = 32
_LEFT_BEHIND_S = 86_400.0


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """Files to read. `events` holds the Parquet files; what is derived is kept in `kept`."""

    kept: Path
    events: Path


class Mirror:
    """Parquet files of a log's events, complete up to the last refresh.

    Parameters
    ----------
    folder : holds a folder for each log, so that another log never mixes with this one.
    """

    def __init__(self, log: Log, folder: Path) -> None:
        self._log = log
        self._folder = folder

    async def refresh(self) -> Path | None:
        """Add what the log holds now; return the folder of files, None while the log is empty.

        Raises
        ------
        Unavailable
            ``mirror_unwritable``: the folder can't be written.
        """
        first = await self._log.read_all(after_position=0, limit=1)
        if not first:
            return None
        own = self._folder / _identity(first[0])
        try:
            own.mkdir(parents=True, exist_ok=True)
            at = await asyncio.to_thread(_covered, own)
            until = await self._log.position()
            while at < until:
                found = await self._log.read_all(after_position=at, limit=_AT_ONCE)
                if not found:
                    break
                await asyncio.to_thread(_add, own, at, found)
                at = found[-1].position
            await asyncio.to_thread(_tidy, own)
        except OSError as error:
            raise Unavailable(
                f"Can't keep the log's events in {own}: {error}.",
                hint="Free disk space, or name another folder in the setting `data`.",
                code="mirror_unwritable",
            ) from error
        return own

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Reading | None]:
        """Give the files of now, which stay while they are read; None while the log is empty."""
        own = await self.refresh()
        if own is None:
            yield None
            return
        with tempfile.TemporaryDirectory(dir=self._folder, prefix="reading-") as folder:
            await asyncio.to_thread(_link, own, Path(folder))
            yield Reading(kept=own, events=Path(folder))


def _identity(first: Recorded) -> str:
    return sha256(msgspec.json.encode(row(first))).hexdigest()[:16]


def _files(folder: Path) -> list[tuple[int, int, Path]]:
    found = []
    for path in folder.glob("*.parquet"):
        first, _, last = path.stem.partition("-")
        found.append((int(first), int(last), path))
    return sorted(found)


def _covered(folder: Path) -> int:
    return max((last for _, last, _ in _files(folder)), default=0)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _add(folder: Path, after: int, events: Sequence[Recorded]) -> None:
    """Write a file of events, unless another process has done so since."""
    with _locked(folder):
        if _covered(folder) != after:
            return
        for event in events:
            if isinstance(event.event, TextRedacted) and event.stream.startswith("focus/"):
                _forget(folder, event.stream, event.event)
        table = pa.Table.from_pylist([dict(row(e)) for e in events], schema(with_text=False))
        _write(folder, [table], events[0].position, events[-1].position)


def _forget(folder: Path, stream: str, gone: TextRedacted) -> None:
    """Empty what earlier files say of the attention that a log has forgotten."""
    through = gone.seq if gone.through_seq is None else gone.through_seq
    here = (
        (pc.field("kind") == "FocusMoved")
        & (pc.field("stream") == stream)
        & (pc.field("seq") >= gone.seq)
        & (pc.field("seq") <= through)
    )
    for first, last, path in _files(folder):
        told = here & pc.field("duration_ms").is_valid()
        if not pq.read_table(path, columns=["seq"], filters=told).num_rows:
            continue
        table = pq.read_table(path, schema=schema(with_text=False))
        seqs = pc.and_(
            pc.greater_equal(table["seq"], gone.seq), pc.less_equal(table["seq"], through)
        )
        there = pc.and_(
            pc.and_(pc.equal(table["kind"], "FocusMoved"), pc.equal(table["stream"], stream)), seqs
        )
        for name in FORGOTTEN:
            place = table.column_names.index(name)
            column = pc.if_else(there, pa.scalar(None, table[name].type), table[name])
            table = table.set_column(place, table.field(place), column)
        _write(folder, [table], first, last)


def _link(own: Path, folder: Path) -> None:
    with _locked(own):
        for _, _, path in _files(own):
            try:
                os.link(path, folder / path.name)
            except OSError:
                shutil.copy(path, folder / path.name)


def _tidy(folder: Path) -> None:
    """Put runs of small files together, so that a busy day isn't a thousand files.

    What a reader that was killed has left behind goes, too.
    """
    with _locked(folder):
        for left in folder.parent.glob("reading-*"):
            if time.time() - left.stat().st_mtime > _LEFT_BEHIND_S:
                shutil.rmtree(left, ignore_errors=True)
        held = _files(folder)
        if len(held) < _MANY:
            return
        sizes = {path: pq.read_metadata(path).num_rows for _, _, path in held}
        for small, run in groupby(held, key=lambda f: sizes[f[2]] < _SMALL):
            files = list(run)
            if not small or len(files) < 2:
                continue
            tables = (pq.read_table(path, schema=schema(with_text=False)) for _, _, path in files)
            kept = _write(folder, tables, files[0][0], files[-1][1])
            for _, _, path in files:
                if path != kept:
                    path.unlink()


def _write(folder: Path, tables: Iterable[pa.Table], first: int, last: int) -> Path:
    path = folder / f"{first:019d}-{last:019d}.parquet"
    part = path.with_suffix(".part")
    with pq.ParquetWriter(part, schema(with_text=False), compression="zstd") as writer:
        for table in tables:
            writer.write_table(table)
    part.replace(path)
    return path
