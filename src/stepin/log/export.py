"""Events leave the log as Parquet: a folder of files of flat rows, one file per UTC day.

The rows are those of `stepin.core.exported`; texts and other private fields stay behind unless
they are asked for, and then stand in one column of their own, `private`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from stepin.core.exported import Cell, row
from stepin.core.private import private_fields
from stepin.core.record import Recorded
from stepin.errors import Invalid, Unavailable
from stepin.log.flat import DayFiles, schema
from stepin.log.protocol import Log

_AT_ONCE = 5000


class Exported(msgspec.Struct, frozen=True):
    """What an export has written."""

    folder: str
    files: int
    events: int
    through_position: int


async def export(
    log: Log,
    folder: Path,
    *,
    with_text: bool = False,
    through_position: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Exported:
    """Write the log's events to a new folder, without ever holding more than a run of rows.

    Parameters
    ----------
    log : the log.
    folder : made if it isn't there; must be empty.
    with_text : whether texts and other private fields leave, too.
    through_position : the last position to export; by default the last of now.
    progress : called with the position reached and the last one.

    Raises
    ------
    Invalid
        ``folder_not_empty`` if there is something in the folder.
    Unavailable
        ``export_unwritable`` if the folder can't be written.
    """
    last = await log.position() if through_position is None else through_position
    files = DayFiles(_new(folder), schema(with_text=with_text))
    at = count = 0
    try:
        while at < last:
            found = await log.read_all(after_position=at, limit=min(_AT_ONCE, last - at))
            if not found:
                break
            for recorded in found:
                files.add(recorded.at_us, _cells(recorded, with_text=with_text))
            at, count = found[-1].position, count + len(found)
            if progress is not None:
                progress(at, last)
        files.close()
    except OSError as error:
        raise Unavailable(
            f"Can't write to {folder}: {error}.",
            hint="Name a folder that can be written and has space.",
            code="export_unwritable",
        ) from error
    return Exported(str(folder), files.count, count, at)


def _cells(recorded: Recorded, *, with_text: bool) -> dict[str, Cell]:
    cells = row(recorded)
    if with_text:
        names = private_fields(type(recorded.event))
        raw = msgspec.to_builtins(recorded.event) if names else {}
        private = {name: raw[name] for name in names if raw.get(name) is not None}
        cells["private"] = (
            msgspec.json.encode(private, order="deterministic").decode() if private else None
        )
    return cells


def _new(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        taken = next(folder.iterdir(), None)
    except OSError as error:
        raise Unavailable(
            f"Can't write to {folder}: {error}.",
            hint="Name a folder that can be written and has space.",
            code="export_unwritable",
        ) from error
    if taken is not None:
        raise Invalid(f"{folder} is not empty.", hint="Name a new folder.", code="folder_not_empty")
    return folder
