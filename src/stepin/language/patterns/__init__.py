"""How customers put things, as data: one folder per language, one file per topic.

Code asks for a sign by its topic and name and gets what all languages say for it; it doesn't know
which languages there are. A language that has nothing for a sign is never read so.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from stepin.errors import Invalid
from stepin.language.languages import (
    FALLBACK,
    codes,
    kept,
    language_invalid,
    languages_folder,
    table,
)
from stepin.language.languages import scripts as _scripts
from stepin.language.patterns.entries import LanguageSign, PatternEntry, SaidPart

__all__ = [
    "HAN",
    "SPACED",
    "LanguageSign",
    "PatternEntry",
    "SaidPart",
    "acts",
    "alternatives",
    "pairs",
    "pattern_problems",
    "phrases",
    "sign",
    "topics",
    "word_set",
]

Act = tuple[tuple[str, ...], tuple[str, ...]]
_LET = "let"
HAN, SPACED = "han", "spaced"
"""Scripts in which a sign may be looked for: without spaces between words, and with them."""


@kept
def sign(topic: str, name: str, script: str = "") -> LanguageSign:
    """Return what stands for something that people say.

    Parameters
    ----------
    script : `HAN` or `SPACED` for these languages alone; empty for all.
    """
    read = [
        (entry, _let(topic, language))
        for language in _languages(script)
        for entry in _entries(topic, language).get(name, ())
    ]
    return LanguageSign(read)


@kept
def phrases(topic: str, name: str, script: str = "") -> tuple[str, ...]:
    """Return the phrases of a name, the languages' one after the other."""
    return tuple(
        said
        for language in _languages(script)
        for entry in _entries(topic, language).get(name, ())
        for said in entry.phrases_said()
    )


@kept
def word_set(topic: str, name: str, script: str = "") -> frozenset[str]:
    """Return the phrases of a name as a set."""
    return frozenset(phrases(topic, name, script))


@kept
def acts(
    topic: str, name: str, script: str = ""
) -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
    """Return the phrases of each entry of a name, with the words by which questions name them."""
    return tuple(
        (entry.phrases_said(), entry.names())
        for language in _languages(script)
        for entry in _entries(topic, language).get(name, ())
    )


@kept
def pairs(topic: str, name: str) -> dict[str, str]:
    """Return the phrases of a name that are written ``this=that``, all languages together."""
    return dict(one.split("=", 1) for one in phrases(topic, name))


@kept
def alternatives(topic: str, name: str, script: str = "") -> str:
    """Return the patterns of a name as one, for code that builds a longer one from it."""
    return "|".join(
        said
        for language in _languages(script)
        for entry in _entries(topic, language).get(name, ())
        for said in (*entry.words, *entry.starts, *entry.parts)
    )


def topics(language: str) -> tuple[str, ...]:
    """Return the topics that a language has a file for."""
    return tuple(sorted(path.stem for path in (_folder() / language).glob("*.toml")))


def pattern_problems(language: str) -> Iterator[str]:
    """Yield what a language lacks beside the complete one, and the entries that are wrong."""
    for topic in sorted({*topics(FALLBACK), *topics(language)}):
        if topic not in topics(language):
            yield f"patterns/{language}/{topic}.toml: it is missing"
            continue
        try:
            names, let = _entries(topic, language), _let(topic, language)
            needed = _entries(topic, FALLBACK)
        except Invalid as error:
            yield error.message
            continue
        for name in needed.keys() - names.keys():
            yield f"patterns/{language}/{topic}.toml: [[{name}]] is missing"
        for name, entries in names.items():
            for place, entry in enumerate(entries, start=1):
                for told in _wrong(entry, let):
                    yield f"patterns/{language}/{topic}.toml: [[{name}]] {place}: {told}"


def _wrong(entry: PatternEntry, let: dict[str, str]) -> Iterator[str]:
    ways = [one for one in (entry.words, entry.starts, entry.parts, entry.phrases) if one]
    if len(ways) > 1:
        yield "one of words, starts, parts and phrases is enough; write two entries"
        return
    if not ways:
        return
    if not entry.example or not entry.counter_example:
        yield "an example and a counter_example are needed"
    try:
        said = LanguageSign([(entry, let)])
    except Invalid as error:
        yield error.message
        return
    known = set(entry.phrases_said())
    for text in entry.example:
        if not (text in known or said.stands_in(text)):
            yield f"the example {text!r} isn't found"
    for text in entry.counter_example:
        if text in known or said.stands_in(text):
            yield f"the counter-example {text!r} is found"


def _languages(script: str) -> tuple[str, ...]:
    return tuple(
        code for code in codes() if not script or (_scripts()[code] == HAN) == (script == HAN)
    )


@kept
def _entries(topic: str, language: str) -> dict[str, list[PatternEntry]]:
    name = f"patterns/{language}/{topic}.toml"
    if topic not in topics(language):
        return {}
    read = {key: value for key, value in table(name).items() if key != _LET}
    try:
        return msgspec.convert(read, dict[str, list[PatternEntry]])
    except msgspec.ValidationError as error:
        raise language_invalid(name, str(error)) from error


def _let(topic: str, language: str) -> dict[str, str]:
    if topic not in topics(language):
        return {}
    let: dict[str, Any] = table(f"patterns/{language}/{topic}.toml").get(_LET, {})
    return let


def _folder() -> Any:
    return languages_folder() / "patterns"
