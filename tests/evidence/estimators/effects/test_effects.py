"""The estimators against pyfixest on the chats, and against planted effects."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pytest

from stepin.errors import Invalid, Refused
from stepin.evidence.data.synthetic import CORE_COLUMNS, World, plant
from stepin.evidence.estimators.effects import (
    ESTIMATORS,
    Arms,
    ancova,
    chat_ratio,
    cuped,
    did,
    event_study,
    itt,
    joint,
    lin,
    split,
)
from stepin.evidence.estimators.effects.event import sup_t
from stepin.evidence.estimators.least_squares import by_unit, fit, leave_one_out
from stepin.evidence.estimators.moments import CubeSpec, build, outcome_named
from stepin.evidence.estimators.resampling import permute
from tests.evidence.estimators.least_squares.chats import X, draw

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import pyfixest as pf

TIGHT = 1e-9


def oracle(formula, frame):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pf.feols(
            formula, frame, vcov={"CRV1": "u"}, fixef_tol=1e-13, fixef_maxiter=1_000_000
        )


def arms_of(d):
    names = np.array([f"w{i:05d}" for i in range(d.treated.size)])
    return Arms.at(names, d.treated, 19_000 + d.first)


def with_before(frame, first, column="y"):
    early = frame[frame["d"] < first]
    before = early.groupby("u")[column].mean()
    late = frame[frame["d"] >= first].copy()
    late["no"] = (~late["u"].isin(before.index)).astype(float)
    late["before"] = late["u"].map(before).fillna(early[column].mean())
    return late


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_did_and_ancova_are_the_regressions_they_say(seed):
    d = draw(seed, units=30, days=9)
    arms = arms_of(d)
    found = itt(did(d.cube, arms, "log_duration", controls=[X])).by_kind["CR1"]
    theirs = oracle("y ~ t + e + x | u + d", d.frame)
    np.testing.assert_allclose(found.value, theirs.coef()["t"], rtol=TIGHT)
    np.testing.assert_allclose(found.se, theirs.se()["t"], rtol=TIGHT)
    np.testing.assert_allclose(found.p, theirs.pvalue()["t"], rtol=1e-6)

    late = with_before(d.frame, d.first)
    late["a"] = d.treated[late["u"]].astype(float)
    found = itt(ancova(d.cube, arms, "log_duration", controls=[X])).by_kind["CR1"]
    more = " + no" if late["no"].any() else ""
    theirs = oracle(f"y ~ a + e + before{more} + x | d", late)
    np.testing.assert_allclose(found.value, theirs.coef()["a"], rtol=TIGHT)
    np.testing.assert_allclose(found.se, theirs.se()["a"], rtol=TIGHT)


@pytest.mark.parametrize("stratum", [0, 1])
def test_one_stratum_and_a_partial_sample(stratum):
    d = draw(11, units=30, days=9)
    found = itt(did(d.cube, arms_of(d), "rating", stratum=stratum)).by_kind["CR1"]
    frame = d.frame[(d.frame["e"] == stratum) & d.frame["rating"].notna()]
    theirs = oracle("rating ~ t | u + d", frame)
    np.testing.assert_allclose([found.value, found.se], [theirs.coef()["t"], theirs.se()["t"]])
    assert found.rows == theirs._N


def test_cuped_is_the_comparison_of_adjusted_outcomes():
    d = draw(5, units=30, days=9)
    late = with_before(d.frame, d.first)
    late["a"] = d.treated[late["u"]].astype(float)
    slope = oracle("y ~ before | d", late).coef()["before"]
    late["z"] = late["y"] - slope * late["before"]
    theirs = oracle("z ~ a + e | d", late)
    found = itt(cuped(d.cube, arms_of(d), "log_duration")).by_kind["CR1"]
    np.testing.assert_allclose([found.value, found.se], [theirs.coef()["a"], theirs.se()["a"]])


def test_event_study_is_the_saturated_regression():
    d = draw(6, units=30, days=9)
    found = event_study(d.cube, arms_of(d), "log_duration", controls=[X], seed=1)
    frame = d.frame.copy()
    terms = []
    for k in range(9):
        if k != d.first - 1:
            frame[f"k{k}"] = (d.treated[frame["u"]] & (frame["d"] == k)).astype(float)
            terms.append(f"k{k}")
    theirs = oracle(f"y ~ {' + '.join(terms)} + e + x | u + d", frame)
    keep = found.days != -1
    np.testing.assert_allclose(found.value[keep], theirs.coef()[terms], rtol=1e-8)
    se = (found.high - found.low)[keep]
    half = np.array([theirs.se()[t] for t in terms])
    np.testing.assert_allclose(se / se[0], half / half[0], rtol=1e-7)
    assert (found.band_low <= found.low).all()
    assert found.value[~keep] == [0.0]
    assert found.before.restrictions == d.first - 1
    again = event_study(d.cube, arms_of(d), "log_duration", controls=[X], seed=1)
    assert again.reach == found.reach


def test_the_sup_t_value_of_independent_statistics_is_the_known_one():
    from scipy import stats

    exact = stats.norm.ppf((1 + 0.95 ** (1 / 10)) / 2)
    assert sup_t(np.eye(10), 3) == pytest.approx(exact, abs=0.03)
    assert sup_t(np.ones((10, 10)), 3) == pytest.approx(1.96, abs=0.03)


def test_the_joint_test_is_hotellings_and_refuses_few_clusters():
    from scipy import stats

    rng = np.random.default_rng(1)
    x = rng.normal(size=(40, 3)) @ np.array([[1, 0.5, 0], [0, 1, 0.2], [0, 0, 2.0]])
    mean, cov = x.mean(axis=0), np.cov(x.T) / 40
    t2 = 40 * mean @ np.linalg.inv(np.cov(x.T)) @ mean
    expected = stats.f.sf(t2 * 37 / (3 * 39), 3, 37)
    assert joint(mean, cov, 40).p == pytest.approx(expected)
    assert joint(mean, cov, 9).p is None
    assert joint(mean, cov, 3).p is None


def test_leaving_out_a_unit_is_fitting_without_it():
    d = draw(8, units=20, days=8)
    model = ancova(d.cube, arms_of(d), "log_duration", controls=[X])
    whole = model.fit()
    rest = leave_one_out(whole)
    p = whole.absorbed.panel
    for i in (0, 3, 11):
        keep = np.flatnonzero(np.arange(p.units.size) != i)
        design = whole.absorbed.design[keep]
        names = ("treated", "eligible", "before", "no_before")
        part = fit(p.select(units=keep), design, names, "day")
        np.testing.assert_allclose(rest[i], part.beta, rtol=1e-7)


def test_few_units_get_no_p_value():
    d = draw(9, units=8, days=8)
    found = itt(did(d.cube, arms_of(d), "log_duration")).estimate
    assert found.p is None
    assert "too few" in found.refused


def test_arms_must_fit_the_chats():
    d = draw(9, units=12, days=6)
    good = arms_of(d)
    p = did(d.cube, good, "log_duration").panel
    with pytest.raises(Invalid) as e:
        Arms(good.units[1:], good.treated[1:], good.start[1:]).own(p)
    assert e.value.code == "units_differ"
    with pytest.raises(Invalid):
        Arms.at(good.units, np.ones_like(good.treated), 1)
    with pytest.raises(Refused) as e2:
        cuped(d.cube, Arms.at(good.units, good.treated, 0), "log_duration")
    assert e2.value.code == "no_pre_period"
    with pytest.raises(Refused) as e3:
        itt(did(d.cube, Arms.at(good.units, good.treated, 99_999), "log_duration"))
    assert e3.value.code == "not_identified"


def test_a_ramp_treats_each_unit_from_its_own_day():
    d = draw(10, units=30, days=10)
    names = np.array([f"w{i:05d}" for i in range(30)])
    start = 19_000 + np.where(np.arange(30) < 15, 4, 7)
    arms = Arms(names, d.treated, start)
    frame = d.frame.copy()
    frame["t"] = (d.treated[frame["u"]] & (frame["d"] + 19_000 >= start[frame["u"]])) * 1.0
    theirs = oracle("y ~ t + e | u + d", frame)
    found = itt(did(d.cube, arms, "log_duration")).by_kind["CR1"]
    np.testing.assert_allclose([found.value, found.se], [theirs.coef()["t"], theirs.se()["t"]])


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("facts")
    world = World(workers=300, treated=140, chats=300_000)
    staff = plant(world, folder, 21, tables=(), chat_columns=CORE_COLUMNS)
    spec = CubeSpec(
        outcomes=tuple(map(outcome_named, ("log_duration", "retrial_7d", "rating", "answered")))
    )
    cube = build(folder, spec)
    names = np.array([f"w{i}" for i in range(world.workers)])
    start = int(np.datetime64(world.first_day, "D").astype(int)) + world.pre_days
    return world, cube, Arms.at(names, staff.treated, start)


@pytest.mark.parametrize("estimator", ["did", "ancova", "cuped"])
def test_planted_effects_lie_in_wide_intervals(planted, estimator):
    """At 3.9 standard errors, a chance of error below 1 in 500 for all 27 numbers together."""
    world, cube, arms = planted
    controls = [c.name for c in cube.spec.controls]
    truths = {1: world.direct(), 0: world.spillover(), None: world.net()}
    for stratum, truth in truths.items():
        for outcome, value in truth.items():
            model = ESTIMATORS[estimator](cube, arms, outcome, stratum=stratum, controls=controls)
            found = itt(model).estimate
            assert abs(found.value - value) < 3.9 * found.se, (stratum, outcome)


def test_the_split_adds_up_and_finds_what_was_planted(planted):
    world, cube, arms = planted
    for estimator in ("ancova", "did"):
        found = split(cube, arms, "log_duration", estimator=estimator)
        total = found.share * found.direct.value + (1 - found.share) * found.spillover.value
        assert found.net.value == pytest.approx(total)
        assert found.difference.value == pytest.approx(found.direct.value - found.spillover.value)
        assert found.share == pytest.approx(world.eligible_share, abs=0.003)
        assert abs(found.direct.value - world.direct()["log_duration"]) < 3.9 * found.direct.se
        assert found.difference.p < 1e-3


def test_routing_is_blind_and_a_leak_is_seen(planted):
    _, cube, arms = planted
    fair = chat_ratio(cube, arms)
    assert fair.eligible.estimate.p > 1e-3
    assert fair.volume.estimate.p > 1e-3
    order = np.argsort(arms.units)
    own = arms.treated[order][np.searchsorted(arms.units[order], cube.units)]
    late = cube.days[cube.keys[:, 1]] >= arms.start[0]
    leak = own[cube.keys[:, 0]] & (cube.keys[:, 2] == 1) & late
    tilted = {n: m * np.where(leak, 1.2, 1.0)[:, None] for n, m in cube.moments.items()}
    seen = chat_ratio(replace(cube, moments=tilted), arms)
    assert seen.eligible.estimate.p < 1e-4


def test_permutation_of_a_model_agrees_with_its_fit(planted):
    _, cube, arms = planted
    model = ancova(cube, arms, "rating", stratum=1)
    f = model.focus()
    own = arms.own(f.nuisance.absorbed.panel)
    rng = np.random.default_rng(1)
    draws = np.stack([rng.permutation(own) for _ in range(500)])
    found = permute(f, own, draws)
    whole = model.fit()
    np.testing.assert_allclose(found.effect, whole.beta[0], rtol=TIGHT)
    np.testing.assert_allclose(found.statistic, whole.beta[0] / by_unit(whole).se[0], rtol=TIGHT)
    assert found.p <= 2 / 501


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_interacted_covariance_equals_the_regression_on_the_chats(seed):
    d = draw(seed, units=30)
    arms = arms_of(d)
    late = with_before(d.frame, d.first)
    late["arm"] = d.treated[late["u"]] * 1.0
    columns = ["e", "before", "x"] + (["no"] if late["no"].std() > 0 else [])
    for column in columns:
        late[f"t{column}"] = late["arm"] * (late[column] - late[column].mean())
    formula = f"y ~ arm + {' + '.join(columns)} + {' + '.join(f't{c}' for c in columns)} | d"
    model = oracle(formula, late)
    found = itt(lin(d.cube, arms, "log_duration", controls=(X,)))
    assert found.estimate.value == pytest.approx(float(model.coef()["arm"]), rel=TIGHT)
    assert found.by_kind["CR1"].se == pytest.approx(float(model.se()["arm"]), rel=TIGHT)


def test_errors_by_unit_and_day_need_ten_days_too() -> None:
    d = draw(11, units=40, days=12)
    few = itt(ancova(d.cube, arms_of(d), "log_duration"))
    assert few.by_kind["CR1"].p is not None
    assert few.by_kind["two-way"].p is None
