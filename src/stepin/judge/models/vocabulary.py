"""The terms that a model knows, and how much each weighs in a text.

Weights are sublinear term frequency × inverse document frequency; words and pieces are two
blocks, each of unit length. Terms that the vocabulary doesn't know count in the length of a
text, so a text of unknown words has small weights: a model that has seen nothing like it
stays near its prior instead of clinging to the one word it knows.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stepin.judge.models.tokens import pieces, word_terms, words


class Weights(NamedTuple):
    """The known terms of a text: their indices, their weights, and how much of it is known.

    ``known_share`` is the share of the squared length that known terms make up, 0 … 1.
    """

    places: NDArray[np.intp]
    weights: NDArray[np.float64]
    known_share: float


class Bags(NamedTuple):
    """The known terms of many texts: whose each is, its index and its weight."""

    text: NDArray[np.intp]
    places: NDArray[np.intp]
    weights: NDArray[np.float64]


class Vocabulary:
    """A frozen list of terms with their inverse document frequencies.

    Parameters
    ----------
    terms : distinct terms; a term's place is its index.
    idf : shape (len(terms),), natural-log inverse document frequency.
    unknown_idf : the weight of an unknown term in the length of a text.

    Attributes
    ----------
    mark : the same for the same vocabulary, whichever model it came with.
    """

    __slots__ = ("_index", "_pieces", "_scale", "idf", "mark", "terms", "unknown_idf")

    def __init__(self, terms: Sequence[str], idf: NDArray[np.float64], unknown_idf: float) -> None:
        self.terms = tuple(terms)
        self.idf = np.asarray(idf, np.float64)
        self.unknown_idf = float(unknown_idf)
        self._index = {term: place for place, term in enumerate(self.terms)}
        self._scale: list[float] = self.idf.tolist()
        self._pieces: dict[str, tuple[tuple[int, ...], int]] = {}
        told = "\n".join(self.terms).encode() + self.idf.tobytes()
        self.mark = hashlib.sha256(told + repr(self.unknown_idf).encode()).digest()

    def __len__(self) -> int:
        return len(self.terms)

    @classmethod
    def learn(cls, texts: Iterable[str], *, min_texts: int = 1) -> Vocabulary:
        """Return the vocabulary of `texts`; terms of fewer than `min_texts` are left out."""
        return cls.learn_words((words(text) for text in texts), min_texts=min_texts)

    @classmethod
    def learn_words(cls, texts: Iterable[list[str]], *, min_texts: int = 1) -> Vocabulary:
        """Return what `learn` returns, for texts already cut into words."""
        seen: Counter[str] = Counter()
        n_texts = 0
        for said in texts:
            terms = dict.fromkeys(word_terms(said))
            for word in said:
                terms.update(dict.fromkeys(pieces(word)))
            seen.update(terms.keys())
            n_texts += 1
        kept = sorted(term for term, count in seen.items() if count >= min_texts)
        idf = np.array([math.log((1 + n_texts) / (1 + seen[term])) + 1.0 for term in kept])
        return cls(kept, idf, math.log(1 + n_texts) + 1.0)

    def weigh(self, text: str) -> Weights:
        """Return the indices and the weights of the known terms of `text`."""
        return self.weigh_words(words(text))

    def weigh_words(self, said: list[str]) -> Weights:
        """Return what `weigh` returns, for a text already cut into words."""
        places, weights, known_share = self._weigh(said)
        return Weights(np.array(places, np.intp), np.array(weights, np.float64), known_share)

    def weigh_all(self, texts: Sequence[list[str]]) -> Bags:
        """Return what `weigh_words` returns for each text, laid end to end."""
        places: list[int] = []
        weights: list[float] = []
        counts: list[int] = []
        for said in texts:
            of_text, scaled, _ = self._weigh(said)
            places += of_text
            weights += scaled
            counts.append(len(of_text))
        text = np.repeat(np.arange(len(texts)), counts)
        return Bags(text, np.array(places, np.intp), np.array(weights, np.float64))

    def _weigh(self, said: list[str]) -> tuple[list[int], list[float], float]:
        index = self._index
        whole = Counter([index.get(term, -1) for term in word_terms(said)])
        unknown_words = whole.pop(-1, 0)
        known_pieces, unknown_pieces = self._pieces, 0
        in_words: list[int] = []
        for word in said:
            of_word, missing = known_pieces.get(word) or self._look_up_pieces(word)
            in_words += of_word
            unknown_pieces += missing
        scale, unknown_idf = self._scale, self.unknown_idf
        places: list[int] = []
        weights: list[float] = []
        known, n_blocks = 0.0, 0
        for counts, unknown in ((whole, unknown_words), (Counter(in_words), unknown_pieces)):
            if not counts and not unknown:
                continue
            block = [
                scale[place] if count == 1 else scale[place] * (1.0 + math.log(count))
                for place, count in counts.items()
            ]
            of_known = sum([weight * weight for weight in block])
            squared = of_known + unknown * unknown_idf * unknown_idf
            if squared > 0.0:
                n_blocks += 1
                known += of_known / squared
                length = math.sqrt(squared)
                places += counts
                weights += [weight / length for weight in block]
        return places, weights, known / max(n_blocks, 1)

    def _look_up_pieces(self, word: str) -> tuple[tuple[int, ...], int]:
        found = [self._index.get(piece, -1) for piece in pieces(word)]
        places = tuple(place for place in found if place >= 0)
        entry = (places, len(found) - len(places))
        if len(self._pieces) < 200_000:
            self._pieces[word] = entry
        return entry

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return the vocabulary as arrays for a model file."""
        return {
            "terms": np.frombuffer("\n".join(self.terms).encode(), np.uint8),
            "idf": self.idf,
            "unknown_idf": np.array([self.unknown_idf]),
        }

    @classmethod
    def from_arrays(cls, arrays: dict[str, NDArray[Any]]) -> Vocabulary:
        """Return the vocabulary that `to_arrays` described."""
        text = arrays["terms"].tobytes().decode()
        terms = text.split("\n") if text else []
        return cls(terms, arrays["idf"], float(arrays["unknown_idf"][0]))
