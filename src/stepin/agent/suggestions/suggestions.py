"""What a worker could say next: questions that seek what is missing, and proposals with a source.

Read from the shop's procedures and articles; every suggestion names where it comes from. It is
shown to the worker alone, who sends it, changes it or leaves it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, Protocol

import msgspec

from stepin.agent.brain import Line
from stepin.agent.known_facts import KnownFacts, known_of
from stepin.agent.shop.expression import Expression
from stepin.agent.shop.handbook import Handbook
from stepin.agent.shop.procedure import Procedure, Step
from stepin.agent.shop.template import Speech, fill, has_brace, plain
from stepin.core.chat import Chat
from stepin.errors import Invalid
from stepin.language.given import given
from stepin.language.languages import code_of, in_language
from stepin.language.sentences import sentences

SHOWN_PASSAGE = 400


class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    """A reply to send or to change, in the customer's language."""

    kind: Literal["seek", "propose", "empathy", "close"]
    text: str
    source: str


class Advice(Protocol):
    """Something that suggests replies."""

    async def suggest(self, chat: Chat, lines: Sequence[Line]) -> tuple[Suggestion, ...]:
        """Return suggestions for what was said, the best first; never more than three."""
        ...

    def topic(self, chat: Chat, language: str) -> str:
        """Return what the chat is about, for a worker; empty if it isn't known."""
        ...


class GeneralAdvice:
    """Suggestions of a desk without a shop: one question, and the promise to do it oneself."""

    async def suggest(self, chat: Chat, lines: Sequence[Line]) -> tuple[Suggestion, ...]:
        """Return the question, and where something failed the promise."""
        language = code_of(chat.language)
        return (_general(language), *_promise(chat, language, _this(language), "desk"))

    def topic(self, chat: Chat, language: str) -> str:
        """Return the issue class as it is named."""
        return (chat.issue_class or "").replace("_", " ")


_LIST_HEAD = re.compile(r"(?<![^.?!。？！])[^.?!。？！]*[:：]\s*$")
"""The words that lead to a list of choices, which a suggestion doesn't have."""


class HandbookAdvice:
    """Suggestions from a shop's procedures and articles."""

    def __init__(self, book: Handbook) -> None:
        self._book = book

    async def suggest(self, chat: Chat, lines: Sequence[Line]) -> tuple[Suggestion, ...]:
        """Return the first question that is open, an article's answer, and a promise if due."""
        language = code_of(chat.language)
        said = [line.text for line in lines if line.speaker == "customer"]
        procedure = self._book.procedures.get(chat.issue_class or "")
        found = [_general(language)]
        if procedure is not None:
            known = known_of(procedure, chat.actions.values(), lines)
            asks = _missing(procedure, known, said, language, self._book.speech)
            found = [asks or _general(language)]
        hits = [
            hit.passage
            for text in said[-1:-4:-1]
            for hit in await self._book.ranking.search(text, language)
            if not has_brace(hit.passage.text)
        ]
        if hits:
            best = hits[0]
            text = best.text if len(best.text) <= SHOWN_PASSAGE else best.text[:SHOWN_PASSAGE] + "…"
            found.append(Suggestion(kind="propose", text=text, source=f"article:{best.source}"))
        if procedure is not None:
            title = _title(procedure, language)
            found += _promise(chat, language, title, f"procedure:{procedure.name}")
        else:
            found += _promise(chat, language, _this(language), "desk")
        return tuple(found[:3])

    def topic(self, chat: Chat, language: str) -> str:
        """Return the title of the chat's procedure."""
        procedure = self._book.procedures.get(chat.issue_class or "")
        if procedure is None:
            return (chat.issue_class or "").replace("_", " ")
        return _title(procedure, language)


def _title(procedure: Procedure, language: str) -> str:
    return plain(procedure.title, language, procedure.name.replace("_", " "))


def _missing(
    procedure: Procedure, known: KnownFacts, said: Sequence[str], language: str, speech: Speech
) -> Suggestion | None:
    """Return the procedure's question for the first fact that isn't known.

    A question that can't be filled with what is known is left out: the next one is asked.
    """
    needed = dict.fromkeys(s.need for s in procedure.steps if s.need and _comes(s, known))
    for name in needed:
        fact = procedure.facts[name]
        typed = fact.pattern and any(
            given(fact.pattern, ignore_case=True).stands_in(text) for text in said
        )
        chosen = any(
            word.casefold() in text.casefold()
            for words in fact.options.values()
            for word in words
            for text in said
        )
        if name in known.facts or typed or chosen or fact.default is not None:
            continue
        try:
            asked = fill(fact.ask, known.scope, speech, language)
        except Invalid:
            continue
        text = _LIST_HEAD.sub("", asked).strip() or _general(language).text
        if not has_brace(text):
            return Suggestion(kind="seek", text=text, source=f"procedure:{procedure.name}.{name}")
    return None


def _comes(step: Step, known: KnownFacts) -> bool:
    """Return whether a step may be taken, as far as that is known."""
    try:
        return not step.when or Expression(step.when).holds(known.scope)
    except Invalid:
        return True


def _general(language: str) -> Suggestion:
    text = in_language(sentences().suggestions.general, language)
    return Suggestion(kind="seek", text=text, source="desk")


def _this(language: str) -> str:
    return in_language(sentences().suggestions.this, language)


def _promise(chat: Chat, language: str, title: str, source: str) -> tuple[Suggestion, ...]:
    failed = any(a.came_to_nothing for a in chat.actions.values())
    if not failed and not chat.gave_up:
        return ()
    text = in_language(sentences().suggestions.myself, language).format(title=title)
    return (Suggestion(kind="propose", text=text, source=source),)
