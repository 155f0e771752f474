"""A learned detector: text heads and the shape of the chat, folded turn by turn, then trees.

The score after a turn is a function of the turns up to it and nothing else. Scoring a chat
turn by turn, in a batch, or with later turns appended gives the same bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import msgspec
import numpy as np
from numpy.typing import NDArray

from stepin.judge.evaluation.card import Card
from stepin.judge.fitting.fitted_chats import FittedChats
from stepin.judge.fitting.tasks import Task
from stepin.judge.models import store
from stepin.judge.models.calibration import softmax
from stepin.judge.models.heads import Heads
from stepin.judge.models.trees import Trees

KIND = "chat"
Floats = NDArray[np.float64]


class ChatModel(store.FileModel):
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

    kind = KIND

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
        seen: FittedChats,
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
        stored = self.stored()
        self.version = store.content_version(stored.kind, stored.header, stored.arrays)

    @property
    def name(self) -> str:
        """The detector's name in events: its task."""
        return self.task

    def calibrated(self, raw: Floats) -> Floats:
        """Return the probabilities of raw scores of the trees, shape (n, len(classes))."""
        return calibrated(raw, self._scale)

    @classmethod
    def from_stored(cls, stored: store.StoredModel) -> Self:
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
            inner = cls.from_stored(
                store.StoredModel(kind=KIND, header=header["inner"], arrays=nested)
            )
        return cls(
            task=header["task"],
            classes=header["classes"],
            headline=header["headline"],
            threshold=header["threshold"],
            scale=own["scale"],
            heads=Heads.from_arrays(own),
            trees=Trees.from_arrays(own),
            card=msgspec.convert(header["card"], Card),
            seen=FittedChats.from_arrays(own),
            inner=inner,
        )

    def stored(self) -> store.StoredModel:
        """Return what the file holds."""
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
            nested = self.inner.stored()
            header["inner"] = nested.header
            arrays.update({f"inner.{name}": array for name, array in nested.arrays.items()})
        return store.StoredModel(kind=KIND, header=header, arrays=arrays)


def calibrated(raw: Floats, scale: Floats) -> Floats:
    """Return probabilities from raw scores, shape (n, n_classes).

    One column is the log-odds of class 1 and is scaled and shifted (Platt 1999); more columns
    go through a softmax at the temperature 1 / scale[0].
    """
    if raw.shape[1] > 1:
        return softmax(raw, 1.0 / float(scale[0]))
    chance = 1.0 / (1.0 + np.exp(-(scale[0] * raw[:, 0] + scale[1])))
    return np.stack([1.0 - chance, chance], axis=1)
