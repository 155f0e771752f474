"""The report as data: sections of blocks. The page writer turns it into HTML, and no more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from stepin.evidence.base.finding import Finding

Tone = Literal["good", "warn", "bad", "plain"]


class Prose(msgspec.Struct, frozen=True, tag=True):
    """A paragraph of plain text."""

    text: str


class Callout(msgspec.Struct, frozen=True, tag=True):
    """A paragraph that must not be overlooked."""

    tone: Tone
    title: str
    text: str


class Picture(msgspec.Struct, frozen=True, tag=True):
    """A drawn figure.

    Attributes
    ----------
    name : file name without its ending, unique in the report.
    title : what it shows.
    reading : one sentence in plain words.
    wide, narrow : the SVG for a wide and for a phone's screen.
    """

    name: str
    title: str
    reading: str
    wide: str
    narrow: str


class Cell(msgspec.Struct, frozen=True):
    """One cell of a grid: its text, and a tone to mark it by."""

    text: str
    tone: Tone = "plain"


class Grid(msgspec.Struct, frozen=True, tag=True):
    """A table.

    Attributes
    ----------
    heads : column heads. rows : cells, as many as heads. numeric : columns set to the right.
    """

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numeric: tuple[int, ...]
    note: str = ""


Block = Prose | Callout | Picture | Grid


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """One numbered part of the report, with the findings that it shows.

    Attributes
    ----------
    failed : what broke while it was made; empty for one that is whole, or that says in words what
        these data don't carry.
    """

    id: str
    title: str
    lead: str
    blocks: tuple[Block, ...]
    findings: tuple[Finding, ...] = ()
    failed: str = ""


class Light(msgspec.Struct, frozen=True, kw_only=True):
    """One assumption or check of the verdict strip."""

    tone: Tone
    title: str
    text: str
    section: str


class HeadRow(msgspec.Struct, frozen=True, kw_only=True):
    """What a roll-out does to one kind of chats, in words: those it is for, the others, all.

    Attributes
    ----------
    base : the control arm's mean; change, span : the effect and its interval, empty if unknown.
    """

    chats: str
    base: str
    change: str
    span: str
    verdict: str


class Headline(msgspec.Struct, frozen=True, kw_only=True):
    """One primary effect of the verdict strip; beside one on typical values, that on the mean.

    `rows` set it beside the same effect on other chats and on all: what a roll-out brings.
    """

    finding: Finding
    title: str
    reading: str
    mean: Finding | None = None
    rows: tuple[HeadRow, ...] = ()


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """The whole report.

    Attributes
    ----------
    title, subtitle : name and question of the trial.
    summary : the one sentence that a manager reads.
    facts : label and value pairs of the line under the title.
    digest : what identifies plan, facts and code: label and value pairs.
    """

    title: str
    subtitle: str
    summary: str
    facts: tuple[tuple[str, str], ...]
    headlines: tuple[Headline, ...]
    lights: tuple[Light, ...]
    sections: tuple[Section, ...]
    digest: tuple[tuple[str, str], ...]


def grid(
    title: str,
    heads: tuple[str, ...],
    rows: Sequence[tuple[str | Cell, ...]],
    *,
    text_columns: int = 1,
    note: str = "",
) -> Grid:
    """Return a grid whose columns after the first ``text_columns`` are set to the right."""
    cells = tuple(tuple(c if isinstance(c, Cell) else Cell(c) for c in row) for row in rows)
    return Grid(
        title=title,
        heads=heads,
        rows=cells,
        numeric=tuple(range(text_columns, len(heads))),
        note=note,
    )
