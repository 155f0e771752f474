"""How much of a question's weight each of some passages explains: BM25 over weighted fields.

Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), eq. 3.15
with the fields of section 3.6, k1 = 1.2 and b = 0.75. The sum is divided by the root of the
question's whole weight: a share would let a question of one known word pass for certain, a plain
sum one of many common words.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from stepin.agent.shop.article import Passage
from stepin.agent.shop.terms import terms
from stepin.language.search_words.words import SearchWords

K1, B = 1.2, 0.75
UNKNOWN_SHARE = 0.5
TITLE, HEADING, QUESTIONS, TEXT = 1.0, 2.0, 1.5, 1.0
Scores = NDArray[np.float64]
Excluded = NDArray[np.bool_]
_NOWHERE = (np.array([], np.int64), np.array([], np.float64))


class LexicalIndex:
    """An index over the passages of one language; immutable."""

    def __init__(self, passages: Sequence[Passage], words: SearchWords) -> None:
        self._words, self._n = words, len(passages)
        counts = [_counts(passage, words) for passage in passages]
        lengths = [sum(n for term, n in one.items() if term[0] != "#") for one in counts]
        mean = sum(lengths) / max(len(lengths), 1) or 1.0
        found: dict[str, tuple[list[int], list[float]]] = {}
        for at, (one, length) in enumerate(zip(counts, lengths, strict=True)):
            slack = K1 * (1 - B + B * length / mean)
            for term, n in one.items():
                places, shares = found.setdefault(term, ([], []))
                places.append(at)
                shares.append(n / (n + slack))
        self._postings = {
            term: (np.array(places), np.array(shares)) for term, (places, shares) in found.items()
        }

    @property
    def weight_of_unknown(self) -> float:
        """How much a term tells that no passage has."""
        return _weight(self._n, 0)

    def scores(self, question: str, *, but: Excluded | None = None) -> Scores:
        """Return a number for each passage, 0 where nothing is in common.

        Parameters
        ----------
        but : of each passage whether the question is asked as if it weren't there.
        """
        scores, whole = np.zeros(self._n), 0.0
        n = self._n if but is None else self._n - int(but.sum())
        for term, (worth, times) in terms(question, self._words).items():
            places, shares = self._postings.get(term, _NOWHERE)
            if but is not None and len(places):
                kept = ~but[places]
                places, shares = places[kept], shares[kept]
            if len(places):
                weight = worth * times * _weight(n, len(places))
                scores[places] += weight * shares
                whole += weight
            elif term[0] != "#":
                whole += worth * times * UNKNOWN_SHARE * _weight(n, 0)
        return scores / math.sqrt(whole) if whole else scores


def _weight(n: int, n_with: int) -> float:
    return math.log(1 + (n - n_with + 0.5) / (n_with + 0.5))


def _counts(passage: Passage, words: SearchWords) -> dict[str, float]:
    counts: dict[str, float] = {}
    for weight, text in (
        (TITLE, passage.title),
        (HEADING, passage.heading),
        (QUESTIONS, " ".join(passage.questions)),
        (TEXT, passage.text),
    ):
        for term, (_, times) in terms(text, words).items():
            counts[term] = counts.get(term, 0.0) + weight * (1 if term[0] == "@" else times)
    return counts
