"""Coefficients and variances against pyfixest and against dense algebra on the chats."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from scipy import linalg

from stepin.errors import Refused, Unsupported
from stepin.evidence.estimators.least_squares import (
    adjusted,
    by_unit,
    by_unit_and_day,
    cr2,
    cr3,
    fit,
    iid,
    panel,
)
from stepin.evidence.estimators.least_squares.leverage import CHUNK, roots
from tests.evidence.estimators.least_squares.chats import X, draw, post_design

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import pyfixest as pf

TIGHT = 1e-9
SEEDS = range(12)


def oracle(formula, frame, vcov):
    with warnings.catch_warnings(), np.errstate(invalid="ignore"):
        warnings.simplefilter("ignore")
        return pf.feols(formula, frame, vcov=vcov, fixef_tol=1e-13, fixef_maxiter=1_000_000)


ORDER = ("te", "ti", "e", "x")


def coefficients(theirs):
    return np.array([theirs._beta_hat[list(theirs._coefnames).index(n)] for n in ORDER])


def variances(theirs):
    order = [list(theirs._coefnames).index(n) for n in ORDER]
    return np.diag(theirs._vcov)[order]


def close(ours, theirs):
    np.testing.assert_allclose(ours, theirs, rtol=TIGHT)


def stacked(d, outcome="log_duration", effects="unit+day"):
    """Direct, spillover and eligibility on the stacked sample."""
    p = panel(d.cube, outcome, controls=[X])
    t = post_design(p, d.treated, d.first)
    e = np.broadcast_to((p.strata == 1)[:, None], t.shape).astype(float)
    return fit(p, np.concatenate([t * e, t * (1 - e), e], axis=3), ("te", "ti", "e"), effects)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("effects", "part"), [("unit+day", "u + d"), ("day", "d"), ("unit", "u")])
def test_the_cube_equals_pyfixest_on_the_chats(seed, effects, part):
    d = draw(seed)
    for outcome, y in (("log_duration", "y"), ("rating", "rating")):
        f = stacked(d, outcome, effects)
        frame = d.frame.dropna(subset=[y])
        formula = f"{y} ~ te + ti + e + x | {part}"
        for ours, vcov in [
            (iid(f), "iid"),
            (by_unit(f), {"CRV1": "u"}),
            (by_unit_and_day(f), {"CRV1": "u+d"}),
        ]:
            theirs = oracle(formula, frame, vcov)
            assert f.n == theirs._N
            close(f.beta, coefficients(theirs))
            close(np.diag(ours.matrix), variances(theirs))


def test_without_effects_a_mean_is_taken_out():
    d = draw(3)
    f = stacked(d, effects="none")
    theirs = oracle("y ~ te + ti + e + x", d.frame, {"CRV1": "u"})
    close(f.beta, coefficients(theirs))
    close(by_unit(f).se, theirs.se().loc[["te", "ti", "e", "x"]])
    close(iid(f).se, oracle("y ~ te + ti + e + x", d.frame, "iid").se().loc[["te", "ti", "e", "x"]])


def dense(frame, effects):
    """The full design on chats: regressors first, then dummies."""
    x = [frame[["te", "ti", "e", "x"]].to_numpy()]
    dummies = [pd.get_dummies(frame["d"], dtype=float).to_numpy()]
    if "unit" in effects:
        dummies.append(pd.get_dummies(frame["u"], dtype=float).to_numpy()[:, 1:])
    return np.hstack([*x, *dummies])


@pytest.mark.parametrize("effects", ["unit+day", "day"])
@pytest.mark.parametrize(("seed", "units"), [(1, 14), (2, 14), (5, CHUNK + 6)])
def test_cr2_and_its_df_equal_the_chats_by_chats_definition(seed, units, effects):
    d = draw(seed, units=units, days=6, per_cell=2.5)
    f = stacked(d, effects=effects)
    rows = (
        d.frame[d.frame["u"].map(d.frame["u"].value_counts()) > 1]
        if f.n < len(d.frame)
        else d.frame
    )
    x = dense(rows, effects)
    y, u = rows["y"].to_numpy(), rows["u"].to_numpy()
    bread = np.linalg.pinv(x.T @ x)
    h = x @ bread @ x.T
    resid = y - h @ y
    annihilate = np.eye(len(y)) - h
    move, contrast = np.zeros((x.shape[1], 0)), []
    for g in np.unique(u):
        at = u == g
        values, vectors = linalg.eigh(np.eye(at.sum()) - h[np.ix_(at, at)])
        root = np.where(values > 1e-9, 1 / np.sqrt(np.maximum(values, 1e-9)), 0)
        a = vectors * root @ vectors.T
        move = np.column_stack([move, bread @ x[at].T @ a @ resid[at]])
        contrast.append(annihilate[:, at] @ a @ x[at] @ bread[:, :4])
    variance = (move @ move.T)[:4, :4]
    ours = cr2(f)
    np.testing.assert_allclose(ours.matrix, variance, rtol=1e-7)
    for j in range(4):
        p = np.column_stack([c[:, j] for c in contrast])
        values = linalg.eigvalsh(p.T @ p)
        assert ours.df[j] == pytest.approx(values.sum() ** 2 / (values**2).sum(), rel=1e-6)


def test_degrees_of_freedom_of_one_regressor_are_those_of_all():
    f = stacked(draw(5))
    every = cr2(f)
    corrected, jackknife = adjusted(f, [1])
    np.testing.assert_allclose(corrected.matrix, every.matrix, rtol=1e-12)
    np.testing.assert_allclose(jackknife.matrix, cr3(f).matrix, rtol=1e-12)
    assert corrected.df[1] == pytest.approx(every.df[1], rel=1e-12)
    assert np.isnan(corrected.df[[0, 2, 3]]).all()


@pytest.mark.parametrize("effects", ["unit+day", "day"])
def test_cr3_is_the_jackknife(effects):
    d = draw(7, units=15, days=6)
    f = stacked(d, effects=effects)
    part = "u + d" if effects == "unit+day" else "d"
    moves = []
    for g in sorted(d.frame["u"].unique()):
        left = oracle(f"y ~ te + ti + e + x | {part}", d.frame[d.frame["u"] != g], "iid")
        moves.append(coefficients(left) - f.beta)
    moves = np.array(moves)
    share = (f.clusters - 1) / f.clusters
    np.testing.assert_allclose(cr3(f).matrix, share * moves.T @ moves, rtol=1e-7)


def test_event_time_columns_that_the_others_explain_are_dropped_and_named():
    d = draw(4)
    p = panel(d.cube, "log_duration")
    t = post_design(p, d.treated, d.first)
    f = fit(p, np.concatenate([t, 2 * t, np.ones_like(t)], axis=3), ("t", "twice", "one"))
    assert f.names == ("t",)
    assert f.dropped == ("twice", "one")
    with pytest.raises(Refused) as e:
        f.at("twice")
    assert e.value.code == "not_identified"


def test_leverage_needs_days():
    with pytest.raises(Unsupported):
        cr2(stacked(draw(4), effects="unit"))


def test_without_the_unit_effects_the_equality_fails():
    """The mutant: an estimate that forgets unit effects isn't within the tolerance."""
    d = draw(1)
    wrong = stacked(d, effects="day")
    right = oracle("y ~ te + ti + e + x | u + d", d.frame, {"CRV1": "u"})
    with pytest.raises(AssertionError):
        close(wrong.beta, coefficients(right))


def test_the_series_and_the_eigenvalues_agree():
    rng = np.random.default_rng(2)
    x = rng.normal(size=(40, 6, 5))
    gram = x.transpose(0, 2, 1) @ x
    gram *= (0.04 / np.linalg.norm(gram, axis=(1, 2)))[:, None, None]
    v = rng.normal(size=(40, 5, 2))
    half, whole = roots(gram, v)
    for i in range(40):
        left = np.eye(5) - gram[i]
        np.testing.assert_allclose(whole[i], np.linalg.solve(left, v[i]), rtol=1e-13)
        np.testing.assert_allclose(half[i], linalg.inv(linalg.sqrtm(left)) @ v[i], rtol=1e-12)
