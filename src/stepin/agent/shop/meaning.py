"""How near a question comes to passages by what they mean: products of vectors."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from stepin.agent.shop.article import Passage
from stepin.vectors.port import Encoder, Vectors

LONG_FROM, MOST_SENTENCES = 3, 12
QUESTIONS_CENTRED = 0.5
NEAREST_QUESTIONS = 2
_END = re.compile(r"(?<=[.!?])\s+|(?<=[。！？；])")


class MeaningIndex:
    """The vectors of some passages; immutable.

    Each kind of text (whole passages, sentences, headings) is centred by its mean, so that what
    all of them have in common tells nothing. In a long passage the sentence that comes nearest
    counts beside the whole, which drowns it. A passage's own questions resemble any question, so
    they are centred by half and never decide by the nearest alone.
    """

    def __init__(self, passages: Sequence[Passage], encoder: Encoder) -> None:
        self._wholes = _centred(encoder.encode([one.text for one in passages]))
        self._headings = _centred(encoder.encode([_heading(one) for one in passages]))
        told = [_sentences(one.text) for one in passages]
        self._long = np.array([len(one) >= LONG_FROM for one in told])
        self._owners = np.array([at for at, one in enumerate(told) for _ in one])
        self._sentences = _centred(encoder.encode([text for one in told for text in one]))
        asked = [encoder.encode(one.questions) for one in passages]
        every = np.concatenate(asked)
        self._has_questions = len(every) > 0
        mean = every.mean(axis=0) if self._has_questions else 0.0
        self._asked = [rows - QUESTIONS_CENTRED * mean for rows in asked]

    def scores(self, asked: Vectors) -> NDArray[np.float64] | None:
        """Return how near each passage is to a question's vector; None for one of zeros."""
        if not asked.any():
            return None
        told = (self._wholes @ asked + self._headings @ asked).astype(np.float64)
        nearest = np.full(len(told), -1.0)
        np.maximum.at(nearest, self._owners, self._sentences @ asked)
        mean: NDArray[np.float64] = np.where(self._long, (told + nearest) / 3, told / 2)
        if not self._has_questions:
            return mean
        own = np.array([_nearest(rows @ asked) for rows in self._asked])
        mean = (2 * mean + own) / 3
        return mean


def _heading(passage: Passage) -> str:
    parts = [part for part in (passage.title, passage.heading) if part]
    return ". ".join(dict.fromkeys(parts))


def _sentences(text: str) -> list[str]:
    found = [part for part in _END.split(text) if part.strip()]
    return found[:MOST_SENTENCES] or [text]


def _centred(rows: Vectors) -> Vectors:
    apart: Vectors = rows - rows.mean(axis=0)
    return apart


def _nearest(cosines: NDArray[np.floating]) -> float:
    if not len(cosines):
        return 0.0
    return float(np.sort(cosines)[::-1][:NEAREST_QUESTIONS].mean())
