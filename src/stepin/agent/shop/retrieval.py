"""Which passage answers a question: BM25 over words and character pairs, and an honest floor.

Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), eq. 3.15,
with k1 = 1.2 and b = 0.75. English terms are words without their endings; Chinese ones are
pairs of neighbouring characters, so that two-character words count. A question that a passage
explains too little of (by the weight of its terms) has no answer.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

import msgspec

from stepin.agent.shop.article import Passage
from stepin.language.patterns import sign, word_set
from stepin.language.reading import folded

K1, B = 1.2, 0.75
FLOOR_SHARE = 0.4
UNKNOWN_SHARE = 0.6
TELLING = 1.5
_RUN = re.compile(r"[a-z0-9]+|[\u3400-\u4dbf\u4e00-\u9fff]+")
_TOPIC = "articles"
_ENDINGS = ("ations", "ation", "ments", "ment", "ings", "ing", "ies", "ied", "ers", "er", "ed",
            "es", "s", "ly", "e", "y")  # fmt: skip


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """A passage with its score and the share of the question's weight that it explains."""

    passage: Passage
    score: float
    share: float


def terms(text: str) -> list[str]:
    """Return the terms of a text, in order."""
    found: list[str] = []
    plain = folded(text).casefold()
    empty = word_set(_TOPIC, "empty")
    for run in _RUN.findall(sign(_TOPIC, "empty_parts").without(plain)):
        if run[0] <= "z":
            if run not in empty:
                found.append(_stem(run))
        else:
            found.extend(run)
            found.extend(left + right for left, right in pairwise(run))
    return found


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def _worth(term: str) -> float:
    """Return how much a term tells beside others: a single ideograph little."""
    return 0.4 if len(term) == 1 and not term.isascii() else 1.0


class Ranking:
    """An index over passages; immutable. A language's passages are only found in that language."""

    def __init__(self, passages: Iterable[Passage]) -> None:
        self.passages = tuple(passages)
        self._counts = [
            Counter(terms(" ".join((p.title, p.heading, p.heading, *p.questions, p.text))))
            for p in self.passages
        ]
        self._lengths = [sum(counts.values()) for counts in self._counts]
        self._mean = sum(self._lengths) / max(len(self._lengths), 1)
        in_passages = Counter(term for counts in self._counts for term in counts)
        n = len(self.passages)
        self._weights = {
            term: math.log(1 + (n - df + 0.5) / (df + 0.5)) for term, df in in_passages.items()
        }
        self._unknown = UNKNOWN_SHARE * math.log(1 + (n + 0.5) / 0.5)
        self._weights = {term: _worth(term) * weight for term, weight in self._weights.items()}
        self._asks = [set(terms(" ".join((p.heading, *p.questions)))) for p in self.passages]

    def find(self, question: str, language: str, *, limit: int = 3) -> list[Hit]:
        """Return the passages that answer, best first; empty if none explains enough."""
        asked = dict.fromkeys(terms(question))
        whole = sum(self._weights.get(term, self._unknown * _worth(term)) for term in asked)
        if not whole:
            return []
        hits: list[Hit] = []
        for passage, counts, length, asks in zip(
            self.passages, self._counts, self._lengths, self._asks, strict=True
        ):
            if passage.language != language:
                continue
            common = [term for term in asked if term in counts]
            share = sum(self._weights[term] for term in common) / whole
            if share < FLOOR_SHARE:
                continue
            slack = K1 * (1 - B + B * length / self._mean)
            score = sum(
                (TELLING if term in asks else 1.0)
                * self._weights[term]
                * counts[term]
                * (K1 + 1)
                / (counts[term] + slack)
                for term in common
            )
            hits.append(Hit(passage=passage, score=score, share=share))
        return sorted(hits, key=lambda hit: -hit.score)[:limit]
