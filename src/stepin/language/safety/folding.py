"""From what a person types to plain tokens: one form for every way of writing the same word.

Full-width forms, cases, accents, invisible letters, apostrophes, traditional characters, digits
that stand for letters and letters held down are folded away. Every step is one pass.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from importlib.resources import files

import msgspec

from stepin.language.reading import folded

PAUSE = ","
"""The token of a comma or a dash: a gap may cross it, a negation doesn't."""

_ENDS = frozenset(".!?;\n\r\u2026。")
_PAUSES = frozenset(",:()[]\u2014\u2013、~")
_APOSTROPHES = frozenset("'\u2019\u2018\u02bc`\u00b4\u2032")
_LEET = str.maketrans("013457@$", "oieastas")
_TYPEWRITTEN = re.compile(r"[0-9][0-9@$*]*|[a-z][a-z0-9@$*]*|[.!?;\n\r]|[,:()\[\]~]")
"""The tokens of a text of ASCII alone: no two ways lead through a text, so one pass reads it."""
_NO_APOSTROPHES = str.maketrans("", "", "'`")


class Folded(msgspec.Struct, frozen=True):
    """The tokens of a text.

    Attributes
    ----------
    tokens : a word of letters or digits, one ideograph, or a pause each.
    sentences : the number of the sentence that each token stands in.
    """

    tokens: tuple[str, ...]
    sentences: tuple[int, ...]


def _simplified() -> dict[int, str]:
    pairs = (files(__package__) / "characters.txt").read_text("utf-8")
    found = {}
    for pair in pairs.split():
        found.update(dict.fromkeys(map(ord, pair[1:]), pair[0]))
    return found


_SIMPLIFIED = _simplified()


def plain(text: str) -> str:
    """Return a text in one form: folded case, width, accents and script."""
    text = folded(text).casefold()
    if not text.isascii():
        parts = unicodedata.normalize("NFD", text)
        text = "".join(c for c in parts if unicodedata.category(c) not in ("Mn", "Cf"))
        text = unicodedata.normalize("NFC", text).translate(_SIMPLIFIED)
    return text


def is_ideograph(letter: str) -> bool:
    """Return whether a letter is a word of its own."""
    return "\u3400" <= letter <= "\u9fff" or "\U00020000" <= letter <= "\U0003ffff"


def fold(text: str) -> Folded:
    """Return the tokens of a text; the time is proportional to its length."""
    read = plain(text)
    return _typewritten(read) if read.isascii() else _letter_by_letter(read)


def _typewritten(text: str) -> Folded:
    """Return the tokens of a plain text of ASCII: what `_letter_by_letter` returns, sooner."""
    tokens: list[str] = []
    sentences: list[int] = []
    sentence = 0
    for token in _TYPEWRITTEN.findall(text.translate(_NO_APOSTROPHES)):
        if token in _ENDS:
            sentence += 1
            continue
        tokens.append(PAUSE if token in _PAUSES else _word(token))
        sentences.append(sentence)
    return Folded(tuple(tokens), tuple(sentences))


def _letter_by_letter(text: str) -> Folded:
    tokens: list[str] = []
    sentences: list[int] = []
    word: list[str] = []
    sentence = 0

    def end() -> None:
        if word:
            tokens.append(_word("".join(word)))
            sentences.append(sentence)
            word.clear()

    def add(token: str) -> None:
        end()
        tokens.append(token)
        sentences.append(sentence)

    for letter in text:
        if is_ideograph(letter):
            add(letter)
        elif letter.isalnum() or (word and letter in "@$*"):
            if word and letter.isalpha() and word[0].isdigit():
                end()
            word.append(letter)
        elif letter in _APOSTROPHES:
            continue
        elif letter in _ENDS:
            end()
            sentence += 1
        elif letter in _PAUSES:
            add(PAUSE)
        else:
            end()
    end()
    return Folded(tuple(tokens), tuple(sentences))


@lru_cache(maxsize=16_384)
def _word(word: str) -> str:
    if word.isdigit():
        return word
    word = word.strip("@$*")
    letters = [c for c in word if c.isalpha()]
    if len(letters) >= 2 and not word.isalpha() and word[0].isalpha():
        word = word.translate(_LEET)
    return _held_down(word)


def _held_down(word: str) -> str:
    """Return a word whose letters stand twice in a row at most (*diiiie*, *pleeease*)."""
    kept: list[str] = []
    for letter in word:
        if len(kept) >= 2 and kept[-1] == kept[-2] == letter:
            continue
        kept.append(letter)
    return "".join(kept)
