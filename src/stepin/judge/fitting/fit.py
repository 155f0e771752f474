"""Fitting a detector on labelled chats.

Heads are cross-fitted: the trees are fitted on head scores of chats that the heads hadn't
seen (Wolpert 1992, stacked generalization), so that they trust the heads as much as those
deserve. Scale, threshold and the card's figures come from chats that the trees hadn't seen
either.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from stepin.errors import Invalid
from stepin.judge.chat import LabelledChat
from stepin.judge.detectors import batch
from stepin.judge.detectors.fold import Fold
from stepin.judge.detectors.learned import ChatModel, calibrated
from stepin.judge.evaluation import metrics
from stepin.judge.evaluation.card import Card
from stepin.judge.fitting import tasks
from stepin.judge.fitting.corpus import NO_LABEL, Corpus, lay_out
from stepin.judge.fitting.fitted_chats import FittedChats, fingerprints
from stepin.judge.fitting.folds import folds_of
from stepin.judge.fitting.head_fit import fit_heads
from stepin.judge.fitting.tasks import Target, Task
from stepin.judge.models.calibration import fit_temperature
from stepin.judge.models.heads import Heads
from stepin.judge.models.trees import Trees, fit_trees

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

HEAD_FOLDS = 5
TREE_FOLDS = 4
FEWEST_CHATS = 10


def fit(
    task: Task,
    chats: Sequence[LabelledChat],
    *,
    seed: int = 0,
    features_from: ChatModel | None = None,
    data: str = "",
    date: str | None = None,
) -> ChatModel:
    """Return a detector of `task`; the same chats in the same order and seed, the same model.

    Parameters
    ----------
    task : what to tell; see `stepin.judge.fitting.tasks`.
    chats : labelled chats, at least ten; about a hundred are useful.
    features_from : another detector whose running probabilities this one reads. On chats that
        it was fitted on, those that it got while they were left out are read.
    data, date : a description and a day for the card.

    Raises
    ------
    Invalid
        If chats or labels are too few.
    """
    corpus = _corpus(chats)
    target = tasks.target(task, corpus)
    usable = np.flatnonzero((target.label != NO_LABEL) & (target.weight > 0))
    rows = _cross_fitted_rows(task, target, corpus, seed)
    if features_from is not None:
        rows = np.concatenate([rows, _mood(features_from, corpus)], axis=1)
    left_out = _left_out(task, target, corpus, rows, usable, seed)
    return ChatModel(
        task=task,
        classes=target.classes,
        headline=target.headline,
        threshold=left_out.figures.threshold,
        scale=left_out.scale,
        # Scale and threshold come from chats left out; heads and trees then learn from all.
        heads=_heads(task, target, corpus, np.arange(corpus.n_rows), seed),
        trees=_trees(task, target, rows, usable, seed),
        card=_card(task, target, corpus, left_out, seed, data, date, features_from),
        seen=FittedChats.of(fingerprints(corpus.chats), corpus.start, left_out.shares),
        inner=features_from,
    )


def _corpus(chats: Sequence[LabelledChat]) -> Corpus:
    """Return the chats in which somebody speaks, laid out by turn; refuse too few of them."""
    corpus = lay_out(chats)
    if len(corpus.chats) < FEWEST_CHATS:
        raise Invalid(
            f"{len(corpus.chats)} chats in which somebody speaks; a detector needs at least "
            f"{FEWEST_CHATS}.",
            code="too_few_chats",
            hint="Label more chats; about a hundred make a useful detector.",
            chats=len(corpus.chats),
        )
    if not any(corpus.said):
        raise Invalid(
            "No turn has a word in it.", code="no_words", hint="Give chats with their texts."
        )
    return corpus


def _strata(corpus: Corpus, target: Target) -> list[int]:
    """Return a class for each chat, so that folds are alike: how many headline rows, up to 2."""
    hits = np.bincount(corpus.chat[target.label == target.headline], minlength=len(corpus.chats))
    last = target.label[corpus.start[1:] - 1]
    return [int(stratum) for stratum in np.minimum(hits, 2) * 10 + last]


def _heads(task: Task, target: Target, corpus: Corpus, train: Ints, seed: int) -> Heads:
    return fit_heads(corpus, target, train, chat_level=task in tasks.CHAT_TASKS, seed=seed)


def _trees(task: Task, target: Target, rows: Floats, train: Ints, seed: int) -> Trees:
    chat_level = task in tasks.CHAT_TASKS
    return fit_trees(
        rows[train],
        target.label[train],
        target.weight[train],
        seed=seed,
        n_trees=80 if chat_level else 120,
        learning_rate=0.06,
        depth=2 if chat_level else 3,
        fewest_in_leaf=max(2, min(40 if chat_level else 20, len(train) // 50)),
    )


def _bare(task: Task, target: Target, heads: Heads) -> ChatModel:
    """Return a model that has heads but no trees yet, to fold chats with."""
    none = Trees(
        np.zeros((1, 0, 7), np.intp), np.zeros((1, 0, 7)), np.zeros((1, 0, 8)), np.zeros(1)
    )
    return ChatModel(
        task=task,
        classes=target.classes,
        headline=target.headline,
        threshold=1.0,
        scale=np.array([1.0, 0.0]),
        heads=heads,
        trees=none,
        card=Card(task=task, data="", n_chats=0, n_turns=0, n_labelled=0, base_share=0.0, seed=0),
        seen=FittedChats.nothing(len(target.classes)),
    )


def _cross_fitted_rows(task: Task, target: Target, corpus: Corpus, seed: int) -> Floats:
    """Return what the trees read, from heads that hadn't seen the chat of the row."""
    fold = folds_of(_strata(corpus, target), HEAD_FOLDS, seed=seed)
    shaped = batch.shapes(corpus)
    parts: list[tuple[Ints, Floats]] = []
    for number in np.unique(fold):
        out = corpus.rows_of(np.flatnonzero(fold == number))
        train = corpus.rows_of(np.flatnonzero(fold != number))
        bare = _bare(task, target, _heads(task, target, corpus, train, seed))
        left_out = lay_out([corpus.chats[place] for place in np.flatnonzero(fold == number)])
        parts.append((out, batch.rows(Fold([bare]), left_out, shaped[out])))
    found = np.empty((corpus.n_rows, parts[0][1].shape[1]))
    for out, part in parts:
        found[out] = part
    return found


class _LeftOut(msgspec.Struct, frozen=True, kw_only=True):
    """What trees tell of chats that they weren't fitted on.

    Attributes
    ----------
    shares : (rows, classes) calibrated, of every row. scale : what calibrates them.
    label : (n,) of the rows that the figures are from. figures : the threshold among them.
    """

    shares: Floats
    scale: Floats
    label: Ints
    figures: metrics.Figures


def _card(
    task: Task,
    target: Target,
    corpus: Corpus,
    left_out: _LeftOut,
    seed: int,
    data: str,
    date: str | None,
    features_from: ChatModel | None,
) -> Card:
    label, figures = left_out.label, left_out.figures
    return Card(
        task=task,
        data=data,
        n_chats=len(corpus.chats),
        n_turns=corpus.n_rows,
        n_labelled=len(label),
        base_share=float((label == target.headline).mean()),
        seed=seed,
        date=date,
        features_from=None if features_from is None else features_from.version,
        auc=figures.auc,
        average_precision=figures.average_precision,
        f1=figures.f1,
        macro_f1=figures.macro_f1,
        calibration_error_share=figures.calibration_error_share,
    )


def _left_out(
    task: Task, target: Target, corpus: Corpus, rows: Floats, usable: Ints, seed: int
) -> _LeftOut:
    raw = _left_out_scores(task, target, corpus, rows, usable, seed)
    marks = usable
    if task in tasks.CHAT_TASKS:
        # The label is the chat's: only its last row has seen all of it.
        marks = usable[np.isin(usable, corpus.start[1:] - 1)]
    label = target.label[marks]
    scale = _scale(raw[marks], label)
    figures = metrics.describe(
        calibrated(raw[marks], scale),
        label,
        target.headline,
        least_right=tasks.LEAST_RIGHT.get(task, 0.0),
    )
    return _LeftOut(shares=calibrated(raw, scale), scale=scale, label=label, figures=figures)


def _left_out_scores(
    task: Task, target: Target, corpus: Corpus, rows: Floats, usable: Ints, seed: int
) -> Floats:
    """Return raw scores of all rows by trees that hadn't seen their chats."""
    n_outputs = 1 if len(target.classes) == 2 else len(target.classes)
    raw = np.zeros((corpus.n_rows, n_outputs))
    fold = folds_of(_strata(corpus, target), TREE_FOLDS, seed=seed + 1)[corpus.chat]
    for number in np.unique(fold):
        train, out = usable[fold[usable] != number], np.flatnonzero(fold == number)
        if len(np.unique(target.label[train])) == len(target.classes):
            raw[out] = _trees(task, target, rows, train, seed).score(rows[out])
    return raw


def _mood(inner: ChatModel, corpus: Corpus) -> Floats:
    """Return the other detector's running probabilities, left-out ones where it knew the chat."""
    shares = batch.shares(inner, corpus)
    for place, mark in enumerate(fingerprints(corpus.chats)):
        kept = inner.seen.shares_of(int(mark))
        if kept is not None:
            shares[corpus.start[place] : corpus.start[place + 1]] = kept
    return batch.moods(shares, corpus)


def _scale(raw: Floats, label: Ints) -> Floats:
    if raw.shape[1] > 1:
        return np.array([1.0 / fit_temperature(raw, label), 0.0])
    from sklearn.linear_model import LogisticRegression

    if len(np.unique(label)) < 2 or np.ptp(raw) == 0.0:
        return np.array([1.0, 0.0])
    line = LogisticRegression(C=1e3).fit(raw, label)
    slope = float(line.coef_[0, 0])
    return np.array([slope, float(line.intercept_[0])]) if slope > 0 else np.array([1.0, 0.0])
