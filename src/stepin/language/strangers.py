"""Whether a text is in a language that has no files here, and what is said in it then.

Told by the script, and in Latin letters by function words. A text that may be in a language that is
there is never a stranger: names, codes and addresses of other countries stand in English texts too.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from importlib.resources import files
from typing import Annotated

import msgspec

from stepin.language.languages import codes, kept

_FILE = "strangers.toml"
_READ_CHARS = 600
_FEWEST_LETTERS, _FEWEST_WORDS, _FEWEST_TOLD = 3, 3, 2
_MOST_SHARE, _LEAST_SHARE = 0.5, 0.3
_KANA_SHARE = 0.15
_TOKEN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")


class StrangerLanguage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A language without files: how it is told, and the sentence for those who write it."""

    code: str
    name: str
    sentence: Annotated[str, msgspec.Meta(min_length=10)]
    letters: str = ""
    only: str = ""
    words: str = ""


class _English(msgspec.Struct, frozen=True):
    words: str


class _Strangers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    language: tuple[StrangerLanguage, ...]
    english: _English


UNNAMED = StrangerLanguage(
    code="",
    name="",
    sentence="I'm sorry, I don't speak this language. I'm handing the chat on to a colleague.",
)
"""What is said where the language can't be named."""


def stranger(text: str) -> StrangerLanguage | None:
    """Return the language of a text if there are no files of it; None if there may be."""
    words = text[:_READ_CHARS].split()
    plain = " ".join(word for word in words if not any(c.isdigit() or c == "@" for c in word))
    plain = plain.lower()
    letters = [char for char in plain if char.isalpha()]
    if len(letters) < _FEWEST_LETTERS:
        return None
    script = None if plain.isascii() else _by_script(letters)
    return script or _by_words(_TOKEN.findall(plain.replace("’", "'")))


def stranger_languages() -> tuple[StrangerLanguage, ...]:
    """Return the languages that can be named and have no files."""
    return tuple(one for one in _read().language if one.code not in codes())


def _by_script(letters: list[str]) -> StrangerLanguage | None:
    known = Counter(name for char in letters if (name := _script(char)))
    for letters_of, count in known.most_common(1):
        kana = letters_of == _range_of("ja")
        if count < (_KANA_SHARE if kana else _MOST_SHARE) * len(letters):
            return None
        own = [one for one in _read().language if one.letters == letters_of]
        fits = [one for one in own if one.only and not set(one.only).isdisjoint(letters)]
        found = (fits or own)[0]
        return found if found.code not in codes() else None
    other = [char for char in letters if not (_is_latin(char) or _is_han(char))]
    return UNNAMED if len(other) > _MOST_SHARE * len(letters) else None


def _by_words(tokens: list[str]) -> StrangerLanguage | None:
    if len(tokens) < _FEWEST_WORDS:
        return None
    english = sum(token in _english() for token in tokens)
    told = {
        code: sum(token in words for token in tokens) for code, words in _function_words().items()
    }
    code = max(told, key=lambda one: told[one], default="")
    most = told.get(code, 0)
    if most < _FEWEST_TOLD or most <= english or most < _LEAST_SHARE * len(tokens):
        return None
    return next(one for one in _read().language if one.code == code)


def _is_latin(char: str) -> bool:
    return char < "\u0250" or "\u1e00" <= char <= "\u1eff"


def _is_han(char: str) -> bool:
    return "\u3400" <= char <= "\u9fff"


def _script(char: str) -> str:
    if _is_latin(char) or _is_han(char):
        return ""
    return next((one for one in _ranges() if _within(char, one)), "")


def _within(char: str, letters: str) -> bool:
    spans = [letters[at : at + 3] for at in range(0, len(letters), 3)]
    return any(span[0] <= char <= span[2] for span in spans)


@kept
def _ranges() -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.letters for one in _read().language if one.letters))


def _range_of(code: str) -> str:
    return next((one.letters for one in _read().language if one.code == code), "")


@kept
def _function_words() -> dict[str, frozenset[str]]:
    return {
        one.code: frozenset(one.words.replace("\n", "|").split("|")) - {""}
        for one in _read().language
        if one.words and one.code not in codes()
    }


@kept
def _english() -> frozenset[str]:
    return frozenset(_read().english.words.replace("\n", "|").split("|")) - {""}


@kept
def _read() -> _Strangers:
    text = (files(__package__) / _FILE).read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), _Strangers)
