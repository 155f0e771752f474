"""Building a cube from Parquet with DuckDB, a file at a time and several at once.

Files are summed by one thread each in the order of their rows and added in order of name:
the same files give the same bits however many run at once.
"""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from queue import SimpleQueue

import duckdb
import numpy as np

from stepin.core.facts import Chats
from stepin.errors import Missing
from stepin.evidence.data.storage import files, read_parquet, require
from stepin.evidence.estimators.moments.cells import Cube, add, from_columns, load
from stepin.evidence.estimators.moments.spec import CubeSpec

BATCH_BYTES = 32_000_000


def centred(spec: CubeSpec, path: Path) -> CubeSpec:
    """Return `spec` with the means of one file as origins, rounded to 6 significant digits."""
    with connect() as connection:
        relation = read_parquet([path])
        require(connection, relation, spec.columns)
        means = ", ".join(f"AVG({t.sql})" for t in spec.terms)
        row = connection.execute(f"SELECT {means} FROM {relation}").fetchone()  # noqa: S608
    found = row if row is not None else (None,) * len(spec.terms)
    # What isn't a number is refused where the sums are read; as an origin it would be no SQL.
    origins = {
        t.name: float(f"{m:.6g}") if m is not None and math.isfinite(m) else 0.0
        for t, m in zip(spec.terms, found, strict=True)
    }
    return replace(spec, origins=origins)


def build_file(
    path: Path, spec: CubeSpec, connection: duckdb.DuckDBPyConnection | None = None
) -> Cube:
    """Return the cube of the chats in one Parquet file; see `build_files`."""
    return build_files([path], spec, connection)


def build_files(
    paths: Sequence[Path], spec: CubeSpec, connection: duckdb.DuckDBPyConnection | None = None
) -> Cube:
    """Return the cube of the chats in some Parquet files of one schema.

    Parameters
    ----------
    paths : the files.
    spec : what to hold.
    connection : from `connect`, to save opening one.

    Raises
    ------
    Missing
        ``no_column``: the file lacks a column that a term reads.
    Invalid
        ``wrong_type``: a column has values of another kind; as `from_columns`.
    """
    if connection is None:
        with connect() as connection:
            return build_files(paths, spec, connection)
    relation = read_parquet(paths)
    require(connection, relation, spec.columns)
    found = connection.execute(spec.sql(relation)).fetchnumpy()
    return from_columns(spec, [np.ma.asarray(c) for c in found.values()])


def build(
    folder: Path,
    spec: CubeSpec,
    *,
    store: Path | None = None,
    at_once: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Cube:
    """Return the cube of all chats of a data set, centred on its first file.

    Parameters
    ----------
    folder : the data set.
    spec : what to hold; if it has no origins, those of the first file.
    store : a folder of parts; a part that is there for the same bytes isn't built again.
    at_once : files read at the same time; by default one a processor. It doesn't change a bit.
    progress : called with files done and files in all.

    Raises
    ------
    Missing
        ``no_facts``: the data set has no chats.
    """
    paths = files(folder, Chats)
    if not paths:
        raise Missing("The data set has no table chats.", code="no_facts", table="chats")
    if not spec.origins:
        spec = centred(spec, paths[0])
    batches = [[path] for path in paths] if store is not None else batched(paths)
    width = min(at_once or os.cpu_count() or 1, len(batches))
    tell = progress or (lambda done, total: None)
    parts: list[Cube] = []
    done = 0
    with _connections(width) as idle, ThreadPoolExecutor(width) as pool:

        def part(batch: list[Path]) -> Cube:
            connection = idle.get()
            try:
                if store is None:
                    return build_files(batch, spec, connection)
                return _kept(batch[0], spec, store, connection)
            finally:
                idle.put(connection)

        # In the order of the files, not of finishing: floats are added up in one order alone.
        for batch, cube in zip(batches, pool.map(part, batches), strict=True):
            parts.append(cube)
            done += len(batch)
            tell(done, len(paths))
    return add(parts)


@contextmanager
def _connections(count: int) -> Iterator[SimpleQueue[duckdb.DuckDBPyConnection]]:
    """Open connections for threads to take and give back."""
    idle: SimpleQueue[duckdb.DuckDBPyConnection] = SimpleQueue()
    with ExitStack() as stack:
        for _ in range(count):
            idle.put(stack.enter_context(connect()))
        yield idle


def connect() -> duckdb.DuckDBPyConnection:
    """Return a connection whose sums don't depend on how threads were scheduled."""
    return _database().cursor()


@cache
def _database() -> duckdb.DuckDBPyConnection:
    """Return the one empty database of this process; opening one costs half a day of chats."""
    return duckdb.connect(":memory:", config={"threads": 1})


def batched(paths: Sequence[Path]) -> list[list[Path]]:
    """Return consecutive files in batches that are worth a statement; it depends on sizes alone."""
    out: list[list[Path]] = []
    room = 0
    for path in paths:
        size = path.stat().st_size
        if not out or size > room:
            out.append([])
            room = BATCH_BYTES
        out[-1].append(path)
        room -= size
    return out


def _kept(path: Path, spec: CubeSpec, store: Path, connection: duckdb.DuckDBPyConnection) -> Cube:
    kept = store / f"{_digest(path)}-{spec.digest}.npz"
    if kept.is_file():
        return load(kept, spec)
    cube = build_file(path, spec, connection)
    store.mkdir(parents=True, exist_ok=True)
    fresh = kept.with_suffix(".part")
    cube.save(fresh)
    fresh.replace(kept)
    return cube


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
