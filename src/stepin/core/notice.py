"""What the desk itself tells a customer: honest, short, and in the customer's language."""

from __future__ import annotations

from collections.abc import Sequence

from stepin.core.danger import Helpline
from stepin.core.events.chat import MessagePosted
from stepin.language.languages import code_of, in_language
from stepin.language.sentences import Text, sentences

_HELPLINES_AT_MOST = 3
_CAUTIONS = {
    "safety.self_harm": "caution_self_harm",
    "safety.threat": "caution_threat",
    "safety.fraud": "caution_fraud",
    "safety.legal": "caution_legal",
}


def caution_template(kind: str) -> str:
    """Return the template of the careful sentence for a kind of danger."""
    return _CAUTIONS.get(kind, "caution_accident")


def caution(
    kind: str, language: str, helplines: Sequence[Helpline], *, over: bool = False
) -> MessagePosted:
    """Return the careful sentence to somebody who may be in danger.

    It names a number only if the shop has named helplines, and only to somebody who may harm
    themselves: those whose language is spoken there, else all, three at most.

    Parameters
    ----------
    over : whether the chat has ended: nobody can come to it, and the sentence says so.
    """
    said = notice("caution_over" if over else caution_template(kind), language)
    if kind != "safety.self_harm":
        return said
    line = in_language(sentences().notices.helpline, code_of(language))
    spoken = [one for one in helplines if any(_same(code, language) for code in one.languages)]
    told = "".join(
        line.format(name=one.name, country=one.country, number=one.number)
        for one in (spoken or list(helplines))[:_HELPLINES_AT_MOST]
    )
    return MessagePosted(author="system", text=said.text + told, template=said.template)


def _same(code: str, language: str) -> bool:
    return code.lower().partition("-")[0] == language.lower().partition("-")[0]


def notice(template: str, language: str, *, place: int = 0) -> MessagePosted:
    """Return the desk's message under a template, in the language that is spoken for a tag."""
    said: Text = getattr(sentences().notices, template)
    text = in_language(said, code_of(language))
    return MessagePosted(author="system", text=text.format(place=place), template=template)
