"""Columns of events and of facts as numpy arrays and back.

Whole numbers and moments that are missing are `NONE`, real ones NaN, texts the code -1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Wholes = NDArray[np.int64]
Codes = NDArray[np.int32]
Reals = NDArray[np.float64]
Truths = NDArray[np.bool_]

NONE: Final = int(np.iinfo(np.int64).min)
DAY_US: Final = 86_400_000_000


@dataclass(frozen=True, slots=True)
class CodedText:
    """A column of text: `codes` point into `words`."""

    codes: Codes
    words: pa.Array

    def among(self, *words: str) -> Truths:
        """Return where the word is one of these."""
        chosen = pc.is_in(self.words, pa.array(words, pa.string()))
        wanted = np.append(chosen.to_numpy(zero_copy_only=False), False).astype(np.bool_)
        found: Truths = wanted[self.codes]
        return found

    def recoded(self, *words: str) -> NDArray[np.int8]:
        """Return each row's place among these words; -1 for every other."""
        places = pc.index_in(self.words, pa.array(words, pa.string())).fill_null(-1)
        places = np.append(places.to_numpy(zero_copy_only=False), -1).astype(np.int8)
        found: NDArray[np.int8] = places[self.codes]
        return found

    def used(self) -> tuple[Codes, list[str]]:
        """Return the words that occur, in order of their codes, and each row's place in them."""
        there = np.zeros(len(self.words) + 1, dtype=np.bool_)
        there[self.codes] = True
        there[-1] = False
        places = np.where(there, np.cumsum(there, dtype=np.int32) - 1, np.int32(-1))
        return places[self.codes], self.words.filter(pa.array(there[:-1])).to_pylist()

    def take(self, rows: NDArray[np.integer]) -> CodedText:
        """Return the column of these rows; -1 stands for none."""
        codes = np.append(self.codes, np.int32(-1))
        return CodedText(codes[rows], self.words)

    def arrow(self, none: str | None = None) -> pa.Array:
        """Return it as an Arrow dictionary of the words in use; `none` stands for missing ones."""
        used = np.zeros(len(self.words) + 1, dtype=np.bool_)
        used[self.codes] = True
        lacking = bool((self.codes < 0).any())
        used[-1] = False
        places = np.cumsum(used, dtype=np.int32) - 1
        words = self.words.filter(pa.array(used[:-1]))
        codes = places[self.codes]
        missing = self.codes < 0
        if not lacking:
            return pa.DictionaryArray.from_arrays(pa.array(codes), words)
        if none is None:
            return pa.DictionaryArray.from_arrays(pa.array(codes, mask=missing), words)
        codes[missing] = len(words)
        words = pa.concat_arrays([words, pa.array([none], pa.string())])
        return pa.DictionaryArray.from_arrays(pa.array(codes), words)


def words_of(column: pa.ChunkedArray) -> CodedText:
    """Return a column of text, dictionary-encoded or plain."""
    if not pa.types.is_dictionary(column.type):
        column = column.cast(pa.string()).dictionary_encode()
    if column.num_chunks > 1:
        column = column.unify_dictionaries()
    if column.num_chunks == 0:
        return CodedText(np.zeros(0, dtype=np.int32), pa.array([], pa.string()))
    codes = [_codes(chunk) for chunk in column.chunks]
    joined = codes[0] if len(codes) == 1 else np.concatenate(codes)
    return CodedText(joined, column.chunk(0).dictionary.cast(pa.string()))


def wholes(column: pa.ChunkedArray) -> Wholes:
    """Return a column of whole numbers."""
    filled = column.fill_null(NONE) if column.null_count else column
    found: Wholes = filled.to_numpy().astype(np.int64, copy=False)
    return found


def reals(column: pa.ChunkedArray) -> Reals:
    """Return a column of real numbers."""
    found: Reals = column.to_numpy().astype(np.float64, copy=False)
    return found


def truths(column: pa.ChunkedArray) -> Truths:
    """Return a column of truths; a missing one is false."""
    filled = column.fill_null(False) if column.null_count else column
    found: Truths = filled.to_numpy().astype(np.bool_, copy=False)
    return found


def whole_array(values: NDArray[np.integer]) -> pa.Array:
    """Return whole numbers for Arrow."""
    missing = values == NONE
    return pa.array(values, mask=missing) if missing.any() else pa.array(values)


def moment_array(values: Wholes) -> pa.Array:
    """Return moments in µs for Arrow."""
    return whole_array(values).view(pa.timestamp("us"))


def day_array(days: NDArray[np.integer]) -> pa.Array:
    """Return days since 1970 for Arrow."""
    return pa.array(days.astype(np.int32)).view(pa.date32())


def real_array(values: Reals) -> pa.Array:
    """Return real numbers for Arrow."""
    return pa.array(values, from_pandas=True)


def first(k: NDArray[np.integer], values: NDArray[np.generic], into: NDArray[np.generic]) -> None:
    """Set `into[k]` to the first value of every `k`."""
    into[k[::-1]] = values[::-1]


def _codes(chunk: pa.DictionaryArray) -> Codes:
    indices = chunk.indices
    if indices.null_count:
        indices = indices.fill_null(-1)
    found: Codes = indices.to_numpy(zero_copy_only=False).astype(np.int32, copy=False)
    return found
