"""What is wrong with a CSV file that can't be read as a table, in words for whoever wrote it."""

from __future__ import annotations

import codecs
import csv
from pathlib import Path
from typing import Final

_DELIMITERS: Final = ",;\t|"
_MARKS: Final = ((codecs.BOM_UTF16_LE, "UTF-16"), (codecs.BOM_UTF16_BE, "UTF-16"))


def fault_of(path: Path) -> tuple[str, str] | None:
    """Return what is wrong with a file and what to do about it; None where nothing is seen."""
    with path.open("rb") as file:
        start = file.read(4096)
    if not start.strip():
        return "is empty.", "Export it again, or take it out of the folder."
    for mark, name in _MARKS:
        if start.startswith(mark):
            return f"is {name}, not UTF-8.", _convert(path, name)
    if b"\x00" in start:
        return "isn't text: it holds zero bytes.", "Save it as CSV in UTF-8."
    if (bad := _not_utf8(path)) is not None:
        line, byte = bad
        return (
            f"isn't UTF-8: line {line} holds the byte 0x{byte:02X}, as Latin-1 and Windows-1252 "
            "write letters with accents.",
            _convert(path, "WINDOWS-1252"),
        )
    return _ragged(path)


def header(path: Path, delimiter: str, skipped: int) -> list[str]:
    """Return the names in the header of a file, as they are written."""
    with path.open(encoding="utf-8-sig", newline="", errors="replace") as file:
        for _ in range(skipped):
            file.readline()
        return [name.strip() for name in next(csv.reader(file, delimiter=delimiter), [])]


def _convert(path: Path, name: str) -> str:
    return f"Save it as UTF-8, such as by `iconv -f {name} -t UTF-8 {path.name} > new.csv`."


def _not_utf8(path: Path) -> tuple[int, int] | None:
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as error:
                return number, line[error.start]
    return None


def _ragged(path: Path) -> tuple[str, str] | None:
    """Return which line has another number of fields than the header, if one has."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        first = file.readline()
        file.seek(0)
        delimiter = max(_DELIMITERS, key=first.count)
        reader = csv.reader(file, delimiter=delimiter)
        try:
            head = len(next(reader))
            found: list[tuple[int, int]] = []
            for fields in reader:
                if fields and len(fields) != head:
                    found.append((reader.line_num, len(fields)))
        except csv.Error as error:
            return f"breaks at line {reader.line_num}: {error}.", "Correct that line."
    if not found:
        return None
    line, count = found[0]
    more = f" ({len(found):,} such lines)" if len(found) > 1 else ""
    return (
        f"has {count} fields in line {line}, and {head} in its header{more}.",
        "Correct that line. A text that holds the delimiter stands in quotes.",
    )
