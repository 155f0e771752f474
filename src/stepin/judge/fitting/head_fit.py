"""Fitting text heads: one logistic regression a head and side, on terms of turns."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from stepin.judge.fitting.corpus import Corpus
from stepin.judge.fitting.tasks import Head, Target
from stepin.judge.models import sparse
from stepin.judge.models.heads import Heads
from stepin.judge.models.text_features import FADE
from stepin.judge.models.vocabulary import Vocabulary

Ints = NDArray[np.intp]

FEWEST_OF_A_CLASS = 5
_MIN_TEXTS = 2
_FADED_TURNS = 8


def fit_heads(corpus: Corpus, target: Target, train: Ints, *, chat_level: bool, seed: int) -> Heads:
    """Return heads fitted on the rows `train` (whole chats).

    A head with fewer than five rows of a class on a side is zero on that side.
    """
    vocabulary = Vocabulary.learn_words((corpus.said[row] for row in train), min_texts=_MIN_TEXTS)
    terms = sparse.matrix(
        [vocabulary.weigh_words(corpus.said[row]) for row in train], len(vocabulary)
    )
    n_now, n_recent, n_whole = len(target.now), len(target.recent), len(target.whole)
    coefficients = np.zeros((2, len(vocabulary), n_now + n_recent + n_whole), np.float32)
    intercepts = np.zeros((2, n_now))
    cost = 0.5 if chat_level else 3.0
    side = corpus.side[train]
    for place, head in enumerate(target.now):
        for by in (0, 1):
            usable = np.flatnonzero(side == by)
            weights, intercept = _regress(terms, head, train, usable, cost, seed)
            coefficients[by, :, place] = weights
            intercepts[by, place] = intercept
    joined = (
        (target.recent, _recent_rows, n_now, cost),
        (target.whole, _whole_rows, n_now + n_recent, 1.0),
    )
    for heads, make, offset, price in joined:
        if not heads:
            continue
        usable = np.flatnonzero(np.any([known[train] for _, known in heads], axis=0))
        both = make(terms, corpus.chat[train], side, usable)
        for place, (label, known) in enumerate(heads):
            picked = known[train][usable]
            weights, _ = _logistic(both[picked], label[train][usable][picked], price, seed)
            coefficients[:, :, offset + place] = weights.reshape(2, len(vocabulary))
    return Heads(vocabulary, coefficients, intercepts, n_recent, n_whole)


def _regress(
    terms: Any, head: Head, train: Ints, usable: Ints, cost: float, seed: int
) -> tuple[NDArray[np.float64], float]:
    label, known = head
    picked = usable[known[train][usable]]
    return _logistic(terms[picked], label[train][picked], cost, seed)


def _logistic(rows: Any, label: Ints, cost: float, seed: int) -> tuple[NDArray[np.float64], float]:
    from sklearn.linear_model import LogisticRegression

    counts = np.bincount(label, minlength=2)
    if counts[:2].min() < FEWEST_OF_A_CLASS or not rows.shape[1]:
        share = (counts[1] + 0.5) / (counts.sum() + 1.0)
        return np.zeros(rows.shape[1]), float(np.log(share / (1 - share)))
    machine = LogisticRegression(C=cost, solver="liblinear", random_state=seed, max_iter=200)
    machine.fit(rows, label)
    return np.asarray(machine.coef_[0], np.float64), float(machine.intercept_[0])


def _by_side(mixer: Any, terms: Any, side: Ints) -> Any:
    """Return the mixed terms of the customer's turns beside those of the other side's."""
    from scipy.sparse import diags, hstack

    return hstack([mixer @ (diags((side == by).astype(float)) @ terms) for by in (0, 1)]).tocsr()


def _recent_rows(terms: Any, chat: Ints, side: Ints, usable: Ints) -> Any:
    """Return for each usable row the terms of the turns before it, fading."""
    from scipy.sparse import csr_matrix

    here: list[int] = []
    there: list[int] = []
    fade: list[float] = []
    for place, row in enumerate(usable):
        for back in range(1, _FADED_TURNS + 1):
            earlier = row - back
            if earlier < 0 or chat[earlier] != chat[row]:
                break
            here.append(place)
            there.append(earlier)
            fade.append(FADE ** (back - 1))
    mixer = csr_matrix((fade, (here, there)), shape=(len(usable), terms.shape[0]))
    return _by_side(mixer, terms, side)


def _whole_rows(terms: Any, chat: Ints, side: Ints, usable: Ints) -> Any:
    """Return for each usable row the sum of all turns so far over the root of their number."""
    from scipy.sparse import csr_matrix

    here: list[int] = []
    there: list[int] = []
    share: list[float] = []
    for place, row in enumerate(usable):
        first = int(np.searchsorted(chat, chat[row]))
        earlier = np.arange(first, row + 1)
        counts = np.bincount(side[earlier], minlength=2)
        here.extend([place] * len(earlier))
        there.extend(earlier.tolist())
        share.extend((1.0 / np.sqrt(counts[side[earlier]])).tolist())
    mixer = csr_matrix((share, (here, there)), shape=(len(usable), terms.shape[0]))
    return _by_side(mixer, terms, side)
