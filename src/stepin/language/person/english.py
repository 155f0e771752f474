"""English: a person as the object of a wish, word by word."""

from __future__ import annotations

from collections.abc import Container, Sequence
from itertools import pairwise

from stepin.language.person.english_signs import (
    calls,
    escalates,
    exists,
    real,
    refuses,
    until,
    who_leads,
)
from stepin.language.person.english_wishes import asks_for, gets, puts_on, reaches, serves, would_do
from stepin.language.person.spelling import corrected
from stepin.language.person.words import words_of

_WORDS = {name: frozenset(words) for name, words in words_of("english").items()}
PERSON = _WORDS["person"]
_NAMED = _WORDS["named"]
"""Words for a person who serves, where a bare word has to say it all."""
_TOWARDS = _WORDS["towards"]
_GET = _WORDS["get"]
_ASKING = _WORDS["asking"]
_NEVER = _WORDS["never"]
_MACHINE = _WORDS["machine"]
_AUTOMATED = _WORDS["automated"]
_GREETING = _WORDS["greeting"]
_BREAKS = ".;!?\n\r\u2026\u3002\uff01\uff1f\uff1b:()[]{}\u2014|/"


def asks(text: str) -> bool:
    """Return whether an English text, in lower case, asks for a person."""
    for sentence in _sentences(text):
        words = [word for part in sentence for word in part]
        if words and _only_names(words):
            return True
        for part in sentence:
            if part and _part_asks(part, len(sentence) == 1):
                return True
    return False


def _sentences(text: str) -> list[list[list[str]]]:
    """Return the sentences of a text, each as its parts between commas, each as its words."""
    found: list[list[list[str]]] = [[[]]]
    word: list[str] = []

    def end() -> None:
        if word:
            found[-1][-1].append(corrected("".join(word).strip("'")))
            word.clear()

    for letter in text:
        if letter.isascii() and (letter.isalnum() or letter == "'"):
            word.append(letter)
            continue
        end()
        if letter in _BREAKS:
            if any(found[-1]):
                found.append([[]])
        elif letter in ",\u2013\uff0c\u3001" and found[-1][-1]:
            found[-1].append([])
    end()
    return found


def _only_names(words: Sequence[str]) -> bool:
    """Return whether nothing is said but whom somebody wants (*agent*, *A HUMAN. NOW.*)."""
    if len(words) > 12 or not all(w in _GREETING or w in PERSON for w in words):
        return False
    if words[0] in ("thanks", "thank", "good") or (words[0] in _NEVER and len(words) > 1):
        return False
    named = [w for w in words if w in _NAMED or w in ("staff", "someone", "somebody")]
    service = _pair(words, "customer", ("service", "support", "care"))
    if words == ["no", "one"] or not (named or service):
        return False
    return not (named == ["human"] and words[-1] in ("needed", "required") and words[0] == "no")


def _pair(words: Sequence[str], first: str, then: Container[str]) -> bool:
    return any(a == first and b in then for a, b in pairwise(words))


def _part_asks(words: Sequence[str], whole: bool) -> bool:
    if not whole and _only_names(words) and any(w in _WORDS["urging"] for w in words):
        return True
    if would_do(words):
        return True
    for at, word in enumerate(words):
        rules = []
        if word in _TOWARDS:
            rules.append(reaches)
        if word in _GET or word in _WORDS["getting_marks"]:
            rules.append(gets)
        if word in _ASKING or word in ("prefer", "rather"):
            rules.append(asks_for)
        if word == "put":
            rules.append(puts_on)
        if word in ("who", "who's", "whos"):
            rules.append(who_leads)
        if word in _WORDS["existing_marks"]:
            rules.append(exists)
        if word in _WORDS["asked_to_serve"]:
            rules.append(serves)
        if word in _MACHINE or word in _AUTOMATED:
            rules.append(refuses)
        if word in _WORDS["real_marks"]:
            rules.append(real)
        if word in ("until", "unless"):
            rules.append(until)
        if word in _WORDS["escalation_marks"] or word in _WORDS["pass_on"]:
            rules.append(escalates)
        if word in _WORDS["call_marks"]:
            rules.append(calls)
        if any(rule(words, at) for rule in rules):
            return True
    return False
