"""Learned detectors on chats, folded turn by turn: what several of them read is read once.

The score after a turn is a function of the turns up to it and nothing else. Scoring a chat turn
by turn, in a batch, alone or beside other detectors, or with later turns appended gives the same
bits.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from stepin.judge.chat import Turn
from stepin.judge.detectors.learned import ChatModel, Floats
from stepin.judge.models import chat_features, text_features
from stepin.judge.models.heads import CUSTOMER, OTHER, Stack
from stepin.judge.models.tokens import words
from stepin.judge.models.trees import Forest

Columns = tuple[Floats, ...]
"""What heads read in turns: those of the models, then of the models that they build on."""

_MOST_LOGIT = 12.0


class ChatMemory(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of n chats: the heads' numbers, and those of the models that are built on."""

    own: text_features.RunningFeatures
    inner: ChatMemory | None = None
    mood: text_features.RunningFeatures | None = None

    def first(self, n_chats: int) -> ChatMemory:
        """Return the memory of the first `n_chats` chats."""
        return ChatMemory(
            own=self.own.first(n_chats),
            inner=None if self.inner is None else self.inner.first(n_chats),
            mood=None if self.mood is None else self.mood.first(n_chats),
        )


class State(msgspec.Struct, frozen=True, kw_only=True):
    """Where one chat stands; never changed, only replaced."""

    shape: chat_features.Shape
    memory: ChatMemory


class Fold:
    """Detectors that are folded along chats together.

    Parameters
    ----------
    models : fitted detectors; none is fine.
    """

    def __init__(self, models: Sequence[ChatModel]) -> None:
        self.models = tuple(models)
        inner = {one.inner.version: one.inner for one in self.models if one.inner is not None}
        self._inner = Fold(tuple(inner.values())) if inner else None
        self._stack = Stack([one.heads for one in self.models])
        self._forest = Forest([one.trees for one in self.models], self._places(list(inner)))

    def start(self) -> State:
        """Return the state of a chat in which nothing has been said."""
        return State(shape=chat_features.START, memory=self.memory(1))

    def update(self, state: State, turn: Turn) -> State:
        """Return the state after `turn`; a turn of the system changes nothing."""
        if turn.role == "system":
            return state
        said = words(turn.text)
        after = chat_features.update(state.shape, turn, said)
        side = np.array([CUSTOMER if turn.role == "customer" else OTHER])
        shapes = np.array([chat_features.features(after)], np.float64)
        memory = self.step(state.memory, self.columns([said], side), side, shapes)
        return State(shape=after, memory=memory)

    def shares(self, state: State) -> list[Floats]:
        """Return each model's probability of each of its classes now, shape (classes,)."""
        shapes = np.array([chat_features.features(state.shape)], np.float64)
        return [found[0] for found in self.shares_of(self.rows(state.memory, shapes))]

    def memory(self, n_chats: int) -> ChatMemory:
        """Return the memory of chats in which nothing has been said."""
        stack = self._stack
        own = text_features.start(n_chats, stack.n_now, stack.n_recent, stack.n_whole)
        if self._inner is None:
            return ChatMemory(own=own)
        mood = text_features.start(n_chats, self._inner.n_classes, 0, 0)
        return ChatMemory(own=own, inner=self._inner.memory(n_chats), mood=mood)

    @property
    def n_classes(self) -> int:
        """How many classes the models have together."""
        return sum(len(one.classes) for one in self.models)

    def columns(self, said: Sequence[list[str]], side: NDArray[np.intp]) -> Columns:
        """Return what all heads read in turns, given their words and sides."""
        own = self._stack.read(said, side)
        return (own,) if self._inner is None else (own, *self._inner.columns(said, side))

    def step(
        self, memory: ChatMemory, columns: Columns, side: NDArray[np.intp], shapes: Floats
    ) -> ChatMemory:
        """Return the memory after one turn of each of n chats.

        Parameters
        ----------
        columns : of the n turns.
        side : shape (n,), 0 where the customer spoke, 1 where the other side did.
        shapes : shape (n, len(chat_features.FEATURES)), after the turn.
        """
        now = self._stack.n_now
        recent = now + self._stack.n_recent
        read = columns[0]
        own = text_features.update(
            memory.own, read[:, :now], read[:, now:recent], read[:, recent:], side
        )
        if self._inner is None or memory.inner is None or memory.mood is None:
            return ChatMemory(own=own)
        inner = self._inner.step(memory.inner, columns[1:], side, shapes)
        shares = np.concatenate(self._inner.shares_of(self._inner.rows(inner, shapes)), axis=1)
        return ChatMemory(own=own, inner=inner, mood=step_mood(memory.mood, shares, side))

    def rows(self, memory: ChatMemory, shapes: Floats) -> Floats:
        """Return what the trees of all models read, shape (n, n_features)."""
        parts = [shapes, text_features.features(memory.own)]
        if memory.mood is not None:
            parts.append(text_features.features(memory.mood))
        return np.concatenate(parts, axis=1)

    def shares_of(self, rows: Floats) -> list[Floats]:
        """Return each model's calibrated probabilities of rows, shape (n, classes)."""
        raw = self._forest.score(rows)
        return [one.calibrated(of_it) for one, of_it in zip(self.models, raw, strict=True)]

    def _places(self, inner: Sequence[str]) -> list[NDArray[np.intp]]:
        """Return for each model where in a row stands what its trees read."""
        stack, moods = self._stack, [] if self._inner is None else self._inner.models
        n_shapes = len(chat_features.FEATURES)
        width = text_features.n_features(stack.n_now, stack.n_recent, stack.n_whole)
        found, now, recent, whole = [], 0, 0, 0
        for one in self.models:
            heads = one.heads
            own = text_features.places(
                (now, heads.n_now, stack.n_now),
                (recent, heads.n_recent, stack.n_recent),
                (whole, heads.n_whole, stack.n_whole),
            )
            now, recent, whole = now + heads.n_now, recent + heads.n_recent, whole + heads.n_whole
            parts = [np.arange(n_shapes), n_shapes + own]
            if one.inner is not None and self._inner is not None:
                before = moods[: inner.index(one.inner.version)]
                first = sum(len(other.classes) for other in before)
                classes = (first, len(one.inner.classes), self._inner.n_classes)
                parts.append(n_shapes + width + text_features.places(classes))
            found.append(np.concatenate(parts))
        return found


def step_mood(
    mood: text_features.RunningFeatures, shares: Floats, side: NDArray[np.intp]
) -> text_features.RunningFeatures:
    """Return the fold of other models' probabilities after one turn of each of n chats."""
    odds = np.log(np.maximum(shares, 1e-9)) - np.log(np.maximum(1.0 - shares, 1e-9))
    none = np.zeros((len(shares), 0))
    return text_features.update(mood, np.clip(odds, -_MOST_LOGIT, _MOST_LOGIT), none, none, side)
