"""A ramp's effect: each wave against its own control units, and pyfixest's estimators beside it."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

from stepin.errors import Refused
from stepin.evidence.estimators.effects import Arms, did, event_study, itt, over_waves, waves_of
from stepin.evidence.estimators.resampling import signs
from tests.evidence.estimators.least_squares.chats import as_cube

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import pyfixest as pf

UNITS, DAYS = 120, 16
STEPS = np.array([5, 8, 11])
GROWTH = 0.3


def ramp(seed: int, *, growth: float = GROWTH) -> tuple[pd.DataFrame, Arms, float]:
    """Return chats of a ramp whose effect grows by the day, the arms, and the true mean effect."""
    rng = np.random.default_rng(seed)
    start = np.repeat(STEPS, UNITS // 3)
    treated = np.tile([True, False], UNITS // 2)
    n = rng.poisson(4, (UNITS, DAYS)) + 1
    u, d = (np.repeat(i, n.ravel()) for i in np.indices(n.shape).reshape(2, -1))
    t = (treated[u] & (d >= start[u])).astype(float)
    effect = t * (0.5 + growth * (d - start[u]))
    own = rng.normal(0, 0.5, UNITS)[u] + 0.1 * d * (start[u] == 5) + rng.normal(0, 0.2, DAYS)[d]
    y = 6 + own + effect + rng.normal(0, 1, u.size)
    frame = pd.DataFrame({"u": u, "d": d, "e": (rng.random(u.size) < 0.3) * 1.0, "t": t, "y": y})
    frame["x"] = rng.normal(size=u.size)
    frame["rating"] = np.nan
    frame["start"] = start[u]
    names = np.array([f"w{i:05d}" for i in range(UNITS)])
    return frame, Arms(names, treated, 19_000 + start), float(effect[t == 1].mean())


def fitted(frame: pd.DataFrame, formula: str = "y ~ t + e | u + d") -> object:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pf.feols(formula, frame, vcov={"CRV1": "u"}, fixef_tol=1e-13)


def test_the_effect_is_the_waves_own_fits_weighed_by_treated_chats() -> None:
    frame, arms, _ = ramp(1)
    found = over_waves(as_cube(frame), arms, "log_duration", estimator="did")
    value = variance = 0.0
    total = frame["t"].sum()
    for step in STEPS:
        wave = frame[frame["start"] == step]
        model = fitted(wave)
        share = wave["t"].sum() / total
        value += share * float(model.coef()["t"])
        variance += (share * float(model.se()["t"])) ** 2
        assert found.each[19_000 + int(step)].estimate.value == pytest.approx(
            float(model.coef()["t"]), rel=1e-9
        )
    assert found.effect.estimate.value == pytest.approx(value, rel=1e-9)
    assert found.effect.by_kind["CR1"].se == pytest.approx(variance**0.5, rel=1e-9)
    assert found.left_out == 0
    assert found.effect.units == UNITS


def held_at(frame: pd.DataFrame, shares: np.ndarray, null: float) -> np.ndarray:
    """The waves' effects of all chats' least squares with their average held, by dense algebra."""
    wave = pd.get_dummies(frame["start"], dtype=float).to_numpy()
    effects = wave * frame[["t"]].to_numpy()
    units = pd.get_dummies(frame["u"], dtype=float).to_numpy()
    days = pd.get_dummies(frame["start"] * 100 + frame["d"], dtype=float).to_numpy()
    nuisance = np.hstack([wave * frame[["e"]].to_numpy(), units, days])
    both = np.column_stack([effects, frame["y"]])
    rest = both - nuisance @ np.linalg.lstsq(nuisance, both, rcond=None)[0]
    x, y = rest[:, :-1], rest[:, -1]
    corner = np.zeros((1, 1))
    system = np.block([[x.T @ x, shares[:, None]], [shares[None], corner]])
    return np.linalg.solve(system, np.append(x.T @ y, null))[:-1]


def test_the_bootstrap_is_that_of_the_refitted_chats_with_the_average_held() -> None:
    frame, arms, _ = ramp(5)
    found = over_waves(as_cube(frame), arms, "log_duration", estimator="did")
    repetitions, seed = 5, 3
    got = found.bootstrap(repetitions, seed, "rademacher")
    totals = frame.groupby("start")["t"].sum().loc[STEPS].to_numpy()
    shares = totals / totals.sum()
    nulls = held_at(frame, shares, 0.0)
    every = signs(UNITS, repetitions, seed)
    moves, variances = np.zeros((repetitions, 3)), np.zeros((repetitions, 3))
    for i, step in enumerate(STEPS):
        wave = frame[frame["start"] == step].reset_index(drop=True)
        wave["y0"] = wave["y"] - nulls[i] * wave["t"]
        restricted = fitted(wave, "y0 ~ e | u + d")
        resid = restricted.resid()
        for b in range(repetitions):
            turned = every[b, wave["u"].to_numpy()] * resid
            again = fitted(
                wave.assign(z=wave["y0"] - resid + turned + nulls[i] * wave["t"]),
                "z ~ t + e | u + d",
            )
            moves[b, i] = float(again.coef()["t"]) - nulls[i]
            variances[b, i] = float(again.se()["t"]) ** 2
    expected = moves @ shares / np.sqrt(variances @ shares**2)
    np.testing.assert_allclose(got.statistics, expected, rtol=1e-9)
    cr1 = found.effect.by_kind["CR1"]
    assert got.effect == pytest.approx(cr1.value, rel=1e-12)
    assert cr1.se is not None
    assert got.statistic == pytest.approx(cr1.value / cr1.se, rel=1e-9)


def test_the_bootstrap_of_a_ramp_rejects_a_true_average_as_often_as_it_says() -> None:
    ps = []
    for seed in range(100):
        frame, arms, truth = ramp(1_000 + seed)
        level = frame["y"] - frame["t"] * truth
        found = over_waves(as_cube(frame.assign(y=level)), arms, "log_duration", estimator="did")
        ps.append(found.bootstrap(399, seed, "rademacher").p)
    assert 1 <= sum(p <= 0.05 for p in ps) <= 12


def test_leaving_a_unit_out_is_the_ramp_without_it() -> None:
    frame, arms, _ = ramp(6)
    few = np.r_[0:12, 40:44, 80:92]
    frame = frame[frame["u"].isin(few)]
    whole = over_waves(as_cube(frame), arms, "log_duration", estimator="did")
    rest = whole.leave_one_out()
    assert rest.size == few.size
    for place in (0, 1, 12, 15, 20):
        kept = as_cube(frame[frame["u"] != few[place]])
        without = over_waves(kept, arms, "log_duration", estimator="did")
        assert len(without.each) == (2 if place in (12, 15) else 3)
        assert rest[place] == pytest.approx(without.effect.estimate.value, rel=1e-9)


def test_a_growing_effect_is_found_where_two_way_fixed_effects_miss_it() -> None:
    gaps, plain, beside = [], [], []
    for seed in range(12):
        frame, arms, truth = ramp(seed)
        cube = as_cube(frame)
        ours = over_waves(cube, arms, "log_duration", estimator="did").effect.estimate
        assert ours.se is not None
        gaps.append((ours.value - truth) / ours.se)
        plain.append(itt(did(cube, arms, "log_duration")).estimate.value - truth)
        if seed < 2:
            data = frame.assign(g=np.where(arms.treated[frame["u"]], frame["start"], 0))
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                other = pf.event_study(
                    data, yname="y", idname="u", tname="d", gname="g", estimator="did2s", att=True
                )
            beside.append((float(other.coef().iloc[0]) - ours.value) / ours.se)
    assert abs(np.mean(gaps)) < 3 / np.sqrt(12)
    assert np.abs(gaps).max() < 3.5
    assert np.mean(plain) < -0.05
    assert np.abs(beside).max() < 4


def test_days_are_counted_from_each_waves_own_start() -> None:
    frame, arms, _ = ramp(3)
    e = event_study(as_cube(frame), arms, "log_duration")
    assert e.days.min() == -11
    assert e.days.max() == DAYS - 1 - STEPS.min()
    late = e.days >= 0
    expected = 0.5 + GROWTH * e.days[late]
    inside = (e.band_low[late] <= expected) & (expected <= e.band_high[late])
    assert inside.all()
    assert e.before is not None
    assert e.before.p is not None
    assert e.before.p > 0.001


def test_waves_without_both_arms_are_left_out_and_none_at_all_is_refused() -> None:
    frame, arms, _ = ramp(4)
    alone = arms.treated | (arms.start == 19_008)
    lopsided = Arms(arms.units, alone, arms.start)
    with pytest.raises(Refused) as refused:
        over_waves(
            as_cube(frame[frame["start"] == 8]),
            Arms(lopsided.units[40:80], arms.treated[40:80], np.full(40, 99_999)),
            "log_duration",
            estimator="did",
        )
    assert refused.value.code == "no_waves"
    assert "no unit begins within these days" in refused.value.message
    assert "workers.treated_from" in refused.value.hint
    kept = over_waves(as_cube(frame), lopsided, "log_duration", estimator="did")
    assert sorted(kept.each) == [19_005, 19_011]
    assert kept.left_out == 40
    assert [w.start for w in waves_of(lopsided, 20_000)] == [19_005, 19_011]
