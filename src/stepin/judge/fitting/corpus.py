"""Chats laid out flat for fitting: one row per spoken turn, with its labels and its chat."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from stepin.judge.chat import LabelledChat, spoken
from stepin.judge.models.heads import CUSTOMER, OTHER
from stepin.judge.models.tokens import words

NO_LABEL = -1


class Corpus(msgspec.Struct, frozen=True, kw_only=True):
    """The spoken turns of some chats.

    ``chat`` is the place of a row's chat, ``side`` 0 for the customer, ``start`` where each
    chat's rows begin (one more entry than chats); labels are -1 where absent. Chats in which
    nobody spoke are left out of ``chats``.
    """

    chats: tuple[LabelledChat, ...]
    said: tuple[list[str], ...]
    chat: NDArray[np.intp]
    side: NDArray[np.intp]
    start: NDArray[np.intp]
    handoff: NDArray[np.intp]
    sentiment: NDArray[np.intp]

    @property
    def n_rows(self) -> int:
        """How many turns there are."""
        return len(self.chat)

    def rows_of(self, chats: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return the rows of the chats at these places, in order."""
        return np.flatnonzero(np.isin(self.chat, chats))


def lay_out(chats: Sequence[LabelledChat]) -> Corpus:
    """Return the corpus of `chats`."""
    kept = tuple(chat for chat in chats if any(True for _ in spoken(chat.turns)))
    turns = [(place, turn) for place, chat in enumerate(kept) for turn in spoken(chat.turns)]
    counts = np.bincount([place for place, _ in turns], minlength=len(kept))
    return Corpus(
        chats=kept,
        said=tuple(words(turn.text) for _, turn in turns),
        chat=np.array([place for place, _ in turns], np.intp),
        side=np.array([CUSTOMER if turn.role == "customer" else OTHER for _, turn in turns]),
        start=np.concatenate([[0], np.cumsum(counts)]).astype(np.intp),
        handoff=np.array([_label(turn.handoff) for _, turn in turns], np.intp),
        sentiment=np.array([_label(turn.sentiment) for _, turn in turns], np.intp),
    )


def _label(value: int | bool | None) -> int:
    return NO_LABEL if value is None else int(value)
