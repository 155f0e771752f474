"""The draws of chats, made ahead for many chats at once and handed out one by one."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

import numpy as np

from stepin.floor.randomness.philox import block, blocks
from stepin.floor.randomness.purposes import (
    COMING_BACK,
    ENDING,
    FATE,
    GENERATION,
    HUMAN_MORE,
    HUMAN_RESULT,
    HUMAN_TIME,
    HUMAN_WORDS,
    NATURE,
)

Four = tuple[float, float, float, float]
_CHUNK: Final = 256
_AHEAD: Final = 10
_KEPT: Final = 256
_OF_CHAT: Final = (NATURE, FATE, ENDING, COMING_BACK)
_OF_TURN: Final = (HUMAN_TIME, HUMAN_RESULT, HUMAN_WORDS, HUMAN_MORE)
_LAYOUT: Final = [(0, p) for p in _OF_CHAT] + [(k, p) for k in range(_AHEAD) for p in _OF_TURN]


class ChatDraws:
    """The draws of one chat; `base` and `generation` name it in every world."""

    __slots__ = ("_ahead", "_key", "_turn")

    def __init__(self, key: tuple[int, int, int], turn: int, ahead: np.ndarray) -> None:
        self._key, self._turn, self._ahead = key, turn, ahead

    def chat(self, purpose: int) -> list[float]:
        """Return the four numbers of a purpose of the chat itself."""
        found: list[float] = self._ahead[purpose].tolist()
        return found

    def human(self, turn: int, purpose: int) -> list[float] | tuple[float, ...]:
        """Return the four numbers of a purpose of the worker's turn of that number, from 0."""
        if turn < _AHEAD:
            found: list[float] = self._ahead[4 * turn + purpose - 12].tolist()
            return found
        seed, replication, entity = self._key
        return block(seed, replication, entity, self._turn + turn, purpose)

    def ai(self, turn: int, purpose: int) -> tuple[float, ...]:
        """Return the four numbers of a purpose of the AI's turn of that number, from 0."""
        seed, replication, entity = self._key
        return block(seed, replication, entity, self._turn + turn, purpose)


class KeyedDraws:
    """Every draw of a run, by chat."""

    def __init__(self, seed: int, replication: int) -> None:
        self._seed, self._replication = seed, replication
        self._chunks: OrderedDict[tuple[int, int], np.ndarray] = OrderedDict()

    def of(self, base: int, generation: int) -> ChatDraws:
        """Return the draws of a chat."""
        place = (base // _CHUNK, generation)
        chunk = self._chunks.get(place)
        if chunk is None:
            chunk = self._chunks[place] = self._chunk(*place)
            if len(self._chunks) > _KEPT:
                self._chunks.popitem(last=False)
        key = (self._seed, self._replication, base)
        return ChatDraws(key, generation * GENERATION, chunk[base % _CHUNK])

    def _chunk(self, number: int, generation: int) -> np.ndarray:
        turn, purpose = np.array(_LAYOUT, dtype=np.uint64).T
        entity = np.arange(number * _CHUNK, (number + 1) * _CHUNK, dtype=np.uint64)[:, None]
        shape = (_CHUNK, len(_LAYOUT))
        return blocks(
            self._seed,
            self._replication,
            np.broadcast_to(entity, shape).copy(),
            np.broadcast_to(turn + np.uint64(generation * GENERATION), shape).copy(),
            np.broadcast_to(purpose, shape).copy(),
        )
