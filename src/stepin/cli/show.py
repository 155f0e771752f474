"""How commands print: a table for people, one JSON document for programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec


def as_json(value: Any) -> None:
    """Print one JSON document."""
    print(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


def table(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows in columns as wide as their longest cell; nothing is cut."""
    lines = [tuple("" if cell is None else str(cell) for cell in row) for row in rows]
    widths = [max(len(c) for c in column) for column in zip(headers, *lines, strict=True)]
    for line in (tuple(headers), *lines):
        print("  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)).rstrip())
