"""Many chats at once: chats are folded in step, the longest first, one turn of each at a time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from stepin.judge.chat import LabelledChat, spoken
from stepin.judge.detectors.fold import ChatMemory, Fold, step_mood
from stepin.judge.detectors.learned import ChatModel, Floats
from stepin.judge.fitting.corpus import Corpus, lay_out
from stepin.judge.models import chat_features, text_features

Steps = list[NDArray[np.intp]]


def steps(corpus: Corpus) -> Steps:
    """Return for each turn number the rows of that turn, the longest chats first."""
    lengths = np.diff(corpus.start)
    order = np.argsort(-lengths, kind="stable")
    sorted_lengths = lengths[order]
    firsts = corpus.start[:-1][order]
    longest = int(sorted_lengths[0]) if len(order) else 0
    return [firsts[: int((sorted_lengths > number).sum())] + number for number in range(longest)]


def shapes(corpus: Corpus) -> Floats:
    """Return the shape features of every row, shape (n_rows, len(chat_features.FEATURES))."""
    found: list[tuple[float, ...]] = []
    said = iter(corpus.said)
    for chat in corpus.chats:
        state = chat_features.START
        for turn in spoken(chat.turns):
            state = chat_features.update(state, turn, next(said))
            found.append(chat_features.features(state))
    return np.array(found, np.float64).reshape(-1, len(chat_features.FEATURES))


def rows(fold: Fold, corpus: Corpus, shaped: Floats) -> Floats:
    """Return what the trees of a fold read at every row, shape (n_rows, n_features)."""
    columns = fold.columns(corpus.said, corpus.side)
    found: Floats | None = None
    memory: ChatMemory | None = None
    for turn_rows in steps(corpus):
        if memory is None:
            memory = fold.memory(len(turn_rows))
        shapes_now = shaped[turn_rows]
        read = tuple(column[turn_rows] for column in columns)
        memory = fold.step(memory.first(len(turn_rows)), read, corpus.side[turn_rows], shapes_now)
        part = fold.rows(memory, shapes_now)
        if found is None:
            found = np.empty((corpus.n_rows, part.shape[1]))
        found[turn_rows] = part
    return np.zeros((0, 0)) if found is None else found


def moods(shares: Floats, corpus: Corpus) -> Floats:
    """Return the fold of a model's probabilities as features, shape (n_rows, n_features)."""
    found: Floats | None = None
    state: text_features.RunningFeatures | None = None
    for turn_rows in steps(corpus):
        if state is None:
            state = text_features.start(len(turn_rows), shares.shape[1], 0, 0)
        state = step_mood(state.first(len(turn_rows)), shares[turn_rows], corpus.side[turn_rows])
        part = text_features.features(state)
        if found is None:
            found = np.empty((corpus.n_rows, part.shape[1]))
        found[turn_rows] = part
    return np.zeros((0, 0)) if found is None else found


def shares(model: ChatModel, corpus: Corpus) -> Floats:
    """Return the probabilities after every row, shape (n_rows, len(model.classes))."""
    return shares_of_all([model], corpus)[0]


def shares_of_all(models: Sequence[ChatModel], corpus: Corpus) -> list[Floats]:
    """Return what `shares` returns for each model; what they share is read once for all."""
    if corpus.n_rows == 0:
        return [np.zeros((0, len(model.classes))) for model in models]
    fold = Fold(models)
    return fold.shares_of(rows(fold, corpus, shapes(corpus)))


def score_chats(model: ChatModel, chats: Sequence[LabelledChat]) -> list[Floats]:
    """Return for each chat the probabilities after each of its turns, shape (turns, classes).

    A turn of the system repeats the probabilities before it; before anyone spoke they are
    those of an empty chat.
    """
    corpus = lay_out(chats)
    scored = shares(model, corpus)
    fold = Fold([model])
    empty = fold.shares(fold.start())[0]
    found: list[Floats] = []
    row = 0
    for chat in chats:
        now = empty
        lines = []
        for turn in chat.turns:
            if turn.role != "system":
                now = scored[row]
                row += 1
            lines.append(now)
        found.append(np.array(lines).reshape(len(lines), len(model.classes)))
    return found
