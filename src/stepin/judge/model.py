"""A learned detector: text heads and the shape of the chat, folded turn by turn, then trees.

The score after a turn is a function of the turns up to it and nothing else. Scoring a chat
turn by turn, in a batch, or with later turns appended gives the same bits.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from stepin.judge import running, shape, store
from stepin.judge.card import Card
from stepin.judge.chat import Turn
from stepin.judge.heads import CUSTOMER, OTHER, Heads
from stepin.judge.seen import Seen
from stepin.judge.softmax import softmax
from stepin.judge.tasks import Task
from stepin.judge.tokens import words
from stepin.judge.trees import Trees
from stepin.judge.vocabulary import Weighing

KIND = "chat"
Floats = NDArray[np.float64]

SIDES = np.eye(2)
_MOST_LOGIT = 12.0


class Memory(msgspec.Struct, frozen=True, kw_only=True):
    """What a model keeps of n chats: its own heads, and those of the model it builds on."""

    own: running.Running
    inner: Memory | None = None
    mood: running.Running | None = None


class State(msgspec.Struct, frozen=True, kw_only=True):
    """Where one chat stands: pass it to `ChatModel.update` and `ChatModel.score`."""

    shape: shape.Shape
    memory: Memory


class ChatModel:
    """A fitted detector of one task; immutable.

    Attributes
    ----------
    task : what it tells.
    classes : the labels, in the order of `shares`.
    headline : the place of the class whose probability is the score.
    threshold : a score at or above it is a flag (highest F1 on left-out folds).
    card : where it comes from and how it did on left-out folds.
    seen : the chats that it was fitted on, and what it said of each when left out.
    version : 12 hexadecimal digits, the same for the same content.
    """

    def __init__(
        self,
        *,
        task: Task,
        classes: Sequence[int],
        headline: int,
        threshold: float,
        scale: Floats,
        heads: Heads,
        trees: Trees,
        card: Card,
        seen: Seen,
        inner: ChatModel | None = None,
    ) -> None:
        self.task = task
        self.classes = tuple(classes)
        self.headline = headline
        self.threshold = threshold
        self.heads = heads
        self.trees = trees
        self.card = card
        self.seen = seen
        self.inner = inner
        self._scale = scale
        stored = self._stored()
        self.version = store.content_version(stored.kind, stored.header, stored.arrays)

    @property
    def name(self) -> str:
        """The detector's name in events: its task."""
        return self.task

    def start(self) -> State:
        """Return the state of a chat in which nothing has been said."""
        return State(shape=shape.START, memory=self.memory(1))

    def update(self, state: State, turn: Turn) -> State:
        """Return the state after `turn`; a turn of the system changes nothing."""
        if turn.role == "system":
            return state
        said = words(turn.text)
        after = shape.update(state.shape, turn, said)
        side = CUSTOMER if turn.role == "customer" else OTHER
        rows = np.array([shape.features(after)], np.float64)
        return State(shape=after, memory=self.step(state.memory, [said], [side], rows))

    def shares(self, state: State) -> Floats:
        """Return the probability of each class now, shape (len(classes),)."""
        rows = np.array([shape.features(state.shape)], np.float64)
        found: Floats = self.shares_of(self.rows(state.memory, rows))[0]
        return found

    def score(self, state: State) -> float:
        """Return the probability of the headline class now, 0 … 1."""
        return float(self.shares(state)[self.headline])

    def memory(self, n_chats: int) -> Memory:
        """Return the memory of `n_chats` chats in which nothing has been said."""
        own = running.start(n_chats, self.heads.n_now, self.heads.n_recent, self.heads.n_whole)
        if self.inner is None:
            return Memory(own=own)
        mood = running.start(n_chats, len(self.inner.classes), 0, 0)
        return Memory(own=own, inner=self.inner.memory(n_chats), mood=mood)

    def step(
        self,
        memory: Memory,
        said: Sequence[list[str]],
        sides: Sequence[int],
        shapes: Floats,
        weighing: Weighing | None = None,
    ) -> Memory:
        """Return the memory after one turn of each of n chats.

        Parameters
        ----------
        memory : of n chats.
        said : the words of each turn.
        sides : 0 where the customer spoke, 1 where the other side did.
        shapes : shape (n, len(shape.FEATURES)), after the turn.
        weighing : shares the texts' weights among models of one vocabulary.
        """
        heads = self.heads
        weighing = weighing or Weighing()
        side = np.asarray(sides, np.intp)
        columns = np.empty((len(said), heads.coefficients.shape[2]))
        for place, (turn, by) in enumerate(zip(said, sides, strict=True)):
            columns[place] = heads.columns(weighing.weigh_words(heads.vocabulary, turn), by)
        now, recent = heads.n_now, heads.n_now + heads.n_recent
        own = running.update(
            memory.own,
            columns[:, :now] + heads.intercepts[side],
            columns[:, now:recent],
            columns[:, recent:],
            SIDES[side],
        )
        if self.inner is None or memory.inner is None or memory.mood is None:
            return Memory(own=own)
        inner = self.inner.step(memory.inner, said, sides, shapes, weighing)
        shares = self.inner.shares_of(self.inner.rows(inner, shapes))
        mood = step_mood(memory.mood, shares, side)
        return Memory(own=own, inner=inner, mood=mood)

    def rows(self, memory: Memory, shapes: Floats) -> Floats:
        """Return what the trees read, shape (n, n_features)."""
        parts = [shapes, running.features(memory.own)]
        if memory.mood is not None:
            parts.append(running.features(memory.mood))
        return np.concatenate(parts, axis=1)

    def shares_of(self, rows: Floats) -> Floats:
        """Return the calibrated probabilities of rows, shape (n, len(classes))."""
        raw = self.trees.score(rows)
        return calibrated(raw, self._scale)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the model, and the one it builds on, to one file.

        Raises
        ------
        Invalid
            If the folder of `path` doesn't exist.
        """
        store.save(path, self._stored())

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> ChatModel:
        """Return the model at `path`.

        Raises
        ------
        Missing
            If there is no such file.
        Invalid
            If the file isn't a detector.
        """
        return cls.from_stored(store.load(path, KIND))

    @classmethod
    def from_stored(cls, stored: store.Stored) -> ChatModel:
        """Return the model that a file held."""
        header = stored.header
        own = {k: v for k, v in stored.arrays.items() if not k.startswith("inner.")}
        inner = None
        if header.get("inner"):
            nested = {
                k.removeprefix("inner."): v
                for k, v in stored.arrays.items()
                if k.startswith("inner.")
            }
            inner = cls.from_stored(store.Stored(kind=KIND, header=header["inner"], arrays=nested))
        return cls(
            task=header["task"],
            classes=header["classes"],
            headline=header["headline"],
            threshold=header["threshold"],
            scale=own["scale"],
            heads=Heads.from_arrays(own),
            trees=Trees.from_arrays(own),
            card=msgspec.convert(header["card"], Card),
            seen=Seen.from_arrays(own),
            inner=inner,
        )

    def _stored(self) -> store.Stored:
        arrays = {
            **self.heads.to_arrays(), **self.trees.to_arrays(), **self.seen.to_arrays(),
            "scale": self._scale,
        }  # fmt: skip
        header: dict[str, object] = {
            "task": self.task,
            "classes": list(self.classes),
            "headline": self.headline,
            "threshold": self.threshold,
            "card": msgspec.to_builtins(self.card),
        }
        if self.inner is not None:
            nested = self.inner._stored()
            header["inner"] = nested.header
            arrays.update({f"inner.{name}": array for name, array in nested.arrays.items()})
        return store.Stored(kind=KIND, header=header, arrays=arrays)


def calibrated(raw: Floats, scale: Floats) -> Floats:
    """Return probabilities from raw scores, shape (n, n_classes).

    One column is the log-odds of class 1 and is scaled and shifted (Platt 1999); more columns
    go through a softmax at the temperature 1 / scale[0].
    """
    if raw.shape[1] > 1:
        return softmax(raw, 1.0 / float(scale[0]))
    chance = 1.0 / (1.0 + np.exp(-(scale[0] * raw[:, 0] + scale[1])))
    return np.stack([1.0 - chance, chance], axis=1)


def step_mood(mood: running.Running, shares: Floats, side: NDArray[np.intp]) -> running.Running:
    """Return the fold of another model's probabilities after one turn of each of n chats."""
    odds = np.log(np.maximum(shares, 1e-9)) - np.log(np.maximum(1.0 - shares, 1e-9))
    none = np.zeros((len(shares), 0))
    return running.update(mood, np.clip(odds, -_MOST_LOGIT, _MOST_LOGIT), none, none, SIDES[side])
