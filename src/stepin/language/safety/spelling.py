"""Misspelt words: one letter too many, too few, wrong or in the wrong place, or starred out.

Only the words of a short list are looked for, and a word that is another one is left alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

SHORTEST = 5


class Spelling:
    """Words that may be misspelt.

    Parameters
    ----------
    words : what is looked for.
    others : words that look like one of them and are none.
    short : what people write for a word when they are in a hurry.
    """

    def __init__(
        self, words: Iterable[str], others: Iterable[str], short: Mapping[str, str]
    ) -> None:
        self._short = dict(short)
        self._words, self._others = frozenset(words), frozenset(others)
        self._near: dict[str, list[str]] = {}
        for word in sorted(self._words):
            for one in {word, *_without_one(word)}:
                self._near.setdefault(one, []).append(word)
        self._longest = max(map(len, self._words), default=0)

    def written_out(self, token: str) -> str:
        """Return the word that a token is short for, else the token."""
        return self._short.get(token, token)

    def corrected(self, token: str) -> str:
        """Return the word that a token is meant to be, the token itself if it is no such word."""
        starred = "*" in token
        if starred:
            token = token.replace("*", "", 1)
        if not starred and (token in self._words or token in self._others):
            return token
        if not starred and not SHORTEST <= len(token) <= self._longest + 1:
            return token
        if len(token) > self._longest + 1 or (starred and len(token) < 2):
            return token
        for one in (token, *_without_one(token)):
            for word in self._near.get(one, ()):
                if (starred or len(word) >= SHORTEST) and _one_apart(token, word):
                    return word
        return token


def _without_one(word: str) -> list[str]:
    return [word[:n] + word[n + 1 :] for n in range(len(word))]


def _one_apart(one: str, other: str) -> bool:
    """Return whether one insertion, deletion, change or swap of neighbours leads to the other."""
    if abs(len(one) - len(other)) > 1:
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    left, right = one[start:], other[start:]
    return (
        left[1:] == right[1:]
        or left[1:] == right
        or left == right[1:]
        or (left[:2] == right[1::-1] and left[2:] == right[2:])
    )
