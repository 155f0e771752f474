"""Replies with gaps: ``{order.total|money}`` is an expression and how it is shown.

A gap that can't be filled is an error, never an empty word: nothing is said about an order that
no tool has returned.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

import msgspec

from stepin.agent.shop.expression import Expression, Scope
from stepin.errors import Invalid
from stepin.language.languages import in_language
from stepin.language.sentences import Text, sentences

_GAP = re.compile(r"\{([^{}|]+)(?:\|(\w+))?\}")
FILTERS = frozenset({"money", "day", "word"})


class Speech(msgspec.Struct, frozen=True, kw_only=True):
    """How a shop puts values: its name, its money and its words for codes, by language.

    Attributes
    ----------
    tone : how the shop speaks, as a language model is told it: its manners and its house rules.
    timezone : where the shop is, as `Europe/London`: what day it is for a language model.
    tools, fields : what workers read for a tool's name and for the names of fields.
    """

    name: Text
    money: Text = msgspec.field(default_factory=lambda: {"en": "{0:.2f}"})
    words: dict[str, Text] = {}
    tools: dict[str, Text] = {}
    fields: dict[str, Text] = {}
    tone: Text = {}
    timezone: str = "UTC"


def has_brace(text: str) -> bool:
    """Return whether a text shows a brace: a gap that nobody has filled."""
    return "{" in text or "}" in text


def plain(text: Text, language: str, otherwise: str) -> str:
    """Return a text that takes no gaps, such as a title; `otherwise` for one that has some."""
    found = in_language(text, language)
    return otherwise if has_brace(found) else found


@lru_cache(maxsize=4096)
def gaps(text: str) -> tuple[tuple[Expression, str], ...]:
    """Return the gaps of a text: what is worked out, and by which filter it is shown.

    Raises
    ------
    Invalid
        If a gap holds no expression, the filter isn't known, or a brace is no gap's: it would be
        shown as it stands.
    """
    if has_brace(_GAP.sub("", text)):
        raise Invalid(
            f"A brace in “{text[:60]}” is no gap's.",
            code="gap_invalid",
            hint="Write {expression} or {expression|money}, without spaces around the filter.",
        )
    found = []
    for match in _GAP.finditer(text):
        if (name := match[2] or "") and name not in FILTERS:
            raise Invalid(
                f"The filter `{name}` is not one of {', '.join(sorted(FILTERS))}.",
                code="filter_unknown",
                hint="Write {expression} or {expression|money}.",
            )
        found.append((Expression(match[1]), name))
    return tuple(found)


def fill(text: Text, scope: Scope, speech: Speech, language: str) -> str:
    """Return the text in a language with its gaps filled.

    Raises
    ------
    Invalid
        If the scope lacks what a gap needs, or holds nothing or something else there.
    """
    template = in_language(text, language)
    values = iter(
        [_shown(part.value(scope), name, speech, language) for part, name in gaps(template)]
    )
    return _GAP.sub(lambda _: next(values), template)


def _shown(value: Any, name: str, speech: Speech, language: str) -> str:
    if value is None:
        raise Invalid("There is nothing to show in a gap.", code="gap_empty")
    match name:
        case "money":
            try:
                return in_language(speech.money, language).format(float(value))
            except (TypeError, ValueError) as error:
                raise Invalid("What is shown as money is no number.", code="gap_empty") from error
        case "day":
            return day(str(value), language)
        case "word":
            known: Mapping[str, str] | None = speech.words.get(str(value))
            return str(value) if known is None else in_language(dict(known), language)
        case _:
            return str(value)


def day(iso: str, language: str) -> str:
    """Return an ISO day as it is said; something else as it stands."""
    try:
        when = date.fromisoformat(iso[:10])
    except ValueError:
        return iso
    said = sentences().dates
    month = in_language(said.months, language).split()[when.month - 1]
    day_said = in_language(said.day, language)
    return day_said.format(number=when.day, month=month, year=when.year)
