"""Equations at their edges: no argument is too large, probabilities stay probabilities."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepin.floor.model import equations as eq
from stepin.floor.model.coefficients import coefficients, emotional_cut
from stepin.floor.scenario.reading import scenario

C = coefficients(scenario("paper"))
U = st.floats(2**-33, 1 - 2**-33)
ANY = st.floats(0, 1e6)


@given(ANY, ANY, ANY, ANY)
def test_effort_lies_between_nothing_and_everything(
    watched: float, frustration: float, turns: float, waiting: float
) -> None:
    assert 0 <= eq.effort(C, 0.0, watched, frustration, turns, waiting) <= 1


def test_effort_is_a_logistic_function() -> None:
    x = C.effort_base - 2 * C.effort_frustration - C.effort_waiting
    assert eq.effort(C, 0.0, 0.0, 2.0, 0.0, 1.0) == pytest.approx(1 / (1 + math.exp(-x)))


@given(ANY, st.floats(-9, 9), U)
def test_probabilities(frustration: float, difficulty: float, u: float) -> None:
    for p in (
        eq.leaves(C, frustration),
        eq.can_solve(C, difficulty),
        eq.ai_resolves(C, difficulty),
        eq.resolves(C, u, difficulty),
        eq.comes_back(C, False, frustration),
        eq.answers(C, 1 + 4 * u),
    ):
        assert 0 <= p <= 1


@given(U, U)
def test_times_are_above_zero(u: float, v: float) -> None:
    assert eq.turn_time(C, 1.0, 0.5, u, v) > 0
    assert eq.patience(C, 1.0, u) > 0
    assert 0 <= eq.back_after(C, u) <= C.back_most_days


@given(ANY, ANY, ANY, st.floats(-8, 8))
def test_ratings_are_stars(end: float, more: float, care: float, noise: float) -> None:
    found = eq.stars(C, -1.0, end, end + more, care, 0.0, noise)
    assert found in (1, 2, 3, 4, 5)


def test_a_policys_score_moves_the_threshold() -> None:
    assert emotional_cut(3.0, None) == emotional_cut(3.0, 0.5) == 3.0
    assert emotional_cut(3.0, 0.9) > 3.0 > emotional_cut(3.0, 0.1)
    assert emotional_cut(3.0, 1.0) == math.inf
    assert emotional_cut(3.0, 0.0) == -math.inf
