"""Events of one kind in the chats that close in a slice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stepin.evidence.data.facts.arrays import (
    NONE,
    CodedText,
    Codes,
    Reals,
    Truths,
    Wholes,
    reals,
    truths,
    wholes,
    words_of,
)

SEQ_BITS = 32


@dataclass(frozen=True, slots=True)
class Rows:
    """Events of one kind, in order.

    Attributes
    ----------
    k : each event's chat among those that close in the slice.
    table : the columns that were read; one that isn't there holds nothing.
    """

    k: Codes
    table: pa.Table

    def __len__(self) -> int:
        return int(self.k.size)

    def whole(self, name: str) -> Wholes:
        """Return a column of whole numbers."""
        if name not in self.table.column_names:
            return np.full(len(self), NONE)
        return wholes(self.table[name])

    def real(self, name: str) -> Reals:
        """Return a column of real numbers."""
        if name not in self.table.column_names:
            return np.full(len(self), np.nan)
        return reals(self.table[name])

    def truth(self, name: str) -> Truths:
        """Return a column of truths."""
        if name not in self.table.column_names:
            return np.zeros(len(self), dtype=np.bool_)
        return truths(self.table[name])

    def text(self, name: str) -> CodedText:
        """Return a column of text."""
        if name not in self.table.column_names:
            return CodedText(np.full(len(self), -1, dtype=np.int32), pa.array([], pa.string()))
        return words_of(self.table[name])

    def keys(self, seq: str = "seq") -> Wholes:
        """Return chat and seq as one number, by which events of several kinds sort together."""
        return key(self.k, self.whole(seq))

    def only(self, chosen: Truths) -> Rows:
        """Return some of the events."""
        if bool(chosen.all()):
            return self
        return Rows(self.k[chosen], self.table.filter(pa.array(chosen)))


def key(k: Codes | Wholes, seq: Wholes) -> Wholes:
    """Return chat and seq as one number; a missing seq comes before every other."""
    found: Wholes = (k.astype(np.int64) << SEQ_BITS) | np.maximum(seq, 0)
    return found


def joined(parts: list[Rows]) -> Rows:
    """Return the events of several kinds together, in order of chat and seq."""
    table = pa.concat_tables([part.table for part in parts], promote_options="default")
    both = Rows(np.concatenate([part.k for part in parts]), table)
    order = np.argsort(both.keys(), kind="stable")
    return Rows(both.k[order], table.take(pa.array(order)))


def after_colon(words: CodedText) -> CodedText:
    """Return actors without the kind that stands before the colon."""
    named = pc.replace_substring_regex(words.words, pattern="^[^:]*:", replacement="")
    return CodedText(words.codes, named)
