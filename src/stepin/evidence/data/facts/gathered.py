"""What every slice adds to the facts that need more than one chat."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stepin.evidence.data.facts.arrays import DAY_US, NONE, CodedText, Codes, Truths, Wholes
from stepin.evidence.data.facts.per_chat.batch import Batch
from stepin.evidence.data.facts.per_chat.closed import Closed
from stepin.evidence.data.facts.per_chat.holding import (
    AI,
    NOBODY,
    WORKER,
    Holding,
    first_wait_until,
)
from stepin.evidence.data.facts.per_chat.rows import Rows, after_colon
from stepin.evidence.data.facts.per_chat.talk import WORKER as BY_WORKER
from stepin.evidence.data.facts.per_chat.talk import Talk
from stepin.evidence.data.facts.spool import Spool, Tables

SMALL = ("WorkerSignedOn", "WorkerSignedOff", "WorkerAssigned")


class Names:
    """Names by code, in order of appearance."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}

    def codes(self, words: CodedText) -> Codes:
        """Return the codes of a column over the whole log; -1 where there is no name."""
        places, used = words.used()
        known = [self._codes.setdefault(word, len(self._codes)) for word in used]
        found: Codes = np.array([*known, -1], dtype=np.int32)[places]
        return found

    def array(self) -> pa.Array:
        """Return the names by code."""
        return pa.array(list(self._codes), pa.string())

    def __len__(self) -> int:
        return len(self._codes)


@dataclass(slots=True)
class Slim:
    """A few columns of every closed chat, by slice until `whole` joins them."""

    parts: dict[str, list[np.ndarray]] = field(default_factory=lambda: defaultdict(list))

    def add(self, **columns: np.ndarray) -> None:
        """Add the chats of a slice."""
        for name, values in columns.items():
            self.parts[name].append(values)

    def whole(self, name: str) -> np.ndarray:
        """Return a column of all chats; no chat can be added any more."""
        parts = self.parts[name]
        if len(parts) != 1:
            parts[:] = [np.concatenate(parts) if parts else np.zeros(0, np.int64)]
        return parts[0]


class Gathered:
    """Grows by a slice at a time; what grows with the events stands on disk."""

    def __init__(self, folder: Path) -> None:
        self.workers, self.issues = Names(), Names()
        self.chats, self.slim, self.size = Tables(folder / "chats"), Slim(), 0
        self.customers: list[pa.Array] = []
        self.ranges: dict[int, list[tuple[int, int, int, int]]] = defaultdict(list)
        self.held = Spool(folder / "held", n="i8", worker="i4", by_ai="?", from_us="i8",
                          until_us="i8")  # fmt: skip
        self.waiting = Spool(folder / "waiting", from_us="i8", until_us="i8")
        self.waited = Spool(folder / "waited", n="i8", worker="i4", from_us="i8", until_us="i8")
        self.focus = Spool(folder / "focus", chat="i8", worker="i4", left="?", from_us="i8",
                           until_us="i8")  # fmt: skip
        self.taken: list[tuple[Codes, Wholes]] = []
        self.late: list[tuple[pa.Array, Wholes, Wholes]] = []
        self.unknown: list[pa.Array] = []
        self.has_focus = False
        self.forgotten: list[tuple[Codes, Wholes]] = []
        self.small: dict[str, list[pa.Table]] = defaultdict(list)

    def close(self) -> None:
        """Let go of the files."""
        for spool in (self.held, self.waiting, self.waited, self.focus):
            spool.close()

    def add_chats(self, batch: Batch, closed: Closed, held: Holding, said: Talk) -> None:
        """Add the chats that close in a slice."""
        number = self.chats.count
        for day, a, b in batch.days():
            self.ranges[day].append((number, a, b, self.size))
        self.chats.add(closed.table)
        self.slim.add(
            opened=batch.opened_us, closed=batch.closed_us, day=batch.day, number=batch.numbers,
            talk=closed.talk_us, eligible=closed.eligible, invited=closed.invited,
            rating=closed.rating, rated=closed.rated_us, issue=self.issues.codes(closed.issue),
            owner=self.workers.codes(closed.first_owner),
        )  # fmt: skip
        self.customers.append(closed.customer.arrow())
        self._hold(batch, held)
        answers = np.flatnonzero(said.answers & (said.author == BY_WORKER))
        self.waited.add(
            n=said.k[answers] + self.size,
            worker=self.workers.codes(after_colon(said.actor.take(answers))),
            from_us=said.asked_us[answers],
            until_us=said.at_us[answers],
        )
        self.size += len(batch)

    def _hold(self, batch: Batch, held: Holding) -> None:
        until = held.until_us != NONE
        kept = np.flatnonzero(until & ((held.after == AI) | (held.after == WORKER)))
        holder, owner = self.workers.codes(_people(held)), self.workers.codes(held.owner)
        by_ai = held.after[kept] == AI
        self.held.add(
            n=held.k[kept] + self.size,
            worker=np.where(by_ai, owner[kept], holder[kept]),
            by_ai=by_ai,
            from_us=held.at_us[kept],
            until_us=held.until_us[kept],
        )
        self.waiting.add(from_us=batch.opened_us, until_us=first_wait_until(batch, held))
        again = np.flatnonzero(until & (held.after == NOBODY))
        self.waiting.add(from_us=held.at_us[again], until_us=held.until_us[again])
        taken = held.taken
        self.taken.append((holder[taken], held.at_us[taken] // DAY_US))

    def add_others(
        self, tables: Mapping[str, pa.Table], batch: Batch, focused: CodedText, numbers: Wholes
    ) -> None:
        """Add what stands outside of the chats that close.

        Parameters
        ----------
        batch : the chats of the slice, with late ratings of others.
        tables : the events of the slice, by kind.
        focused, numbers : the chats that focus intervals name, and their numbers; -1 for one that
            isn't open.
        """
        self.late.append(batch.late)
        for kind, table in tables.items():
            if kind in SMALL or kind.startswith("Action"):
                self.small[kind].append(table)
        if "FocusMoved" not in tables:
            return
        self.has_focus = True
        table = tables["FocusMoved"]
        rows = Rows(np.zeros(table.num_rows, dtype=np.int32), table)
        gone = np.flatnonzero(rows.whole("duration_ms") == NONE)
        self.forgotten.append(
            (
                self.workers.codes(rows.text("worker_id").take(gone)),
                rows.whole("at_us")[gone] // DAY_US,
            )
        )
        known = np.flatnonzero(focused.codes >= 0)
        codes = focused.codes[known]
        missing = np.flatnonzero(numbers < 0)
        named = numbers.copy()
        named[missing] = -1 - sum(map(len, self.unknown)) - np.arange(missing.size)
        self.unknown.append(focused.words.take(pa.array(missing)))
        until_us = rows.whole("at_us")[known]
        self.focus.add(
            chat=named[codes],
            worker=self.workers.codes(rows.text("worker_id").take(known)),
            left=_elsewhere(focused, rows.text("to_chat_id"))[known],
            from_us=until_us - rows.whole("duration_ms")[known] * 1000,
            until_us=until_us,
        )


def _people(held: Holding) -> CodedText:
    """Return the holders that are workers."""
    codes = np.where(held.after == WORKER, held.holder.codes, np.int32(-1))
    return CodedText(codes, held.holder.words)


def _elsewhere(here: CodedText, there: CodedText) -> Truths:
    """Return where the next chat is another one, or none."""
    places = pc.index_in(there.words, here.words).fill_null(-2).to_numpy(zero_copy_only=False)
    same: Truths = np.append(places, -3)[there.codes] == here.codes
    return ~same
