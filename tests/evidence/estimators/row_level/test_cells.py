"""Means by worker and day give what the chats give."""

from __future__ import annotations

import numpy as np
import pytest

from stepin.evidence.base.arrays import group_sums
from stepin.evidence.base.estimate import Estimate
from stepin.evidence.estimators.row_level.cells import Cells
from stepin.evidence.estimators.row_level.contrast import arm_difference, unit_means


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


def ancova(c: Cells) -> Estimate:
    late = c.after
    return arm_difference(
        c.mean[late],
        c.treated[late],
        unit=c.unit[late],
        day=c.day[late],
        before_mean=c.before_mean(),
        weights=c.chats[late],
    ).estimate("treated")


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
