"""English: a person as the object of a wish, word by word."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Sequence
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

_ROWS = "qwertyuiop asdfghjkl zxcvbnm"
"""The rows of a keyboard: four letters in a row of one are no word (*asdf*)."""

_TYPEWRITTEN = re.compile(r"[A-Za-z0-9']+|[.!?;:()\[\]{}|/\n\r]|,")
"""The words and breaks of a text of ASCII alone."""


def asks(text: str) -> bool:
    """Return whether an English text, in lower case, asks for a person."""
    for said in _sentences(text):
        sentence = [[w for w in part if len(w) < 4 or w not in _ROWS] for part in said]
        words = [word for part in sentence for word in part]
        if words and _only_names(words):
            return True
        for part in sentence:
            if part and _part_asks(part, len(sentence) == 1):
                return True
    return False


def _sentences(text: str) -> list[list[list[str]]]:
    """Return the sentences of a text, each as its parts between commas, each as its words."""
    return _typewritten(text) if text.isascii() else _letter_by_letter(text)


def _typewritten(text: str) -> list[list[list[str]]]:
    """Return of a text of ASCII what `_letter_by_letter` returns, sooner."""
    found: list[list[list[str]]] = [[[]]]
    for part in _TYPEWRITTEN.findall(text):
        if part == ",":
            if found[-1][-1]:
                found[-1].append([])
        elif part in _BREAKS:
            if any(found[-1]):
                found.append([[]])
        else:
            found[-1][-1].append(corrected(part.strip("'")))
    return found


def _letter_by_letter(text: str) -> list[list[list[str]]]:
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
    """Return whether a part between commas asks; `whole` when it is the whole sentence."""
    if not whole and _only_names(words) and any(w in _WORDS["urging"] for w in words):
        return True
    if would_do(words):
        return True
    return any(rule(words, at) for at, word in enumerate(words) for rule in _RULES.get(word, ()))


_Rule = Callable[[Sequence[str], int], bool]


def _by_word(rules: Sequence[tuple[Iterable[str], _Rule]]) -> dict[str, list[_Rule]]:
    """Return the rules that each word calls up: one look-up a word, however many rules there are.

    Every rule reads a bounded number of words around its own, so a text takes linear time.
    """
    found: dict[str, list[_Rule]] = {}
    for marks, rule in rules:
        for word in sorted(set(marks)):
            found.setdefault(word, []).append(rule)
    return found


_RULES = _by_word(
    (
        (_TOWARDS, reaches),
        (_GET | _WORDS["getting_marks"], gets),
        (_ASKING | {"prefer", "rather"}, asks_for),
        (("put",), puts_on),
        (("who", "who's", "whos"), who_leads),
        (_WORDS["existing_marks"], exists),
        (_WORDS["asked_to_serve"], serves),
        (_MACHINE | _AUTOMATED, refuses),
        (_WORDS["real_marks"], real),
        (("until", "unless"), until),
        (_WORDS["escalation_marks"] | _WORDS["pass_on"], escalates),
        (_WORDS["call_marks"], calls),
    )
)
