"""The registry names every section that there is, each once."""

from __future__ import annotations

import importlib
import pkgutil

from stepin.evidence.report import sections
from stepin.evidence.report.registry import SECTIONS
from stepin.evidence.report.spec import SectionSpec


def test_every_section_of_the_package_is_registered_once() -> None:
    written = [
        value
        for found in pkgutil.iter_modules(sections.__path__)
        for value in vars(importlib.import_module(f"{sections.__name__}.{found.name}")).values()
        if isinstance(value, SectionSpec)
    ]
    assert sorted(spec.id for spec in SECTIONS) == sorted(spec.id for spec in written)
    assert len({spec.id for spec in SECTIONS}) == len(SECTIONS)
