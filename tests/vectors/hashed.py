"""An encoder for tests: hashed trigrams of the characters, 32 numbers."""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

import numpy as np

from stepin.errors import Unavailable
from stepin.vectors.port import Vectors, ready


class HashedEncoder:
    """Texts of like letters lie near; `asked` holds every text, `gone` makes it unreachable."""

    id, dim = "hashed/1", 32

    def __init__(self, *, remote: bool = False) -> None:
        self.remote, self.gone = remote, False
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        if self.gone:
            raise Unavailable("gone", code="embed_endpoint")
        self.asked += texts
        rows = np.zeros((len(texts), self.dim), np.float32)
        for row, text in zip(rows, map(ready, texts), strict=True):
            for at in range(len(text) - 2):
                row[crc32(text[at : at + 3].lower().encode()) % self.dim] += 1
            row /= max(float(np.linalg.norm(row)), 1e-9)
        return rows
