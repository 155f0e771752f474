"""Columns that grow slice by slice on disk and are then read as if they were in memory."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO, TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stepin.evidence.data.facts.arrays import Codes, Truths, Wholes

_Kind = TypeVar("_Kind", bound=np.generic)


class Spool:
    """Rows of numbers, one file per column.

    What has been read can be dropped from memory by the system, for it stands on disk.
    """

    def __init__(self, folder: Path, **columns: str) -> None:
        self._paths = {name: folder / name for name in columns}
        self._types = {name: np.dtype(kind) for name, kind in columns.items()}
        folder.mkdir(parents=True)
        self._files: dict[str, BinaryIO] = {n: p.open("wb") for n, p in self._paths.items()}
        self.rows = 0

    def add(self, **columns: NDArray[np.generic]) -> None:
        """Add rows; every column has to be given, all as long."""
        sizes = {values.size for values in columns.values()}
        assert len(sizes) == 1
        assert columns.keys() == self._files.keys()
        for name, values in columns.items():
            self._files[name].write(values.astype(self._types[name]).tobytes())
        self.rows += sizes.pop()

    def close(self) -> None:
        """Let go of the files."""
        for file in self._files.values():
            file.close()

    def wholes(self, name: str) -> Wholes:
        """Return a column of whole numbers; no row can be added any more."""
        return self._column(name, np.int64)

    def codes(self, name: str) -> Codes:
        """Return a column of codes; no row can be added any more."""
        return self._column(name, np.int32)

    def truths(self, name: str) -> Truths:
        """Return a column of truths; no row can be added any more."""
        return self._column(name, np.bool_)

    def _column(self, name: str, kind: type[_Kind]) -> NDArray[_Kind]:
        assert self._types[name] == kind
        self._files[name].close()
        if not self.rows:
            return np.zeros(0, dtype=kind)
        return np.memmap(self._paths[name], dtype=kind, mode="r")


class Tables:
    """Arrow tables on disk, numbered from 0 on.

    Attributes
    ----------
    count : how many there are.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.count = 0
        folder.mkdir(parents=True)

    def add(self, table: pa.Table) -> None:
        """Keep one more table."""
        path = str(self._path(self.count))
        with pa.OSFile(path, "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
            writer.write_table(table)
        self.count += 1

    def read(self, number: int) -> pa.Table:
        """Return a table; its columns stay on disk until they are used."""
        return pa.ipc.open_file(pa.memory_map(str(self._path(number)))).read_all()

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:05d}.arrow"
