"""How commands print: a table for people, one JSON document for programs, a bar for the patient."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
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


@contextmanager
def progress(total: int | None, *, quiet: bool) -> Iterator[Callable[[str], None]]:
    """Give a function that moves a progress bar on standard error by one step."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns: tuple[Any, ...] = (
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Reading", total=total)

        def tick(text: str) -> None:
            progress.update(task, advance=1, description=text)

        yield tick
