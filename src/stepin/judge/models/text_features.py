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
_LAST, _BEFORE, _AVERAGE, _HIGHEST, _TOTAL, _KEPT = range(6)
_BLOCKS = 2 * (_KEPT + 2)


class RunningFeatures(msgspec.Struct, frozen=True, kw_only=True):
    """The fold's state for n chats; side 0 is the customer, side 1 the other.

    Shapes: said (n, 2, 9, now), for each side and head the last score, the one before, the
    average, the highest, the sum, and the last four, the oldest first; count (n, 2);
    recent (n, recent); whole (n, 2, whole).
    """

    said: Floats
    count: Floats
    recent: Floats
    recent_next: Floats
    whole: Floats

    def first(self, n_chats: int) -> RunningFeatures:
        """Return the state of the first `n_chats` chats."""
        if n_chats == len(self.count):
            return self
        return RunningFeatures(
            **{name: getattr(self, name)[:n_chats] for name in self.__struct_fields__}
        )


def start(n_chats: int, n_now: int, n_recent: int, n_whole: int) -> RunningFeatures:
    """Return the state of chats in which nothing has been said."""
    said = np.zeros((n_chats, 2, _KEPT + _KEPT_TURNS, n_now))
    said[:, :, :_AVERAGE] = _UNSAID_LOGIT
    return RunningFeatures(
        said=said,
        count=np.zeros((n_chats, 2)),
        recent=np.zeros((n_chats, n_recent)),
        recent_next=np.zeros((n_chats, n_recent)),
        whole=np.zeros((n_chats, 2, n_whole)),
    )


def update(
    state: RunningFeatures, now: Floats, recent: Floats, whole: Floats, side: NDArray[np.intp]
) -> RunningFeatures:
    """Return the state after one turn of each chat.

    Parameters
    ----------
    state : n chats.
    now : shape (n, now), log-odds of the turn's text.
    recent, whole : shapes (n, recent) and (n, whole), what the turn adds to those heads.
    side : shape (n,), the side that spoke.
    """
    chat = np.arange(len(side))
    chance = 1.0 / (1.0 + np.exp(-now))
    before = state.said[chat, side]
    after = np.empty_like(before)
    after[:, _LAST] = now
    after[:, _BEFORE] = before[:, _LAST]
    smoothed = (1 - _SMOOTHING) * before[:, _AVERAGE] + _SMOOTHING * chance
    after[:, _AVERAGE] = np.where(state.count[chat, side, None] == 0.0, chance, smoothed)
    after[:, _HIGHEST] = np.maximum(before[:, _HIGHEST], chance)
    after[:, _TOTAL] = before[:, _TOTAL] + chance
    after[:, _KEPT:-1] = before[:, _KEPT + 1 :]
    after[:, -1] = chance
    said, count, summed = state.said.copy(), state.count.copy(), state.whole.copy()
    said[chat, side] = after
    count[chat, side] += 1.0
    summed[chat, side] += whole
    return RunningFeatures(
        said=said,
        count=count,
        recent=state.recent_next,
        recent_next=FADE * state.recent_next + recent,
        whole=summed,
    )


def features(state: RunningFeatures) -> Floats:
    """Return the numbers that the trees read, shape (n, 14·now + recent + whole)."""
    n_chats, _, _, n_now = state.said.shape
    count = np.maximum(state.count, 1.0)[:, :, None]
    told = np.empty((n_chats, _KEPT + 2, 2, n_now))
    told[:, :_KEPT] = state.said[:, :, :_KEPT].swapaxes(1, 2)
    np.divide(state.said[:, :, _TOTAL], count, out=told[:, _KEPT])
    kept = state.said[:, :, _KEPT:]
    lately = kept[:, :, 0] + kept[:, :, 1] + kept[:, :, 2] + kept[:, :, 3]
    np.divide(lately, np.minimum(count, float(_KEPT_TURNS)), out=told[:, _KEPT + 1])
    whole = state.whole / np.sqrt(count)
    return np.concatenate(
        [told.reshape(n_chats, -1), state.recent, whole[:, 0] + whole[:, 1]], axis=1
    )


def n_features(n_now: int, n_recent: int, n_whole: int) -> int:
    """Return how many numbers `features` returns for a chat."""
    return _BLOCKS * n_now + n_recent + n_whole


def places(
    now: tuple[int, int, int],
    recent: tuple[int, int, int] = (0, 0, 0),
    whole: tuple[int, int, int] = (0, 0, 0),
) -> NDArray[np.intp]:
    """Return where the numbers of some heads stand among those of all.

    Parameters
    ----------
    now, recent, whole : the place of the first of these heads, their count, and that of all.
    """
    by_block = np.arange(_BLOCKS)[:, None] * now[2] + np.arange(now[0], now[0] + now[1])
    more, last = _BLOCKS * now[2], _BLOCKS * now[2] + recent[2]
    return np.concatenate(
        [
            by_block.reshape(-1),
            np.arange(more + recent[0], more + recent[0] + recent[1]),
            np.arange(last + whole[0], last + whole[0] + whole[1]),
        ]
    )
