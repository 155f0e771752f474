"""A slice of events: the chats that close in it, and what is carried into the next slice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from stepin.evidence.data.facts.arrays import DAY_US, NONE, Codes, Wholes, first, wholes, words_of
from stepin.evidence.data.facts.per_chat.rows import Rows
from stepin.evidence.data.facts.reading import CHAT_KINDS


@dataclass(frozen=True, slots=True)
class Batch:
    """The chats that close in a slice, in order of opening, with their events.

    Attributes
    ----------
    ids : the chats.
    numbers : their numbers over the whole log.
    opened_us, closed_us, day : when they opened and closed, and the day of opening.
    rows : their events, by kind.
    late : ratings of chats that had closed before: ids, ratings and moments.
    """

    ids: pa.Array
    numbers: Wholes
    opened_us: Wholes
    closed_us: Wholes
    day: Codes
    rows: Mapping[str, Rows]
    late: tuple[pa.Array, Wholes, Wholes]

    def __len__(self) -> int:
        return int(self.numbers.size)

    def days(self) -> list[tuple[int, int, int]]:
        """Return each day of opening with the range of its chats."""
        ends = np.flatnonzero(np.diff(self.day)) + 1
        bounds = [0, *ends.tolist(), len(self)]
        return [(int(self.day[a]), a, b) for a, b in pairwise(bounds) if a < b]


@dataclass(slots=True)
class ChatBatch:
    """Cuts a log, slice by slice, into the chats that close; keeps the open ones' events.

    Attributes
    ----------
    ids : per slice, the chats that opened in it; their numbers run on.
    open : the events of the chats that are open, by kind.
    open_ids, open_numbers : those chats.
    """

    ids: list[pa.Array] = field(default_factory=list)
    count: int = 0
    open: dict[str, pa.Table] = field(default_factory=dict)
    open_ids: pa.Array = field(default_factory=lambda: pa.array([], pa.string()))
    open_numbers: Wholes = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def cut(self, tables: Mapping[str, pa.Table], focused: pa.Array) -> tuple[Batch, Wholes]:
        """Return the chats that close in the next slice, and the numbers of other mentions.

        Parameters
        ----------
        tables : the events of the slice, by kind.
        focused : ids of chats that are mentioned elsewhere; one that isn't open has the number -1.
        """
        both = {
            kind: _appended(self.open.get(kind), tables.get(kind))
            for kind in CHAT_KINDS
            if kind in tables or kind in self.open
        }
        unique, codes = _encoded(both)
        size = len(unique)
        opened_us = _firsts(codes, both, "ChatOpened", size)
        closed_us = _firsts(codes, both, "ChatClosed", size)
        numbers = self._numbers(unique, opened_us)
        places = pc.index_in(focused, unique).fill_null(-1).to_numpy(zero_copy_only=False)
        mentioned: Wholes = np.append(numbers, -1)[places]
        ends = (opened_us != NONE) & (closed_us != NONE)
        order = by_opening(np.flatnonzero(ends), opened_us, unique)
        k = _ranks(order, size + 1)
        stays = np.append((opened_us != NONE) & ~ends, False)
        rows: dict[str, Rows] = {}
        late: list[pa.Table] = []
        kept: dict[str, pa.Table] = {}
        for kind, table in both.items():
            of = k[codes[kind]]
            closes = of >= 0
            if not closes.all():
                open_now = stays[codes[kind]]
                if open_now.any():
                    kept[kind] = _compact(table.filter(pa.array(open_now)))
                if kind.startswith("Rating"):
                    late.append(table.filter(pa.array(~closes & ~open_now)))
            rows[kind] = Rows(of, table.drop_columns("chat_id")).only(closes)
        self.open = kept
        here = np.flatnonzero(stays[:-1])
        self.open_ids, self.open_numbers = unique.take(pa.array(here)), numbers[here]
        batch = Batch(
            ids=unique.take(pa.array(order)),
            numbers=numbers[order],
            opened_us=opened_us[order],
            closed_us=closed_us[order],
            day=(opened_us[order] // DAY_US).astype(np.int32),
            rows={kind: part for kind, part in rows.items() if len(part)},
            late=_late(late),
        )
        return batch, mentioned

    def _numbers(self, unique: pa.Array, opened_us: Wholes) -> Wholes:
        numbers: Wholes = np.full(len(unique), -1, dtype=np.int64)
        if len(self.open_ids):
            at = pc.index_in(self.open_ids, unique).to_numpy(zero_copy_only=False)
            numbers[at] = self.open_numbers
        new = np.flatnonzero((opened_us != NONE) & (numbers < 0))
        numbers[new] = self.count + np.arange(new.size)
        self.count += int(new.size)
        self.ids.append(unique.take(pa.array(new)))
        return numbers


def by_opening(
    chosen: NDArray[np.integer], opened_us: Wholes, ids: pa.Array
) -> NDArray[np.integer]:
    """Return these chats in order of opening; at equal times, of id."""
    order = chosen[np.argsort(opened_us[chosen], kind="stable")]
    at = opened_us[order]
    same = np.flatnonzero(at[1:] == at[:-1])
    if same.size:
        starts = same[np.append(True, np.diff(same) > 1)]
        for start in starts.tolist():
            end = int(np.searchsorted(at, at[start], side="right"))
            tied = order[start:end]
            named = ids.take(pa.array(tied)).to_pylist()
            order[start:end] = [chat for _, chat in sorted(zip(named, tied.tolist(), strict=True))]
    return order


def _appended(left: pa.Table | None, right: pa.Table | None) -> pa.Table:
    held = [table for table in (left, right) if table is not None]
    return held[0] if len(held) == 1 else pa.concat_tables(held, promote_options="default")


def _compact(table: pa.Table) -> pa.Table:
    """Return a table whose dictionaries hold no word of a chat that has gone."""
    columns = [
        column.cast(pa.string()).dictionary_encode() if pa.types.is_dictionary(column.type)
        else column
        for column in table.columns
    ]  # fmt: skip
    return pa.table(columns, names=table.column_names)


def _encoded(tables: Mapping[str, pa.Table]) -> tuple[pa.Array, dict[str, Codes]]:
    """Return every chat that occurs, and each row's place among them."""
    chunks = [chunk for table in tables.values() for chunk in table["chat_id"].chunks]
    if not chunks:
        return pa.array([], pa.string()), {}
    words = words_of(pa.chunked_array(chunks))
    codes: dict[str, Codes] = {}
    start = 0
    for kind, table in tables.items():
        codes[kind] = words.codes[start : start + table.num_rows]
        start += table.num_rows
    return words.words, codes


def _firsts(
    codes: Mapping[str, Codes], tables: Mapping[str, pa.Table], kind: str, size: int
) -> Wholes:
    found: Wholes = np.full(size + 1, NONE)
    if kind in tables:
        first(codes[kind], wholes(tables[kind]["at_us"]), found)
    return found[:-1]


def _ranks(order: NDArray[np.integer[Any]], size: int) -> NDArray[np.int32]:
    """Return where each number below `size` stands in an order, -1 where it doesn't."""
    ranks = np.full(size, -1, dtype=np.int32)
    ranks[order] = np.arange(order.size, dtype=np.int32)
    return ranks


def _late(tables: list[pa.Table]) -> tuple[pa.Array, Wholes, Wholes]:
    if not tables:
        return pa.array([], pa.string()), np.zeros(0, np.int64), np.zeros(0, np.int64)
    table = pa.concat_tables(tables, promote_options="default")
    rows = Rows(np.zeros(table.num_rows, dtype=np.int32), table)
    words = rows.text("chat_id")
    named = words.words.take(pa.array(words.codes, mask=words.codes < 0))
    return named, rows.whole("rating"), rows.whole("at_us")
