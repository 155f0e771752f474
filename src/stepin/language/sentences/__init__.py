"""Every sentence that the product itself says to customers and workers, one file per language.

Read at the first sentence that is said, then kept. A file that lacks a sentence or a gap, or has
one too many, is refused as a whole: a customer never meets half a language.
"""

from __future__ import annotations

import string
from collections.abc import Iterator
from typing import Any, get_type_hints

import msgspec

from stepin.errors import Invalid
from stepin.language.languages import codes, kept, language_invalid, table
from stepin.language.sentences.speakers import AssistantSentences, BridgeSentences, Sentences, Text

__all__ = [
    "Sentences",
    "Text",
    "assistant",
    "bridge",
    "sentence_problems",
    "sentences",
]

_SCRIPTS = ("latin", "han", "other")


@kept
def sentences() -> Sentences:
    """Return all sentences, in all languages that are there.

    Raises
    ------
    Invalid
        ``language_invalid``: a file lacks a sentence or a gap, or has one that nobody says.
    """
    for language in codes():
        for told in sentence_problems(language):
            raise language_invalid(_file(language), told)
    found = {
        speaker: {
            name: {language: table(_file(language))[speaker][name] for language in codes()}
            for name in fields
        }
        for speaker, fields in _wanted().items()
    }
    return msgspec.convert(found, Sentences)


def assistant() -> AssistantSentences:
    """Return what the AI says."""
    return sentences().assistant


def bridge() -> BridgeSentences:
    """Return what the AI says until a person comes."""
    return sentences().bridge


def sentence_problems(language: str) -> Iterator[str]:
    """Yield what is wrong with the sentences of a language."""
    try:
        said = table(_file(language))
    except Invalid as error:
        yield error.message
        return
    about = said.get("about", {})
    if not isinstance(about, dict) or about.get("script") not in _SCRIPTS or not about.get("name"):
        yield f"[about] needs a `name` and a `script`, one of {', '.join(_SCRIPTS)}"
    wanted = _wanted()
    for speaker in said.keys() - wanted.keys() - {"about"}:
        yield f"nobody is called [{speaker}]"
    for speaker, fields in wanted.items():
        section = said.get(speaker, {})
        if not isinstance(section, dict):
            yield f"[{speaker}] is no section"
            continue
        for name in section.keys() - fields.keys():
            yield f"[{speaker}] has `{name}`, which nobody says (declare it in speakers.py)"
        for name, gaps in fields.items():
            yield from _wrong(f"[{speaker}] {name}", section.get(name), gaps)


def _wrong(place: str, text: Any, gaps: frozenset[str]) -> Iterator[str]:
    if not isinstance(text, str) or not text:
        yield f"{place} is missing"
        return
    try:
        found = {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    except ValueError as error:
        yield f"{place} has a brace that is no gap's ({error})"
        return
    for gap in sorted(gaps - found):
        yield f"{place} lacks the gap {{{gap}}}"
    for gap in sorted(found - gaps):
        yield f"{place} has the gap {{{gap}}}, which nothing fills"


@kept
def _wanted() -> dict[str, dict[str, frozenset[str]]]:
    """Return the gaps of every sentence, by speaker and name."""
    return {
        speaker: {
            name: frozenset(getattr(kind, "__metadata__", ()))
            for name, kind in get_type_hints(spoken, include_extras=True).items()
        }
        for speaker, spoken in get_type_hints(Sentences).items()
    }


def _file(language: str) -> str:
    return f"sentences/{language}.toml"
