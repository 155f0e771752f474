"""Vectors of texts that seldom change, in a file: a later start computes what is new alone."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import numpy as np

from stepin.vectors.around import AroundEncoder
from stepin.vectors.port import Encoder, Vectors


class KeptVectors(AroundEncoder):
    """An encoder with a file of its vectors; the texts themselves aren't in it.

    A file of another encoder, or one that can't be read, counts as none. Not for what customers
    write: a vector can give its text away.

    Parameters
    ----------
    path : a ``.npz`` file, written by `save`.
    """

    def __init__(self, inner: Encoder, path: Path) -> None:
        super().__init__(inner)
        self._path = path
        self._rows = self._read()
        self._used: dict[bytes, Vectors] = {}

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return a row for each text; only what the file lacks is computed."""
        keys = [sha256(text.encode("utf-8", "ignore")).digest() for text in texts]
        new = {k: t for k, t in zip(keys, texts, strict=True) if k not in self._rows}
        if new:
            self._rows.update(zip(new, self._inner.encode(list(new.values())), strict=True))
        self._used.update((key, self._rows[key]) for key in keys)
        rows = [self._rows[key] for key in keys]
        return np.array(rows, np.float32).reshape(len(rows), self.dim)

    def save(self) -> None:
        """Write the vectors that were used; a folder that can't be written is left as it is."""
        if not self._used or self._used.keys() == self._read().keys():
            return
        keys = np.array([np.frombuffer(key, np.uint8) for key in self._used])
        rows = np.array(list(self._used.values()), np.float32)
        part = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        with suppress(OSError):
            try:
                with part.open("wb") as file:
                    np.savez(file, encoder=np.array(self.id), keys=keys, rows=rows)
                part.replace(self._path)
            finally:
                part.unlink(missing_ok=True)

    def _read(self) -> dict[bytes, Vectors]:
        try:
            with self._path.open("rb") as file, np.load(file, allow_pickle=False) as told:
                keys, rows = told["keys"], told["rows"]
                if str(told["encoder"]) != self.id or rows.shape != (len(keys), self.dim):
                    return {}
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return {}
        return {key.tobytes(): row for key, row in zip(keys, rows, strict=True)}
