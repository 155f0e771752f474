"""Balance: the table against pyfixest, the joint test by its size and its power."""

import dataclasses
import math

import numpy as np
import pandas as pd
import pyfixest as pf
import pytest
from tests.trial.plans import BLOCKED, SCREENED, plan, pool

from stepin.errors import Invalid
from stepin.trial.balance import balance, hc2
from stepin.trial.design import design, replay
from stepin.trial.pool import Pool


@pytest.mark.filterwarnings("ignore")
def test_rows_agree_with_pyfixest() -> None:
    units = pool(90)
    of = design(plan(BLOCKED), units)
    arms = replay(of, 1).arms[0]
    frame = pd.DataFrame({"y": units.numbers("rating"), "t": arms, "b": of.block}).astype(float)
    fit = pf.feols("y ~ t + C(b)", frame, vcov="HC2", ssc=pf.ssc(k_adj=False))
    row = balance(of, units, ["rating"], control="people", repetitions=10).rows[0]
    assert math.isclose(row.difference, fit.coef()["t"], rel_tol=1e-10)
    assert math.isclose(row.standard_error, fit.se()["t"], rel_tol=1e-9)
    assert math.isclose(row.p, fit.pvalue()["t"], rel_tol=1e-6)


def test_hc2_of_two_groups_is_neymans_error() -> None:
    rng = np.random.default_rng(2)
    t = np.repeat([0.0, 1.0], [7, 12])
    y = rng.normal(size=19) + t
    error = hc2(y, np.column_stack([t, np.ones(19)]))[1][0]
    neyman = y[t == 1].var(ddof=1) / 12 + y[t == 0].var(ddof=1) / 7
    assert math.isclose(error, math.sqrt(neyman), rel_tol=1e-12)


def test_the_joint_p_is_uniform_over_the_designs_own_assignments() -> None:
    units = pool(40)
    of = design(plan(BLOCKED), units)
    ps = [
        balance(
            of.with_seed(seed), units, ["rating", "tenure_days"], control="people", repetitions=99
        ).joint_p
        for seed in range(150)
    ]
    assert 0.01 < np.mean(np.array(ps) <= 0.1) < 0.2
    assert 0.4 < np.mean(ps) < 0.6


def test_a_lopsided_assignment_is_found() -> None:
    units = pool(60)
    of = design(plan(), units)
    x = np.array(units.numbers("rating"))
    sorted_arms = (x > np.median(x)).astype(np.int8)
    found = balance(of, units, ["rating"], control="people", arms=sorted_arms, repetitions=199)
    assert found.joint_p == 1 / 200
    assert found.rows[0].standardized > 1
    assert found.rows[0].p < 1e-6


def test_the_joint_test_knows_the_screen() -> None:
    """Judged by unscreened draws, a screened assignment looks far too good: the mutant."""
    units = pool(60)
    of = design(plan(SCREENED), units)
    names = ["tenure_days", "rating"]
    unscreened = dataclasses.replace(of, screen=None)
    knows, ignores = [], []
    for seed in range(30):
        own = replay(of.with_seed(seed), 1).arms[0]
        knows.append(balance(of, units, names, control="people", arms=own, repetitions=99).joint_p)
        ignores.append(
            balance(unscreened, units, names, control="people", arms=own, repetitions=99).joint_p
        )
    assert min(ignores) > 0.8
    assert 0.3 < np.mean(knows) < 0.7


def test_missing_values_are_counted_and_constants_are_nan() -> None:
    units = pool(40)
    flat = Pool.of(units.units, {**units.covariates, "flat": [1.0] * 40})
    of = design(plan(), flat)
    table = balance(of, flat, ["tenure_days", "flat"], control="people", repetitions=20)
    assert table.rows[0].missing == 3
    assert sum(table.rows[0].count) == 37
    assert math.isnan(table.rows[1].standardized)


def test_the_pool_must_be_the_designs() -> None:
    with pytest.raises(Invalid):
        balance(design(plan(), pool(20)), pool(21), ["rating"], control="people")
