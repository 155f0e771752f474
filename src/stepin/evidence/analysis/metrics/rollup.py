"""The cells of a whole log, kept up as it grows, by the facts' own code.

Days that can't change any more are frozen; facts are built again for the rest alone. A day is
frozen `SETTLED_DAYS` after it: retrials have matured by then, and what comes later (a late rating,
a chat open for longer) doesn't change it.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import tempfile
from collections.abc import Callable
from pathlib import Path

import msgspec

from stepin.evidence.analysis.metrics.cell import MetricCell, cells
from stepin.evidence.data.facts.build import build_facts
from stepin.evidence.data.facts.registered import midnight_us
from stepin.evidence.data.storage import read_parquet
from stepin.log.mirror import Mirror

SETTLED_DAYS = 10
_MEMORY_MB = 512


class Numbers(msgspec.Struct, frozen=True, kw_only=True):
    """The cells up to a moment of the log.

    Attributes
    ----------
    until_us : the log's clock at the last event; 0 while there is none.
    """

    until_us: int = 0
    cells: tuple[MetricCell, ...] = ()


class Frozen(msgspec.Struct, frozen=True, kw_only=True):
    """Days that are settled: all before `before`, if anything is."""

    before: dt.date | None = None
    cells: tuple[MetricCell, ...] = ()


class Rollup:
    """The numbers of a desk.

    Parameters
    ----------
    mirror : the log's events as files.
    clock_s : monotonic.
    fresh_s : numbers younger than this are good enough; while they are made again, older ones are.
    """

    def __init__(
        self, mirror: Mirror, *, clock_s: Callable[[], float], fresh_s: float = 30.0
    ) -> None:
        self._mirror = mirror
        self._clock_s = clock_s
        self._fresh_s = fresh_s
        self._lock = asyncio.Lock()
        self._known: tuple[float, Numbers] | None = None

    async def numbers(self) -> Numbers:
        """Return the numbers, at most `fresh_s` old unless they are being made at this moment."""
        known = self._known
        if known is not None:
            young = self._clock_s() - known[0] < self._fresh_s
            if young or self._lock.locked():
                return known[1]
        async with self._lock:
            if self._known is not known and self._known is not None:
                return self._known[1]
            began = self._clock_s()
            async with self._mirror.reading() as files:
                made = Numbers()
                if files is not None:
                    made = await asyncio.to_thread(roll, files.events, files.kept)
            self._known = (began, made)
            return made


def roll(folder: Path, kept_in: Path) -> Numbers:
    """Return the numbers of a folder of events, and keep what is settled in another folder."""
    kept = kept_in / "numbers.json"
    frozen = _read(kept)
    with tempfile.TemporaryDirectory(prefix="stepin-numbers-") as scratch:
        events = _unsettled(folder, Path(scratch), frozen.before)
        built = build_facts(events, Path(scratch) / "facts")
        found = cells(Path(scratch) / "facts")
    if frozen.before is not None:
        found = [cell for cell in found if cell.day >= frozen.before.isoformat()]
    whole = (*frozen.cells, *found)
    last = dt.datetime.fromtimestamp(built.until_us / 1e6, dt.UTC).date()
    before = last - dt.timedelta(days=SETTLED_DAYS)
    settled = tuple(cell for cell in whole if cell.day < before.isoformat())
    if frozen.before is None or before > frozen.before:
        part = kept.with_suffix(".part")
        part.write_bytes(msgspec.json.encode(Frozen(before=before, cells=settled)))
        part.replace(kept)
    return Numbers(until_us=built.until_us, cells=whole)


def _read(path: Path) -> Frozen:
    """Return what was frozen; nothing if it can't be read: all of it is built again."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Frozen)
    except (OSError, msgspec.DecodeError):
        return Frozen()


def _unsettled(folder: Path, scratch: Path, before: dt.date | None) -> Path:
    """Return the events since the last settled day: the folder itself if no day is."""
    if before is None:
        return folder
    import duckdb

    target = scratch / "events.parquet"
    relation = read_parquet(sorted(folder.glob("*.parquet")))
    with duckdb.connect(config={"threads": 1, "memory_limit": f"{_MEMORY_MB}MB"}) as con:
        con.execute(
            f"COPY (SELECT * FROM {relation} WHERE at_us >= {midnight_us(before)} "  # noqa: S608
            f"ORDER BY position) TO '{target}' (FORMAT parquet)"
        )
    return target
