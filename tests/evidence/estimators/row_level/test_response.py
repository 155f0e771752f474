"""Response test and inverse-probability weights on planted non-response."""

from __future__ import annotations

import numpy as np

from stepin.evidence.estimators.row_level.propensity import logit
from stepin.evidence.estimators.row_level.response import inverse_probability, response_difference


def world(seed: int, *, selective: bool) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    unit = np.repeat(np.arange(60), 150)
    day = rng.integers(0, 10, size=unit.size)
    treated = unit % 2 == 0
    mood = rng.normal(size=unit.size)
    rating = 3.5 + 0.6 * mood - 0.4 * treated + 0.2 * rng.normal(size=60)[unit]
    rating = rating + rng.normal(size=unit.size)
    lean = np.where(treated, -1.2, 1.2) * mood if selective else 0.0 * mood
    given = rng.random(unit.size) < 1 / (1 + np.exp(-(-1.2 + lean)))
    return {
        "unit": unit,
        "day": day,
        "treated": treated,
        "given": given,
        "rating": np.where(given, rating, np.nan),
        "before": mood[:, None],
    }


def test_weights_undo_selection_on_what_was_known_before() -> None:
    plain, weighted, inside = [], [], 0
    for seed in range(12):
        w = world(seed, selective=True)
        found = inverse_probability(
            w["rating"], w["treated"], w["before"], unit=w["unit"], day=w["day"]
        )
        plain.append(found.plain.value)
        weighted.append(found.weighted.value)
        assert found.weighted.low is not None
        assert found.weighted.high is not None
        inside += found.weighted.low <= -0.4 <= found.weighted.high
        assert 0.2 < found.effective_share < 1.0
    assert abs(np.mean(weighted) + 0.4) < 0.1
    # Mutant: without the weights the same worlds are far off.
    assert abs(np.mean(plain) + 0.4) > 0.4
    assert inside >= 9


def test_the_response_test_sees_a_difference_and_only_a_real_one() -> None:
    w = world(3, selective=False)
    same = response_difference(w["given"], w["treated"], unit=w["unit"], day=w["day"])
    assert same.difference.p is not None
    assert same.difference.p > 0.01
    fewer = w["given"] & ~(w["treated"] & (np.arange(w["given"].size) % 4 == 0))
    moved = response_difference(fewer, w["treated"], unit=w["unit"], day=w["day"])
    assert moved.difference.p is not None
    assert moved.difference.p < 1e-6
    assert moved.treated_share < moved.control_share


def test_the_logit_solves_its_score_equations() -> None:
    rng = np.random.default_rng(5)
    x = rng.normal(size=(4_000, 3)) * [1.0, 10.0, 0.1]
    truth = 1 / (1 + np.exp(-(0.3 + x[:, 0] - 0.1 * x[:, 1])))
    model = logit(rng.random(4_000) < truth, x)
    assert np.abs(model.scores.mean(axis=0)).max() < 1e-4
    assert np.abs(model.probability - truth).mean() < 0.02
