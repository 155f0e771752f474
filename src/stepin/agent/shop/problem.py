"""What is wrong with a shop's files, and where."""

from __future__ import annotations

import msgspec


class HandbookProblem(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is wrong, and where."""

    file: str
    line: int
    message: str
