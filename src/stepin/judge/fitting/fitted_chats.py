"""The chats that a detector was fitted on, and its left-out probabilities for each.

A detector that builds on another must not read scores of chats that the other has learned by
heart; it reads these instead. Chats are known by a fingerprint alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stepin.judge.chat import LabelledChat, spoken

Floats = NDArray[np.float64]


def fingerprints(chats: Sequence[LabelledChat]) -> NDArray[np.uint64]:
    """Return a 64-bit fingerprint of each chat's id and texts, in order."""
    found = []
    for chat in chats:
        text = "\n".join([chat.chat_id, *(turn.text for turn in spoken(chat.turns))])
        found.append(int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big"))
    return np.array(found, np.uint64)


class FittedChats:
    """Fingerprints, and for each the probabilities after every turn while it was left out."""

    __slots__ = ("_marks", "_place", "_shares", "_start")

    def __init__(
        self, marks: NDArray[np.uint64], start: NDArray[np.intp], shares: NDArray[np.float32]
    ) -> None:
        self._marks = marks
        self._start = start
        self._shares = shares
        self._place = {int(mark): place for place, mark in enumerate(marks)}

    @classmethod
    def of(cls, marks: NDArray[np.uint64], start: NDArray[np.intp], shares: Floats) -> FittedChats:
        """Return the record of chats whose rows begin at `start`."""
        return cls(marks, start, shares.astype(np.float32))

    @classmethod
    def nothing(cls, n_classes: int) -> FittedChats:
        """Return the record of no chats."""
        return cls(
            np.zeros(0, np.uint64), np.zeros(1, np.intp), np.zeros((0, n_classes), np.float32)
        )

    def __len__(self) -> int:
        return len(self._marks)

    def shares_of(self, mark: int) -> Floats | None:
        """Return the left-out probabilities of a chat, shape (turns, classes), None if unseen."""
        place = self._place.get(mark)
        if place is None:
            return None
        return self._shares[self._start[place] : self._start[place + 1]].astype(np.float64)

    def count(self, marks: NDArray[np.uint64]) -> int:
        """Return how many of these chats were fitted on."""
        return sum(int(mark) in self._place for mark in marks)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return the record as arrays for a model file."""
        return {
            "seen_marks": self._marks,
            "seen_start": self._start.astype(np.int64),
            "seen_shares": self._shares,
        }

    @classmethod
    def from_arrays(cls, arrays: dict[str, NDArray[Any]]) -> FittedChats:
        """Return the record that `to_arrays` described."""
        return cls(arrays["seen_marks"], arrays["seen_start"], arrays["seen_shares"])
