"""Matching against brute force, on planted confounding, and Rosenbaum's sensitivity."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from stepin.errors import Refused
from stepin.evidence.base.estimate import from_se
from stepin.evidence.estimators.row_level.matching import _greedy, match, standardized_difference
from stepin.evidence.estimators.row_level.paths import (
    contributions,
    matched_difference,
    predicted_difference,
)
from stepin.evidence.estimators.row_level.sensitivity import rosenbaum_gamma


def brute(score: list[float], pool: list[float], caliper: float, order: list[int]) -> list[int]:
    free = set(range(len(pool)))
    chosen = [-1] * len(score)
    for i in order:
        near = [(abs(pool[j] - score[i]), j) for j in free]
        if near and min(near)[0] <= caliper:
            chosen[i] = min(near)[1]
            free.remove(min(near)[1])
    return chosen


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.floats(-3, 3), min_size=1, max_size=15),
    st.lists(st.floats(-3, 3), min_size=1, max_size=15, unique=True),
    st.floats(0.0, 2.0),
)
def test_greedy_matching_equals_brute_force(
    score: list[float], pool: list[float], caliper: float
) -> None:
    pool = sorted(pool)
    order = sorted(range(len(score)), key=lambda i: -score[i])
    fast = _greedy(np.array(score), np.array(pool), caliper, np.array(order))
    slow = brute(score, pool, caliper, order)
    for i, (a, b) in enumerate(zip(fast.tolist(), slow, strict=True)):
        if a != b:  # only ties in distance may fall differently
            assert abs(abs(pool[a] - score[i]) - abs(pool[b] - score[i])) < 1e-12
            break


def confounded(seed: int, n: int = 6_000) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 3))
    unit = rng.integers(0, 80, size=n)
    focal = rng.random(n) < 1 / (1 + np.exp(-(-1.8 + 0.9 * x[:, 0] - 0.5 * x[:, 1])))
    y = 0.8 * x[:, 0] - 0.6 * x[:, 1] + 0.5 * focal + rng.normal(size=n)
    return {"x": x, "unit": unit, "focal": focal, "y": y, "day": rng.integers(0, 5, size=n)}


def test_matching_balances_and_finds_the_planted_difference() -> None:
    found, inside = [], 0
    for seed in range(8):
        w = confounded(seed)
        pairs = match(w["focal"], w["x"], ("a", "b", "c"))
        assert max(abs(b.after) for b in pairs.balance) < 0.1
        assert max(abs(b.before) for b in pairs.balance) > 0.3
        assert np.unique(pairs.partner).size == pairs.partner.size
        result = matched_difference(w["y"], pairs, w["x"], unit=w["unit"], day=w["day"])
        found.append(result.estimate.value)
        assert result.estimate.low is not None
        assert result.estimate.high is not None
        inside += result.estimate.low <= 0.5 <= result.estimate.high
        assert result.gamma > 1.2
    assert abs(np.mean(found) - 0.5) < 0.04
    assert inside >= 6
    # Mutant: without a caliper, hard chats get partners that are nothing like them.
    w = confounded(1, n=1_200)
    loose = match(w["x"][:, 0] > 0.2, w["x"], ("a", "b", "c"), caliper_sd=1e9)
    tight = match(w["x"][:, 0] > 0.2, w["x"], ("a", "b", "c"))
    assert tight.unmatched > 0
    assert loose.unmatched < tight.unmatched
    assert max(abs(b.after) for b in loose.balance) > max(abs(b.after) for b in tight.balance)


def test_few_pairs_are_refused() -> None:
    w = confounded(2)
    pairs = match(w["focal"], w["x"], ("a", "b", "c"))
    y = np.where(np.arange(w["y"].size) < 150, w["y"], np.nan)
    with pytest.raises(Refused) as caught:
        matched_difference(y, pairs, w["x"], unit=w["unit"], day=w["day"])
    assert caught.value.code == "few_pairs"


def test_the_standardized_difference_has_the_unmatched_scale() -> None:
    x = np.array([[1.0], [3.0], [0.0], [2.0]])
    focal = np.array([True, True, False, False])
    assert standardized_difference(x, focal)[0] == pytest.approx(1.0)


def test_gamma_of_one_is_the_wilcoxon_test() -> None:
    rng = np.random.default_rng(4)
    difference = rng.normal(0.12, 1.0, size=400)
    gamma = rosenbaum_gamma(difference)
    p = stats.wilcoxon(difference, correction=False, method="approx").pvalue
    assert (gamma > 1.0) == (p < 0.05)
    assert rosenbaum_gamma(-difference) == pytest.approx(gamma)
    assert rosenbaum_gamma(rng.normal(0.5, 1.0, size=400)) > gamma
    assert rosenbaum_gamma(rng.normal(0.0, 1.0, size=400) * 0.0) == 1.0


def test_gamma_agrees_with_a_published_example() -> None:
    # Lead in the blood of 33 children and their matched controls: Rosenbaum (2002), table 4.1
    # and section 4.3.3, whose one-sided bound is 0.0468 at gamma 4.25.
    exposed = [38, 23, 41, 18, 37, 36, 23, 62, 31, 34, 24, 14, 21, 17, 16, 20, 15]
    exposed += [10, 45, 39, 22, 35, 49, 48, 44, 35, 43, 39, 34, 13, 73, 25, 27]
    control = [16, 18, 18, 24, 19, 11, 10, 15, 16, 18, 18, 13, 19, 10, 16, 16, 24]
    control += [13, 9, 14, 21, 19, 7, 18, 19, 12, 11, 22, 25, 16, 13, 11, 13]
    difference = np.array(exposed, dtype=float) - np.array(control, dtype=float)
    assert rosenbaum_gamma(difference, alpha=0.0936) == pytest.approx(4.25, abs=0.15)


def test_weights_by_score_find_the_effect_of_one_path() -> None:
    rng = np.random.default_rng(9)
    n = 20_000
    unit = rng.integers(0, 100, size=n)
    treated = unit % 2 == 0
    score = rng.beta(1, 3, size=n)
    takes = rng.random(n) < score
    y = rng.normal(size=n) + np.where(treated & takes, -0.9, 0.0) + 0.5 * score
    day = rng.integers(0, 5, size=n)
    found = predicted_difference(y, treated, score, unit=unit, day=day)
    # The score-weighted mean of the effect is -0.9 * E[s^2] / E[s].
    truth = -0.9 * float((score**2).sum() / score.sum())
    assert found.low is not None
    assert found.high is not None
    assert found.low < truth < found.high


def test_contributions_add_up() -> None:
    effects = {p: from_se(v, 0.05, clusters=50, rows=100) for p, v in [("a", -0.9), ("b", 0.3)]}
    found = contributions({"a": 0.25, "b": 0.75}, effects, 1_000)
    assert sum(c.contribution.value for c in found) == pytest.approx(-0.9 * 0.25 + 0.3 * 0.75)
    assert found[0].contribution.se == pytest.approx(
        np.hypot(0.25 * 0.05, 0.9 * np.sqrt(0.25 * 0.75 / 1_000))
    )
