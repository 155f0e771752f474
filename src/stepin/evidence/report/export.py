"""Every number of the report as JSON and CSV, and the files of a report on disk."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import msgspec

from stepin.evidence.report.document import Document, Grid, Picture
from stepin.evidence.report.page import html

FIGURES = "figures"
COLUMNS = (
    "section",
    "analysis",
    "outcome",
    "sample",
    "term",
    "design",
    "basis",
    "scale",
    "value",
    "se",
    "low",
    "high",
    "p",
    "bootstrap_p",
    "randomization_p",
    "family_p",
    "clusters",
    "rows",
    "alpha",
    "refused",
    "note",
)


def numbers(document: Document) -> list[dict[str, object]]:
    """Return one record per finding, in the order of the report; estimates in their own unit.

    Differences of logarithms stay logarithms here (``scale`` is ``percent``).
    """
    found = []
    for section in document.sections:
        for f in section.findings:
            record: dict[str, object] = {"section": section.id}
            flat = {**msgspec.to_builtins(f), **msgspec.to_builtins(f.estimate)}
            record.update({c: flat[c] for c in COLUMNS if c in flat})
            found.append(record)
    return found


def numbers_csv(document: Document) -> str:
    """Return the records as CSV, empty where a value is refused or unknown."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for record in numbers(document):
        writer.writerow({k: "" if v is None else v for k, v in record.items()})
    return out.getvalue()


def tables_csv(document: Document) -> str:
    """Return every cell of every table as CSV, as readers see it: one row per cell."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("section", "table", "row", "column", "text"))
    for section in document.sections:
        for block in section.blocks:
            if not isinstance(block, Grid):
                continue
            for place, row in enumerate(block.rows, start=1):
                for head, cell in zip(block.heads, row, strict=True):
                    writer.writerow((section.id, block.title, place, head, cell.text))
    return out.getvalue()


def report_json(document: Document) -> bytes:
    """Return the report for programs: verdict, lights, findings, tables; no drawings."""
    payload = {
        "title": document.title,
        "question": document.subtitle,
        "summary": document.summary,
        "about": dict(document.facts),
        "digest": dict(document.digest),
        "lights": [msgspec.to_builtins(x) for x in document.lights],
        "headlines": [
            {
                "title": h.title,
                "verdict": h.finding.verdict,
                "reading": h.reading,
                "rows": [msgspec.to_builtins(row) for row in h.rows],
            }
            for h in document.headlines
        ],
        "sections": [{"id": s.id, "title": s.title, "lead": s.lead} for s in document.sections],
        "numbers": numbers(document),
        "tables": [
            {
                "section": s.id,
                "title": b.title,
                "heads": list(b.heads),
                "rows": [[c.text for c in row] for row in b.rows],
            }
            for s in document.sections
            for b in s.blocks
            if isinstance(b, Grid)
        ],
        "readings": [
            {"section": s.id, "figure": b.name, "title": b.title, "reading": b.reading}
            for s in document.sections
            for b in s.blocks
            if isinstance(b, Picture)
        ],
    }
    return msgspec.json.format(msgspec.json.encode(payload), indent=1) + b"\n"


def written(document: Document) -> dict[str, bytes]:
    """Return every file of a report by its name inside the report's folder."""
    found = {
        "report.html": html(document).encode(),
        "report.json": report_json(document),
        "numbers.csv": numbers_csv(document).encode(),
        "tables.csv": tables_csv(document).encode(),
    }
    for section in document.sections:
        for block in section.blocks:
            if isinstance(block, Picture):
                found[f"{FIGURES}/{block.name}.svg"] = block.wide.encode()
    return found


def write(document: Document, folder: Path) -> list[Path]:
    """Write ``report.html``, ``report.json``, CSV files and ``figures/*.svg``.

    ``numbers.csv`` has one row per finding, ``tables.csv`` one row per cell of every table.

    Running it again on the same document writes the same bytes. All is made before anything is
    written, a file appears whole or not at all, and figures of an earlier report are taken away.
    """
    files = written(document)
    figures = folder / FIGURES
    figures.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        part = folder / f"{name}.part"
        part.write_bytes(content)
        part.replace(folder / name)
    for old in figures.glob("*.svg"):
        if f"{FIGURES}/{old.name}" not in files:
            old.unlink()
    return [folder / name for name in files]
