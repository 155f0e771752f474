"""The terms of a text by which it is found, in every script.

Words without their endings, parts of words (so that a typing error or another ending leaves most
of a word), pairs of neighbouring characters where a script puts no spaces between words, and what
a word has in common with those that mean the same.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

from stepin.language.reading import folded
from stepin.language.search_words.words import SearchWords

PART, PART_WORTH, SINGLE_WORTH, SENSE_WORTH = 4, 0.15, 0.4, 0.9
_PARTED_FROM = 5
_UNSPACED = (
    "\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\uac00-\ud7af\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\U00020000-\U0003ffff"
)
_RUN = re.compile(f"[{_UNSPACED}]+|[^\\W_{_UNSPACED}]+")
_IS_UNSPACED = re.compile(f"[{_UNSPACED}]")


def terms(text: str, words: SearchWords) -> dict[str, tuple[float, int]]:
    """Return the terms of a text: how much each tells beside others, and how often it stands.

    Terms of different kinds never meet: ``=`` a word, ``#`` a part of one, ``@`` a sense.
    """
    plain = _plain(text)
    found: dict[str, tuple[float, int]] = {}

    def add(term: str, worth: float) -> None:
        found[term] = (worth, found[term][1] + 1 if term in found else 1)

    for run in _RUN.findall(words.without_fillers(plain)):
        if _IS_UNSPACED.match(run):
            for left, right in pairwise(run):
                add(left + right, 1.0)
            for char in run:
                add(char, SINGLE_WORTH)
        elif not words.ignores(run):
            add("=" + words.stem(run), 1.0)
            if len(run) >= _PARTED_FROM:
                begun = "^" + run
                for at in range(len(begun) - PART + 1):
                    add("#" + begun[at : at + PART], PART_WORTH)
    for sense in words.senses(plain):
        add(f"@{sense}", SENSE_WORTH)
    return found


def _plain(text: str) -> str:
    """Return a text in one spelling: lower case, compatible characters, no marks over letters."""
    lowered = folded(text).casefold()
    if lowered.isascii():
        return lowered
    apart = unicodedata.normalize("NFD", lowered)
    bare = "".join(char for char in apart if not unicodedata.category(char).startswith("M"))
    return unicodedata.normalize("NFC", bare)
