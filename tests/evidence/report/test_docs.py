"""The page about numbers names every column and every analysis that a report holds."""

from __future__ import annotations

from pathlib import Path

from stepin.evidence.report.document import Document
from stepin.evidence.report.export import COLUMNS, numbers

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "numbers.md"


def test_every_column_and_analysis_is_documented(document: Document) -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert not [c for c in COLUMNS if f"`{c}`" not in text]
    assert not {str(r["analysis"]) for r in numbers(document) if f"`{r['analysis']}`" not in text}
