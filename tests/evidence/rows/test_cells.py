"""Means by worker and day give what the chats give; replayed draws are exact in size."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from stepin.evidence.rows.arrays import group_sums
from stepin.evidence.rows.cells import Cells, ancova, did, event_study, leave_one_out, replayed
from stepin.evidence.rows.contrast import arm_difference, unit_means


def chats(seed: int, *, effect: float = 0.0, units: int = 40) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    n = units * 100
    unit, day = rng.integers(0, units, size=n), rng.integers(-6, 6, size=n)
    treated = (unit % 2 == 0) & (day >= 0)
    y = rng.normal(size=units)[unit] + 0.1 * day + effect * treated + rng.standard_t(4, size=n)
    return {"unit": unit, "day": day, "y": y, "arm": unit % 2 == 0}


def cells(w: dict[str, np.ndarray], units: int = 40) -> Cells:
    key = w["unit"] * 12 + w["day"] + 6
    n = np.bincount(key, minlength=units * 12)
    total = group_sums(w["y"][:, None], key, units * 12)[:, 0]
    kept = n > 0
    place = np.arange(units * 12)[kept]
    return Cells(
        mean=total[kept] / n[kept],
        chats=n[kept].astype(float),
        unit=place // 12,
        day=place % 12 - 6,
        treated=(place // 12) % 2 == 0,
        units=units,
    )


def test_cells_and_chats_give_the_same_effect() -> None:
    w = chats(1, effect=0.4)
    late = w["day"] >= 0
    direct = arm_difference(
        w["y"][late],
        w["arm"][late],
        unit=w["unit"][late],
        day=w["day"][late],
        before_mean=unit_means(w["y"][~late], w["unit"][~late], 40),
    ).estimate("treated")
    short = ancova(cells(w))
    assert short.value == pytest.approx(direct.value, rel=1e-10)
    assert direct.se is not None
    # Only the small-sample factor differs: it counts rows.
    assert short.se == pytest.approx(direct.se, rel=0.02)


def test_difference_in_differences_and_event_study_equal_pyfixest() -> None:
    w = chats(2, effect=0.4)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pandas as pd
        import pyfixest as pf

        frame = pd.DataFrame({"y": w["y"], "u": w["unit"], "d": w["day"]})
        frame["t"] = 1.0 * (w["arm"] & (w["day"] >= 0))
        frame["g"] = 1.0 * w["arm"]
        plain = pf.feols("y ~ t | u + d", frame, vcov={"CRV1": "u"}, fixef_tol=1e-12)
        by_day = pf.feols("y ~ i(d, g, ref=-1) | u + d", frame, vcov={"CRV1": "u"}, fixef_tol=1e-12)
    c = cells(w)
    assert did(c).value == pytest.approx(plain.coef()["t"], rel=1e-8)
    found = event_study(c, np.random.default_rng(0))
    days = found.days.tolist()
    assert days == list(range(-6, 6))
    for name, value in by_day.coef().items():
        day = int(str(name).split("::")[1].split(":")[0])
        assert found.value[days.index(day)] == pytest.approx(value, rel=1e-7)
    assert found.value[days.index(-1)] == 0.0
    assert (found.band_low <= found.low + 1e-12).all()
    assert found.trend_p is not None


def test_replayed_assignments_have_the_size_they_claim() -> None:
    rng = np.random.default_rng(3)
    ps = []
    for seed in range(60):
        c = cells(chats(seed, units=14), units=14)
        arms = np.zeros((60, 14), dtype=bool)
        arms[:, :7] = True
        arms = rng.permuted(arms, axis=1)
        own, others = arms[0], arms[1:]
        drawn = Cells(
            mean=c.mean, chats=c.chats, unit=c.unit, day=c.day, treated=own[c.unit], units=14
        )
        ps.append(replayed(drawn, own, others).p)
    assert np.mean(np.asarray(ps) <= 0.1) <= 0.1 + 3 * np.sqrt(0.09 / 60)
    assert np.mean(ps) == pytest.approx(0.5, abs=0.15)


def test_an_effect_is_extreme_among_the_replayed() -> None:
    w = chats(4, effect=1.0)
    arms = np.zeros((300, 40), dtype=bool)
    arms[:, :20] = True
    arms = np.random.default_rng(1).permuted(arms, axis=1)
    found = replayed(cells(w), np.arange(40) % 2 == 0, arms)
    assert found.p == pytest.approx(1 / 301)
    e = ancova(cells(w))
    assert e.se is not None
    assert found.statistic == pytest.approx(e.value / e.se, rel=0.05)


def test_leaving_a_worker_out_is_fitting_without_them() -> None:
    w = chats(5, effect=0.4)
    found = leave_one_out(cells(w))
    keep = w["unit"] != 7
    without = {k: v[keep] for k, v in w.items()}
    c = cells(without)
    assert found[7] == pytest.approx(ancova(c).value, abs=5e-3)
    assert np.isfinite(found).all()
