"""The reports that stand on a desk's shelf: one folder each, as `export.write` leaves it.

A name that comes from outside is a plain name or nothing: it never leads out of the shelf, whatever
dots, slashes or links it is made of. Files are handed out byte for byte.
"""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from stepin.errors import Missing

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}\Z", re.ASCII)
FILES = {
    "report.html": "text/html; charset=utf-8",
    "report.json": "application/json",
    "numbers.csv": "text/csv; charset=utf-8",
}
"""What can be taken home of a report, with its media type."""


class ShelfPart(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a report: the question it answers."""

    id: str
    title: str
    lead: str = ""


class ShelfLight(msgspec.Struct, frozen=True, kw_only=True):
    """One check of the data."""

    tone: str
    title: str
    text: str


class ShelfRow(msgspec.Struct, frozen=True, kw_only=True):
    """What a roll-out does to one kind of chats: the control's mean, the effect, its interval."""

    chats: str
    base: str
    change: str
    span: str
    verdict: str


class ShelfHeadline(msgspec.Struct, frozen=True, kw_only=True):
    """What one primary outcome says, in words; `rows` on the chats it is for, others, and all."""

    title: str
    verdict: str
    reading: str
    rows: tuple[ShelfRow, ...] = ()


class ShelfFigure(msgspec.Struct, frozen=True, kw_only=True):
    """A figure and what it says in words."""

    section: str
    figure: str
    reading: str
    title: str = ""


class ShelfTable(msgspec.Struct, frozen=True, kw_only=True):
    """A table of a report, as text."""

    section: str
    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class ShelfReport(msgspec.Struct, frozen=True, kw_only=True):
    """A report for reading: everything but the numbers for programs.

    Attributes
    ----------
    title : the trial's name. about, digest : label and value pairs.
    """

    title: str
    question: str = ""
    summary: str = ""
    about: dict[str, str] = {}
    digest: dict[str, str] = {}
    lights: tuple[ShelfLight, ...] = ()
    headlines: tuple[ShelfHeadline, ...] = ()
    sections: tuple[ShelfPart, ...] = ()
    tables: tuple[ShelfTable, ...] = ()
    readings: tuple[ShelfFigure, ...] = ()

    @property
    def plan_hash(self) -> str:
        """The hash of the plan that it is about; empty if the report doesn't say."""
        return self.digest.get("Plan (SHA-256)", "")


class Shelf:
    """The folder with one folder per report."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def names(self) -> list[str]:
        """Return the reports' names: the folders that hold a `report.json`."""
        if not self._folder.is_dir():
            return []
        return sorted(
            path.name
            for path in self._folder.iterdir()
            if _NAME.match(path.name) and (path / "report.json").is_file()
        )

    def report(self, name: str) -> ShelfReport:
        """Return a report.

        Raises
        ------
        Missing
            ``no_report``: there is none of that name, or it can't be read as a report.
        """
        try:
            return msgspec.json.decode(self.file(name, "report.json"), type=ShelfReport)
        except msgspec.DecodeError as error:
            raise Missing(
                f"{name}/report.json is not a report: {error}",
                code="no_report",
                hint="Write it again with `stepin evidence run --out`.",
            ) from error

    def written_us(self, name: str) -> int:
        """Return when a report was written, UTC µs."""
        return self._path(name, "report.json").stat().st_mtime_ns // 1000

    def file(self, name: str, file: str) -> bytes:
        """Return one of `FILES`; `Missing` (``no_report``) if there is no such one."""
        return self._file(name, file).read_bytes()

    def size(self, name: str, file: str) -> int:
        """Return the bytes of one of `FILES`; `Missing` as for `file`."""
        return self._file(name, file).stat().st_size

    def figure(self, name: str, figure: str) -> bytes:
        """Return a figure's SVG; `Missing` (``no_report``) if there is no such one."""
        if not _NAME.match(figure):
            raise _no(f"{name}/figures/{figure}")
        return self._path(name, f"figures/{figure}.svg").read_bytes()

    def _file(self, name: str, file: str) -> Path:
        if file not in FILES:
            raise _no(f"{name}/{file}")
        return self._path(name, file)

    def _path(self, name: str, inside: str) -> Path:
        if not _NAME.match(name):
            raise _no(f"{name}/{inside}")
        path = self._folder / name / inside
        whole = path.resolve()
        if not whole.is_relative_to(self._folder.resolve()) or not whole.is_file():
            raise _no(f"{name}/{inside}")
        return path


def _no(what: str) -> Missing:
    return Missing(
        f"There is no {what} among the reports.",
        code="no_report",
        hint="GET /api/evidence lists them; `stepin evidence run --out` writes one.",
    )
