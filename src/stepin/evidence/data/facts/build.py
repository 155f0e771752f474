"""From events to facts, out of core: one pass over the events, then one over the chats.

The events are read in slices. The chats that close in a slice become facts of that slice, the few
that stay open are carried into the next, and nothing is read twice. What needs other chats
(retrials, what was known before, load, attention) is joined at the end, a day of chats at a time.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec
import pyarrow as pa

from stepin.core.facts import TABLES, Decisions, Flags, Table, Takeovers, Turns
from stepin.errors import Invalid
from stepin.evidence.data.facts.cross_chat.finish import finish
from stepin.evidence.data.facts.events import SLICE_ROWS, Slice, slices
from stepin.evidence.data.facts.gathered import Gathered
from stepin.evidence.data.facts.origin import write_origin
from stepin.evidence.data.facts.per_chat import alarms, closed, decisions, holding
from stepin.evidence.data.facts.per_chat.batch import ChatBatch
from stepin.evidence.data.facts.per_chat.talk import talk
from stepin.evidence.data.facts.per_chat.turns import turns_table
from stepin.evidence.data.facts.reading import focused_chats, read
from stepin.evidence.data.facts.registered import Registered, registered
from stepin.evidence.data.facts.writing import Writing

Progress = Callable[[str, int, int], None]


class Built(msgspec.Struct, frozen=True, kw_only=True):
    """What was built.

    Attributes
    ----------
    events : how many were read.
    open_chats : chats that had not closed by the end of the log; they have no row yet.
    until_us : the end of the log, against which windows mature.
    rows : per table.
    trial_id : the trial whose arms stand in `workers`; empty without one.
    """

    events: int
    open_chats: int
    until_us: int
    rows: dict[str, int]
    trial_id: str = ""


def build_facts(
    events: Path,
    out: Path,
    *,
    trial_id: str | None = None,
    before_us: int | None = None,
    slice_rows: int = SLICE_ROWS,
    scratch: Path | None = None,
    progress: Progress | None = None,
) -> Built:
    """Build every table of facts from a data set of events into a new folder.

    The same events give the same files, one or more a day. Nothing here decides whether somebody
    may see outcomes: call `blind.may_build` first.

    Parameters
    ----------
    events : a folder of Parquet files of the flat form, or one file.
    out : a folder that doesn't exist or is empty.
    trial_id : the trial whose arms are joined; by default the one that was registered last.
    before_us : leave out every event from this moment on, and let windows mature against it.
    slice_rows : about how many events are held in memory at once.
    scratch : where to keep what waits for the end; the system's folder for temporary files by
        default.
    progress : called with the stage, what is done and what there is.

    Raises
    ------
    Missing, Invalid
        As `events.slices`; ``unknown_trial`` if `trial_id` isn't in the events;
        ``facts_exist`` if `out` isn't empty.
    """
    if out.exists() and any(out.iterdir()):
        raise Invalid(
            f"{out} isn't empty.", code="facts_exist", hint="Name a new folder, or empty it."
        )
    parts = slices(events, rows=slice_rows)
    trial = registered(parts, trial_id)
    out.mkdir(parents=True, exist_ok=True)
    tell = progress or (lambda stage, done, total: None)
    chats, writing = ChatBatch(), Writing(out)
    until_us = _write(parts, trial, before_us, scratch, chats, writing, tell)
    write_origin(out, trial.origin)
    return Built(
        events=sum(p.rows for p in parts),
        open_chats=len(chats.open_ids),
        until_us=until_us,
        rows={table.name: writing.rows[table.name] for table in TABLES},
        trial_id=trial.trial_id,
    )


@contextmanager
def _plain_memory() -> Iterator[None]:
    """Use the C library's memory for Arrow: it gives pages back later, so fewer are cleared."""
    before = pa.default_memory_pool()
    pa.set_memory_pool(pa.system_memory_pool())
    try:
        yield
    finally:
        pa.set_memory_pool(before)


def _write(
    parts: Sequence[Slice],
    trial: Registered,
    before_us: int | None,
    scratch: Path | None,
    chats: ChatBatch,
    writing: Writing,
    tell: Progress,
) -> int:
    """Fold slice after slice, then join; return the moment against which windows matured."""
    with (
        _plain_memory(),
        tempfile.TemporaryDirectory(dir=scratch, prefix="facts-") as folder,
        closing(Gathered(Path(folder))) as gathered,
    ):
        until_us = before_us or 0
        for number, part in enumerate(parts):
            last_us = _slice(part, before_us, chats, gathered, writing, number)
            until_us = max(until_us, last_us) if before_us is None else before_us
            tell("events", number + 1, len(parts))
        finish(gathered, chats, trial, until_us, writing, tell)
        writing.close(TABLES)
    return until_us


def _slice(
    part: Slice,
    before_us: int | None,
    chats: ChatBatch,
    gathered: Gathered,
    writing: Writing,
    number: int,
) -> int:
    """Write the facts of the chats that close in a slice; return the moment of its last event."""
    tables, last_us = read(part, before_us)
    focused = focused_chats(tables)
    batch, numbers = chats.cut(tables, focused.words)
    gathered.add_others(tables, batch, focused, numbers)
    if not len(batch):
        return last_us
    said, owners = talk(batch), holding.owners_of(batch)
    held = holding.holding(batch, owners)
    flags, taken = alarms.flagged(batch, held), alarms.taken(held, said)
    rows = closed.closed(batch, said, held, owners, flags, taken)
    gathered.add_chats(batch, rows, held, said)

    def write(table: type[Table], columns: Mapping[str, pa.Array]) -> None:
        writing.by_day(table, columns, number)

    for day, columns in turns_table(batch, said):
        writing.day(Turns, columns, day, number)
    if flags is not None:
        write(Flags, alarms.flags_table(batch, flags, said))
    if taken.k.size:
        write(Takeovers, alarms.takeovers_table(batch, held, taken, said, flags))
    if drawn := decisions.decisions_table(batch, said, rows.first_owner):
        write(Decisions, drawn)
    return last_us
