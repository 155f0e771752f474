"""The one list of the modules whose patterns meet texts that somebody from outside has written.

A module of ``src/stepin`` that uses ``re`` stands in `READERS` or, with the reason why no such text
reaches it, in `OWN`; another one fails the test.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator

READERS = (
    "stepin.agent.suggestions.suggestions",
    "stepin.agent.builtin.answers",
    "stepin.agent.builtin.extract",
    "stepin.agent.builtin.intents",
    "stepin.agent.builtin.record_picker",
    "stepin.agent.builtin.withdrawing",
    "stepin.agent.llm.sentences",
    "stepin.agent.shop.terms",
    "stepin.judge.effort",
    "stepin.judge.models.tokens",
    "stepin.language.languages",
    "stepin.language.person.english",
    "stepin.language.safety.folding",
    "stepin.language.search_words.words",
    "stepin.vectors.port",
    "stepin.web.auth.account",
    "stepin.web.app",
)
OWN = {
    "stepin.evidence.data.facts.zone_check": "names of columns of an analyst's own table",
    "stepin.evidence.data.facts.remedy": "names and expressions of an analyst's own mapping",
    "stepin.evidence.data.facts.table_mapping": "names and expressions of an analyst's own mapping",
    "stepin.cli.extension": "a name in the operator's settings",
    "stepin.cli.new.writing": "a name that a developer types, at most 40 letters",
    "stepin.cli.struct_reference": "our own docstrings",
    "stepin.agent.shop.help_centre": "names and tags of a help centre that the operator imports",
    "stepin.agent.shop.meaning": "the text of a shop's own articles",
    "stepin.agent.shop.procedures": "the text of a shop's own files and of our own errors",
    "stepin.agent.shop.template": "templates of a shop's own files",
    "stepin.demo.replayed": "files that the operator names",
    "stepin.evidence.report.svg": "figures that we draw",
    "stepin.evidence.report.store": "names of reports, at most 100 characters",
    "stepin.language.patterns.entries": "patterns of our own files, as they are read",
    "stepin.log.postgres.database": "a schema's name in the operator's URL",
    "stepin.trial.reading": "a plan's own file and our own errors",
}
INSIDE_YET: dict[str, int] = {}
"""Patterns inside functions, where the list doesn't reach them: how many a module still has."""


def patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    """Yield every compiled pattern of the readers, with its name."""
    for module in READERS:
        for name, value in sorted(vars(importlib.import_module(module)).items()):
            if not name.startswith("__"):
                for place, pattern in enumerate(_inside(value)):
                    yield f"{module.removeprefix('stepin.')}.{name}[{place}]", pattern


def _inside(value: object) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, (tuple, list, set, frozenset)):
        for one in value:
            yield from _inside(one)
    elif isinstance(value, dict):
        for one in value.values():
            yield from _inside(one)
