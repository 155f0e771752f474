"""Vectors that were computed already are not computed again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock

import numpy as np

from stepin.vectors.around import AroundEncoder
from stepin.vectors.port import Encoder, Vectors

KEPT = 4_096


class CachedEncoder(AroundEncoder):
    """An encoder that remembers the texts that it was asked for last; safe between threads."""

    def __init__(self, inner: Encoder, *, kept: int = KEPT) -> None:
        super().__init__(inner)
        self._kept = kept
        self._rows: OrderedDict[str, Vectors] = OrderedDict()
        self._lock = Lock()

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return a row for each text; only what isn't remembered is computed."""
        with self._lock:
            known = {text: self._rows[text] for text in texts if text in self._rows}
            for text in known:
                self._rows.move_to_end(text)
        new = list(dict.fromkeys(text for text in texts if text not in known))
        if new:
            known.update(zip(new, self._inner.encode(new), strict=True))
        with self._lock:
            for text in new:
                self._rows[text] = known[text]
            while len(self._rows) > self._kept:
                self._rows.popitem(last=False)
        rows = [known[text] for text in texts]
        return np.array(rows, np.float32).reshape(len(rows), self.dim)
