"""What a search reads of a text in a language: which words tell nothing, and which mean the same.

One TOML file per language, read once. A language without a file is searched by its words as they
stand and by their parts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from stepin.language.languages import kept, languages_folder, table

_WORD = re.compile(r"[^\W_]+")
_LEAST_STEM = 3


class SearchWords:
    """The words of one language.

    Parameters
    ----------
    ignored : words that tell nothing about what is asked.
    endings : what is cut from a word's end, the first that fits.
    same : groups of words or short phrases that stand for one another.
    """

    def __init__(
        self, ignored: Iterable[str], endings: Iterable[str], same: Iterable[Iterable[str]]
    ) -> None:
        said = tuple(ignored)
        self._endings = tuple(endings)
        self._ignored = frozenset(said)
        unspaced = (one for one in said if not one.isascii())
        self._taken_out = tuple(sorted(unspaced, key=len, reverse=True))
        phrases: dict[tuple[str, ...] | str, set[int]] = {}
        for number, group in enumerate(same):
            for phrase in group:
                phrases.setdefault(self._key(phrase), set()).add(number)
        self._groups = {key: tuple(sorted(numbers)) for key, numbers in phrases.items()}
        self._most_words = max((len(k) for k in phrases if isinstance(k, tuple)), default=0)
        self._lengths = sorted({len(k) for k in phrases if isinstance(k, str)})

    def ignores(self, word: str) -> bool:
        """Return whether a word tells nothing about what is asked."""
        return word in self._ignored

    def without_fillers(self, text: str) -> str:
        """Return a text with a space for each word between unspaced ones that tells nothing."""
        for filler in self._taken_out:
            text = text.replace(filler, " ")
        return text

    def stem(self, word: str) -> str:
        """Return a word without its ending."""
        for ending in self._endings:
            if word.endswith(ending) and len(word) - len(ending) >= _LEAST_STEM:
                return word[: -len(ending)]
        return word

    def senses(self, text: str) -> set[int]:
        """Return the groups that a lower-case text has a member of."""
        return set(self._spaced(text)) | set(self._unspaced(text))

    def _spaced(self, text: str) -> Iterator[int]:
        words = [self.stem(word) for word in _WORD.findall(text)] if self._most_words else []
        for length in range(1, self._most_words + 1):
            for at in range(len(words) - length + 1):
                yield from self._groups.get(tuple(words[at : at + length]), ())

    def _unspaced(self, text: str) -> Iterator[int]:
        for length in self._lengths:
            for at in range(len(text) - length + 1):
                yield from self._groups.get(text[at : at + length], ())

    def _key(self, phrase: str) -> tuple[str, ...] | str:
        if not phrase.isascii():
            return phrase
        return tuple(self.stem(word) for word in _WORD.findall(phrase))


@kept
def search_words(language: str) -> SearchWords:
    """Return the words of a language; none where it has no file.

    Raises
    ------
    Invalid
        ``language_invalid``: its file can't be read.
    """
    name = f"search_words/{language}.toml"
    named = language.isascii() and language.isalnum()
    if not (named and (languages_folder() / name).exists()):
        return SearchWords((), (), ())
    return _words(table(name))


def _words(told: Mapping[str, str]) -> SearchWords:
    groups = [
        [phrase.strip().lower() for phrase in line.split(",")]
        for line in told.get("same", "").splitlines()
        if line.strip()
    ]
    return SearchWords(told.get("ignored", "").split(), told.get("endings", "").split(), groups)
