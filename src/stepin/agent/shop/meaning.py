"""How near a question comes to passages by what they mean: cosines of vectors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from stepin.agent.shop.article import Passage
from stepin.vectors.port import Encoder, Vectors

QUESTIONS_CENTRED = 0.5
NEAREST_QUESTIONS = 2
ALONE = 1e-6


class MeaningIndex:
    """The vectors of some passages; immutable.

    A passage's own questions resemble any question, so they are centred by half and never decide
    by the nearest alone.
    """

    def __init__(self, passages: Sequence[Passage], encoder: Encoder) -> None:
        self._encoder = encoder
        self._kinds = [
            _centred(encoder.encode([passage.text for passage in passages])),
            _centred(encoder.encode([_heading(passage) for passage in passages])),
        ]
        asked = [encoder.encode(passage.questions) for passage in passages]
        every = np.concatenate(asked) if asked else np.zeros((0, encoder.dim), np.float32)
        self._has_questions = len(every) > 0
        mean = every.mean(axis=0) if self._has_questions else 0.0
        self._asked = [rows - QUESTIONS_CENTRED * mean for rows in asked]

    def scores(self, question: str) -> NDArray[np.float64] | None:
        """Return the mean cosine with each passage; None for a question without a vector.

        Raises
        ------
        Unavailable
            A remote encoder gives no answer.
        """
        asked = self._encoder.encode([question])[0]
        if not asked.any():
            return None
        kinds = [rows @ asked for rows in self._kinds]
        if self._has_questions:
            kinds.append(np.array([_nearest(rows @ asked) for rows in self._asked]))
        mean: NDArray[np.float64] = np.mean(kinds, axis=0, dtype=np.float64)
        return mean


def _heading(passage: Passage) -> str:
    parts = [part for part in (passage.title, passage.heading) if part]
    return ". ".join(dict.fromkeys(parts))


def _centred(rows: Vectors) -> Vectors:
    apart = rows - rows.mean(axis=0)
    norms = np.linalg.norm(apart, axis=1, keepdims=True)
    # Alone, or the same everywhere, a text tells nothing.
    unit: Vectors = np.where(norms > ALONE, apart / np.maximum(norms, ALONE), np.float32(0))
    return unit


def _nearest(cosines: Vectors) -> float:
    if not len(cosines):
        return 0.0
    return float(np.sort(cosines)[::-1][:NEAREST_QUESTIONS].mean())
