"""What turns texts into vectors, and how a text is made ready for it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
MOST_CHARS, FROM_THE_END = 2_000, 1_600
UNKNOWN_AT_MOST = 1 / 3
"""Above this share of unknown pieces a vector says nothing about its text."""

_NUMBER = re.compile(r"\d+")


class Encoder(Protocol):
    """Turns texts into vectors of norm 1.

    Attributes
    ----------
    id : name, version and hash of the weights: whatever changes a vector.
    dim : how many numbers a vector has.
    remote : whether encoding waits for another computer.
    """

    @property
    def id(self) -> str:
        """The name, version and hash of the weights."""
        ...

    @property
    def dim(self) -> int:
        """How many numbers a vector has."""
        ...

    @property
    def remote(self) -> bool:
        """Whether encoding waits for another computer."""
        ...

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return a row of norm 1 for each text, of zeros for one without a meaning.

        The rows are the same whether texts come alone or together.

        Raises
        ------
        Unavailable
            A remote one gives no answer.
        """
        ...


def ready(text: str) -> str:
    """Return a text as encoders get it: clean, without numbers' values, of bounded length.

    The values of numbers say nothing about what is asked, but move vectors far.
    """
    clean = text.encode("utf-8", "ignore").decode("utf-8").replace("\0", " ")
    if len(clean) > MOST_CHARS:
        head = MOST_CHARS - FROM_THE_END
        clean = f"{clean[:head]} {clean[-FROM_THE_END:]}"
    return _NUMBER.sub("0", clean).strip()
