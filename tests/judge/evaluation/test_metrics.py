"""Figures against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score

from stepin.judge.evaluation import metrics

ROWS = st.lists(st.tuples(st.integers(0, 8), st.booleans()), min_size=2, max_size=60)


@settings(deadline=None, max_examples=40)
@given(ROWS)
def test_they_agree_with_scikit_learn(rows: list[tuple[int, bool]]) -> None:
    score = np.array([value / 8 for value, _ in rows])
    truth = np.array([label for _, label in rows])
    flags = score >= 0.5
    assert metrics.f1(flags, truth) == pytest.approx(f1_score(truth, flags, zero_division=0))
    if truth.any():
        assert metrics.average_precision(score, truth) == pytest.approx(
            average_precision_score(truth, score)
        )
    if truth.any() and not truth.all():
        assert metrics.auc(score, truth) == pytest.approx(roc_auc_score(truth, score))
    else:
        assert metrics.auc(score, truth) is None


@settings(deadline=None, max_examples=40)
@given(ROWS)
def test_no_threshold_beats_the_best(rows: list[tuple[int, bool]]) -> None:
    score = np.array([value / 8 for value, _ in rows])
    truth = np.array([label for _, label in rows])
    best = metrics.f1(score >= metrics.best_threshold(score, truth), truth)
    for limit in np.arange(0, 1.01, 0.125):
        assert metrics.f1(score >= limit, truth) <= best + 1e-12


def test_a_calibrated_score_has_no_error() -> None:
    score = np.repeat([0.25, 0.75], 4)
    truth = np.array([1, 0, 0, 0, 1, 1, 1, 0])
    assert metrics.calibration_error(score, truth) == pytest.approx(0.0)
    assert metrics.calibration_error(1 - score, truth) == pytest.approx(0.5)


def test_a_threshold_that_must_be_right_every_second_time_flags_less() -> None:
    score = np.linspace(1.0, 0.0, 90)
    truth = np.zeros(90, bool)
    truth[[0, 1, 3, 6]] = truth[10::4] = True
    free = metrics.best_threshold(score, truth)
    strict = metrics.best_threshold(score, truth, least_right=0.5)
    assert truth[score >= free].mean() < 0.5
    assert (int(truth[score >= strict].sum()), int((score >= strict).sum())) == (4, 7)


def test_where_half_can_t_be_right_the_threshold_is_the_one_of_the_highest_f1() -> None:
    score = np.linspace(1.0, 0.0, 300)
    truth = np.zeros(300, bool)
    truth[0] = truth[5::8] = True
    assert truth[:1].mean() >= 0.5
    strict = metrics.best_threshold(score, truth, least_right=0.5)
    assert strict == metrics.best_threshold(score, truth)
