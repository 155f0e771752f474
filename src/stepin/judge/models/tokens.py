"""How a text becomes terms: words, pairs of words, and pieces of words.

Nothing here knows a language. A run of letters and digits is a word; every ideograph and
syllable of Chinese, Japanese and Korean is a word of its own, so that pairs of words are the
usual character pairs there. A word of digits (an order number, or the id of a word in a
coded data set) has no pieces.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from stepin.language.reading import folded

_WORD = re.compile(
    r"[\u2e80-\u2fdf\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]"
    r"|[^\W_]+?(?=[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af])"
    r"|[^\W_]+(?:['’][^\W_]+)?"
    r"|[?!]"
)
_ASCII_WORD = re.compile(r"[a-z0-9]+(?:'[a-z0-9]+)?|[?!]")
_LONG_NUMBER_DIGITS = 6
_LONG_NUMBER = "#"

PIECE = "~"
"""The first character of a term that is a piece of a word."""

SHORTEST_PIECE = 2
LONGEST_PIECE = 5


def words(text: str) -> list[str]:
    """Return the words of a text, normalised, in order.

    Full-width forms, case and compatibility characters are folded; a number of six digits or
    more is the word ``#``; question and exclamation marks are words.
    """
    if text.isascii():
        found = _ASCII_WORD.findall(text.casefold())
    else:
        found = _WORD.findall(folded(text).casefold())
    return [
        _LONG_NUMBER if len(word) >= _LONG_NUMBER_DIGITS and word.isdigit() else word
        for word in found
    ]


@lru_cache(maxsize=65536)
def pieces(word: str) -> tuple[str, ...]:
    """Return the terms for the pieces of one word, its ends marked by a space.

    A word of digits, a single character of an ideographic script and a mark have none.
    """
    if word.isdigit() or (len(word) == 1 and not word.isascii()) or word in "?!#":
        return ()
    padded = f" {word} "
    longest = min(LONGEST_PIECE, len(padded))
    return tuple(
        PIECE + padded[start : start + size]
        for size in range(SHORTEST_PIECE, longest + 1)
        for start in range(len(padded) - size + 1)
    )


def word_terms(said: list[str]) -> list[str]:
    """Return the words and the pairs of neighbours, with the ends of the text as neighbours."""
    if not said:
        return []
    pairs = [f"{left} {right}" for left, right in pairwise(said)]
    return [*said, f"^ {said[0]}", *pairs, f"{said[-1]} $"]
