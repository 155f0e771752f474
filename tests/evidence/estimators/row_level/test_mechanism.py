"""Effort, mediation, splits, micro-randomized contrasts, attention, interference."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from stepin.errors import Invalid, Refused
from stepin.evidence.base.estimate import from_se, holm
from stepin.evidence.estimators.row_level.contrast import arm_difference, unit_means
from stepin.evidence.estimators.row_level.contrasts import micro_randomized
from stepin.evidence.estimators.row_level.effort import effort_by_path
from stepin.evidence.estimators.row_level.heterogeneity import (
    GroupSplit,
    effects_by_group,
    quantile_groups,
)
from stepin.evidence.estimators.row_level.interference import load_by_arm, owner_draws
from stepin.evidence.estimators.row_level.mediation import decompose
from stepin.evidence.estimators.row_level.multitasking import attention_difference


def test_effort_equals_pyfixest() -> None:
    rng = np.random.default_rng(1)
    n = 3_000
    path = rng.choice(["technical", "emotional", "human_initiated", "policy"], size=n)
    path[path == "policy"] = "technical"
    path[:10] = "policy"
    unit, day = rng.integers(0, 40, size=n), rng.integers(0, 6, size=n)
    x = rng.normal(size=(n, 2))
    y = 2.0 + 0.7 * (path == "emotional") + rng.normal(size=40)[unit] + rng.normal(size=n)
    rows = effort_by_path(
        y,
        path.tolist(),
        x,
        unit=unit,
        day=day,
        paths=("technical", "emotional", "human_initiated", "policy"),
    )
    assert [r.path for r in rows] == ["technical", "emotional", "human_initiated"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pandas as pd
        import pyfixest as pf

        frame = pd.DataFrame({"y": y, "u": unit, "d": day, "a": x[:, 0], "b": x[:, 1]})
        frame["e"], frame["h"] = 1.0 * (path == "emotional"), 1.0 * (path == "human_initiated")
        frame = frame[path != "policy"]
        oracle = pf.feols("y ~ e + h + a + b | u + d", frame, vcov={"CRV1": "u"}, fixef_tol=1e-12)
    assert rows[1].difference is not None
    assert rows[1].difference.value == pytest.approx(oracle.coef()["e"], rel=1e-8)
    assert rows[1].difference.se == pytest.approx(oracle.se()["e"], rel=1e-8)
    assert rows[0].difference is None


def test_the_parts_and_the_rest_make_the_whole() -> None:
    rng = np.random.default_rng(2)
    n = 4_000
    treated = rng.random(n) < 0.5
    step = 0.5 * treated + rng.normal(size=n)
    other = np.column_stack([rng.normal(size=n), rng.normal(size=n)])
    y = 0.2 * treated + 0.8 * step + rng.normal(size=n)
    found = decompose(
        y,
        treated,
        {"step": step, "other": other},
        rng.normal(size=(n, 1)),
        day=rng.integers(0, 4, n),
    )
    assert found.rest + sum(s.part for s in found.steps) == pytest.approx(found.whole, abs=1e-10)
    assert found.steps[0].part == pytest.approx(0.4, abs=0.06)
    assert found.rest == pytest.approx(0.2, abs=0.08)


def test_a_split_finds_where_the_effect_is() -> None:
    rng = np.random.default_rng(3)
    n = 9_000
    unit = rng.integers(0, 60, size=n)
    treated = unit % 2 == 0
    group = np.where(rng.random(n) < 0.5, "a", "b")
    y = -0.5 * (treated & (group == "b")) + rng.normal(size=n)
    found = effects_by_group(
        y, treated, group.tolist(), split="g", unit=unit, day=rng.integers(0, 5, n)
    )
    assert found.groups[0].effect.p is not None
    assert found.groups[0].effect.p > 0.01
    assert found.groups[1].effect.value == pytest.approx(-0.5, abs=0.1)
    assert found.gap.p is not None
    assert found.gap.p < 1e-6


def test_groups_by_quantile_keep_ties_together() -> None:
    found = quantile_groups(np.array([1.0, 1.0, 2.0, 3.0, 3.0, np.nan]), 2)
    assert found[0] == found[1]
    assert found[3] == found[4] == "2 highest"
    assert found[5] == "unknown"


def test_holm_by_hand() -> None:
    ps = [0.01, 0.04, 0.03]
    estimates = [from_se(1.0, 1.0, clusters=20, rows=20) for _ in ps]
    import msgspec

    estimates = [msgspec.structs.replace(e, p=p) for e, p in zip(estimates, ps, strict=True)] + [
        from_se(1.0, 1.0, clusters=2, rows=20)
    ]
    assert holm(estimates) == [pytest.approx(0.03), pytest.approx(0.06), pytest.approx(0.06), None]


def micro(seed: int, effect: float) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    n = 8_000
    severity = rng.normal(size=n)
    probability = 1 / (1 + np.exp(-(0.2 + 1.2 * severity)))
    drawn = rng.random(n) < probability
    available = rng.random(n) < 0.9
    y = -1.0 * severity + effect * drawn + rng.normal(size=n)
    return {
        "y": y,
        "drawn": drawn,
        "p": probability,
        "available": available,
        "unit": rng.integers(0, 50, n),
    }


def test_micro_randomized_draws_give_the_effect_despite_confounded_probabilities() -> None:
    values, inside = [], 0
    none = np.zeros((8_000, 0))
    for seed in range(12):
        w = micro(seed, 0.3)
        found = micro_randomized(w["y"], w["drawn"], w["p"], w["available"], none, unit=w["unit"])
        values.append(found.effect.value)
        assert found.effect.low is not None
        assert found.effect.high is not None
        inside += found.effect.low <= 0.3 <= found.effect.high
    assert abs(np.mean(values) - 0.3) < 0.05
    assert inside >= 9
    # Mutant: forget the logged probabilities, and severity passes for harm.
    w = micro(1, 0.3)
    flat = np.full(8_000, float(w["drawn"].mean()))
    forgot = micro_randomized(w["y"], w["drawn"], flat, w["available"], none, unit=w["unit"])
    assert forgot.effect.value < -0.3


def test_draws_without_chance_or_against_it_are_refused() -> None:
    w = micro(1, 0.0)
    none = np.zeros((8_000, 0))
    with pytest.raises(Refused) as caught:
        micro_randomized(w["y"], w["drawn"], 1.0 * w["drawn"], w["available"], none, unit=w["unit"])
    assert caught.value.code == "not_randomized"
    with pytest.raises(Invalid) as wrong:
        micro_randomized(w["y"], w["drawn"], np.zeros(8_000), w["available"], none, unit=w["unit"])
    assert wrong.value.code == "impossible_draw"


def panel(seed: int, effect: float) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    unit, day = (a.ravel() for a in np.meshgrid(np.arange(40), np.arange(12), indexing="ij"))
    treated, late = unit % 2 == 0, day >= 6
    y = rng.normal(size=40)[unit] + 0.1 * day + effect * (treated & late)
    y = y + 0.5 * rng.normal(size=unit.size)
    return {"unit": unit, "day": day, "treated": treated, "late": late, "y": y}


def test_attention_uses_the_time_before_and_leaves_gaps_out() -> None:
    w = panel(4, -0.4)
    y = w["y"].copy()
    y[::17] = np.nan
    found = attention_difference(
        "concurrency", y, w["treated"], w["late"], unit=w["unit"], day=w["day"]
    )
    assert found.difference.low is not None
    assert found.difference.high is not None
    assert found.difference.low < -0.4 < found.difference.high
    late = w["late"]
    blunt = arm_difference(
        w["y"][late], w["treated"][late], unit=w["unit"][late], day=w["day"][late]
    ).estimate("treated")
    assert blunt.se is not None
    assert found.difference.se is not None
    assert found.difference.se < 0.6 * blunt.se


def test_unit_means_know_who_has_none() -> None:
    means = unit_means(np.array([1.0, 3.0, np.nan]), np.array([0, 0, 1]), 3)
    assert means[0] == 2.0
    assert np.isnan(means[1:]).all()


def test_interference_sees_load_that_moves_with_the_arm() -> None:
    w = panel(5, 0.8)
    found = load_by_arm(
        {"chats": w["y"], "empty": np.full(w["y"].size, np.nan)},
        w["treated"],
        w["late"],
        unit=w["unit"],
        day=w["day"],
    )
    assert [a.measure for a in found.loads] == ["chats"]
    worst = found.worst()
    assert worst is not None
    assert worst.p is not None
    assert worst.p < 1e-4
    assert found.control_shift["chats"] == pytest.approx(0.6, abs=0.15)


def test_owner_draws_follow_the_logged_probabilities_or_are_found_out() -> None:
    rng = np.random.default_rng(6)
    expected = rng.uniform(0.3, 0.6, size=5_000)
    fair = rng.random(5_000) < expected
    assert (owner_draws(fair, expected).p or 0) > 0.01
    leaning = rng.random(5_000) < expected + 0.05
    assert (owner_draws(leaning, expected).p or 1) < 1e-6
    assert owner_draws(fair, np.full(5_000, np.nan)).p is None


def _split(middle: float, *, groups: int = 3) -> GroupSplit:
    rng = np.random.default_rng(8)
    unit = rng.integers(0, 240, size=9_000)
    treated = unit % 2 == 0
    place = (unit // 2) % groups
    y = np.where((place == 1) & treated, middle, 0.0) + rng.normal(size=unit.size)
    return effects_by_group(
        y,
        treated,
        [f"g{p}" for p in place],
        split="s",
        unit=unit,
        day=np.zeros(unit.size, dtype=np.int64),
    )


def test_a_split_is_tested_over_all_its_groups_not_its_ends() -> None:
    found = _split(0.5)
    assert found.gap.p is not None
    assert found.equal.p is not None
    assert found.gap.p > 0.05
    assert found.equal.p < 1e-6
    assert found.equal.restrictions == 2
    nothing = _split(0.0)
    assert nothing.equal.p is not None
    assert nothing.equal.p > 0.01


def test_the_joint_test_of_two_groups_is_the_test_of_their_gap() -> None:
    found = _split(0.1, groups=2)
    assert found.gap.p is not None
    assert found.equal.p == pytest.approx(found.gap.p, rel=1e-6)


def test_an_outcome_without_chance_gets_no_interval() -> None:
    rng = np.random.default_rng(3)
    unit, day = rng.integers(0, 40, size=2_000), rng.integers(0, 5, size=2_000)
    treated = unit % 2 == 0
    exact = 25.0 + 10.0 * treated + 1e-14 * rng.normal(size=2_000)
    found = arm_difference(exact, treated, unit=unit, day=day).estimate("treated")
    assert found.value == pytest.approx(10.0)
    assert (found.low, found.high, found.p) == (None, None, None)
    assert found.refused is not None
    assert "nothing here varies by chance" in found.refused
