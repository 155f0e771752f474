"""Linear scores of a turn's text, one column a head, apart for the customer and the other side."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from stepin.judge.vocabulary import Vocabulary, Weights

Floats = NDArray[np.float64]

CUSTOMER, OTHER = 0, 1


class Heads:
    """Fitted heads: `n_now` of the turn alone, `n_recent` of earlier turns, `n_whole` of all.

    Attributes
    ----------
    vocabulary : the terms.
    coefficients : shape (2, n_terms, n_now + n_recent + n_whole), by side.
    intercepts : shape (2, n_now).
    """

    __slots__ = ("_by_side", "coefficients", "intercepts", "n_now", "n_recent", "n_whole",
                 "vocabulary")  # fmt: skip

    def __init__(
        self,
        vocabulary: Vocabulary,
        coefficients: NDArray[np.float32],
        intercepts: Floats,
        n_recent: int,
        n_whole: int,
    ) -> None:
        self.vocabulary = vocabulary
        self.coefficients = coefficients
        self.intercepts = np.asarray(intercepts, np.float64)
        self.n_now = self.intercepts.shape[1]
        self.n_recent = n_recent
        self.n_whole = n_whole
        wide = coefficients.astype(np.float64)
        self._by_side = (np.ascontiguousarray(wide[0]), np.ascontiguousarray(wide[1]))

    def columns(self, row: Weights, side: int) -> Floats:
        """Return the sum over terms of weight x coefficient, shape (columns,)."""
        if not len(row.places):
            return np.zeros(self.coefficients.shape[2])
        scaled = self._by_side[side].take(row.places, axis=0)
        scaled *= row.weights[:, None]
        found: Floats = np.add.reduce(scaled, axis=0)
        return found

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return the heads as arrays for a model file."""
        return {
            **self.vocabulary.to_arrays(),
            "head_coefficients": self.coefficients,
            "head_intercepts": self.intercepts,
            "head_counts": np.array([self.n_recent, self.n_whole]),
        }

    @classmethod
    def from_arrays(cls, arrays: dict[str, NDArray[Any]]) -> Heads:
        """Return the heads that `to_arrays` described."""
        n_recent, n_whole = arrays["head_counts"].tolist()
        return cls(
            Vocabulary.from_arrays(arrays),
            arrays["head_coefficients"],
            arrays["head_intercepts"],
            n_recent,
            n_whole,
        )
