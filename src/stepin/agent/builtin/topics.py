"""What may be meant when it isn't clear, and how the customer is asked which."""

from __future__ import annotations

from collections.abc import Sequence

from stepin.agent.builtin import consent
from stepin.agent.builtin.intents import LIKELY, Clause, Heard
from stepin.agent.builtin.memory import Waiting
from stepin.agent.shop.handbook import Handbook
from stepin.agent.shop.procedure import Procedure
from stepin.agent.shop.template import plain
from stepin.language.languages import in_language
from stepin.language.patterns import HAN, sign
from stepin.language.sentences import assistant

CONSIDERED = 4


def likely(book: Handbook, heard: Heard, *, least: float) -> list[Procedure]:
    """Return the procedures for the AI that may be meant, likeliest first."""
    return [
        book.procedures[name]
        for name, confidence in heard.ranked[:CONSIDERED]
        if confidence >= least and name in book.procedures and book.procedures[name].eligible
    ]


def unfit(book: Handbook, heard: Heard) -> str:
    """Return the kind of request, among the likeliest, that only people may handle; or empty."""
    for name, confidence in heard.ranked[: CONSIDERED - 1]:
        known = book.procedures.get(name)
        if known is not None and not known.eligible and confidence >= LIKELY:
            return name
    return ""


def named(book: Handbook, offered: Sequence[str], heard: Heard) -> str:
    """Return which of the offered topics an answer names, empty if none or several."""
    if len(offered) == 1 and consent.answer_of(heard.text) == "yes":
        return offered[0]
    found = [
        name
        for name in offered
        if any(
            title.removeprefix("the ").removeprefix("your ") in heard.text.lower()
            for title in book.procedures[name].title.values()
        )
    ]
    return found[0] if len(found) == 1 else ""


def question(offered: Sequence[Procedure], every: Sequence[Procedure], language: str) -> str:
    """Return the question which of some topics it is about; of all, with an apology.

    What the AI can do something about comes before what it hands to a colleague.
    """
    able_first = sorted(offered, key=lambda one: not one.tools)
    titles = [plain(one.title, language, one.name.replace("_", " ")) for one in able_first]
    comma = in_language(assistant().comma, language)
    if len(offered) == len(every):
        return in_language(assistant().unclear, language).format(titles=comma.join(titles))
    if len(titles) > 1:
        several = comma.join(titles[:-1])
        return in_language(assistant().which, language).format(several=several, last=titles[-1])
    return in_language(assistant().whether, language).format(title=titles[0])


def words_for(first: Clause, heard: Heard) -> str:
    """Return the words for the first of several requests: all but those of the others.

    A number belongs to whoever says none, because people name an order once for all they want.
    """
    if len(heard.requests) < 2:
        return heard.text
    words = heard.text
    for other in heard.requests:
        if other is not first and other.text != first.text:
            words = words.replace(other.text, " ")
    if any(char.isdigit() for char in words):
        return words
    numbers = [word for word in heard.text.split() if any(char.isdigit() for char in word)]
    return " ".join([words, *numbers])


def refuses_offer(waiting: Waiting, heard: Heard) -> bool:
    """Return whether a text says no to the one thing that was offered."""
    offered = waiting.kind == "request" and len(waiting.topics) == 1
    return offered and not heard.requests and consent.answer_of(heard.text) == "no"


def asks_plainly(text: str) -> bool:
    """Return whether a text has a question mark, or a particle that stands for one."""
    return "?" in text or sign("requests", "asks", HAN).stands_in(text)
