"""The step-down adjustment and the sequential looks, against their definitions and in size."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from stepin.errors import Invalid
from stepin.evidence.estimators.resampling import looks, obrien_fleming, pocock, step_down

VALUES = st.floats(-5, 5, allow_subnormal=False).map(lambda x: round(x, 3))
FAMILY = st.integers(1, 5).flatmap(
    lambda h: st.tuples(arrays(float, h, elements=VALUES), arrays(float, (19, h), elements=VALUES))
)


def plain(observed, drawn):
    """Westfall and Young's algorithm 2.8, one hypothesis at a time."""
    order = sorted(range(len(observed)), key=lambda j: -abs(observed[j]))
    p, last = {}, 0.0
    for rank, j in enumerate(order):
        rest = order[rank:]
        over = sum(max(abs(row[k]) for k in rest) >= abs(observed[j]) for row in drawn)
        last = max(last, (1 + over) / (1 + len(drawn)))
        p[j] = last
    return [p[j] for j in range(len(observed))]


@given(FAMILY)
@settings(max_examples=60, deadline=None)
def test_step_down_is_the_algorithm_and_no_smaller_than_each_p(family):
    observed, drawn = family
    np.testing.assert_allclose(step_down(observed, drawn), plain(observed, drawn))
    alone = (1 + (np.abs(drawn) >= np.abs(observed)).sum(axis=0)) / 20
    assert (step_down(observed, drawn) >= alone - 1e-12).all()


def test_one_hypothesis_needs_no_adjustment_and_shapes_must_fit():
    drawn = np.arange(1.0, 20.0)[:, None]
    assert step_down(np.array([18.5]), drawn)[0] == pytest.approx(2 / 20)
    with pytest.raises(Invalid):
        step_down(np.array([1.0, 2.0]), drawn)


@pytest.mark.parametrize("spend", [obrien_fleming, pocock])
def test_looks_spend_no_more_than_the_level_over_the_whole_group(spend):
    """Every path in turn plays the trial's; the share that ever stops is at most the level."""
    rng = np.random.default_rng(3)
    paths = rng.normal(size=(400, 5)).cumsum(axis=1) / np.sqrt(np.arange(1, 6))
    shares = [0.2, 0.4, 0.6, 0.8, 1.0]
    stopped = 0
    for i in range(400):
        found = looks(paths[i], np.delete(paths, i, axis=0), shares, spend(0.05))
        stopped += any(look.stops for look in found)
        assert sum(look.stops for look in found) <= 1
        assert [look.spent for look in found] == sorted(look.spent for look in found)
        assert found[-1].spent <= 0.05
    assert 0.03 < stopped / 400 <= 0.05


def test_without_spending_the_size_is_lost():
    """The mutant: looking five times at the fixed 5 % boundary stops far too often."""
    rng = np.random.default_rng(4)
    paths = rng.normal(size=(2000, 5)).cumsum(axis=1) / np.sqrt(np.arange(1, 6))
    assert (np.abs(paths) > 1.96).any(axis=1).mean() > 0.10


def test_a_look_needs_no_later_day():
    rng = np.random.default_rng(5)
    observed, drawn = rng.normal(size=3), rng.normal(size=(199, 3))
    early = looks(observed[:2], drawn[:, :2], [0.3, 0.6], pocock(0.05))
    whole = looks(observed, drawn, [0.3, 0.6, 1.0], pocock(0.05))
    assert whole[:2] == early


def test_ties_never_overspend_and_shares_must_increase():
    tied = np.ones((99, 2))
    found = looks(np.ones(2), tied, [0.5, 1.0], pocock(0.05))
    assert not any(look.stops for look in found)
    for shares in ([0.5, 0.5], [0.0, 1.0], [0.6, 1.2]):
        with pytest.raises(Invalid):
            looks(np.ones(2), tied, shares, pocock(0.05))
