"""Which passages answer a question, best first, and an honest floor.

Passages are ranked by their words (`LexicalIndex`), and by what they mean where there is an
encoder: (`MeaningIndex`). How sure the best is, is its score less a share of what
the next ones have: where many passages are as near, none answers.

The floor is what a shop's own questions say: see `stepin.agent.shop.floor`.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterable, Iterator, Sequence

import msgspec
import numpy as np
import structlog

from stepin.agent.shop.article import Passage
from stepin.agent.shop.floor import floor_of
from stepin.agent.shop.lexical import Excluded, LexicalIndex, Scores
from stepin.agent.shop.meaning import MeaningIndex
from stepin.errors import Unavailable
from stepin.language.reading import read_part
from stepin.language.search_words.words import search_words
from stepin.vectors.port import Encoder

MANY = 5
NEXT, SHARE_OF_NEXT = 3, 0.15
LEXICAL_SHARE = 0.12
CALIBRATED_ON = 400
SHORT_CHARS = 300
FLOOR, FLOOR_WITH_MEANING = 0.5, 0.25
"""Where a shop has written too few questions to calibrate on."""
_log = structlog.get_logger("stepin.agent")


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """A passage with its score.

    Attributes
    ----------
    sure : the score less a share of those next to the best.
    answers : whether that is above the floor, so that it may be told unread.
    """

    passage: Passage
    score: float
    sure: float
    answers: bool


class _Shelf:
    """The passages of one language; `encoder` makes the vectors of their own texts."""

    def __init__(self, passages: Sequence[Passage], language: str, encoder: Encoder | None) -> None:
        self.passages = tuple(passages)
        self._lexical = LexicalIndex(self.passages, search_words(language))
        self._meaning = None if encoder is None else MeaningIndex(self.passages, encoder)
        self._articles = np.array([one.source.partition("#")[0] for one in self.passages])
        self._floors = {False: self._calibrated(None)}
        if encoder is not None:
            self._floors[True] = self._calibrated(encoder)

    def scores(
        self, question: str, encoder: Encoder | None, *, but: Excluded | None = None
    ) -> tuple[Scores, bool]:
        """Return each passage's score, and whether what the question means is part of it."""
        lexical = self._lexical.scores(question, but=but)
        near = None
        if encoder is not None and self._meaning is not None:
            near = self._meaning.scores(encoder.encode([question])[0])
        if near is None:
            return lexical, False
        return near + LEXICAL_SHARE * lexical, True

    def sure(self, scores: Scores) -> float:
        """Return how sure the best of some scores is."""
        best = np.sort(scores)[::-1]
        after = best[1 : 1 + NEXT]
        return float(best[0] - (SHARE_OF_NEXT * max(after.mean(), 0.0) if len(after) else 0.0))

    def hits(self, scores: Scores, *, floor: float, limit: int) -> list[Hit]:
        """Return the best of some scores; what has nothing in common with the question is none."""
        order = np.argsort(-scores, kind="stable")[:limit]
        next_ones = float(scores[order[0]]) - self.sure(scores)
        return [
            Hit(
                passage=self.passages[at],
                score=float(scores[at]),
                sure=float(scores[at]) - next_ones,
                answers=float(scores[at]) - next_ones > floor,
            )
            for at in order
            if scores[at] > 0
        ]

    def floor(self, *, meaning: bool) -> float:
        """Return how sure the best has to be, by the shop's own questions."""
        return self._floors[meaning]

    def _calibrated(self, encoder: Encoder | None) -> float:
        words = FLOOR * math.sqrt(self._lexical.weight_of_unknown)
        default = words if encoder is None else FLOOR_WITH_MEANING
        return floor_of(self._left_out(encoder), default=default)

    def _left_out(self, encoder: Encoder | None) -> Iterator[float]:
        """Ask own questions, spread evenly, of all articles but the one that answers each."""
        own = [
            (question, self._articles[at])
            for at, passage in enumerate(self.passages)
            for question in passage.questions
        ]
        for question, article in own[:: 1 + len(own) // CALIBRATED_ON]:
            its = self._articles == article
            if not its.all():
                yield self.sure(self.scores(question, encoder, but=its)[0][~its])


class Ranking:
    """An index over passages; immutable. A language's passages are only found in that language.

    Parameters
    ----------
    encoder : what turns texts into vectors; without it words alone decide.
    of_passages : the same encoder with a memory for the passages' own texts.
    """

    def __init__(
        self,
        passages: Iterable[Passage],
        encoder: Encoder | None = None,
        *,
        of_passages: Encoder | None = None,
    ) -> None:
        self.passages = tuple(passages)
        try:
            self._shelves = _shelves(self.passages, of_passages or encoder)
        except Unavailable as error:
            _log.warning("articles_without_vectors", code=error.code)
            encoder, self._shelves = None, _shelves(self.passages, None)
        self._encoder = encoder

    @property
    def encoder_id(self) -> str:
        """The encoder's id, empty without one."""
        return "" if self._encoder is None else self._encoder.id

    def find(self, question: str, language: str, *, limit: int = 3) -> list[Hit]:
        """Return the passages that answer, best first; empty if it isn't sure that one does."""
        hits = self.best(question, language, limit=limit)
        return hits if hits and hits[0].answers else []

    def best(self, question: str, language: str, *, limit: int = MANY) -> list[Hit]:
        """Return the likeliest passages, best first, for somebody who judges them: no floor."""
        shelf = self._shelves.get(language)
        asked = read_part(question)
        if shelf is None or not asked.strip():
            return []
        try:
            scores, meant = shelf.scores(asked, self._encoder)
        except Unavailable as error:
            _log.warning("search_without_vectors", code=error.code)
            scores, meant = shelf.scores(asked, None)
        return shelf.hits(scores, floor=shelf.floor(meaning=meant), limit=limit)

    def floor(self, language: str) -> float:
        """Return how sure the best passage of a language has to be to answer; 0 without any."""
        shelf = self._shelves.get(language)
        return 0.0 if shelf is None else shelf.floor(meaning=self._encoder is not None)

    async def search(self, question: str, language: str, *, limit: int = 3) -> list[Hit]:
        """Return what `find` does, without holding up others."""
        if not self._waits(question):
            return self.find(question, language, limit=limit)
        return await asyncio.to_thread(self.find, question, language, limit=limit)

    async def search_best(self, question: str, language: str, *, limit: int = MANY) -> list[Hit]:
        """Return what `best` does, without holding up others."""
        if not self._waits(question):
            return self.best(question, language, limit=limit)
        return await asyncio.to_thread(self.best, question, language, limit=limit)

    def _waits(self, question: str) -> bool:
        """Return whether a search takes long: another computer is asked, or a long text read."""
        encoder = self._encoder
        return encoder is not None and (encoder.remote or len(question) > SHORT_CHARS)


def _shelves(passages: Iterable[Passage], encoder: Encoder | None) -> dict[str, _Shelf]:
    by_language: dict[str, list[Passage]] = {}
    for passage in passages:
        by_language.setdefault(passage.language, []).append(passage)
    return {language: _Shelf(found, language, encoder) for language, found in by_language.items()}
