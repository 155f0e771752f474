"""Power: against the textbook formula, honest in size, refused where nothing can be tested."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from stepin.errors import Refused
from stepin.evidence.analysis.power.curve import by_length, by_units
from stepin.evidence.analysis.power.simulate import (
    halves,
    past,
    pool_trials,
    switchback_trials,
    trials,
    unit_trials,
)
from stepin.evidence.estimators.row_level.cells import Cells
from stepin.evidence.estimators.row_level.contrast import arm_difference


def cells(seed: int, *, workers: int = 80, days: int = 20, worker_sd: float = 0.0) -> Cells:
    rng = np.random.default_rng(seed)
    unit, day = (a.ravel() for a in np.meshgrid(np.arange(workers), np.arange(days), indexing="ij"))
    mean = rng.normal(size=unit.size) + worker_sd * rng.normal(size=workers)[unit]
    return Cells(
        mean=mean,
        chats=np.full(unit.size, 10.0),
        unit=unit,
        day=day,
        treated=np.zeros(unit.size, dtype=bool),
        units=workers,
    )


def test_power_agrees_with_the_textbook() -> None:
    rng = np.random.default_rng(1)
    window = past(cells(1), days=10, history=10)
    found = unit_trials(window, halves(80, 2_000, rng))
    # Independent cells of unit variance: the error of a difference of two halves.
    error = 2 / np.sqrt(80 * 10)
    expected = (stats.t.ppf(0.975, 79) + stats.t.ppf(0.8, 79)) * error
    assert found.minimum_detectable() == pytest.approx(expected, rel=0.08)
    assert found.power(0.0) == pytest.approx(0.05, abs=0.02)
    assert found.power(3 * expected) > 0.999
    grid = [found.power(e) for e in np.linspace(0, 2 * expected, 9)]
    assert grid == sorted(grid)


def test_one_drawn_trial_is_the_estimator_of_the_report() -> None:
    rng = np.random.default_rng(2)
    window = past(cells(2, worker_sd=1.0), days=8, history=12)
    arms = halves(80, 1, rng)
    ours = unit_trials(window, arms)
    late = window.after
    reported = arm_difference(
        window.mean[late],
        arms[0][window.unit[late]],
        unit=window.unit[late],
        day=window.day[late],
        before_mean=window.before_mean(),
        weights=window.chats[late],
    ).estimate("treated")
    assert ours.beta[0] == pytest.approx(reported.value, rel=1e-9)
    assert reported.se is not None
    assert ours.se[0] == pytest.approx(reported.se, rel=0.02)


def test_clustering_by_cell_instead_of_pool_would_promise_too_much() -> None:
    """Mutant: forget that a pool is assigned as one, and the size is far above 5 %."""
    rng = np.random.default_rng(3)
    pool = np.arange(80) // 5
    base = cells(3)
    shared = base.mean + 1.0 * rng.normal(size=(16, 20))[pool[base.unit], base.day]
    window = past(
        Cells(
            mean=shared,
            chats=base.chats,
            unit=base.unit,
            day=base.day,
            treated=base.treated,
            units=80,
        ),
        days=10,
        history=10,
    )
    honest = pool_trials(window, pool, 1_500, rng)
    late = window.after
    arms = halves(16, 1_500, rng)[:, pool[window.unit[late]]]
    naive = trials(window, arms, np.arange(int(late.sum())))
    assert honest.power(0.0) < 0.12
    assert naive.power(0.0) > 0.15
    assert naive.minimum_detectable() < honest.minimum_detectable()


def test_few_pools_are_refused_and_the_curve_says_so() -> None:
    rng = np.random.default_rng(4)
    base = cells(4)
    pool = np.arange(80) // 20
    window = past(base, days=10, history=5)
    with pytest.raises(Refused) as caught:
        pool_trials(window, pool, 50, rng)
    assert caught.value.code == "few_clusters"
    points = by_length(
        base, pool, halves(80, 100, rng), rng, lengths=(4, 10), history=5, effect=0.3
    )
    kinds = {(p.kind, p.days): p for p in points}
    assert kinds["pool", 4].minimum is None
    assert "4 independent units" in (kinds["pool", 4].refused or "")
    short, long = kinds["unit", 4].minimum, kinds["unit", 10].minimum
    assert short is not None
    assert long is not None
    assert long < short
    assert kinds["switchback", 10].clusters == 40


def test_one_pool_switches_by_whole_days() -> None:
    rng = np.random.default_rng(5)
    window = past(cells(5), days=14, history=6)
    found = switchback_trials(window, np.zeros(80, dtype=np.int64), 400, rng)
    assert found.clusters == 14
    assert np.isfinite(found.minimum_detectable())


def test_more_units_see_smaller_effects() -> None:
    points = by_units(
        cells(6), np.random.default_rng(6), sizes=(8, 20, 80), days=8, history=8, reps=100
    )
    assert points[0].minimum is None
    assert points[1].minimum is not None
    assert points[2].minimum is not None
    assert points[2].minimum < 0.7 * points[1].minimum


def test_a_short_past_is_refused() -> None:
    with pytest.raises(Refused) as caught:
        past(cells(7), days=18, history=5)
    assert caught.value.code == "short_past"
