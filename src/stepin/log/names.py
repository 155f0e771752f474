"""What may name a stream, a command, a claim or a record: the same on every store.

PostgreSQL can't hold a NUL in a text and SQLite can; a name with a line break in it is a trap for
whoever reads a list. So neither store takes a control character in a name, and says so itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stepin.core.text import controls
from stepin.core.work import PutWork
from stepin.errors import Invalid

if TYPE_CHECKING:
    from stepin.log.protocol import Append

LONGEST = 1_200
"""Bytes of a name in UTF-8: an index of PostgreSQL holds two of them."""


def must_be_names(*names: str) -> None:
    """Refuse names with control characters, and those that are too long for an index.

    Raises
    ------
    Invalid
        ``control_character``, ``name_too_long``; the message doesn't repeat the name.
    """
    for name in names:
        if 4 * len(name) > LONGEST and len(name.encode("utf-8", "replace")) > LONGEST:
            raise Invalid(
                f"An id is longer than {LONGEST} bytes.",
                hint="Use a shorter id.",
                code="name_too_long",
            )
        if not name.isprintable() and (found := controls(name, lines=False)):
            raise Invalid(
                f"An id has a control character in it (U+{ord(found):04X}).",
                hint="Use an id without control characters.",
                code="control_character",
            )


def must_be_named(item: Append) -> None:
    """Refuse an item one of whose names has a control character; `Invalid` as above."""
    must_be_names(item.stream, item.command_id or "", *item.claims, *item.frees)
    for change in item.work:
        must_be_names(change.work_id)
        if isinstance(change, PutWork):
            must_be_names(change.stream)
