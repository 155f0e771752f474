"""Permuted and bootstrapped fits against fitting the chats again in pyfixest."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pytest

from stepin.errors import Invalid
from stepin.evidence.estimators.least_squares import by_unit, fit, panel
from stepin.evidence.estimators.resampling import (
    aligned,
    focus,
    permute,
    signs,
    stack,
    studentized,
    wild,
)
from tests.evidence.estimators.least_squares.chats import X, as_cube, draw, post_design

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import pyfixest as pf

TIGHT = 1e-9
PARTS = {"unit+day": "u + d", "day": "d"}


def refit(formula, frame):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pf.feols(
            formula, frame, vcov={"CRV1": "u"}, fixef_tol=1e-13, fixef_maxiter=1_000_000
        )


def setup(seed, effects):
    """A focus with a chat-level control and eligibility, and its own assignment."""
    d = draw(seed, units=24, days=8)
    frame = d.frame if effects == "unit+day" else d.frame[d.frame["d"] >= d.first]
    several = frame["u"].map(frame["u"].value_counts()) > 1
    frame = frame[several].reset_index(drop=True)
    d = replace(d, frame=frame, cube=as_cube(frame))
    p = panel(d.cube, "log_duration", controls=[X])
    everyone = np.ones_like(d.treated)
    pattern = post_design(p, everyone, d.first)[..., 0]
    e = np.broadcast_to((p.strata == 1)[:, None], (*pattern.shape, 1)).astype(float)
    f = focus(p, pattern, e, ("e",), effects)
    index = np.array([int(u[1:]) for u in f.units])
    return d, f, index


@pytest.mark.parametrize("effects", ["unit+day", "day"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_permuted_fit_is_the_fit_under_that_assignment(seed, effects):
    d, f, index = setup(seed, effects)
    rng = np.random.default_rng(seed)
    arms = np.stack([d.treated, *(rng.permutation(d.treated) for _ in range(5))])
    effect, t = studentized(f, arms[:, index])
    for i, arm in enumerate(arms):
        frame = d.frame.assign(t=arm[d.frame["u"]] * (d.frame["d"] >= d.first) * 1.0)
        theirs = refit(f"y ~ t + e + x | {PARTS[effects]}", frame)
        np.testing.assert_allclose(effect[i], theirs.coef()["t"], rtol=TIGHT)
        np.testing.assert_allclose(t[i], theirs.tstat()["t"], rtol=TIGHT)


@pytest.mark.parametrize("effects", ["unit+day", "day"])
@pytest.mark.parametrize("kind", ["rademacher", "webb"])
def test_a_bootstrap_t_is_the_t_of_the_refitted_chats(kind, effects):
    d, f, index = setup(4, effects)
    weights = signs(index.size, 6, 9, kind)
    null = 0.1
    got = wild(f, d.treated[index], weights).test(null)
    frame = d.frame.copy()
    frame["y0"] = frame["y"] - null * frame["t"]
    restricted = refit(f"y0 ~ e + x | {PARTS[effects]}", frame)
    resid, fitted = restricted.resid(), frame["y0"].to_numpy() - restricted.resid()
    place = np.full(int(frame["u"].max()) + 1, -1)
    place[index] = np.arange(index.size)
    for b in range(len(weights)):
        turned = resid * weights[b][place[frame["u"]]]
        theirs = refit(f"ystar ~ t + e + x | {PARTS[effects]}", frame.assign(ystar=fitted + turned))
        np.testing.assert_allclose(got.statistics[b], theirs.tstat()["t"], rtol=TIGHT)
    full = refit(f"y ~ t + e + x | {PARTS[effects]}", frame)
    np.testing.assert_allclose(
        got.statistic, (full.coef()["t"] - null) / full.se()["t"], rtol=TIGHT
    )


def test_the_interval_is_where_the_bootstrap_stops_rejecting():
    d, f, index = setup(5, "unit+day")
    weights = signs(index.size, 999, 1)
    own = d.treated[index]
    turned = wild(f, own, weights)
    low, high = turned.interval()
    assert low < turned.test().effect < high
    for end, out in ((low, -1), (high, 1)):
        assert turned.test(end - out * 0.01).p >= 0.05
        assert turned.test(end + out * 0.01).p <= 0.051


def test_permutation_p_counts_the_own_assignment_and_ties():
    d, f, index = setup(6, "unit+day")
    own = d.treated[index]
    same = permute(f, own, np.stack([own, own]))
    assert same.p == 1.0
    alone = permute(f, own, np.empty((0, own.size), bool))
    assert alone.p == 1.0
    np.testing.assert_allclose(same.statistics, same.statistic)
    nobody = permute(f, own, np.zeros((3, own.size), bool))
    assert np.isnan(nobody.statistics).all()
    assert nobody.p == 1.0


@pytest.mark.parametrize("effects", ["unit+day", "day"])
def test_a_model_with_nothing_but_the_treatment(effects):
    d, _, _ = setup(3, effects)
    p = panel(d.cube, "log_duration")
    f = focus(p, post_design(p, np.ones_like(d.treated), d.first)[..., 0], effects=effects)
    own = d.treated[[int(u[1:]) for u in f.units]]
    theirs = refit(f"y ~ t | {PARTS[effects]}", d.frame)
    np.testing.assert_allclose(studentized(f, own[None])[1], theirs.tstat()["t"], rtol=TIGHT)


def test_the_statistic_is_the_fits_own_t():
    d, f, index = setup(7, "unit+day")
    p = panel(d.cube, "log_duration", controls=[X])
    t = post_design(p, d.treated, d.first)
    e = np.broadcast_to((p.strata == 1)[:, None], t.shape).astype(float)
    whole = fit(p, np.concatenate([t, e], axis=3), ("t", "e"))
    one = permute(f, d.treated[index], np.empty((0, index.size), bool))
    np.testing.assert_allclose(one.effect, whole.beta[0], rtol=TIGHT)
    np.testing.assert_allclose(one.statistic, whole.beta[0] / by_unit(whole).se[0], rtol=TIGHT)


def test_assignments_are_matched_to_units_by_name():
    d, f, index = setup(8, "unit+day")
    names = [f"w{i:05d}" for i in range(d.treated.size)]
    arms = stack(lambda r: np.roll(d.treated, r), 3)
    assert (aligned(f, names[::-1], arms[:, ::-1]) == arms[:, index]).all()
    with pytest.raises(Invalid) as e:
        aligned(f, names[:3], arms[:, :3])
    assert e.value.code == "units_differ"


def test_without_the_leverage_terms_the_refits_differ():
    """The mutant: dropping F_i'F_i g breaks the equality with the refits."""
    d, f, index = setup(1, "unit+day")
    _, right = studentized(f, d.treated[None, index])
    _, wrong = studentized(replace(f, n=np.zeros_like(f.n) + 1e-300), d.treated[None, index])
    assert abs(wrong[0] / right[0] - 1) > 1e-6
