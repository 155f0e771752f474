"""Timing: the naive comparison is fooled by a world in which timing does nothing; ours isn't."""

from __future__ import annotations

import numpy as np
import pytest

from stepin.evidence.estimators.row_level.timing import hazard_by_round, landmark, naive_early_late


def world(seed: int, n: int = 20_000, effect: float = 0.0) -> dict[str, np.ndarray]:
    """Each round some chats are taken over by chance; every round makes customers unhappier."""
    rng = np.random.default_rng(seed)
    unit = rng.integers(0, 60, size=n)
    rounds = 1 + rng.poisson(6, size=n)
    first = rng.geometric(0.12, size=n)
    takeover = np.where(first <= rounds, first, 0)
    # Length is bad in itself, and only long chats can be taken over late.
    y = 4.0 - 0.2 * rounds + rng.normal(size=n)
    y = y + effect * (takeover > 0)
    return {
        "unit": unit,
        "rounds": rounds,
        "takeover": takeover,
        "y": y,
        "x": rng.normal(size=(n, 1)),
        "day": rng.integers(0, 5, size=n),
    }


def test_timing_without_effect_fools_the_naive_figure_and_not_the_landmark() -> None:
    pooled = []
    for seed in range(8):
        w = world(seed)
        common = {"unit": w["unit"], "day": w["day"]}
        naive = naive_early_late(w["y"], w["takeover"], w["x"], **common, early_to=3)
        assert naive.p is not None
        assert naive.p < 1e-6
        assert naive.value > 0.2
        found = landmark(w["y"], w["takeover"], w["rounds"], w["x"], **common, last=8)
        assert {f.round for f in found} == set(range(9))
        pooled.append(found[-1].difference.value)
    # One pooled value has a spread of about 0.013.
    assert abs(np.mean(pooled)) < 3 * 0.013 / np.sqrt(8)


def test_the_landmark_sees_a_takeover_that_matters() -> None:
    w = world(2, effect=0.5)
    found = landmark(
        w["y"], w["takeover"], w["rounds"], w["x"], unit=w["unit"], day=w["day"], last=4
    )
    # Those who wait may be taken over later, so the contrast is smaller than the effect.
    assert 0.1 < found[-1].difference.value < 0.5


def test_the_hazard_by_hand() -> None:
    takeover = np.array([1, 2, 0, 2, 0])
    rounds = np.array([4, 3, 1, 5, 3])
    found = hazard_by_round(takeover, rounds, last=3)
    assert [(h.at_risk, h.taken) for h in found] == [(5, 1), (3, 2), (1, 0)]
    assert found[1].hazard == pytest.approx(2 / 3)
    assert found[2].cumulative == pytest.approx(3 / 5)
