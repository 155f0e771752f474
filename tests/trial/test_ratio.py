"""The sample-ratio test: exact where the design has a closed form, replayed elsewhere."""

import itertools

import numpy as np
import pytest
from tests.trial.plans import BLOCKED, SCREENED, plan, pool

from stepin.errors import Invalid
from stepin.trial.design import alone, design, replay
from stepin.trial.ratio import sample_ratio


def test_the_exact_p_is_that_of_all_assignments() -> None:
    of = design(plan(), pool(8))
    seen = list(of.units[:5])
    own = replay(of, 1).arms[0]
    found = sample_ratio(of, seen)[1]
    counts = [sum(i < 5 for i in ai) for ai in itertools.combinations(range(8), 4)]
    mass = {n: counts.count(n) / len(counts) for n in set(counts)}
    here = int(own[:5].sum())
    assert found.seen == here
    assert found.method == "exact"
    tails = [sum(m for n, m in mass.items() if (n - here) * side >= 0) for side in (-1, 1)]
    assert found.p == pytest.approx(min(1, 2 * min(tails)))


def test_exact_and_replayed_agree() -> None:
    of = design(plan('\n[[randomization.blocks]]\ncovariate = "team"'), pool(60))
    rng = np.random.default_rng(4)
    arms = replay(of, 1).arms[0]
    seen = [u for u, a in zip(of.units, arms, strict=True) if rng.random() < (0.9 if a else 0.7)]
    exact = sample_ratio(of, seen)[0]
    others = replay(of, 20_000).arms[1:, [u in seen for u in of.units]]
    counts = (others == 0).sum(axis=1)
    tail = min((counts <= exact.seen).mean(), (counts >= exact.seen).mean())
    assert exact.method == "exact"
    assert exact.p == pytest.approx(2 * tail, abs=0.02)


def test_screened_designs_are_replayed_and_losing_one_arm_is_found() -> None:
    of = design(plan(BLOCKED + SCREENED), pool(80))
    arms = replay(of, 1).arms[0]
    whole = sample_ratio(of, of.units, repetitions=199)
    assert {r.p for r in whole} == {1.0}
    rng = np.random.default_rng(5)
    seen = [u for u, a in zip(of.units, arms, strict=True) if a == 0 or rng.random() < 0.4]
    lost = sample_ratio(of, seen, repetitions=999)
    assert {r.method for r in lost} == {"replayed"}
    assert max(r.p for r in lost) < 0.01


def test_units_drawn_alone_are_binomial() -> None:
    of = alone(plan(), tuple(f"c{i}" for i in range(400)))
    arms = replay(of, 1).arms[0]
    seen = [u for u, a in zip(of.units, arms, strict=True) if a == 1][:150]
    found = sample_ratio(of, seen)
    assert found[0].seen == 0
    assert found[0].p < 1e-40


def test_strangers_are_refused() -> None:
    with pytest.raises(Invalid) as caught:
        sample_ratio(design(plan(), pool(20)), ["stranger"])
    assert caught.value.fields["unit"] == "stranger"
