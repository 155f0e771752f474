"""Where a data set of facts comes from: a log with its registered plan, or somebody's own tables.

It lies beside the tables as ``origin.json``. Only a log's facts may have their customers' or chats'
arms drawn again, because only there is it known that the plan's draw was the one in use.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Final, Literal

import msgspec

from stepin.errors import Invalid

FILE: Final = "origin.json"


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the source of a data set.

    Attributes
    ----------
    source : a log of Stepin's, or own tables through a mapping.
    trial_id, plan, plan_hash : the trial that was joined: its id, the plan's canonical text and its
        hash as the log keeps them; empty without one.
    registered_us, locked_us : when the log says that it was; None where it doesn't.
    unblinded : how often somebody is recorded to have looked before.
    known_until : of own tables, until when all chats are in them: until the export, if the mapping
        says when that was (`exported`), or else until the last opening.
    """

    source: Literal["log", "tables"]
    trial_id: str = ""
    plan: str = ""
    plan_hash: str = ""
    registered_us: int | None = None
    locked_us: int | None = None
    unblinded: int = 0
    known_until: dt.datetime | None = None
    exported: bool = False


def write_origin(folder: Path, origin: Origin) -> None:
    """Write the origin into a folder of facts; the same origin writes the same bytes."""
    (folder / FILE).write_bytes(msgspec.json.format(msgspec.json.encode(origin)) + b"\n")


def read_origin(folder: Path) -> Origin | None:
    """Return the origin of a folder of facts, None where it says nothing.

    Raises
    ------
    Invalid
        ``facts_unreadable``: there is one that can't be read.
    """
    path = folder / FILE
    if not path.is_file():
        return None
    try:
        return msgspec.json.decode(path.read_bytes(), type=Origin)
    except msgspec.DecodeError as error:
        raise Invalid(
            f"{FILE} of the facts can't be read: {error}",
            code="facts_unreadable",
            hint="Build the facts again.",
        ) from error
