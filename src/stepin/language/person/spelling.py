"""Slips of the fingers in the few words that a request is made of."""

from __future__ import annotations

from functools import lru_cache

from stepin.language.person.words import short_forms, words_of

_WORDS = words_of("english")
_KNOWN = _WORDS["spelled"]
_ANOTHER = frozenset(_WORDS["spelled_right"])
_SHORTENED = short_forms("english")
_SHORT = 5


@lru_cache(maxsize=4096)
def corrected(word: str) -> str:
    """Return the word that was meant, if it is shortened or one slip away.

    A slip is a letter more, less or wrong, or two swapped. Of words with
    fewer than five letters only two swapped letters are put right.
    """
    if word in _SHORTENED:
        return _SHORTENED[word]
    if len(word) < 4 or len(word) > 16 or word in _ANOTHER or word in _KNOWN:
        return word
    for known in _KNOWN:
        if abs(len(known) - len(word)) > 1 or known[0] != word[0]:
            continue
        if _swapped(word, known) or (len(known) >= _SHORT and _one_slip(word, known)):
            return known
    return word


def _swapped(word: str, known: str) -> bool:
    if len(word) != len(known):
        return False
    apart = [at for at in range(len(word)) if word[at] != known[at]]
    return (
        len(apart) == 2
        and apart[1] == apart[0] + 1
        and word[apart[0]] == known[apart[1]]
        and word[apart[1]] == known[apart[0]]
    )


def _one_slip(word: str, known: str) -> bool:
    at = 0
    while at < min(len(word), len(known)) and word[at] == known[at]:
        at += 1
    if len(word) == len(known):
        return word[at + 1 :] == known[at + 1 :]
    longer, shorter = (word, known) if len(word) > len(known) else (known, word)
    return longer[at + 1 :] == shorter[at:]
