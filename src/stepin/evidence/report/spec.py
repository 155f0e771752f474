"""A section of the report as an entry of the registry: its place, its title, its function."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from stepin.evidence.analysis.context import Context
from stepin.evidence.analysis.results import Core
from stepin.evidence.report.document import Section

Make = Callable[[Context, Core, Mapping[str, Section]], Section]


class SectionSpec(msgspec.Struct, frozen=True, kw_only=True):
    """What the registry knows of a section before it is made.

    Attributes
    ----------
    id : names the section in the page's links and in the files of numbers.
    lead : stands under the title where the section can't be made; see `worded`.
    make : returns the section from the context, the core results and the sections before it.
    """

    id: str
    title: str
    make: Make
    lead: str = ""


def worded(lead: str, context: Context) -> str:
    """Return a lead with ``{unit}``, ``{units}`` and ``{own}`` (the unit's pronoun) filled in."""
    unit = context.plan.unit
    own = "itself" if unit == "chat" else "themselves"
    return lead.format(unit=unit, units=f"{unit}s", own=own)


def from_context(make: Callable[[Context], Section]) -> Make:
    """Return the function of a section that needs only the context."""
    return lambda context, core, made: make(context)


def from_core(make: Callable[[Context, Core], Section]) -> Make:
    """Return the function of a section that needs the core results, too."""
    return lambda context, core, made: make(context, core)
