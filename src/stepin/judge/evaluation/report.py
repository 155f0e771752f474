"""An honest report of a detector on labelled chats, with the floors beside it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from stepin.errors import Invalid
from stepin.judge.chat import LabelledChat
from stepin.judge.detectors import batch
from stepin.judge.detectors.learned import ChatModel
from stepin.judge.evaluation.golden_transfer import (
    ConstantBaseline,
    Golden,
    Timing,
    floors,
    golden,
    timing,
)
from stepin.judge.evaluation.metrics import (
    Bin,
    auc,
    average_precision,
    calibration,
    calibration_error,
    f1,
    macro_f1,
)
from stepin.judge.fitting import tasks
from stepin.judge.fitting.corpus import NO_LABEL, Corpus, lay_out
from stepin.judge.fitting.fitted_chats import fingerprints
from stepin.judge.fitting.tasks import Target

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]


class Budget(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker sees who looks at the worst share of turns: how many were right."""

    turn_share: float
    precision: float
    recall: float


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of one detector on one set of chats.

    Turn tasks count turns, chat tasks count chats by their last turn. ``half_macro_f1`` reads
    chats up to half of their turns only. Golden, timing and floors are for turn tasks.
    """

    task: str
    version: str
    n_chats: int
    n_rows: int
    n_seen_chats: int
    base_share: float
    threshold: float
    f1: float
    macro_f1: float
    auc: float | None
    average_precision: float | None
    calibration_error_share: float
    calibration: list[Bin]
    budget: list[Budget]
    half_macro_f1: float | None = None
    golden: Golden | None = None
    timing: Timing | None = None
    never: ConstantBaseline | None = None
    always: ConstantBaseline | None = None


BUDGET_SHARES = (0.01, 0.02, 0.05, 0.1)


def evaluate(
    model: ChatModel,
    chats: Sequence[LabelledChat],
    *,
    threshold: float | None = None,
    asymmetry: float = 0.0,
) -> Report:
    """Return the report of `model` on labelled chats.

    Chats that the model was fitted on are scored as they are, and counted in ``n_seen_chats``.

    Raises
    ------
    Invalid
        If no chat carries the labels of the model's task.
    """
    corpus = lay_out(chats)
    limit = model.threshold if threshold is None else threshold
    target = tasks.target(model.task, corpus)
    shares = batch.shares(model, corpus)
    known = np.flatnonzero(target.label != NO_LABEL)
    if model.task in tasks.CHAT_TASKS:
        # The label is the chat's: only its last row has seen all of it.
        known = known[np.isin(known, corpus.start[1:] - 1)]
    if target.classes != model.classes:
        raise Invalid(
            f"The chats have classes {target.classes}, the model has {model.classes}.",
            code="classes_differ",
            hint="Evaluate on chats with the classes that the model was fitted on.",
        )
    report = _report(model, corpus, shares[known], target.label[known], limit)
    if model.task in tasks.CHAT_TASKS:
        return msgspec.structs.replace(
            report, half_macro_f1=_half_way(model, corpus, target, shares, limit)
        )
    return _with_episodes(report, model, corpus, target, shares, asymmetry)


def _report(model: ChatModel, corpus: Corpus, shares: Floats, label: Ints, limit: float) -> Report:
    """Return the figures of single rows.

    Parameters
    ----------
    shares : (n, classes) shares of the rows that carry a label. label : (n,) their labels.
    """
    score = shares[:, model.headline]
    truth = label == model.headline
    flags = score >= limit
    return Report(
        task=model.task,
        version=model.version,
        n_chats=len(corpus.chats),
        n_rows=len(label),
        n_seen_chats=model.seen.count(fingerprints(corpus.chats)),
        base_share=float(truth.mean()),
        threshold=limit,
        f1=f1(flags, truth),
        macro_f1=macro_f1(_classes(model, shares, flags), label),
        auc=auc(score, truth),
        average_precision=average_precision(score, truth),
        calibration_error_share=calibration_error(score, truth),
        calibration=calibration(score, truth),
        budget=_budget(score, truth),
    )


def _classes(model: ChatModel, shares: Floats, flags: NDArray[np.bool_]) -> Ints:
    """Return the predicted class: of two, by the threshold; of more, the likeliest."""
    if len(model.classes) == 2:
        return flags.astype(np.intp)
    likeliest: Ints = shares.argmax(axis=1)
    return likeliest


def _half_way(
    model: ChatModel, corpus: Corpus, target: Target, shares: Floats, limit: float
) -> float:
    """Return the macro F1 when half of each chat has been seen."""
    halves = corpus.start[:-1] + np.maximum((np.diff(corpus.start) + 1) // 2, 1) - 1
    halves = halves[target.label[halves] != NO_LABEL]
    early = shares[halves]
    guess = _classes(model, early, early[:, 1] >= limit)
    return macro_f1(guess, target.label[halves])


def _with_episodes(
    report: Report,
    model: ChatModel,
    corpus: Corpus,
    target: Target,
    shares: Floats,
    asymmetry: float,
) -> Report:
    """Return the report with what whole chats tell: whether a flag came, and when."""
    wanted, flagged = [], []
    for first, end in zip(corpus.start[:-1], corpus.start[1:], strict=True):
        rows = np.arange(first, end)
        wanted.append((target.label[rows] == model.headline).tolist())
        raised = (shares[rows, model.headline] >= report.threshold) & (
            target.label[rows] != NO_LABEL
        )
        flagged.append(raised.tolist())
    never, always = floors(wanted, asymmetry)
    return msgspec.structs.replace(
        report,
        golden=golden(flagged, wanted, asymmetry),
        timing=timing(flagged, wanted),
        never=never,
        always=always,
    )


def _budget(score: NDArray[np.float64], truth: NDArray[np.bool_]) -> list[Budget]:
    order = np.argsort(-score, kind="stable")
    found = []
    for share in BUDGET_SHARES:
        looked = truth[order[: max(round(share * len(order)), 1)]]
        found.append(
            Budget(
                turn_share=share,
                precision=float(looked.mean()),
                recall=float(looked.sum() / max(truth.sum(), 1)),
            )
        )
    return found
