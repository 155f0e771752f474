"""Finds what the product itself lacks for the languages that a shop speaks."""

from __future__ import annotations

from collections.abc import Iterator

from stepin.agent.shop.handbook import Handbook
from stepin.agent.shop.problem import HandbookProblem
from stepin.language.languages import FALLBACK, codes
from stepin.language.patterns import pattern_problems
from stepin.language.safety import knows
from stepin.language.sentences import sentence_problems


def languages_of(book: Handbook) -> tuple[str, ...]:
    """Return the languages that a shop speaks: those of its name, English always among them."""
    return tuple(dict.fromkeys((FALLBACK, *book.speech.name)))


def language_problems(book: Handbook) -> list[HandbookProblem]:
    """Return what is missing or wrong in the files of the shop's languages; empty is good.

    That is: sentences and their gaps, topics and signs that English has, entries without an
    example, examples that aren't found, counter-examples that are, and rules of danger.
    """
    return [
        HandbookProblem(file=file, line=1, message=message)
        for language in languages_of(book)
        for file, message in _problems(language)
    ]


def _problems(language: str) -> Iterator[tuple[str, str]]:
    sentences = f"sentences/{language}.toml"
    if language not in codes():
        yield sentences, f"it is missing, so nothing is said in `{language}`"
    else:
        for told in sentence_problems(language):
            yield sentences, told
    for told in pattern_problems(language):
        file, _, message = told.partition(": ")
        yield file, message
    if not knows(language):
        yield f"safety/{language}.txt", f"it is missing, so no danger is seen in `{language}`"
