"""Figures of a classifier from its probabilities and the truth, in NumPy alone."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Truth = NDArray[Any]

N_BINS = 10
FEWEST_FOUND = 0.1


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """How well the headline class is told; a figure that isn't defined is None."""

    threshold: float
    auc: float | None
    average_precision: float | None
    f1: float
    macro_f1: float
    calibration_error_share: float


class Bin(msgspec.Struct, frozen=True, kw_only=True):
    """One bin of a calibration plot: the mean score and the true share of its ``n`` rows."""

    n: int
    mean_score: float
    true_share: float


def f1(predicted: Truth, truth: Truth) -> float:
    """Return 2·TP / (2·TP + FP + FN); 0 where there is nothing to find or no hit."""
    hit = int(np.sum(predicted & truth))
    total = int(np.sum(predicted)) + int(np.sum(truth))
    return 2.0 * hit / total if total else 0.0


def macro_f1(predicted: Truth, truth: Truth) -> float:
    """Return the plain mean of F1 over the classes that occur in either."""
    classes = np.union1d(predicted, truth)
    return float(np.mean([f1(predicted == one, truth == one) for one in classes]))


def auc(score: Floats, truth: Truth) -> float | None:
    """Return the chance that a positive scores above a negative, ties half.

    The Mann-Whitney form of the area under the ROC curve (Hanley and McNeil 1982). None when
    a class is absent.
    """
    positive = np.asarray(truth, bool)
    n_positive, n_negative = int(positive.sum()), int((~positive).sum())
    if not n_positive or not n_negative:
        return None
    _, inverse, counts = np.unique(score, return_inverse=True, return_counts=True)
    rank = np.cumsum(counts) - (counts - 1) / 2.0
    total = float(rank[inverse][positive].sum())
    return (total - n_positive * (n_positive + 1) / 2.0) / (n_positive * n_negative)


def average_precision(score: Floats, truth: Truth) -> float | None:
    """Return Σ (recall step) x precision over falling thresholds; None without positives."""
    positive = np.asarray(truth, bool)
    if not positive.any():
        return None
    order = np.argsort(-score, kind="stable")
    hits = np.cumsum(positive[order])
    ends = np.flatnonzero(np.append(np.diff(score[order]) != 0, True))
    precision = hits[ends] / (ends + 1.0)
    steps = np.diff(hits[ends], prepend=0)
    return float((precision * steps).sum() / positive.sum())


def best_threshold(score: Floats, truth: Truth, *, least_right: float = 0.0) -> float:
    """Return the threshold with the highest F1, halfway to the next lower score.

    Parameters
    ----------
    least_right : among the thresholds at which at least this share of the flags is right and a
        tenth of what there is is found; among all where there is none.
    """
    positive = np.asarray(truth, bool)
    if not positive.any():
        return 1.0
    order = np.argsort(-score, kind="stable")
    ranked = score[order]
    ends = np.flatnonzero(np.append(np.diff(ranked) != 0, True))
    hits = np.cumsum(positive[order])[ends]
    values = 2.0 * hits / (ends + 1 + positive.sum())
    right = (hits / (ends + 1) >= least_right) & (hits >= FEWEST_FOUND * positive.sum())
    if right.any():
        values = np.where(right, values, -1.0)
    best = int(ends[values.argmax()])
    lower = ranked[best + 1] if best + 1 < len(ranked) else ranked[best]
    return float((ranked[best] + lower) / 2.0)


def calibration(score: Floats, truth: Truth) -> list[Bin]:
    """Return ten bins of equal width in the score; empty ones are left out."""
    places = np.minimum((score * N_BINS).astype(int), N_BINS - 1)
    return [
        Bin(
            n=int((places == place).sum()),
            mean_score=float(score[places == place].mean()),
            true_share=float(np.asarray(truth, float)[places == place].mean()),
        )
        for place in np.unique(places)
    ]


def calibration_error(score: Floats, truth: Truth) -> float:
    """Return the mean gap between score and true share over the bins, weighted by rows."""
    bins = calibration(score, truth)
    return sum(abs(b.mean_score - b.true_share) * b.n for b in bins) / max(len(score), 1)


def describe(
    shares: Floats, label: NDArray[np.intp], headline: int, *, least_right: float = 0.0
) -> Figures:
    """Return the figures of probabilities, shape (n, classes), against labels, shape (n,).

    They are those at the threshold that `best_threshold` gives.
    """
    score = shares[:, headline]
    truth = label == headline
    threshold = best_threshold(score, truth, least_right=least_right)
    if shares.shape[1] == 2:
        predicted = (score >= threshold).astype(int)
        macro = macro_f1(predicted, truth.astype(int))
    else:
        macro = macro_f1(shares.argmax(axis=1), label)
    return Figures(
        threshold=threshold,
        auc=auc(score, truth),
        average_precision=average_precision(score, truth),
        f1=f1(score >= threshold, truth),
        macro_f1=macro,
        calibration_error_share=calibration_error(score, truth),
    )
