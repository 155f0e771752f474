"""A figure of the report, drawn for a wide and for a narrow page."""

from __future__ import annotations

from stepin.evidence.report import svg
from stepin.evidence.report.document import Picture


def picture(name: str, title: str, reading: str, paint: svg.Painter) -> Picture:
    """Return a drawn figure."""
    wide, narrow = svg.draw(name, paint)
    return Picture(name=name, title=title, reading=reading, wide=wide, narrow=narrow)
