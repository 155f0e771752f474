"""Linear scores of a turn's text, one column per head, for the customer and the other side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stepin.judge.models.vocabulary import Vocabulary

Floats = NDArray[np.float64]

CUSTOMER, OTHER = 0, 1
_CHUNK_TEXTS = 1024


class Heads:
    """Fitted heads: `n_now` of the turn alone, `n_recent` of earlier turns, `n_whole` of all.

    Attributes
    ----------
    vocabulary : the terms.
    coefficients : shape (2, n_terms, n_now + n_recent + n_whole), by side.
    intercepts : shape (2, n_now).
    """

    __slots__ = ("coefficients", "intercepts", "n_now", "n_recent", "n_whole", "vocabulary")

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


class Stack:
    """The heads of several models side by side: first all `now`, then `recent`, then `whole`.

    A text is weighed once for all models of one vocabulary, and read once for all their heads.

    Attributes
    ----------
    n_now, n_recent, n_whole : of all models together.
    """

    __slots__ = ("_groups", "_intercepts", "n_now", "n_recent", "n_whole")

    def __init__(self, heads: Sequence[Heads]) -> None:
        self.n_now = sum(one.n_now for one in heads)
        self.n_recent = sum(one.n_recent for one in heads)
        self.n_whole = sum(one.n_whole for one in heads)
        intercepts = [np.zeros((2, 0)), *(one.intercepts for one in heads)]
        self._intercepts = np.concatenate(intercepts, axis=1)
        by_mark: dict[bytes, list[int]] = {}
        for number, one in enumerate(heads):
            by_mark.setdefault(one.vocabulary.mark, []).append(number)
        columns = self._columns(heads)
        self._groups: list[tuple[Vocabulary, NDArray[np.float32], NDArray[np.intp]]] = []
        for numbers in by_mark.values():
            beside = np.concatenate([heads[n].coefficients for n in numbers], axis=2)
            table = np.ascontiguousarray(beside.reshape(-1, beside.shape[2]))
            places = np.concatenate([columns[n] for n in numbers])
            self._groups.append((heads[numbers[0]].vocabulary, table, places))

    def _columns(self, heads: Sequence[Heads]) -> list[NDArray[np.intp]]:
        """Return for each model where its columns stand."""
        found: list[list[int]] = [[] for _ in heads]
        place = 0
        for kind in ("n_now", "n_recent", "n_whole"):
            for columns, one in zip(found, heads, strict=True):
                count = getattr(one, kind)
                columns.extend(range(place, place + count))
                place += count
        return [np.array(columns, np.intp) for columns in found]

    def read(self, said: Sequence[list[str]], side: NDArray[np.intp]) -> Floats:
        """Return the scores of texts, shape (n_texts, columns).

        Parameters
        ----------
        said : the words of each text.
        side : shape (n_texts,), 0 where the customer spoke, 1 where the other side did.
        """
        found = np.zeros((len(said), self.n_now + self.n_recent + self.n_whole))
        for start in range(0, len(said), _CHUNK_TEXTS):
            chunk = slice(start, start + _CHUNK_TEXTS)
            for vocabulary, table, places in self._groups:
                found[chunk, places] = _summed(vocabulary, table, said[chunk], side[chunk])
        found[:, : self.n_now] += self._intercepts[side]
        return found


def _summed(
    vocabulary: Vocabulary,
    table: NDArray[np.float32],
    said: Sequence[list[str]],
    side: NDArray[np.intp],
) -> Floats:
    """Return for each text the sum over its terms, in their order, of weight x coefficient."""
    bags = vocabulary.weigh_all(said)
    n_columns = table.shape[1]
    scaled = table.take(bags.places + side[bags.text] * len(vocabulary), axis=0)
    bins = (bags.text * n_columns)[:, None] + np.arange(n_columns)
    summed: Floats = np.bincount(  # type: ignore[assignment]
        bins.ravel(),
        weights=(scaled * bags.weights[:, None]).ravel(),
        minlength=len(said) * n_columns,
    )
    return summed.reshape(len(said), n_columns)
