"""What a chat's text has said so far, as running numbers of a few linear heads.

A *head* is a linear score of a turn's text. For every head and side (the customer; the other
side, AI or worker) the fold keeps the last score, the one before, an exponential average, the
highest, the sum and the mean of the last four, all as probabilities. Two more kinds of heads
read several turns at once: *recent* (earlier turns, fading) and *whole* (all turns so far).

All arrays carry a leading axis of chats that are folded in step; a chat's numbers are the
same, to the last bit, whichever chats stand beside it.
"""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FADE = 0.6
_SMOOTHING = 0.4
_KEPT_TURNS = 4
_UNSAID_LOGIT = -9.0


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """The fold's state for n chats; side 0 is the customer, side 1 the other.

    Shapes: last, before, average, highest, total (n, 2, now); kept (n, 2, 4, now);
    count (n, 2, 1); recent (n, recent); whole (n, 2, whole).
    """

    last: Floats
    before: Floats
    average: Floats
    highest: Floats
    total: Floats
    kept: Floats
    count: Floats
    recent: Floats
    recent_next: Floats
    whole: Floats

    def first(self, n_chats: int) -> Running:
        """Return the state of the first `n_chats` chats."""
        return Running(**{name: getattr(self, name)[:n_chats] for name in self.__struct_fields__})


def start(n_chats: int, n_now: int, n_recent: int, n_whole: int) -> Running:
    """Return the state of chats in which nothing has been said."""
    by_side = (n_chats, 2, n_now)
    return Running(
        last=np.full(by_side, _UNSAID_LOGIT),
        before=np.full(by_side, _UNSAID_LOGIT),
        average=np.zeros(by_side),
        highest=np.zeros(by_side),
        total=np.zeros(by_side),
        kept=np.zeros((n_chats, 2, _KEPT_TURNS, n_now)),
        count=np.zeros((n_chats, 2, 1)),
        recent=np.zeros((n_chats, n_recent)),
        recent_next=np.zeros((n_chats, n_recent)),
        whole=np.zeros((n_chats, 2, n_whole)),
    )


def update(state: Running, now: Floats, recent: Floats, whole: Floats, side: Floats) -> Running:
    """Return the state after one turn of each chat.

    Parameters
    ----------
    state : n chats.
    now : shape (n, now), log-odds of the turn's text.
    recent, whole : shapes (n, recent) and (n, whole), what the turn adds to those heads.
    side : shape (n, 2), 1 at the side that spoke, else 0.
    """
    spoke = side[:, :, None] > 0.0
    score = now[:, None, :]
    chance = 1.0 / (1.0 + np.exp(-score))
    is_first = state.count == 0.0
    smoothed = np.where(is_first, chance, (1 - _SMOOTHING) * state.average + _SMOOTHING * chance)
    shifted = np.concatenate(
        [
            state.kept[:, :, 1:],
            np.broadcast_to(chance[:, :, None, :], (*state.last.shape[:2], 1, now.shape[1])),
        ],
        axis=2,
    )
    return Running(
        last=np.where(spoke, score, state.last),
        before=np.where(spoke, state.last, state.before),
        average=np.where(spoke, smoothed, state.average),
        highest=np.where(spoke, np.maximum(state.highest, chance), state.highest),
        total=np.where(spoke, state.total + chance, state.total),
        kept=np.where(spoke[:, :, :, None], shifted, state.kept),
        count=state.count + side[:, :, None],
        recent=state.recent_next,
        recent_next=FADE * state.recent_next + recent,
        whole=state.whole + side[:, :, None] * whole[:, None, :],
    )


def features(state: Running) -> Floats:
    """Return the numbers that the trees read, shape (n, 14·now + recent + whole)."""
    count = np.maximum(state.count, 1.0)
    kept = state.kept
    mean_of_kept = (kept[:, :, 0] + kept[:, :, 1] + kept[:, :, 2] + kept[:, :, 3]) / np.minimum(
        count, float(_KEPT_TURNS)
    )
    by_side = (
        state.last,
        state.before,
        state.average,
        state.highest,
        state.total,
        state.total / count,
        mean_of_kept,
    )
    n_chats = len(count)
    whole = state.whole / np.sqrt(count)
    return np.concatenate(
        [
            *(block.reshape(n_chats, -1) for block in by_side),
            state.recent,
            whole[:, 0] + whole[:, 1],
        ],
        axis=1,
    )
